"""The words of the live object "landscape": walkers dropped on a map."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    return {
        "words": {
            "x": _("w₁"),
            "y": _("w₂"),
            "walker": _("Start of the walk"),
            "role": _("point to move in two directions"),
            "at": _("w₁ = {x}, w₂ = {y}"),
            "ground": _("The ground"),
            "grounds": {
                "valleys": _("two valleys"),
                "saddle": _("a saddle"),
                "plateau": _("a plateau"),
            },
            "map": {
                "valleys": _("Map of two valleys, the western one deeper, and a pass"),
                "saddle": _("Map of a saddle that falls to the north and the south"),
                "plateau": _("Map of a hollow in a plateau"),
            },
            "labels": {
                "west": _("west"),
                "pass": _("pass"),
                "east": _("east"),
                "north": _("north"),
                "south": _("south"),
                "saddle": _("saddle"),
                "hollow": _("hollow"),
                "plateau": _("plateau"),
            },
            "many": _("Drop {count} walkers"),
            "reset": _("Reset"),
            "from": _("From w₁ = {x}, w₂ = {y}, at loss {loss}:"),
            "short": {
                "valleys": {
                    "west": _("western valley"),
                    "east": _("eastern valley"),
                    "nowhere": _("neither"),
                },
                "saddle": {
                    "north": _("left in the north"),
                    "south": _("left in the south"),
                    "nowhere": _("stayed"),
                },
                "plateau": {
                    "floor": _("reached the floor"),
                    "nowhere": _("still on the way"),
                },
            },
            "stories": {
                "valleys": {
                    "west": _(
                        "after {after} steps it is at the floor of the western valley, "
                        "the deeper one; it ends at loss {end}."
                    ),
                    "east": _(
                        "after {after} steps it is at the floor of the eastern valley, "
                        "which is not the lowest; it ends at loss {end}."
                    ),
                    "nowhere": _(
                        "after {after} steps it is at w₁ = {endX}, w₂ = {endY}, in "
                        "neither valley."
                    ),
                },
                "saddle": {
                    "north": _(
                        "after {after} steps it has left the map in the north. The "
                        "nearer a start to w₂ = 0, the longer it takes."
                    ),
                    "south": _(
                        "after {after} steps it has left the map in the south. The "
                        "nearer a start to w₂ = 0, the longer it takes."
                    ),
                    "nowhere": _(
                        "it stands on the saddle after {after} steps, with the way "
                        "down on both sides. One hundredth to the side is enough to "
                        "leave."
                    ),
                },
                "plateau": {
                    "floor": _("after {after} steps it is at the floor."),
                    "nowhere": _(
                        "after {after} steps it is at w₁ = {endX}, w₂ = {endY}: the "
                        "ground is nearly level there, and each step is short."
                    ),
                },
            },
        }
    }
