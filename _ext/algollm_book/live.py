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

from . import (
    live_attention,
    live_blame,
    live_clinic,
    live_hill,
    live_landscape,
    live_map,
    live_outlier,
    live_pipeline,
    live_race,
    live_start,
    live_train,
    trained,
)

FILES = Path(book.__path__[0]) / "objects"


class Made(NamedTuple):
    """An object: what its script is given at once, and what it asks for when used."""

    setup: Callable[[], dict[str, Any]]  # words and numbers, written into the page
    data: Callable[[], str] | None = None  # JSON, in a file of its own


OBJECTS = {
    "attention": Made(live_attention.given, trained.weights),
    "blame": Made(live_blame.given),
    "clinic": Made(live_clinic.given, live_clinic.runs),
    "map": Made(live_map.given),
    "pipeline": Made(live_pipeline.given),
    "race": Made(live_race.given),
    "hill": Made(live_hill.given),
    "landscape": Made(live_landscape.given),
    "outlier": Made(live_outlier.given),
    "start": Made(live_start.given),
    "train": Made(live_train.given, trained.run),
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
