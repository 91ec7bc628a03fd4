"""What the clinic's table says of a run, printed from its log.

Chapter: ``chapters/clinic.ipynb`` has the table, and shows each sign.
"""

import json
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from algollm_helpers.clinic_rule import UNCLEAR, Diagnosis, diagnose
from algollm_helpers.clinic_signs import ROWS
from algollm_helpers.program.overview import counted
from algollm_helpers.program.paths import shown
from algollm_helpers.program.plans import DiagnosePlan
from algollm_helpers.program.run_figure import RunFigure
from algollm_helpers.program.run_table import COLUMNS, Table, read

LABEL = 15  # columns of the words on the left
NARROW = 40  # columns below which text is no longer wrapped
TUNED = (
    "the threshold was set on short runs of one model of 4,192 parameters; with other "
    "models, optimisers and lengths it may lie elsewhere"
)


def tell_diagnosis(plan: DiagnosePlan) -> None:
    """Print what the run of `plan` suffers from, and draw it if that is asked for.

    Raises
    ------
    OSError, ValueError
        If the log cannot be read, or the figure not be drawn.
    """
    table = read(plan.log)
    found = diagnose(table.run)
    if plan.json:
        print(json.dumps(as_json(table, found), ensure_ascii=False, indent=1))
    else:
        width = max(NARROW, shutil.get_terminal_size().columns)
        print("\n".join(described(table, found, shown(plan.log), width)))
    if plan.figure is not None:
        texts = [plan.log] if isinstance(plan.log, Path) else []
        message = drawn(RunFigure(plan.figure, texts), table, found)
        if not plan.json:
            print(message)


def as_json(table: Table, found: Diagnosis) -> dict[str, Any]:
    """Return what is told of a run, for other programs."""
    sick = found.row is not None
    return {
        "diagnosis": found.name,
        "sign": found.sign,
        "reason": found.row.reason
        if found.row
        else None,  # why its threshold lies there
        "suspects": found.suspects if sick else (),
        "cannot_be_seen": () if sick else found.suspects,
        "measure_next": _still_to_measure(table, found.next) if sick else "",
        "would_tell_more": _columns_missing(found),
        "limits": [text for _, text in _limits(table, found)],
        "rows": len(table.steps),
        "first_step": int(table.steps[0]),
        "last_step": int(table.steps[-1]),
        "read": table.measured,
        "left_aside": table.others,
    }


def described(table: Table, found: Diagnosis, name: str, width: int) -> Iterator[str]:
    """Yield the diagnosis of a run as lines of at most `width` columns."""
    first, last = table.steps[[0, -1]]
    yield from _wrapped(
        f"{name}: {counted(len(table.steps), 'row')}, steps {first:,.0f} to "
        f"{last:,.0f}; read: {', '.join(table.measured)}",
        width,
    )
    if table.others:
        yield from _wrapped(f"left aside: {', '.join(map(repr, table.others))}", width)
    yield ""
    for label, text in (*_findings(table, found), *_limits(table, found)):
        if text:
            yield from _wrapped(text, width, label)


def _findings(table: Table, found: Diagnosis) -> Iterator[tuple[str, str]]:
    """Yield what was found, each with its label; what there is not is empty."""
    yield "diagnosis", headline(found)
    yield "sign", found.sign
    others = ", ".join(found.suspects)
    if found.row is None:
        yield "cannot be seen", others
        yield "would tell more", ", ".join(_columns_missing(found))
    else:
        yield "why there", found.row.reason
        yield ("suspects" if found.name == UNCLEAR else "or else"), others
        yield "measure next", _still_to_measure(table, found.next)


def _columns_missing(found: Diagnosis) -> list[str]:
    """Return what is missing that a table could hold, the most telling first."""
    return [name for name in found.missing if name in COLUMNS]


def _still_to_measure(table: Table, instrument: str) -> str:
    """Return what to measure next; what is there already is of use at every step."""
    if instrument not in table.measured:
        return instrument
    at_every_step = (np.diff(table.steps) == 1).all()
    return "" if at_every_step else f"{instrument}, at every step"


def _limits(table: Table, found: Diagnosis) -> Iterator[tuple[str, str]]:
    """Yield what the diagnosis cannot know."""
    if found.row is None:
        yield "limit", "a run without a sign may still be wrong in what no column shows"
    elif not found.row.general:
        yield "limit", TUNED
    if (first := table.steps[0]) > 1:
        late = (
            f"the log begins at step {first:,.0f}, so nothing is compared with a start"
        )
        yield "limit", late
    if len(table.steps) < ROWS:
        few = f"fewer than {ROWS} rows, so signs of the end of a run are passed over"
        yield "limit", few


def headline(found: Diagnosis) -> str:
    """Return the name of a diagnosis, with a word on how far it reaches."""
    if found.row is None:
        return f"{found.name}, as far as these columns tell"
    sure = found.row.general
    return found.name if sure else f"{found.name}, if its threshold holds here"


def summary(found: Diagnosis) -> str:
    """Return a diagnosis in one line."""
    if found.row is None:
        return found.sign
    which = " or ".join(found.suspects) if found.name == UNCLEAR else found.name
    return f"{found.sign}; it may be: {which}"


def drawn(figure: RunFigure, table: Table, found: Diagnosis) -> str:
    """Draw a run below its diagnosis; return what there is to say of that."""
    return figure.draw(table, f"Diagnosis: {headline(found)}", summary(found))


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
