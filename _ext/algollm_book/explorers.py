"""Stored widgets as native controls: an explorer works where no kernel runs.

The state that a notebook stores is turned into HTML once, when the site is built:
sliders, radio buttons and a Play button above a stack of frames. `explorers.js`
joins them. Without the script the frame at rest and the table remain.
"""

import html
import json
from collections.abc import Iterator, Mapping
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

from .pictures import inline

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
States = Mapping[str, Mapping[str, Any]]


@cache
def notebook_at(path: Path) -> dict[str, Any]:
    """Return a notebook as parsed JSON."""
    return json.loads(path.read_text("utf-8"))


def states_of(notebook: Mapping[str, Any]) -> States:
    """Return the state of every widget that a notebook stores, by model id."""
    stored = notebook["metadata"].get("widgets", {}).get(STATE, {"state": {}})
    return {key: model["state"] for key, model in stored["state"].items()}


class Renderer:
    """Turns one widget tree into HTML."""

    def __init__(self, states: States) -> None:
        self.states = states
        self.links: dict[str, list[str]] = {}  # model id -> ids of what it moves
        for state in states.values():
            if state["_model_name"] == "LinkModel":
                (source, _), (target, _) = state["source"], state["target"]
                self.links.setdefault(_id(source), []).append(_id(target))

    def render(self, model: str) -> str:
        """Return the HTML of a widget and of all below it."""
        name = self.states[model]["_model_name"]
        method = getattr(self, f"_{name.removesuffix('Model')}", None)
        if method is None:
            raise ExtensionError(f"an explorer holds a {name}, which has no HTML form")
        return method(model, self.states[model])

    def _children(self, state: Mapping[str, Any]) -> Iterator[str]:
        return (self.render(_id(child)) for child in state["children"])

    def _moves(self, model: str) -> str:
        targets = " ".join(self.links.get(model, []))
        return f'data-model="{model}" data-moves="{targets}"'

    def _VBox(self, model: str, state: Mapping[str, Any]) -> str:
        return "".join(self._children(state))

    def _HBox(self, model: str, state: Mapping[str, Any]) -> str:
        inner = "".join(self._children(state))
        return f'<div class="explorer-controls" hidden>{inner}</div>'

    def _HTML(self, model: str, state: Mapping[str, Any]) -> str:
        return inline(state["value"])

    def _Stack(self, model: str, state: Mapping[str, Any]) -> str:
        shown = state["selected_index"]
        frames = "".join(
            f"<div{'' if i == shown else ' hidden'}>{child}</div>"
            for i, child in enumerate(self._children(state))
        )
        return f'<div class="explorer-stack" data-model="{model}">{frames}</div>'

    def _SelectionSlider(self, model: str, state: Mapping[str, Any]) -> str:
        labels, index = state["_options_labels"], state["index"]
        name = html.escape(state["description"])
        return (
            f'<label class="explorer-slider"><span>{name}</span>'
            f'<input type="range" min="0" max="{len(labels) - 1}" value="{index}" '
            f'aria-valuetext="{html.escape(labels[index])}" autocomplete="off" '
            f'data-labels="{html.escape(json.dumps(labels))}" {self._moves(model)}>'
            f"<output>{html.escape(labels[index])}</output></label>"
        )

    def _ToggleButtons(self, model: str, state: Mapping[str, Any]) -> str:
        buttons = "".join(
            f'<label><input type="radio" name="{model}" value="{i}" autocomplete="off"'
            f"{' checked' if i == state['index'] else ''}>"
            f"<span>{html.escape(label)}</span></label>"
            for i, label in enumerate(state["_options_labels"])
        )
        return (
            f'<fieldset class="explorer-buttons" {self._moves(model)}>'
            f"<legend>{html.escape(state['description'])}</legend>{buttons}</fieldset>"
        )

    def _Play(self, model: str, state: Mapping[str, Any]) -> str:
        play, pause = html.escape(_("Play")), html.escape(_("Pause"))
        return (
            f'<button type="button" class="explorer-play" {self._moves(model)} '
            f'data-interval="{state["interval"]}" data-play="{play}" '
            f'data-pause="{pause}">{play}</button>'
        )


def _id(reference: str) -> str:
    return reference.removeprefix("IPY_MODEL_")


def render(states: States, model: str, alt: str) -> str:
    """Return an explorer as a self-contained block of HTML."""
    inner = Renderer(states).render(model)
    label = html.escape(alt)
    return f'<div class="explorer" role="group" aria-label="{label}">{inner}</div>'


class ExplorerNode(nodes.General, nodes.Element):
    """Stands where an explorer of another page is to be shown."""


class ExplorerDirective(SphinxDirective):
    """Show an explorer of a chapter by its name on another page."""

    required_arguments = 2  # document, name

    def run(self) -> list[nodes.Node]:
        """Leave a place for it."""
        docname, name = self.arguments
        self.env.note_dependency(self.env.doc2path(docname))
        return [ExplorerNode(docname=docname, name=name)]


class NativeExplorers(SphinxPostTransform):
    """Put an explorer where a notebook shows one, or where a page asks for one."""

    default_priority = 1  # before myst-nb chooses among the forms of an output
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Replace widget views and places."""
        for cell in self.document.findall(_is_cell):
            alt = _alt(cell["cell_metadata"])
            for bundle in list(cell.findall(_is_bundle)):
                view = next(filter(_is_view, bundle.children), None)
                if view is not None:
                    script = view.astext()
                    view = json.loads(
                        script[script.index("{") : script.rindex("}") + 1]
                    )
                    self._put(bundle, self.env.docname, view["model_id"], alt)
        for place in list(self.document.findall(ExplorerNode)):
            docname, name = place["docname"], place["name"]
            model, alt = find(notebook_at(Path(self.env.doc2path(docname))), name)
            self._put(place, docname, model, alt)

    def _put(self, place: nodes.Element, docname: str, model: str, alt: str) -> None:
        states = states_of(notebook_at(Path(self.env.doc2path(docname))))
        text = render(states, model, alt)
        place.replace_self(nodes.raw("", text, format="html"))


def find(notebook: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return model id and alternative text of the explorer of that name."""
    states = states_of(notebook)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            model = output.get("data", {}).get(VIEW, {}).get("model_id")
            classes = states.get(model, {}).get("_dom_classes", ())
            if f"explorer-{name}" in classes:
                return model, _alt(cell["metadata"])
    raise ExtensionError(f"no explorer {name!r} in the notebook")


def _alt(metadata: Mapping[str, Any]) -> str:
    return metadata.get("mystnb", {}).get("image", {}).get("alt", "")


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and "cell_metadata" in node


def _is_bundle(node: nodes.Node) -> bool:
    return getattr(node, "attributes", {}).get("nb_element") == "mime_bundle"


def _is_view(node: nodes.Node) -> bool:
    return getattr(node, "attributes", {}).get("mime_type") == VIEW


def _forget_state(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the raw widget state off the page: it is HTML by now."""
    env: BuildEnvironment = app.env
    files = getattr(env, "nb_metadata", {}).get(env.docname, {}).get("js_files", {})
    files.pop("ipywidgets_state", None)


def setup(app: Sphinx) -> None:
    """Register the directive and the transform."""
    notebook_at.cache_clear()
    app.add_node(ExplorerNode)
    app.add_directive("explorer", ExplorerDirective)
    app.add_post_transform(NativeExplorers)
    app.connect("doctree-read", _forget_state)
