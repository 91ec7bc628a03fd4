"""The words of the objects whose whole rule is in their script.

What they compute is a few lines of a helper, repeated; their tests compare the two.
"""

from typing import Any

from sphinx.locale import _


def hill() -> dict[str, Any]:
    """Return what "hill" says: a walker on a parabola, its rate and its start."""
    return {
        "words": {
            "play": _("Play"),
            "pause": _("Pause"),
            "reset": _("Reset"),
            "rate": _("learning rate η"),
            "step": _("step"),
            "start": _("Start of the walk"),
            "startAt": _("w = {w}"),
            "w": _("w"),
            "loss": _("loss"),
            "above": _("loss above the floor"),
            "chart": _("Loss above the floor against the step. {verdict}"),
            "level": _("as at the start"),
            "regime": _("The walk"),
            "regimes": {
                "approaches": _("comes closer"),
                "lands": _("lands"),
                "crosses": _("jumps across"),
                "bounces": _("bounces"),
                "flees": _("flies off"),
            },
            "factor": _("ηλ = {product}, so 1 − ηλ = {factor}."),
            "kinds": {
                "approaches": _(
                    "Each step keeps {share} of the distance to the floor: the walker "
                    "comes closer from one side."
                ),
                "lands": _(
                    "One step leads to the floor, from wherever the walker stands."
                ),
                "crosses": _(
                    "Each step leads across the floor, to {share} of the distance: the "
                    "walker jumps from side to side and comes closer."
                ),
                "bounces": _(
                    "Each step leads across the floor, exactly as far on the other "
                    "side: the walker bounces for ever."
                ),
                "flees": _(
                    "Each step leads across the floor, to {share} times the distance: "
                    "the walker flies off."
                ),
            },
            "numbers": _(
                "After step {step}: w = {w}, loss {loss}, slope {slope}, next step "
                "{ahead}."
            ),
            "off": _("That is outside the picture."),
        }
    }


def landscape() -> dict[str, Any]:
    """Return what "landscape" says: walkers dropped on a map."""
    return {"words": {}}


def outlier() -> dict[str, Any]:
    """Return what "outlier" says: numbers that pull at an answer."""
    return {"words": {}}


def start() -> dict[str, Any]:
    """Return what "start" says: a start beside a line of solutions."""
    return {"words": {}}
