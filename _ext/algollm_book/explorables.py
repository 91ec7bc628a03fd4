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


def outlier() -> dict[str, Any]:
    """Return what "outlier" says: eight numbers that pull at one answer."""
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


def start() -> dict[str, Any]:
    """Return what "start" says: a start beside a line of solutions."""
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
