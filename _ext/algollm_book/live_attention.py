"""What the live object "attention" is given: words, an alphabet, a reading at rest."""

from typing import Any

from sphinx.locale import _

from algollm_helpers import microgpt

from . import trained

NAME = "emma"  # at rest


def given() -> dict[str, Any]:
    """Return its words, and what it shows before it has asked for the model."""
    run = trained.model()
    reading = microgpt.read(run, NAME)
    rest = {
        "probabilities": reading.probabilities.tolist(),
        "attention": reading.attention[0].tolist(),
    }
    return {"letters": run.tokenizer.alphabet, "rest": rest, "words": _words()}


def _words() -> dict[str, Any]:
    return {
        "name": _("a name"),
        "letters": _("Letters of the name; the chosen one is the last that was read"),
        "drawing": _("Where the heads look from the letter that was read last"),
        "start": _("the start"),
        "head": _("head {head}"),
        "heads": _("Show"),
        "all": _("all heads"),
        "next": _("next letter; · ends the name"),
        "probability": _("probability"),
        "temperature": _("temperature"),
        "dice": _("Draw a letter"),
        "reset": _("Reset"),
        "expects": _("After “{read}” it expects “{likeliest}”, with {p}%."),
        "expectsEnd": _("After “{read}” it expects the end, with {p}%."),
        "comes": _(
            "What comes is “{right}”: it had {p}% at temperature 1, a surprise of "
            "{surprise} nats."
        ),
        "looked": _("Where most attention goes: {heads}."),
        "looks": _("head {head} to {where}, {p}%"),
        "refused": _("“{letter}” is not a letter from a to z."),
        "ended": _("The end was drawn: the name is “{text}”."),
        "full": _("It can read {most} letters, and no more."),
        "failed": _("The model did not come: {why}"),
    }
