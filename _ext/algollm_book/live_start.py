"""The words of the live object "start": a start beside a line of solutions."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    return {
        "words": {
            "reset": _("Reset"),
            "x": _("w₁"),
            "y": _("w₂"),
            "start": _("Start of plain descent"),
            "role": _("point to move in two directions"),
            "at": _("w₁ = {x}, w₂ = {y}"),
            "alpha": _("start α"),
            "zero": _("Start at 0"),
            "plot": _(
                "A line of solutions in the plane of two weights, the way of plain "
                "descent from its start, and the way of a difference of squares from 0"
            ),
            "all": _("all solutions"),
            "shortest": _("shortest"),
            "fewest": _("smallest sum"),
            "plainly": _(
                "Plain descent from w₁ = {x}, w₂ = {y} ends at w₁ = {endX}, w₂ = "
                "{endY}, {length} long; the shortest solution is {shortest} long. What "
                "the start had along the line, {kept}, it has kept."
            ),
            "squarely": _(
                "As a difference of squares from α = {alpha} it ends at w₁ = {endX}, "
                "w₂ = {endY}: length {length}, sum of sizes {sum}. No solution has a "
                "length below {shortest} or a sum below {fewest}."
            ),
        }
    }
