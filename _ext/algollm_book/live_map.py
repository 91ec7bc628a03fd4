"""The words of the live object "map": a ball, at each place of a plane."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    words = {
        "product": _("rate × curvature"),
        "beta": _("momentum β"),
        "step": _("step"),
        "place": _("w"),
        "chart": _("Map of rate × curvature and momentum. Darker is faster."),
        "handle": _("Place on the map"),
        "point": _("point of a plane"),
        "regions": {
            "creeps": _("creeps"),
            "swings": _("swings"),
            "flies": _("flies apart"),
        },
        "ravine": _("A second direction, 20 times as gentle"),
        "reset": _("Reset"),
        "said": {
            "arrives": _("The ball is at the floor after one step."),
            "creeps": _(
                "The ball creeps in from one side: a step leaves {factor} of the "
                "distance, and {steps} steps a thousandth."
            ),
            "swings": _(
                "The ball swings to and fro every {period} steps, and settles: a step "
                "leaves {factor} of the swing, and {steps} steps a thousandth."
            ),
            "alternates": _(
                "The ball lands on the other side at every step, and closer: a step "
                "leaves {factor} of the distance, and {steps} steps a thousandth."
            ),
            "stays": _("The ball goes from side to side for ever."),
            "flies": _(
                "The ball flies apart: a step multiplies the distance by {factor}."
            ),
        },
        "steep": _("Steep direction: {told}"),
        "gentle": _("Gentle direction: {told}"),
        "both": _("The ravine has the slower of the two, {worse}."),
        "walk": _("The walk against the step. {told}"),
    }
    return {"words": words}
