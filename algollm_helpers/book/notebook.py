"""The one call at the top of every chapter."""

import itertools
from typing import Any

import comm
import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import (
    configure_inline_support,
    set_matplotlib_formats,
)

from algollm_helpers.book.figures import STYLE, svg


def setup() -> None:
    """Set the figure style, and make outputs the same in every run.

    Figures become SVG by :func:`algollm_helpers.book.figures.svg`, and widgets are
    numbered in the order of their creation instead of drawing random ids. A
    second call changes nothing.

    Raises
    ------
    RuntimeError
        If it is called outside a notebook.
    """
    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        raise RuntimeError("setup() prepares a notebook; there is none here")
    # It chooses a format once; with an older Matplotlib that is after this cell.
    configure_inline_support(shell, plt.get_backend())
    set_matplotlib_formats("svg")
    shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, svg)
    plt.rcParams.update(STYLE)
    if not hasattr(comm.create_comm, "numbered"):
        comm.create_comm = _numbered(comm.create_comm)


def _numbered(create_comm: Any) -> Any:
    count = itertools.count(1)

    def create(*args: Any, **kwargs: Any) -> Any:
        if "comm_id" not in kwargs:
            kwargs["comm_id"] = f"{next(count):032x}"
        return create_comm(*args, **kwargs)

    create.numbered = True  # type: ignore[attr-defined]
    return create
