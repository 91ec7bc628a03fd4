"""Verdicts on the essays' claims, recorded by the cell that measures.

``data/claims.toml`` holds the sentences; a run supplies the verdict and the
numbers. The site reads both back from the stored notebooks, so a number that is
printed anywhere has one source.
"""

import html
import json
import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from IPython.display import display

VERDICTS = ("holds", "holds if", "not at this scale", "false")


class Claim(NamedTuple):
    """One row of the ledger."""

    chapter: str  # stem of the chapter that settles it
    essays: tuple[str, ...]  # "S0" to "S4"
    claim: str  # what the essays say, in our words
    finding: str  # what was measured, with {fields} for the numbers
    condition: str = ""  # completes the verdict "holds if"
    settles: tuple[str, ...] = ()  # questions "K1" to "K44"


class Record(NamedTuple):
    """One claim with its verdict and the numbers of the run, as printed."""

    id: str
    verdict: str
    numbers: dict[str, str]

    @property
    def finding(self) -> str:
        """The sentence of the ledger with the numbers in their places."""
        # The numbers are text by now, so the formats of the template are spent.
        plain = re.sub(r"\{(\w+)[^}]*\}", r"{\1}", ledger()[self.id].finding)
        return plain.format(**self.numbers)

    @property
    def headline(self) -> str:
        """The verdict, with its condition where it has one."""
        condition = ledger()[self.id].condition
        return f"holds if {condition}" if self.verdict == "holds if" else self.verdict


@cache
def ledger() -> dict[str, Claim]:
    """Return every claim of the essays by its id, in order.

    Raises
    ------
    ValueError
        If a row of ``claims.toml`` has a key that is not a field of `Claim`, or
        lacks one that is needed.
    """
    text = files("algollm_helpers").joinpath("data/claims.toml").read_text("utf-8")
    rows = {}
    for claim_id, row in tomllib.loads(text).items():
        lists = {k: tuple(v) for k, v in row.items() if isinstance(v, list)}
        try:
            rows[claim_id] = Claim(**(row | lists))
        except TypeError as error:
            raise ValueError(f"claims.toml, {claim_id}: {error}") from None
    return rows


def record(claim_id: str, verdict: str, **numbers: object) -> None:
    """Show the verdict on a claim, and leave it in the notebook's output.

    Parameters
    ----------
    claim_id : str
        Id of a row of ``claims.toml``, such as ``"C43"``.
    verdict : {"holds", "holds if", "not at this scale", "false"}
        What the run says. "holds if" needs a condition in the row.
    **numbers : object
        A value for each field of the row's finding, formatted as it says there. One
        of :func:`~algollm_helpers.book.deviation.mean_std` prints with its deviation.

    Raises
    ------
    ValueError
        If the id or the verdict is unknown, the row has no condition where it
        needs one, or the numbers are not those that the finding names.

    Examples
    --------
    >>> record("C99999", "holds")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: unknown claim 'C99999': the ledger goes from C01 to C...
    """
    display(_Box(settle(claim_id, verdict, numbers)))


def settle(claim_id: str, verdict: str, numbers: Mapping[str, object]) -> Record:
    """Check a verdict and format its numbers; see :func:`record`."""
    rows = ledger()
    if claim_id not in rows:
        first, *_, last = rows
        raise ValueError(
            f"unknown claim {claim_id!r}: the ledger goes from {first} to {last}"
        )
    if verdict not in VERDICTS:
        raise ValueError(f"{claim_id}: verdict {verdict!r} is not one of {VERDICTS}")
    row = rows[claim_id]
    if (verdict == "holds if") != bool(row.condition):
        raise ValueError(
            f"{claim_id}: verdict {verdict!r} with condition {row.condition!r}; "
            "a condition goes with 'holds if' and with nothing else"
        )
    formats = {n: f or "" for _, n, f, _ in string.Formatter().parse(row.finding) if n}
    if formats.keys() != numbers.keys():
        raise ValueError(
            f"{claim_id}: got numbers {sorted(numbers)}, "
            f"its finding names {sorted(formats)}"
        )
    shown = {}
    for name, spec in formats.items():
        try:
            shown[name] = format(numbers[name], spec)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{claim_id}: {name} = {numbers[name]!r}: {error}"
            ) from None
    return Record(claim_id, verdict, shown)


class _Box:
    """A verdict as text, as HTML for the notebook, and as JSON inside the HTML."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def __repr__(self) -> str:
        return f"{self.record.id} {self.record.headline}: {self.record.finding}"

    def _repr_html_(self) -> str:
        payload = html.escape(json.dumps(self.record._asdict(), ensure_ascii=False))
        row = ledger()[self.record.id]
        return (
            f'<div class="claim" data-claim="{payload}" '
            'style="border-left: 4px solid; padding: 0.3em 1em">'
            f"<p><strong>{self.record.id}</strong> {html.escape(row.claim)}</p>"
            f"<p><strong>{html.escape(self.record.headline)}.</strong> "
            f"{html.escape(self.record.finding)}</p></div>"
        )


def from_html(text: str) -> Record | None:
    """Read the record back from a verdict box, None where there is none."""
    match = re.search(r'<div class="claim" data-claim="([^"]*)"', text)
    return Record(**json.loads(html.unescape(match[1]))) if match else None


class Found(NamedTuple):
    """A record, and where it was read."""

    record: Record
    place: str  # name of the notebook


def collect(notebooks: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Found]:
    """Read every verdict from the stored outputs of notebooks.

    Parameters
    ----------
    notebooks : iterable of (str, mapping)
        Name and parsed JSON of each notebook.

    Returns
    -------
    dict of str to Found
        The verdicts by claim id, each with the name of its notebook.

    Raises
    ------
    ValueError
        If a claim is recorded twice, is unknown, or its stored sentence is not
        what the ledger and its numbers give.
    """
    found: dict[str, Found] = {}
    for name, notebook in notebooks:
        for cell in notebook["cells"]:
            for output in cell.get("outputs", ()):
                text = "".join(output.get("data", {}).get("text/html", ""))
                if (read := from_html(text)) is None:
                    continue
                _check_stored(name, read, text)
                if read.id in found:
                    first = found[read.id].place
                    raise ValueError(
                        f"{read.id} is recorded twice: in {first} and {name}"
                    )
                found[read.id] = Found(read, name)
    return found


def _check_stored(name: str, read: Record, text: str) -> None:
    if read.id not in ledger():
        raise ValueError(f"{name} records {read.id!r}, which is not in the ledger")
    if read.verdict not in VERDICTS:
        raise ValueError(f"{name}: {read.id} has the unknown verdict {read.verdict!r}")
    if text != _Box(read)._repr_html_():
        raise ValueError(
            f"{name}: the stored box of {read.id} is not what its numbers and "
            "claims.toml give; run `make execute`"
        )
