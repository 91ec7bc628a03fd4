"""Tables of runs: CSV files with a line for each step, whoever has written them.

The first line names the columns, in any order. A field is empty where nothing was
measured; nan and inf are numbers that were. What is measured on a line without a loss
counts for the last step before it that has one.
"""

import csv
import sys
from array import array
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.clinic_run import Run
from algollm_helpers.program.paths import Source, Stream, shown

NEEDED = ("step", "loss")
SIZES = (  # which are >= 0
    *("lr", "grad_norm", "used_norm", "update_ratio", "least_ratio"),
    *("agreement", "leak"),
)
COLUMNS = (*NEEDED, "valid", *SIZES)
FEW = 8  # names that a message lists
LONGEST = 40  # letters of a wrong field that a message shows


class Table(NamedTuple):
    """What a file says of a run; row k of each column is of the same step."""

    columns: Mapping[str, Float64]  # (rows,): of `COLUMNS` those that are there
    others: tuple[str, ...]  # names of columns that are left aside

    @property
    def steps(self) -> Float64:
        """The steps, of shape (rows,)."""
        return self.columns["step"]

    @property
    def measured(self) -> list[str]:
        """Names of the columns that hold more than empty fields."""
        run = self.run
        return [name for name in self.columns if run.has(name)]

    @property
    def run(self) -> Run:
        """The same for the clinic's rule."""
        columns: dict[str, Any] = dict(self.columns)
        return Run(**columns)


def read(source: Source) -> Table:
    """Return what a CSV file holds; NaN stands for an empty field.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is no such table; the message says where, and what was expected.
    """
    if source is Stream.STDIN:
        raw = sys.stdin.buffer.read()
    else:
        assert isinstance(source, Path)
        if source.is_dir():
            raise ValueError(f"{shown(source)} is a folder; expected a CSV file")
        raw = source.read_bytes()
    return parsed(raw, shown(source))


def parsed(raw: bytes, name: str) -> Table:
    """Return the table in the bytes of a file, which messages call `name`.

    Raises
    ------
    ValueError
        As from `read`.
    """
    lines = _lines(raw, name)
    head = [word.strip() for word in next(lines, (0, []))[1]]
    _check_head(head, name)
    known = {column: head.index(column) for column in COLUMNS if column in head}
    found = {column: array("d") for column in known}
    last = _Last(0, -1)
    for line, fields in lines:
        where = f"{name}, line {line}"
        if len(fields) != len(head):
            raise ValueError(
                f"{where}: expected {len(head)} fields as in the first line, got "
                f"{len(fields)}"
            )
        row = {c: _number(fields[at].strip(), c, where) for c, at in known.items()}
        last = _Last(line, _checked_step(row["step"], where, last))
        _add(row, found)
    if not found["loss"]:
        raise ValueError(
            f"{name} holds no loss; expected a line for each step below the first"
        )
    columns = {column: np.array(values) for column, values in found.items()}
    return Table(columns, tuple(word for word in head if word not in COLUMNS))


def _add(row: Mapping[str, float | None], found: "Mapping[str, array[float]]") -> None:
    """Add a row, or what one without a loss has measured to the row before it."""
    with_loss = row["loss"] is not None
    for column, values in found.items():
        value = row[column]
        number = np.nan if value is None else value
        if with_loss:
            values.append(number)
        elif values and column != "step" and np.isnan(values[-1]):
            values[-1] = number


class _Last(NamedTuple):
    """Where the step before stands, and what it is."""

    line: int
    step: float


def _lines(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the fields of each line that is not blank."""
    try:
        text = raw.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name}, line {line}, is not UTF-8: it holds the byte "
            f"0x{error.object[error.start]:02x}; save it as UTF-8"
        ) from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise ValueError(
            f"{name}, line {reader.line_num}: {error}; expected fields between commas, "
            "and quotes that are closed"
        ) from error


def _check_head(head: Sequence[str], name: str) -> None:
    if not head:
        raise ValueError(
            f"{name} is empty; expected a line with the names of the columns, then a "
            "line for each step"
        )
    for column in NEEDED:
        if column not in head:
            more = ", …" if len(head) > FEW else ""
            there = ", ".join(map(_cut, head[:FEW])) + more
            raise ValueError(
                f"{name} has no column {column!r}; its first line names {there}; "
                f"expected {' and '.join(map(repr, NEEDED))}, separated by commas"
            )
    twice = [column for column in COLUMNS if head.count(column) > 1]
    if twice:
        raise ValueError(f"{name} has more than one column {twice[0]!r}; expected one")


def _number(word: str, column: str, where: str) -> float | None:
    """Return the number that a field holds, None if it is empty."""
    if not word and column != "step":
        return None
    try:
        if "_" in word:  # which Python's own numbers may hold
            raise ValueError
        number = float(word)
    except ValueError:
        may = "" if column == "step" else ", or nothing where it was not measured"
        raise ValueError(
            f"{where}: its {column} is {_cut(word)}; expected a number{may}"
        ) from None
    if column in SIZES and number < 0:
        raise ValueError(f"{where}: its {column} is {word}; expected a number >= 0")
    return number


def _checked_step(step: float | None, where: str, last: _Last) -> float:
    """Refuse a step that is no whole number, or not above the one before."""
    assert step is not None
    if not (step >= 0 and step == np.floor(step) < np.inf):
        raise ValueError(f"{where}: its step is {step:g}; expected a whole number >= 0")
    if step <= last.step:
        raise ValueError(
            f"{where}: its step is {step:.0f} and that of line {last.line} is "
            f"{last.step:.0f}; expected steps that rise"
        )
    return step


def _cut(word: str) -> str:
    return repr(word if len(word) <= LONGEST else word[:LONGEST] + "…")
