"""Stored widgets as native controls: an explorer works where no kernel runs.

The state that a notebook stores is turned into HTML once, when the site is built:
sliders, radio buttons and a Play button above a stack of frames. `explorers.js`
joins them. Without the script the frame at rest and the table remain.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from algollm_helpers.book.controls import Renderer, group, name_of

from .stored import VIEW, alt_text, notebook_at, states_of


@cache
def explorer_at(path: Path, model: str, alt: str) -> str:
    """Return an explorer of a notebook as a self-contained block of HTML.

    Its description, the alternative text, tells what happens from frame to frame.
    """
    states = states_of(notebook_at(path))
    renderer = Renderer(states, play=_("Play"), pause=_("Pause"))
    try:
        inner = renderer.render(model)
    except ValueError as error:
        raise ExtensionError(f"{path.name}: {error}") from None
    return group(name_of(model, states[model]), inner, alt)


def find(notebook: Mapping[str, Any], name: str) -> tuple[str, str] | None:
    """Return model id and alternative text of the explorer of that name, if any."""
    states = states_of(notebook)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            model = output.get("data", {}).get(VIEW, {}).get("model_id")
            classes = states.get(model, {}).get("_dom_classes", ())
            if f"explorer-{name}" in classes:
                return model, alt_text(cell["metadata"])
    return None


class ExplorerNode(nodes.General, nodes.Element):
    """Stands where an explorer is to be shown, away from the cell that makes it."""


class ExplorerDirective(SphinxDirective):
    """Show an explorer of a chapter by its name, on its own page in another place."""

    required_arguments = 2  # document, name

    def run(self) -> list[nodes.Node]:
        """Leave a place for it."""
        docname, name = self.arguments
        path = Path(self.env.doc2path(docname))
        if docname not in self.env.found_docs or path.suffix != ".ipynb":
            raise self.error(f"no notebook {docname!r}")
        self.env.note_dependency(str(path))
        found = find(notebook_at(path), name)
        if found is None:
            raise self.error(f"no explorer {name!r} in {docname}")
        model, alt = found
        return [ExplorerNode(docname=docname, model=model, alt=alt)]


class NativeExplorers(SphinxPostTransform):
    """Put an explorer where a notebook shows one, or where a page asks for one."""

    default_priority = 1  # before myst-nb chooses among the forms of an output
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Replace widget views and places; what a place shows leaves its cell."""
        places = list(self.document.findall(ExplorerNode))
        own = [p for p in places if p["docname"] == self.env.docname]
        moved = {place["model"] for place in own}
        for cell in list(self.document.findall(nodes.container)):
            if "cell_metadata" in cell:
                self._replace_views(cell, moved)
        for place in places:
            self._put(place, place["docname"], place["model"], place["alt"])

    def _replace_views(self, cell: nodes.container, moved: set[str]) -> None:
        alt = alt_text(cell["cell_metadata"])
        for bundle in _containers(cell, "nb_element", "mime_bundle"):
            for view in _containers(bundle, "mime_type", VIEW):
                script = view.astext()
                data = json.loads(script[script.index("{") : script.rindex("}") + 1])
                if data["model_id"] in moved:
                    bundle.parent.remove(bundle)
                else:
                    self._put(bundle, self.env.docname, data["model_id"], alt)

    def _put(self, place: nodes.Element, docname: str, model: str, alt: str) -> None:
        text = explorer_at(Path(self.env.doc2path(docname)), model, alt)
        place.replace_self(nodes.raw("", text, format="html"))


def _containers(node: nodes.Element, key: str, value: str) -> list[nodes.container]:
    return [c for c in node.findall(nodes.container) if c.get(key) == value]


def _forget_state(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the raw widget state off the page: it is HTML by now."""
    env: BuildEnvironment = app.env
    files = getattr(env, "nb_metadata", {}).get(env.docname, {}).get("js_files", {})
    files.pop("ipywidgets_state", None)


def setup(app: Sphinx) -> None:
    """Register the directive and the transform."""
    notebook_at.cache_clear()
    explorer_at.cache_clear()
    app.add_node(ExplorerNode)
    app.add_directive("explorer", ExplorerDirective)
    app.add_post_transform(NativeExplorers)
    app.connect("doctree-read", _forget_state)
