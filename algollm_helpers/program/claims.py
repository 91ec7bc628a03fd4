"""What the book found about each claim, printed from the data of the package.

Neither a notebook nor the site is needed: ``data/claims.json`` has all that they say.
"""

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from algollm_helpers.program.overview import counted
from algollm_helpers.program.plans import (
    ClaimsPlan,
)

Claim = Mapping[str, Any]  # as data/claims.schema.json describes it
INDENT = "    "
NARROW = 24  # columns below which text is no longer wrapped


def tell(plan: ClaimsPlan) -> None:
    """Print the claims that `plan` asks for, and how many they are.

    Raises
    ------
    ValueError
        If there is no such claim, chapter or verdict.
    """
    file = files("algollm_helpers").joinpath("data/claims.json")
    book: dict[str, Any] = json.loads(file.read_text("utf-8"))
    wanted = chosen(book, plan)
    if plan.json:
        print(json.dumps(book | {"claims": wanted}, ensure_ascii=False, indent=1))
        return
    width = max(NARROW, shutil.get_terminal_size().columns)
    for claim in wanted:
        lines = described(claim, width, in_full=bool(plan.ids))
        print("\n".join(lines), end="\n\n")
    print(f"{len(wanted)} of {counted(len(book['claims']), 'claim')}")


def chosen(book: Mapping[str, Any], plan: ClaimsPlan) -> list[Claim]:
    """Return the claims that have all that is asked for, in the book's order."""
    claims: Sequence[Claim] = book["claims"]
    known = {claim["id"] for claim in claims}
    for word in plan.ids:
        if word.upper() not in known:
            first, last = claims[0]["id"], claims[-1]["id"]
            raise ValueError(
                f"unknown claim {word!r}: the claims go from {first} to {last}"
            )
    _check("chapter", plan.chapter, book["chapters"])
    _check("verdict", plan.verdict, book["verdicts"])
    ids = {word.upper() for word in plan.ids}
    return [
        claim
        for claim in claims
        if (not ids or claim["id"] in ids)
        and plan.chapter in (None, claim["chapter"])
        and plan.verdict in (None, claim["verdict"])
    ]


def _check(kind: str, word: str | None, known: Sequence[str]) -> None:
    if word is not None and word not in known:
        expected = ", ".join(map(repr, known))
        raise ValueError(f"unknown {kind} {word!r}: expected one of {expected}")


def described(claim: Claim, width: int, *, in_full: bool) -> list[str]:
    """Return a claim as lines of at most `width` columns.

    In full, its table, what was tried, and where it is settled are among them.
    """
    essays = f" ({', '.join(claim['essays'])})" if claim["essays"] else ""
    lines = _wrapped(f"{claim['id']}  {_headline(claim)}", width, first="")
    blocks = [claim["claim"] + essays]
    blocks += [
        f"“{part['says']}”: {_headline(part)}. {part['finding']}"
        for part in claim["parts"]
    ] or [claim["finding"]]
    for block in blocks:
        lines += _wrapped(block, width)
    if not in_full:
        return lines
    if claim["table"]:
        lines += ["", *_table(claim["table"], width)]
    where = f"Settled in {claim['notebook']}."
    lines += ["", *_wrapped(f"{_tried(claim['tried'])}{where}", width)]
    return lines


def _headline(judged: Mapping[str, Any]) -> str:
    condition = judged["condition"]
    return f"{judged['verdict']} {condition}" if condition else str(judged["verdict"])


def _tried(tried: Mapping[str, str]) -> str:
    listed = "; ".join(f"{kind}: {what}" for kind, what in tried.items())
    return f"Tried with {listed}. " if listed else ""


def _wrapped(text: str, width: int, first: str = INDENT) -> list[str]:
    """Return indented lines, the first of them by `first`."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=INDENT,
        break_on_hyphens=False,
    )


def _table(table: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield a table in columns or, if it is too wide, each row as a list."""
    head, rows = table["head"], table["rows"]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    if len(INDENT) + sum(widths) + 2 * (len(widths) - 1) <= width:
        for row in (head, *rows):
            yield INDENT + "  ".join(_aligned(row, widths)).rstrip()
        return
    for row in rows:
        cells = zip(head, row, strict=True)
        named = "; ".join(f"{name}: {cell}" for name, cell in cells if cell)
        yield from _wrapped(f"- {named}", width)


def _aligned(row: Iterable[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the cells of a row, words on the left and what follows on the right."""
    for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if i else cell.ljust(width)
