"""The words of the live object "train": a GPT that learns in the page."""

from typing import Any

from sphinx.locale import _

from algollm_helpers.gpt.documents import Tokenizer, load_docs

from . import trained


def given() -> dict[str, Any]:
    """Return the size of its alphabet, the levels that it is held to, and its words."""
    vocab = Tokenizer.of(load_docs()).vocab_size
    return {"book": {"vocab": vocab, "levels": trained.levels()}, "words": _words()}


def _words() -> dict[str, Any]:
    return {
        "train": _("Train"),
        "pause": _("Pause"),
        "oneStep": _("One step"),
        "reset": _("Reset"),
        "speed": _("Steps"),
        "pace": _("{steps} a second"),
        "full": _("as fast as it goes"),
        "step": _("step"),
        "loss": _("loss, nats per token"),
        "levels": {
            "uniform": _("ln {vocab}"),
            "unigram": _("unigram"),
            "bigram": _("bigram"),
            "trigram": _("trigram"),
            "floor": _("floor"),
        },
        "chart": _("Loss of each step, and its mean over the last 50. {status}"),
        "at": _("after step {step}"),
        "nothing": _("(nothing)"),
        "writes": _("What it writes"),
        "later": _("Names will stand here, from the first step on."),
        "rest": _(
            "A fresh model, all of its numbers drawn at random. Train shows it "
            "{names} names, one a step."
        ),
        "status": _(
            "Step {step} of {steps}. Loss {last} on this name, {mean} on average over "
            "the last 50."
        ),
        "time": _("{steps} steps in {seconds} s of computing on this device."),
        "same": _(
            "The losses of all {steps} steps are those of the same run in Python; "
            "the largest difference is {difference}."
        ),
        "apart": _("The largest difference from the run in Python is {difference}."),
        "other": _(
            "This run has no twin in Python: its seed, list, rate or faults are yours. "
            "Seeds and lists of your own draw from a small generator of this page."
        ),
        "failed": _("The training stopped: {why}"),
        "more": _("Change the rate, the seed, the list, or break it"),
        "rate": _("learning rate"),
        "temperature": _("temperature"),
        "seed": _("seed"),
        "faults": _("Break it on purpose"),
        "fault": {
            "unshifted": _("Forget to shift the targets"),
            "unmasked": _("Forget the mask, so that letters see those after them"),
        },
        "seen": {
            "unshifted": _(
                "Asked for the letter that it has just read, the model copies: the "
                "loss sinks through the floor, and it writes nothing."
            ),
            "unmasked": _(
                "The answer stands in what the model may read: the loss sinks through "
                "the floor as soon as it has found out, and what it writes is worse."
            ),
        },
        "list": _(
            "Names of your own, one a line. They stay on this device; nothing is sent."
        ),
        "use": _("Use this list"),
        "back": _("Use the book's list"),
        "using": _("{count} names, {letters} different letters."),
        "cut": _(
            "{count} have more than {most} letters; what follows is not predicted."
        ),
        "refusals": {
            "wrongLetter": _(
                "Line {line}, “{name}”: “{letter}” is not a letter. A name has "
                "letters, spaces, hyphens, apostrophes and full stops."
            ),
            "tooFew": _("The list has {count} names. Expected at least 2, one a line."),
            "tooMany": _("The list has {count} names. Expected at most {most}."),
            "tooManyLetters": _(
                "The list has {count} different letters. Expected at most {most}."
            ),
            "wrongSeed": _(
                "“{value}” is not a seed. Expected a whole number from 0 to {most}."
            ),
        },
    }
