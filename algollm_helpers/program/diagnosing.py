"""What the clinic's table says of a run, printed from its log.

Chapter: ``chapters/clinic.ipynb`` has the table, and shows each sign.
"""

import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

from algollm_helpers.clinic_rule import HEALTHY, UNCLEAR, Diagnosis, diagnose
from algollm_helpers.program.overview import counted
from algollm_helpers.program.paths import shown
from algollm_helpers.program.plans import DiagnosePlan
from algollm_helpers.program.run_figure import RunFigure
from algollm_helpers.program.run_table import Table, read

LABEL = 14  # columns of the words on the left
NARROW = 40  # columns below which text is no longer wrapped


def tell_diagnosis(plan: DiagnosePlan) -> None:
    """Print what the run of `plan` suffers from, and draw it if that is asked for.

    Raises
    ------
    OSError, ValueError
        If the log cannot be read, or the figure not be drawn.
    """
    table = read(plan.log)
    found = found_in(table)
    width = max(NARROW, shutil.get_terminal_size().columns)
    print("\n".join(described(table, found, shown(plan.log), width)))
    if plan.figure is not None:
        texts = [plan.log] if isinstance(plan.log, Path) else []
        print(drawn(RunFigure(plan.figure, texts), table, found))


def found_in(table: Table, *, over: bool = True) -> Diagnosis:
    """Return the diagnosis of a run; of one that goes on if it is not `over`."""
    return diagnose(table.run, over=over)


def described(table: Table, found: Diagnosis, name: str, width: int) -> Iterator[str]:
    """Yield the diagnosis of a run as lines of at most `width` columns."""
    first, last = table.steps[[0, -1]]
    yield from _wrapped(
        f"{name}: {counted(len(table.steps), 'row')}, steps {first:,.0f} to "
        f"{last:,.0f}; measured: {', '.join(table.measured)}",
        width,
    )
    if table.others:
        yield from _wrapped(f"left aside: {', '.join(map(repr, table.others))}", width)
    yield ""
    for label, text in _findings(found):
        if text:
            yield from _wrapped(text, width, label)


def _findings(found: Diagnosis) -> Iterator[tuple[str, str]]:
    yield "diagnosis", found.name
    yield "sign", found.sign
    others = ", ".join(found.suspects)
    if found.name == HEALTHY:
        yield "cannot be seen", others
        yield "would tell more", found.next
    else:
        yield ("suspects" if found.name == UNCLEAR else "or else"), others
        yield "measure next", found.next


def summary(found: Diagnosis) -> str:
    """Return a diagnosis in one line."""
    if found.name == HEALTHY:
        return found.sign
    which = " or ".join(found.suspects) if found.name == UNCLEAR else found.name
    return f"{found.sign}; it may be: {which}"


def drawn(figure: RunFigure, table: Table, found: Diagnosis) -> str:
    """Draw a run below its diagnosis; return what there is to say of that."""
    return figure.draw(table, f"Diagnosis: {found.name}", summary(found))


def _wrapped(text: str, width: int, label: str = "") -> list[str]:
    """Return lines, below a label that stands to the left of the first."""
    indent = " " * (LABEL + 2 if label else 2)
    return textwrap.wrap(
        text,
        width,
        initial_indent=f"{label:{LABEL}}  " if label else "",
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
