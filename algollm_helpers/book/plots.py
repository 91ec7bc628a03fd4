"""Drawing for the chapters: arrays in, artists on a given axes, nothing computed.

Every function takes the axes to draw on and returns what it drew. None opens,
shows, saves or restyles a figure, so ``pyplot`` is not imported here. Limits,
labels and titles belong to the chapter, because they are part of its argument.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64
from algollm_helpers.book.figures import GRID, INK, MUTED

PLAIN: dict[str, Any] = {"marker": "", "linestyle": "-"}  # outside the cycle


def draw_hill(ax: Axes, w: ArrayLike, loss: ArrayLike) -> Line2D:
    """Draw a loss over one parameter, both of shape (n,), as ground to walk on."""
    (line,) = ax.plot(w, loss, color=MUTED, zorder=2, **PLAIN)
    bottom = ax.get_ylim()[0]
    ax.fill_between(w, loss, bottom, color=GRID, alpha=0.45, linewidth=0, zorder=1)
    ax.set_ylim(bottom=bottom)
    return line


def draw_balls(ax: Axes, w: ArrayLike, loss: ArrayLike) -> tuple[Line2D, Line2D]:
    """Draw places visited, shape (n,): the last one as a ball, the rest as dots.

    Returns
    -------
    tuple of Line2D
        The dots, with n - 1 points, and the ball, with one.
    """
    w, loss = np.atleast_1d(w), np.atleast_1d(loss)
    style: dict[str, Any] = {
        "color": "C0",
        "marker": "o",
        "linestyle": "",
        "markevery": 1,
    }
    (dots,) = ax.plot(w[:-1], loss[:-1], markersize=3.5, alpha=0.6, zorder=3, **style)
    (ball,) = ax.plot(w[-1:], loss[-1:], markersize=10, zorder=4, **style)
    return dots, ball


def draw_slope(
    ax: Axes, at: tuple[float, float], slope: float, *, half_width: float
) -> Line2D:
    """Draw a piece of the tangent with `slope` through the point `at`."""
    run = np.array([-half_width, half_width])
    (line,) = ax.plot(
        at[0] + run,
        at[1] + slope * run,
        color="C1",
        zorder=3,
        marker="",
        linestyle="--",
    )
    return line


def draw_arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    color: str = INK,
    bend: float = 0.0,
    gap: float = 0.0,
) -> FancyArrowPatch:
    """Draw an arrow between two points in data coordinates.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    start, end : tuple of float
        Tail and tip.
    color : str, optional
        Its colour.
    bend : float, optional
        Height of the arc as a fraction of its length; 0 is straight.
    gap : float, optional
        Points left free at both ends.

    Returns
    -------
    FancyArrowPatch
        The arrow.
    """
    arrow = FancyArrowPatch(
        start,
        end,
        arrowstyle="-|>",
        mutation_scale=13,
        linewidth=1.8,
        color=color,
        connectionstyle=f"arc3,rad={bend}",
        shrinkA=gap,
        shrinkB=gap,
        zorder=5,
    )
    ax.add_patch(arrow)
    return arrow


def draw_contours(
    ax: Axes, w1: ArrayLike, w2: ArrayLike, loss: ArrayLike, *, levels: ArrayLike
) -> QuadContourSet:
    """Draw level curves of a loss over two parameters.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    w1, w2 : array-like of shape (m,) and (n,)
        The grid's axes.
    loss : array-like of shape (n, m)
        The loss at each point of the grid, `w2` downwards and `w1` across.
    levels : array-like
        The losses whose curves are drawn, rising.

    Returns
    -------
    QuadContourSet
        The curves.
    """
    return ax.contour(
        w1, w2, loss, levels=levels, colors=GRID, linewidths=1.0, zorder=1
    )


def draw_path(ax: Axes, path: ArrayLike, *, label: str) -> Line2D:
    """Draw a path of shape (n, 2) as joined marks, in the order visited."""
    points = np.asarray(path)
    (line,) = ax.plot(
        points[:, 0], points[:, 1], markersize=4, markevery=1, lw=1.2, label=label
    )
    return line


def draw_crosses(ax: Axes, points: ArrayLike) -> Line2D:
    """Mark single places, shape (n, 2), with crosses."""
    x, y = np.asarray(points).T
    (marks,) = ax.plot(x, y, "x", color=INK, ms=8, mew=2, markevery=1, zorder=4)
    return marks


def draw_lines(ax: Axes, lines: Sequence[str]) -> list[Text]:
    """Write lines of text from the top of empty axes down, at even distances."""
    ax.set_axis_off()
    heights = 1 - (np.arange(len(lines)) + 0.5) / len(lines)
    return [ax.text(0, y, line) for y, line in zip(heights, lines, strict=True)]


def draw_cycle(
    ax: Axes, stations: Sequence[str], *, enter: str, leave: str, leave_after: int
) -> list[Text]:
    """Draw a loop of stations, clockwise from the top, with a way in and out.

    Parameters
    ----------
    ax : Axes
        Where to draw; its frame and ticks are taken away.
    stations : sequence of str
        The names of the stations, in order; a line break is welcome.
    enter : str
        What leads to the first station.
    leave : str
        What leads out.
    leave_after : int
        Index of the station from which it leads out.

    Returns
    -------
    list of Text
        The stations, then `enter` and `leave`.
    """
    ax.set_axis_off()
    ax.set(xlim=(-3.2, 1.8), ylim=(-1.3, 1.3))
    turn = np.pi / 2 - 2 * np.pi * np.arange(len(stations)) / len(stations)
    places = np.column_stack([1.25 * np.cos(turn), np.sin(turn)])
    boxes = [
        _box(ax, place, name) for place, name in zip(places, stations, strict=True)
    ]
    for here, there in zip(boxes, boxes[1:] + boxes[:1], strict=True):
        _join(ax, here, there, bend=-0.25)
    entrance = _box(ax, places[0] - [1.75, 0.0], enter, color="C1", linestyle="--")
    _join(ax, entrance, boxes[0], color="C1")
    outside = places[leave_after] * [2.1, 1.7]
    way_out = _box(ax, outside, leave, color="C1", linestyle="--")
    _join(ax, boxes[leave_after], way_out, color="C1")
    return [*boxes, entrance, way_out]


def _box(
    ax: Axes, place: Float64, name: str, *, color: str = "C0", linestyle: str = "-"
) -> Text:
    frame = {
        "boxstyle": "round,pad=0.45",
        "facecolor": "none",
        "edgecolor": color,
        "linestyle": linestyle,
        "linewidth": 1.5,
    }
    x, y = place
    return ax.text(x, y, name, ha="center", va="center", zorder=4, bbox=frame)


def _join(
    ax: Axes, here: Text, there: Text, *, color: str = INK, bend: float = 0.0
) -> None:
    # The boxes know their size only when drawn, which is before the arrows.
    arrow = draw_arrow(
        ax, here.get_position(), there.get_position(), color=color, bend=bend, gap=3
    )
    for text, attach in ((here, arrow.set_patchA), (there, arrow.set_patchB)):
        if (frame := text.get_bbox_patch()) is not None:
            attach(frame)


def draw_graph(
    ax: Axes,
    places: ArrayLike,
    names: Sequence[str],
    edges: ArrayLike,
    middles: ArrayLike,
    *,
    forward: Sequence[str],
    backward: Sequence[str],
) -> tuple[list[Text], list[Text], list[Text]]:
    """Draw boxes and arrows between them that carry a number each way.

    Parameters
    ----------
    ax : Axes
        Where to draw; its frame and ticks are taken away.
    places : array-like of shape (n, 2)
        Centres of the boxes, one unit apart.
    names : sequence of str
        What stands in the n boxes.
    edges : array-like of int, shape (m, 2)
        From which box to which each arrow goes.
    middles : array-like of shape (m, 2)
        A point halfway along each arrow; off the straight line it makes an arc.
    forward, backward : sequence of str
        The m numbers above (or left of) the arrows, and below (or right of) them.

    Returns
    -------
    tuple of list of Text
        The boxes, the numbers forward, the numbers backward.
    """
    points, joints = np.asarray(places, dtype=float), np.asarray(middles, dtype=float)
    every = np.vstack([points, joints])
    low, high = every.min(axis=0) - 0.4, every.max(axis=0) + 0.4
    ax.set_axis_off()
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    boxes = [_box(ax, p, name) for p, name in zip(points, names, strict=True)]
    ahead, back = [], []
    for (i, j), joint, there, here in zip(
        np.asarray(edges), joints, forward, backward, strict=True
    ):
        run, rise = points[j] - points[i]
        side = np.array([-rise, run]) / np.hypot(run, rise)  # left of the arrow
        off = (joint - (points[i] + points[j]) / 2) @ side
        _join(ax, boxes[i], boxes[j], color=MUTED, bend=-2 * off / np.hypot(run, rise))
        side = side if run > 0 else -side if rise < 0 else side
        ahead.append(_beside(ax, joint, there, side, color=INK))
        back.append(_beside(ax, joint, here, -side, color="C1", style="italic"))
    for artist in ax.get_children():
        artist.set_in_layout(False)  # all lies inside the limits: spares measuring
    return boxes, ahead, back


def _beside(ax: Axes, place: Float64, text: str, side: Float64, **style: Any) -> Text:
    """Write next to a point of a line whose normal is `side`."""
    h, v = np.sign(side * (np.abs(side) > 0.4)).astype(int)
    return ax.annotate(
        text,
        (place[0], place[1]),
        xytext=(4 * side[0], 4 * side[1]),
        textcoords="offset points",
        ha=("center", "left", "right")[h],
        va=("center", "bottom", "top")[v],
        zorder=6,
        **style,
    )
