"""The words of the live object "hill": a walker on a parabola."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
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
