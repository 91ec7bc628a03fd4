"""What the cards of the pages show: the idea of each chapter, in a few strokes."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from algollm_helpers.book.figures import CYCLE, GRID, INK, MUTED
from algollm_helpers.descent import gradient_descent
from algollm_helpers.pipeline_schedule import simulate

BLUE, ORANGE, GREEN, *_rest = CYCLE


class Drawing(NamedTuple):
    """A drawing, and what one sees on it."""

    draw: Callable[[Axes], None]
    alt: str


def hill(ax: Axes) -> None:
    """Draw steps of descent into a valley."""
    x = np.linspace(-2.2, 2.2, 200)
    ax.plot(x, x**2, color=BLUE, linewidth=7)
    walk = gradient_descent(lambda at: 2 * at, [-2.0], lr=0.2, steps=6).w[:, 0]
    ax.plot(walk, walk**2 + 0.12, "o:", color=ORANGE, markersize=17, linewidth=3)


def closed_form(ax: Axes) -> None:
    """Draw paths to the solutions of one equation in two weights."""
    # One equation for two weights, a.w = 1: every point of a line solves it, and the
    # gradient of its squared error points along a, so a path runs straight to the line.
    a = np.array([0.6, 0.8])
    along = np.array([-0.8, 0.6])
    ends = np.array([a - 1.8 * along, a + 1.8 * along])
    ax.plot(*ends.T, color=GREEN, linewidth=7)
    for shift, height in zip(
        (-1.3, -0.4, 0.5, 1.4), (1.5, -1.2, 1.2, -1.4), strict=True
    ):
        end = a + shift * along
        start = end + height * a
        ax.plot(*np.array([start, end]).T, color=ORANGE, linewidth=4)
        ax.plot(*start, "o", color=ORANGE, markersize=11)
        ax.plot(*end, "o", color=INK, markersize=14)
    ax.set_aspect("equal")


def loss(ax: Axes) -> None:
    """Draw three losses over the error."""
    error = np.linspace(-2, 2, 201)
    ax.plot(error, error**2, color=BLUE, linewidth=6)
    ax.plot(error, np.abs(error), color=ORANGE, linewidth=6, linestyle="--")
    pinball = np.maximum(0.8 * error, -0.2 * error)
    ax.plot(error, pinball, color=GREEN, linewidth=6, linestyle="-.")
    ax.set_ylim(-0.15, 3)


def descent(ax: Axes) -> None:
    """Draw a descent on the contours of a valley."""
    curvature = np.array([1.0, 9.0])
    x, y = np.meshgrid(np.linspace(-2.6, 0.9, 121), np.linspace(-1.2, 1.2, 121))
    height = (curvature[0] * x**2 + curvature[1] * y**2) / 2
    ax.contour(x, y, height, levels=np.arange(1, 8) ** 2 / 6, colors=GRID, linewidths=3)
    walk = gradient_descent(lambda at: curvature * at, [-2.3, 0.9], lr=0.2, steps=25).w
    ax.plot(*walk.T, "o-", color=BLUE, linewidth=4, markersize=10)
    ax.plot(0, 0, "*", color=ORANGE, markersize=30)


def backprop(ax: Axes) -> None:
    """Draw a network and one path back through it."""
    layers = (3, 4, 4, 1)
    places = [[(i, j - (n - 1) / 2) for j in range(n)] for i, n in enumerate(layers)]
    for left, right in pairwise(places):
        for start in left:
            for end in right:
                ax.plot(*zip(start, end, strict=True), color=GRID, linewidth=3)
    blame = [places[3][0], places[2][2], places[1][1], places[0][2]]
    for start, end in pairwise(blame):
        arrow = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 6}
        arrow |= {"mutation_scale": 34, "shrinkA": 14, "shrinkB": 18}
        ax.annotate("", end, start, arrowprops=arrow, zorder=3)
    for place in [place for layer in places for place in layer]:
        colour = ORANGE if place in blame else BLUE
        ax.plot(*place, "o", color=colour, markersize=30, zorder=4)


def learning_rate(ax: Axes) -> None:
    """Draw the loss of three learning rates."""
    for rate, colour, dash in (
        (0.04, BLUE, "-"),
        (0.35, GREEN, "--"),
        (1.06, ORANGE, "-."),
    ):
        walk = gradient_descent(lambda at: 2 * at, [1.0], lr=rate, steps=12).w[:, 0]
        ax.plot(walk**2, color=colour, linestyle=dash, linewidth=6)


def microgpt(ax: Axes) -> None:
    """Draw the mask of attention."""
    positions = 7
    for row in range(positions):
        for column in range(positions):
            seen = column <= row
            colour = (ORANGE if column == row else BLUE) if seen else GRID
            corner = (column + 0.07, -row + 0.07)
            ax.add_patch(Rectangle(corner, 0.86, 0.86, color=colour))
    ax.set(xlim=(0, positions), ylim=(1 - positions, 1), aspect="equal")


def scale(ax: Axes) -> None:
    """Draw the timetable of a pipeline."""
    for event in simulate("gpipe", stages=4, micro=4).events:
        colour = BLUE if event.kind == "forward" else ORANGE
        corner = (event.start + 0.06, -event.stage + 0.1)
        size = (event.stop - event.start - 0.12, 0.8)
        ax.add_patch(Rectangle(corner, *size, color=colour))
    ax.autoscale_view()


def clinic(ax: Axes) -> None:
    """Draw two losses that fall, and one of them spikes and stays up."""
    step = np.linspace(0, 1, 121)
    fall = 0.35 + 0.65 * np.exp(-7 * step)
    ax.plot(step, fall, color=BLUE, linewidth=7)
    ill = np.where(step < 0.45, fall + 0.03, 0.75 + 0.12 * np.cos(60 * step))
    ax.plot(step, ill, color=ORANGE, linewidth=5, linestyle="--")
    ax.set_ylim(0.2, 1.1)


def after(ax: Axes) -> None:
    """Draw a scaling law: the loss of three sizes, and one that is foretold."""
    tokens = np.geomspace(1, 100, 60)
    for size, colour, dash in ((1, BLUE, "-"), (4, GREEN, "--"), (16, ORANGE, "-.")):
        loss = 1 / size**0.5 + 2 / tokens**0.5
        ax.plot(np.log(tokens), loss, color=colour, linestyle=dash, linewidth=6)
    ax.plot([0, np.log(tokens[-1])], [0, 0], ":", color=MUTED, linewidth=5)
    ax.plot(np.log(tokens[-1]), 1 / 8 + 2 / 10, "*", color=INK, markersize=34)


def bars(ax: Axes, counts: Mapping[str, int]) -> None:
    """Draw a bar for each verdict, as long as there are claims that got it."""
    colours = (GREEN, CYCLE[4], CYCLE[3], MUTED, ORANGE)
    for place, (verdict, count) in enumerate(counts.items()):
        ax.barh(-place, count, height=0.4, color=colours[place])
        ax.text(count, -place, f" {count}", va="center", color=INK, fontsize=24)
        ax.text(0, 0.28 - place, verdict, color=INK, fontsize=17)


HILL = Drawing(hill, "A ball rolls down into a valley in steps that grow shorter.")
BARS = "One bar for each verdict, as long as there are claims that got it."
CHAPTERS = {
    "closed_form": Drawing(
        closed_form,
        "Four starting points, and paths to four different points of one line.",
    ),
    "loss": Drawing(
        loss,
        "Three curves over the error: squared, absolute, and the loss of a quantile.",
    ),
    "descent": Drawing(
        descent,
        "A path that zigzags down a narrow valley, drawn on its contours.",
    ),
    "backprop": Drawing(
        backprop,
        "A network of four layers, with one path of blame from the end to the start.",
    ),
    "learning_rate": Drawing(
        learning_rate,
        "The loss of three learning rates: one creeps, one arrives, one flies apart.",
    ),
    "microgpt": Drawing(
        microgpt,
        "A triangle of squares: each position sees itself and those before it.",
    ),
    "scale": Drawing(
        scale,
        "Four stages of a pipeline at work: forward passes, then backward passes.",
    ),
    "clinic": Drawing(
        clinic,
        "Two losses fall together, until one of them jumps up and stays there.",
    ),
}
LABS = {  # without a chapter of their own
    "after": Drawing(
        after,
        "The loss of three sizes falls towards a floor; a star marks what is foretold.",
    ),
}
