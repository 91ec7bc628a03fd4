"""Live objects: what a page shows and a script makes answer the reader's hand.

A directive leaves a place with what is shown until then, and instead of it on paper and
without scripts. `host.js` wakes the object when it comes near the screen. The scripts,
the same ones for JupyterLab, lie in ``algollm_helpers/book/objects``.
"""

import html
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import copyfile
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from algollm_helpers import book
from algollm_helpers.gpt.documents import Tokenizer, load_docs

from . import (
    explorables,
    live_attention,
    live_blame,
    live_clinic,
    live_map,
    live_pipeline,
    live_race,
    trained,
)

FILES = Path(book.__path__[0]) / "objects"


class Made(NamedTuple):
    """An object: what its script is given at once, and what it asks for when used."""

    setup: Callable[[], dict[str, Any]]  # words and numbers, written into the page
    data: Callable[[], str] | None = None  # JSON, in a file of its own


def _train() -> dict[str, Any]:
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


OBJECTS = {
    "attention": Made(live_attention.given, trained.weights),
    "blame": Made(live_blame.given),
    "clinic": Made(live_clinic.given, live_clinic.runs),
    "map": Made(live_map.given),
    "pipeline": Made(live_pipeline.given),
    "race": Made(live_race.given),
    "train": Made(_train, trained.run),
    "hill": Made(explorables.hill),
    "landscape": Made(explorables.landscape),
    "outlier": Made(explorables.outlier),
    "start": Made(explorables.start),
}


class Live(SphinxDirective):
    """Show a live object by its name; the content is what stands there without it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave a place for it."""
        (name,) = self.arguments
        if name not in OBJECTS:
            raise self.error(f"no live object {name!r}, only {sorted(OBJECTS)}")
        self.assert_has_content()
        still = nodes.container(classes=["live-still"])
        self.state.nested_parse(self.content, self.content_offset, still)
        setup = html.escape(json.dumps(OBJECTS[name].setup(), ensure_ascii=False))
        refusal = html.escape(
            _("It stands still here: opened from a disk, a page may not run it.")
        )
        place = (
            f'<div class="live" id="live-{name}" tabindex="-1" data-object="{name}" '
            f'data-setup="{setup}" data-refusal="{refusal}">'
        )
        return [
            nodes.raw("", place, format="html"),
            still,
            nodes.raw("", "</div>", format="html"),
        ]


def _load(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Put the host on a page that has an object, and what it will ask for beside it."""
    body = context.get("body", "")
    shown = [name for name in OBJECTS if f'data-object="{name}"' in body]
    if not shown:
        return
    app.add_css_file("live/live.css")
    app.add_js_file("live/host.js", loading_method="defer")
    put(shown, Path(app.outdir, "_static", "live"))


def put(names: Iterable[str], folder: Path) -> None:
    """Put the scripts of all objects into a folder, and what `names` will ask for."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in FILES.iterdir():
        copyfile(path, folder / path.name)
    for name in names:
        if data := OBJECTS[name].data:
            (folder / f"{name}.json").write_text(data(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the directive, and look over each page before it is written."""
    app.add_directive("live", Live)
    app.connect("html-page-context", _load)
