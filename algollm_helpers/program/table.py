"""Tables of runs: CSV files with a line for each step, whoever has written them.

The first line names the columns, in any order. A field may be empty where nothing was
measured; nan and inf are numbers that were.
"""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.program.paths import Source, Stream, shown

NEEDED = ("step", "loss")
INSTRUMENTS = ("valid", "lr", "grad_norm", "update_ratio")
COLUMNS = (*NEEDED, *INSTRUMENTS)
FEW = 8  # names that a message lists
LONGEST = 40  # letters of a wrong field that a message shows


class Table(NamedTuple):
    """What a file says of a run; row k of each column is of the same step."""

    columns: Mapping[str, Float64]  # (rows,): of `COLUMNS` those that are there
    others: tuple[str, ...]  # names of columns that are left aside

    @property
    def rows(self) -> int:
        """How many steps there are."""
        return len(self.columns["step"])


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
    found: dict[str, list[float]] = {column: [] for column in known}
    before = 0
    for line, fields in lines:
        where = f"{name}, line {line}"
        if len(fields) != len(head):
            raise ValueError(
                f"{where}: expected {len(head)} fields as in the first line, got "
                f"{len(fields)}"
            )
        for column, place in known.items():
            found[column].append(_number(fields[place].strip(), column, where))
        _check_step(found["step"], where, before)
        before = line
    if not before:
        raise ValueError(
            f"{name} holds no step; expected a line for each below the first"
        )
    others = tuple(word for word in head if word not in COLUMNS)
    return Table({c: np.array(values) for c, values in found.items()}, others)


def _lines(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the fields of each line that is not blank."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name}, line {line}, is not UTF-8: byte {error.start} of the file is "
            f"0x{error.object[error.start]:02x}; save it as UTF-8"
        ) from error
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: {error}") from error


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


def _number(word: str, column: str, where: str) -> float:
    """Return the number that a field holds, NaN if it is empty."""
    if not word and column not in NEEDED:
        return np.nan
    try:
        if "_" in word:  # which Python's own numbers may hold
            raise ValueError
        number = float(word)
    except ValueError:
        may = "" if column in NEEDED else ", or nothing where it was not measured"
        raise ValueError(
            f"{where}: its {column} is {_cut(word)}; expected a number{may}"
        ) from None
    if column in INSTRUMENTS[1:] and number < 0:
        raise ValueError(f"{where}: its {column} is {word}; expected a number >= 0")
    return number


def _check_step(steps: Sequence[float], where: str, before: int) -> None:
    """Refuse a step that is no whole number, or not above the one before."""
    step = steps[-1]
    if not (step >= 0 and step == np.floor(step) < np.inf):
        raise ValueError(f"{where}: its step is {step:g}; expected a whole number >= 0")
    if len(steps) > 1 and step <= steps[-2]:
        raise ValueError(
            f"{where}: its step is {step:.0f} and that of line {before} is "
            f"{steps[-2]:.0f}; expected steps that rise"
        )


def _cut(word: str) -> str:
    return repr(word if len(word) <= LONGEST else word[:LONGEST] + "…")
