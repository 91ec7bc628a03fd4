"""The words of the live object "outlier": eight numbers that pull at one answer."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    return {
        "words": {
            "reset": _("Reset"),
            "x": _("answer"),
            "cost": _("mean loss"),
            "number": _("Number {n}"),
            "answer": _("The answer"),
            "value": _("{value}"),
            "loss": _("The loss"),
            "losses": {
                "squared": _("squared"),
                "absolute": _("absolute"),
                "quantile": _("quantile 0.9"),
                "huber": _("Huber"),
            },
            "favourites": {
                "squared": _("squared likes {z}"),
                "absolute": _("absolute likes {z}"),
                "quantile": _("quantile 0.9 likes {z}"),
                "huber": _("Huber likes {z}"),
            },
            "plot": _(
                "Eight numbers, each on a line of its own, and the answer, at which "
                "each of them pulls"
            ),
            "kinds": {
                "squared": _(
                    "Each number pulls in proportion to its distance. The pulls "
                    "balance at the mean, {z}: a single number far away moves it."
                ),
                "absolute": _(
                    "Each number pulls alike, however far away it is. The pulls "
                    "balance at the median: every answer from {low} to {high} is as "
                    "good, with as many numbers on either side."
                ),
                "quantile": _(
                    "A number above the answer pulls nine times as hard as one below. "
                    "They balance where nine tenths lie below: of eight numbers, at "
                    "the largest, {z}."
                ),
                "huber": _(
                    "The pull grows with the distance, up to a distance of 1, and no "
                    "further. They balance at {z}; how far an outlier is does not "
                    "matter."
                ),
            },
            "pulls": _(
                "At the answer {z} the mean loss is {cost}. Pull to the left {left}, "
                "to the right {right}."
            ),
            "kink": _(
                "What is lacking comes from the number on which the answer stands."
            ),
            "leftward": _("The answer is drawn to the left."),
            "rightward": _("The answer is drawn to the right."),
        }
    }
