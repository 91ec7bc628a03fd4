"""The words of the live object "blame": a factory, and who is asked in it."""

from typing import Any

from sphinx.locale import _


def given() -> dict[str, Any]:
    """Return its words."""
    words = {
        "drawing": _("The factory: boxes are operations, arrows carry numbers."),
        "arrows": _("Arrows"),
        "boxes": {
            "x": _("x"),
            "w1": _("w₁"),
            "w2": _("w₂"),
            "w3": _("c"),
            "target": _("t"),
            "A": _("A"),
            "B": _("B"),
            "C": _("C"),
            "plus": _("+"),
            "minus": _("−"),
            "square": _("( )²"),
            "loss": _("loss"),
        },
        "makers": {
            "x": _("The material"),
            "w1": _("Weight w₁"),
            "w2": _("Weight w₂"),
            "w3": _("C's factor"),
            "target": _("The target"),
            "A": _("A's part"),
            "B": _("B's product"),
            "C": _("C's product"),
            "plus": _("The sum"),
            "minus": _("The miss"),
            "square": _("The loss"),
        },
        "inputs": {
            "x": _("material x"),
            "w1": _("weight w₁"),
            "w2": _("weight w₂"),
            "w3": _("C's factor c"),
            "target": _("target t"),
        },
        "asked": _("asked"),
        "of": _("{count} of {all}"),
        "play": _("Walk back"),
        "pause": _("Pause"),
        "descend": _("One step of descent"),
        "reset": _("Reset"),
        "arrow": _("{from} to {to}: {value} forward, blame {share}"),
        "unknown": _("not asked yet"),
        "verdict": _("{from} is {value}. Its own blame is 1: there the walk begins."),
        "there": _(
            "{from}, {value}, enters {to}. If it grew by a little, what {to} makes "
            "would grow {slope} times as much."
        ),
        "waits": _("{to} has not been asked yet."),
        "back": _(
            "{to} has the blame {blame}, so {blame} × {slope} = {share} comes back "
            "along this arrow."
        ),
        "sum": _(
            "With the other arrow it adds up to {all}; two feet, which move this "
            "number and look at the loss, measure {felt}."
        ),
        "foot": _(
            "Two feet, which move this number and look at the loss, measure {felt}."
        ),
        "walking": _("The loss is {loss}. Next to be asked: {next}."),
        "done": _(
            "The loss is {loss}. All have been asked: the blame of w₁ is {w1}, that of "
            "w₂ is {w2}."
        ),
    }
    return {"words": words}
