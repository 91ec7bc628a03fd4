"""The rows of ``data/claims.toml``: what the essays say, and what a run completes.

Findings, the cells of a table and what was tried are templates. They share the numbers
of one call of ``record``; a number has one format, wherever it stands.
"""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

TRIED = {  # what a claim may have been tried with, and how the box says it
    "seeds": "{} seeds",
    "steps": "{} steps",
    "sizes": "{}",  # names its own kind: "widths 8 and 64"
    "rates": "rates {}",
    "baseline": "against {}",
}


class Part(NamedTuple):
    """One of several things that a claim says, with a verdict of its own."""

    says: str  # the words of the claim that it is about
    finding: str  # what was measured, with {fields} for the numbers
    condition: str = ""  # completes the verdict "holds if"


class Table(NamedTuple):
    """Numbers that would crowd a sentence."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # of templates, each row as long as the head


class Claim(NamedTuple):
    """One row of the ledger."""

    chapter: str  # stem of the chapter that settles it
    essays: tuple[str, ...]  # "S0" to "S4"
    claim: str  # what the essays say, in our words
    finding: str = ""  # what was measured, with {fields}; or else there are parts
    condition: str = ""  # completes the verdict "holds if"
    settles: tuple[str, ...] = ()  # questions "K1" to "K44"
    parts: Mapping[str, Part] = {}
    table: Table | None = None
    tried: Mapping[str, str] = {}  # templates by a key of `TRIED`
    value: str = ""  # name of the number that is the principal measurement

    def formats(self) -> dict[str, str]:
        """Return the format of every number that the templates name.

        Raises
        ------
        ValueError
            If a field is no plain name, or a number has two formats.
        """
        formats: dict[str, str] = {}
        for template in self.templates():
            for _, name, spec, conversion in string.Formatter().parse(template):
                if name is None:
                    continue
                if not name.isidentifier() or conversion:
                    raise ValueError(f"a field must be a plain name, got {template!r}")
                if formats.setdefault(name, spec or "") != spec:
                    raise ValueError(
                        f"{name} is formatted both as {formats[name]!r} and {spec!r}; "
                        "a number has one format"
                    )
        return formats

    def templates(self) -> Iterator[str]:
        """Yield all that is completed by numbers: findings, cells, what was tried."""
        yield self.finding
        yield from (part.finding for part in self.parts.values())
        for row in self.table.rows if self.table else ():
            yield from row
        yield from self.tried.values()


def fill(template: str, numbers: Mapping[str, str]) -> str:
    """Put numbers, formatted before, into the fields of a template.

    Examples
    --------
    >>> fill("{loss:.2f} nats", {"loss": "2.30 ± 0.04"})
    '2.30 ± 0.04 nats'
    """
    # The numbers are text by now, so the formats of the template are spent.
    return re.sub(r"\{(\w+)[^}]*\}", r"{\1}", template).format(**numbers)


@cache
def ledger() -> dict[str, Claim]:
    """Return every claim of the essays by its id, in order.

    Raises
    ------
    ValueError
        If a row of ``claims.toml`` has a key that is not a field of `Claim`, lacks
        one that is needed, or has fields that contradict each other.
    """
    text = files("algollm_helpers").joinpath("data/claims.toml").read_text("utf-8")
    rows = {}
    for claim_id, row in tomllib.loads(text).items():
        try:
            rows[claim_id] = _checked(_claim(row))
        except (TypeError, ValueError) as error:
            raise ValueError(f"claims.toml, {claim_id}: {error}") from None
    return rows


def _claim(row: dict[str, Any]) -> Claim:
    fields = row | {k: tuple(v) for k, v in row.items() if isinstance(v, list)}
    if "parts" in row:
        fields["parts"] = {name: Part(**part) for name, part in row["parts"].items()}
    if "table" in row:
        table = Table(**row["table"])
        fields["table"] = Table(tuple(table.head), tuple(map(tuple, table.rows)))
    return Claim(**fields)


def _checked(claim: Claim) -> Claim:
    if bool(claim.finding) == bool(claim.parts):
        raise ValueError("has either a finding or parts, got both or neither")
    if len(claim.parts) == 1:
        raise ValueError(f"one part does not split a claim, got {list(claim.parts)}")
    if claim.parts and claim.condition:
        raise ValueError(f"a part has the condition, not {claim.condition!r} for all")
    if claim.table and any(len(r) != len(claim.table.head) for r in claim.table.rows):
        raise ValueError(f"each row of the table is as long as {claim.table.head}")
    if claim.table and "" in claim.table.head:
        raise ValueError(f"each column needs words over it, got {claim.table.head}")
    if unknown := claim.tried.keys() - TRIED:
        raise ValueError(f"tried {sorted(unknown)}, which are none of {list(TRIED)}")
    names = claim.formats()
    if claim.value and claim.value not in names:
        raise ValueError(f"value {claim.value!r} is none of the numbers {list(names)}")
    return claim
