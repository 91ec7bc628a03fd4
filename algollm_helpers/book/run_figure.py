"""A training run as a picture: a panel for each thing that was measured.

The program ``algollm`` saves it as a file of its own, which stands on a ground of its
own; the figures of the pages have none.
"""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from algollm_helpers.arrays import Float64, Mask
from algollm_helpers.book.figures import MUTED, STYLE, svg

PANELS = {  # column: what its axis says
    "loss": "loss",
    "grad_norm": "gradient norm",
    "update_ratio": "update / weights",
    "lr": "learning rate",
}
LOGARITHMIC = ("grad_norm", "update_ratio")
WIDE = 30  # highest by lowest, above which a loss is drawn by its logarithm, too
LARGEST = 1e100  # more is left out of the lines: no axis has room for it
MOST = 200  # points of a line; more are told by their mean and their range
OPENING = '<svg class="algollm-run"'  # by which a file is known as such a picture


def drawn(columns: Mapping[str, Float64], title: str, description: str) -> str:
    """Return the picture of a run as SVG.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (rows,)
        ``step``, ``loss`` and what else was measured, see `PANELS`, with ``valid``; NaN
        where it was not, or is no number.
    title : str
        What stands above the panels.
    description : str
        The same for those who cannot see it, and more.
    """
    names = [name for name in PANELS if _is_there(columns, name)]
    with rc_context(STYLE):
        fig = Figure(figsize=(6.4, 1.5 + 1.4 * len(names)), facecolor="white")
        heights = [2, *[1] * (len(names) - 1)]
        axes = fig.subplots(
            len(names), sharex=True, squeeze=False, height_ratios=heights
        )[:, 0]
        for name, ax in zip(names, axes, strict=True):
            draw_measured(ax, columns["step"], columns[name])
            ax.set_ylabel(PANELS[name])
            if _is_logarithmic(name, columns[name]):
                set_logarithmic(ax)
        draw_held_out(axes[0], columns)
        draw_end_of_numbers(axes[0], columns)
        if axes[0].get_legend_handles_labels()[0]:
            axes[0].legend(frameon=True, facecolor="white", edgecolor="none")
        axes[-1].set_xlabel("step")
        axes[0].set_title(title, loc="left")
    head = f'{OPENING} role="img" '
    about = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    first, end, rest = svg(fig).partition(">")
    return head + first.removeprefix("<svg ") + end + about + rest + "\n"


def _is_there(columns: Mapping[str, Float64], name: str) -> bool:
    return name == "loss" or bool(_fits(columns.get(name, np.full(1, np.nan))).any())


def _fits(values: Float64) -> Mask:
    """Tell which values can be drawn; NaN cannot."""
    return np.abs(values) < LARGEST


def _is_logarithmic(name: str, values: Float64) -> bool:
    there = values[_fits(values)]
    if name == "loss":
        return bool(there.size and 0 < WIDE * there.min() < there.max())
    return name in LOGARITHMIC and bool((there > 0).any())


def set_logarithmic(ax: Axes) -> None:
    """Give an axis equal steps for equal factors, with few and plain numbers."""
    ax.set_yscale("log", nonpositive="mask")
    low, high = ax.get_ylim()
    subs = (1, 2, 5) if high < 20 * low else (1,)
    ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=5))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def draw_measured(ax: Axes, step: Float64, values: Float64) -> None:
    """Draw what was measured at each step; of many steps, mean and range of a few."""
    step, values = (a[_fits(values)] for a in (step, values))
    groups = list(_groups(len(step)))
    x = [step[g].mean() for g in groups]
    mean = [values[g].mean() for g in groups]
    ax.plot(x, mean, color="C0", marker="" if len(x) > 1 else "o", linestyle="-")
    if len(groups) < len(step):
        low, high = ([f(values[g]) for g in groups] for f in (np.min, np.max))
        ax.fill_between(x, low, high, color="C0", alpha=0.2, linewidth=0)


def _groups(size: int) -> Iterator[slice]:
    """Yield at most `MOST` slices, as equal as can be, that cover 0 … size."""
    edges = np.linspace(0, size, min(size, MOST) + 1).round().astype(int)
    for first, last in pairwise(edges):
        yield slice(first, last)


def draw_held_out(ax: Axes, columns: Mapping[str, Float64]) -> None:
    """Draw the held-out loss where it was measured, if it was."""
    if not _is_there(columns, "valid"):
        return
    there = _fits(columns["valid"])
    step, valid = columns["step"][there], columns["valid"][there]
    ax.lines[0].set_label("loss")
    style: dict[str, Any] = {
        "color": "C1",
        "linestyle": "--",
        "marker": "o",
        "markersize": 3.5,
    }
    ax.plot(step, valid, label="held-out loss", **style)


def draw_end_of_numbers(ax: Axes, columns: Mapping[str, Float64]) -> None:
    """Mark the first step whose loss is no number, or infinite."""
    wrong = ~np.isfinite(columns["loss"])
    if wrong.any():
        step, loss = (columns[name][wrong][0] for name in ("step", "loss"))
        label = f"step {step:.0f}: the loss is {loss}"
        ax.axvline(step, color=MUTED, linestyle=":", marker="", label=label)
