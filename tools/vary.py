"""Repeat every claim's measurement otherwise, and print what changes.

usage: python tools/vary.py [NOTEBOOK ...] [--jobs N]        (or: make vary)

A notebook runs once as it stands, and once with other seeds, with three times the
steps, at half and at twice the rates (`literals`), each in a process of its own. The
table says by claim which verdict is another, and which numbers moved: by more than
their deviation where they have one, else by more than a tenth of themselves. Below
stands what was changed, always in the cone of a claim, so that a person can judge
whether it meant something.

An assertion that fails is noted, and the run goes on with the next statement; any other
exception ends its cell, and so do ten times the CPU seconds that a statement took, and
five. A claim that needs a statement which did not run to its end was not measured.
"""

import ast
import inspect
import signal
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers.book.deviation import MeanStd
from cones import Claim, Notebook, Statement, resolved
from execute import chapters, reader
from literals import VARIATIONS, Parameters, Varied, varied
from snapshots import Noted, Player, alone, forked

OURS = ("algollm_helpers", "__main__")
SHARE = 0.1  # of a number without a deviation, which moves by more
ROUNDING = 1e-9  # numbers below it are what rounding leaves


class Failure(NamedTuple):
    """A statement that did not run to its end."""

    place: int  # of the statement in the notebook
    assertion: bool  # a statement that asserts, and does nothing else
    message: str


class Run(NamedTuple):
    """What came of one run of a notebook."""

    notes: dict[str, Noted]
    failures: list[Failure]
    seconds: list[float]  # of CPU, by statement
    known: dict[str, Parameters]


class TooLong(BaseException):
    """A statement has had its time; no program catches it by mistake."""


# --- running -----------------------------------------------------------------------


def play(
    player: Player,
    statements: Sequence[Statement],
    sources: Sequence[str],
    limits: Sequence[float],
) -> Run:
    """Run a notebook statement by statement, as far as possible.

    Parameters
    ----------
    player : Player
    statements : sequence of Statement
        The notebook as it stands.
    sources : sequence of str
        What is run in their places.
    limits : sequence of float
        CPU seconds that each may take; 0 for as many as it likes.
    """
    failures: list[Failure] = []
    seconds = [0.0] * len(sources)
    broken = None  # the cell that ended early
    for place, (statement, source) in enumerate(zip(statements, sources, strict=True)):
        if statement.cell == broken:
            failures.append(Failure(place, False, "not reached"))
            continue
        start = time.process_time()
        message = _raised(player, source, limits[place])
        seconds[place] = time.process_time() - start
        if message:
            asserts = isinstance(statement.node, ast.Assert)
            asserts = asserts and message.startswith("AssertionError")
            failures.append(Failure(place, asserts, message))
            broken = broken if asserts else statement.cell
    notes = {note.claim: note for note in player.notes}
    return Run(notes, failures, seconds, parameters(statements, player.values))


def _raised(player: Player, source: str, limit: float) -> str:
    """Run a statement; return what it raised, "" for nothing."""
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        player.run(source)
    except TooLong:
        return f"more than {limit:.0f} seconds"
    except Exception as error:
        said = str(error) or f"`{traceback.extract_tb(error.__traceback__)[-1].line}`"
        return f"{type(error).__name__}: {said}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TooLong


def parameters(
    statements: Iterable[Statement], values: Mapping[str, Any]
) -> dict[str, Parameters]:
    """Return what the functions that a notebook calls call their arguments.

    They are those of this book and of the notebook, by the expression that calls them.
    """
    found: dict[str, Parameters] = {}
    for statement in statements:
        for node in ast.walk(statement.node):
            if not isinstance(node, ast.Call):
                continue
            function = resolved(node.func, values)
            module = getattr(function, "__module__", None) or ""
            if callable(function) and module.startswith(OURS):
                names = list(inspect.signature(function).parameters)
                found[ast.unparse(node.func)] = Parameters(names, module == "__main__")
    return found


class Repeated(NamedTuple):
    """A notebook run under one variation."""

    run: Run
    changed: dict[int, Varied]  # by place of the statement


def repeat(path: Path) -> tuple[Run, dict[str, Repeated]]:
    """Run a notebook as it stands, and under each variation.

    Raises
    ------
    RuntimeError
        If something fails as it stands.
    """
    notebook, player = Notebook(path), Player()
    statements = notebook.statements
    needed = {id(s) for claim in notebook.claims.values() for s in claim.cone}
    sources = [statement.source for statement in statements]
    base = forked(play, player, statements, sources, [0.0] * len(sources))
    for failure in base.failures:
        where = f"{path.name}, cell {statements[failure.place].cell}"
        raise RuntimeError(f"{where}, as it stands: {failure.message}")
    limits = [10 * seconds + 5 for seconds in base.seconds]
    found = {}
    for name, change in VARIATIONS.items():
        changes = {
            i: varied(s.node, change, base.known)
            for i, s in enumerate(statements)
            if id(s) in needed
        }
        changed = {i: other for i, other in changes.items() if other}
        others = [
            changed[i].source if i in changed else s for i, s in enumerate(sources)
        ]
        found[name] = Repeated(
            forked(play, player, statements, others, limits), changed
        )
    return base, found


# --- saying what changed -----------------------------------------------------------


def moved(before: Any, after: Any) -> bool:
    """Return whether a number of a record moved beyond what was said of it."""
    if isinstance(before, MeanStd) and isinstance(after, MeanStd):
        return not abs(after.mean - before.mean) <= before.std
    if type(before) is not type(after) or isinstance(before, str):
        return bool(before != after)
    if isinstance(before, tuple):  # a range
        return any(moved(a, b) for a, b in zip(before, after, strict=True))
    old, new = float(np.asarray(before)), float(np.asarray(after))
    if abs(old) < ROUNDING and abs(new) < ROUNDING:
        return False
    return not abs(new - old) <= SHARE * abs(old)


def differences(before: Noted, after: Noted) -> Iterator[str]:
    """Yield a phrase for each verdict and each number that is another."""
    old, new = (
        n.verdict if isinstance(n.verdict, dict) else {"": n.verdict}
        for n in (before, after)
    )
    for part in old:
        if new.get(part) != old[part]:
            yield f"**{part and part + ': '}{old[part]} → {new.get(part)}**"
    for name, number in before.numbers.items():
        if name not in after.numbers:
            yield f"{name} is gone"
        elif moved(number, after.numbers[name]):
            yield f"{name} {_short(number)} → {_short(after.numbers[name])}"


def _short(number: Any) -> str:
    return number if isinstance(number, str) else f"{number:.3g}"


def entry(
    claim: Claim, statements: Sequence[Statement], base: Run, other: Repeated
) -> str:
    """Return what a variation did to one claim.

    "·" where it changed nothing that the claim rests on, "same" where it did, and the
    verdict and the numbers stayed.
    """
    needed = {i for i, s in enumerate(statements) if any(s is c for c in claim.cone)}
    phrases = []
    for failure in other.run.failures:
        cell = statements[failure.place].cell
        if failure.assertion and cell in claim.cells:
            head = ast.unparse(statements[failure.place].node)
            phrases.append(f"**cell {cell} fails:** `{head}`")
        elif failure.place in needed and not failure.assertion:
            return f"**not measured**, cell {cell}: {failure.message}"
    note = other.run.notes.get(claim.id)
    if note is None:
        return "**not recorded**"
    phrases += differences(base.notes[claim.id], note)
    if phrases:
        return "; ".join(phrases).replace("|", "\\|")
    return "same" if needed & other.changed.keys() else "·"


def report(
    notebook: Notebook, base: Run, found: Mapping[str, Repeated]
) -> Iterator[str]:
    """Yield the lines of a notebook's table, and of what was changed."""
    yield f"## {notebook.path.stem}\n"
    yield "| claim | " + " | ".join(found) + " |"
    yield "|---" * (len(found) + 1) + "|"
    for claim in notebook.claims.values():
        row = (entry(claim, notebook.statements, base, r) for r in found.values())
        yield f"| {claim.id} | " + " | ".join(row) + " |"
    for name, repeated in found.items():
        yield f"\n{name}:\n"
        for place, other in repeated.changed.items():
            for before, after in other.changes:
                cell = notebook.statements[place].cell
                yield f"- cell {cell}: `{before}` → `{after}`"
    yield ""


def main(words: list[str] | None = None) -> None:
    """Print the report of the notebooks named on the command line, or of all."""
    parser = reader("vary", "Measure every claim otherwise.")
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=1, help="notebooks at a time"
    )
    asked = parser.parse_args(words)
    paths = [path.resolve() for path in asked.notebooks or chapters()]
    with alone(asked.jobs) as pool:
        for path, (base, found) in zip(paths, pool.map(repeat, paths), strict=True):
            print("\n".join(report(Notebook(path), base, found)), flush=True)


if __name__ == "__main__":
    main()
