"""The words of the live object "race": three walkers in a ravine that is turned."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    words = {
        "w1": _("w₁"),
        "w2": _("w₂"),
        "turn": _("Direction of the ravine"),
        "turned": _("turned by"),
        "degrees": _("{degrees}°"),
        "steepness": _("walls steeper than the floor"),
        "times": _("{times} times"),
        "step": _("step"),
        "end": _("loss at the end"),
        "play": _("Race"),
        "pause": _("Pause"),
        "reset": _("Reset"),
        "walkers": {
            "plain": _("plain descent"),
            "momentum": _("momentum"),
            "adam": _("Adam"),
        },
        "head": {
            "walker": _("walker"),
            "rate": _("best rate"),
            "now": _("loss now"),
            "last": _("at the end"),
        },
        "told": _(
            "Turned by {degrees}°, {first} ends lowest, {second} is next with a loss "
            "{times} times as high, and {third} last."
        ),
        "chart": _("Loss at the end against the turning. {told}"),
    }
    return {"words": words}
