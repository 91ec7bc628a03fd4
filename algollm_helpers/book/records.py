"""One claim with its verdict and the numbers of the run, as they are printed."""

from collections.abc import Mapping
from typing import NamedTuple

from algollm_helpers.book.judging import VERDICTS, Verdict, whole
from algollm_helpers.book.ledger import TRIED, Claim, Table, fill, ledger
from algollm_helpers.book.typeset import typeset


class Outcome(NamedTuple):
    """What came of one part of a claim, with the numbers in their places."""

    says: str
    verdict: str
    headline: str
    finding: str


class Record(NamedTuple):
    """One claim with its verdict and the numbers of the run, as printed."""

    id: str
    verdict: str
    numbers: dict[str, str]
    parts: Mapping[str, str] = {}  # verdicts by part, where the claim has parts

    @property
    def row(self) -> Claim:
        """The row of the ledger."""
        return ledger()[self.id]

    @property
    def finding(self) -> str:
        """The sentences of the ledger with the numbers in their places."""
        if self.parts:
            return " ".join(outcome.finding for outcome in self.outcomes.values())
        return fill(self.row.finding, self.numbers)

    @property
    def headline(self) -> str:
        """The verdict, with its condition where it has one."""
        if not self.parts:
            return _headline(self.verdict, self.row.condition)
        conditions = dict.fromkeys(
            part.condition
            for name, part in self.row.parts.items()
            if self.parts[name] == "holds if"
        )
        return _headline(self.verdict, "; and if ".join(conditions))

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The parts by name, none where the claim is not split."""
        return {
            name: Outcome(
                part.says,
                self.parts[name],
                _headline(self.parts[name], part.condition),
                fill(part.finding, self.numbers),
            )
            for name, part in self.row.parts.items()
        }

    @property
    def table(self) -> Table | None:
        """The table with the numbers in their places."""
        if (table := self.row.table) is None:
            return None
        rows = [tuple(fill(c, self.numbers) for c in row) for row in table.rows]
        return table._replace(rows=tuple(rows))

    @property
    def tried(self) -> dict[str, str]:
        """What the claim was tried with, by key, in the order of `TRIED`."""
        tried = self.row.tried
        return {k: fill(tried[k], self.numbers) for k in TRIED if k in tried}


def _headline(verdict: str, condition: str) -> str:
    return f"holds if {condition}" if verdict == "holds if" else verdict


def settle(
    claim_id: str, verdict: str | Mapping[str, str], numbers: Mapping[str, object]
) -> Record:
    """Check a verdict and format its numbers; see :func:`.claims.record`."""
    rows = ledger()
    if claim_id not in rows:
        first, *_, last = rows
        raise ValueError(
            f"unknown claim {claim_id!r}: the ledger goes from {first} to {last}"
        )
    row = rows[claim_id]
    given = verdict if isinstance(verdict, Mapping) else {"": verdict}
    for name, one in given.items():
        if not isinstance(one, Verdict):
            place = f"{claim_id}.{name}" if name else claim_id
            raise TypeError(f"{place}: expected a verdict of judge(), got {one!r}")
    shown = {}
    for name in _same(claim_id, "numbers", numbers, row.formats()):
        try:
            shown[name] = typeset(format(numbers[name], row.formats()[name]))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{claim_id}: {name} = {numbers[name]!r}: {error}"
            ) from None
    if not isinstance(verdict, Mapping):
        return checked(Record(claim_id, verdict, shown))
    parts = {
        name: verdict[name] for name in _same(claim_id, "parts", verdict, row.parts)
    }
    return checked(Record(claim_id, whole(parts.values()), shown, parts))


def checked(record: Record) -> Record:
    """Return a record if its verdicts can stand on its row of the ledger.

    Raises
    ------
    ValueError
        If a verdict is unknown or is not that of its parts, "holds if" has no
        condition, or parts and numbers are not those of the row.
    """
    row = record.row
    _same(record.id, "numbers", record.numbers, row.formats())
    _same(record.id, "parts", record.parts, row.parts)
    if record.parts and record.verdict != (all_told := whole(record.parts.values())):
        raise ValueError(
            f"{record.id}: verdict {record.verdict!r}, its parts give {all_told!r}"
        )
    conditions = {n: p.condition for n, p in row.parts.items()} or {"": row.condition}
    for name, verdict in (record.parts or {"": record.verdict}).items():
        place = f"{record.id}.{name}" if name else record.id
        if verdict not in VERDICTS:
            raise ValueError(f"{place}: unknown verdict {verdict!r}")
        if verdict == "in part":
            raise ValueError(f"{place}: 'in part' needs parts in claims.toml")
        if verdict == "holds if" and not conditions[name]:
            raise ValueError(f"{place}: 'holds if' needs a condition in claims.toml")
    return record


def _same(
    claim_id: str, kind: str, given: Mapping[str, object], asked: Mapping[str, object]
) -> Mapping[str, object]:
    """Return what the row asks for, once both have the same names."""
    if given.keys() != asked.keys():
        raise ValueError(
            f"{claim_id}: got {kind} {sorted(given)}, claims.toml has {sorted(asked)}"
        )
    return asked


def same_number(text: str, printed: str) -> bool:
    """Tell whether a number in prose is the one that a run printed.

    The minus sign may be a hyphen, and of a mean with its deviation the mean alone may
    be quoted. Nothing is rounded.

    Examples
    --------
    >>> same_number("-0.05", "−0.05 ± 0.01"), same_number("0.37", "0.374")
    (True, False)
    """
    text, printed = (typeset(" ".join(t.split())) for t in (text, printed))
    return text in {printed, printed.partition(" ± ")[0]}
