"""What a reader is told when a cell raises an error."""

import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = str(Path(__file__).parent)
CELL = re.compile(r"Cell (\d+)")


def told(error: BaseException) -> dict[str, Any]:
    """Return an error as the page shows it: what, where, and by which calls.

    Returns
    -------
    dict
        `title`, the last line of a traceback; `cell` and `line` of the last place in a
        cell, None if there is none; `trace`, all of it without the frames of the page.
    """
    trace = _without_us(error.__traceback__)
    whole = traceback.TracebackException(type(error), error, trace)
    places = [(frame.filename, frame.lineno) for frame in whole.stack]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    cells = [(int(m[1]), line) for name, line in places if (m := CELL.fullmatch(name))]
    cell, line = cells[-1] if cells else (None, None)
    title = [*whole.format_exception_only()][-1].strip()
    return {
        "title": title,
        "cell": cell,
        "line": line,
        "trace": "".join(whole.format()),
    }


def _without_us(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback from where it leaves this package."""
    while trace and trace.tb_frame.f_code.co_filename.startswith(HERE):
        trace = trace.tb_next
    return trace
