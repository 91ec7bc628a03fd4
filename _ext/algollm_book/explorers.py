"""Stored widgets as native controls: an explorer works where no kernel runs.

The state that a notebook stores is turned into HTML once, when the site is built:
sliders, radio buttons and a Play button above a stack of frames. `explorers.js`
joins them. Without the script the frame at rest and the table remain.
"""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
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
from .stored import VIEW, States, alt_text, notebook_at, states_of

State = Mapping[str, Any]
LABEL = re.compile(r'<div role="img" aria-label="([^"]*)"')  # as `explore` writes it


class Renderer:
    """Turns one widget tree into HTML."""

    def __init__(self, states: States) -> None:
        self.states = states
        self.forms: dict[str, Callable[[str, State], str]] = {
            "HBoxModel": self._bar,
            "HTMLModel": self._content,
            "PlayModel": self._play,
            "SelectionSliderModel": self._slider,
            "StackModel": self._stack,
            "ToggleButtonsModel": self._buttons,
            "VBoxModel": self._column,
        }
        self.links: dict[str, list[str]] = {}  # model id -> ids of what it moves
        for state in states.values():
            if state["_model_name"] == "LinkModel":
                (source, _), (target, _) = state["source"], state["target"]
                self.links.setdefault(_id(source), []).append(_id(target))

    def render(self, model: str) -> str:
        """Return the HTML of a widget and of all below it."""
        name = self.states[model]["_model_name"]
        if name not in self.forms:
            raise ExtensionError(f"an explorer holds a {name}, which has no HTML form")
        return self.forms[name](model, self.states[model])

    def _children(self, state: State) -> Iterator[str]:
        return (self.render(_id(child)) for child in state["children"])

    def _moves(self, model: str) -> str:
        targets = " ".join(self.links.get(model, []))
        return f'data-model="{model}" data-moves="{targets}"'

    def _column(self, model: str, state: State) -> str:
        name = name_of(model, state)
        return "".join(
            self._numbers(_id(child), name) + self.render(_id(child))
            for child in state["children"]
        )

    def _numbers(self, model: str, name: str) -> str:
        """Return the line above a stack that says what its frame at rest shows."""
        if self.states[model]["_model_name"] != "StackModel":
            return ""
        frame = model
        while self.states[frame]["_model_name"] == "StackModel":
            state = self.states[frame]
            frame = _id(state["children"][state["selected_index"]])
        label = LABEL.match(self.states[frame].get("value", ""))
        if label is None:
            return ""
        return (
            f'<p class="explorer-numbers" id="{name}-numbers" role="status">'
            f"{label[1]}</p>"
        )

    def _bar(self, model: str, state: State) -> str:
        inner = "".join(self._children(state))
        return f'<div class="explorer-controls" hidden>{inner}</div>'

    def _content(self, model: str, state: State) -> str:
        return inline(state["value"])

    def _stack(self, model: str, state: State) -> str:
        shown = state["selected_index"]
        frames = "".join(
            f"<div{'' if i == shown else ' hidden'}>{child}</div>"
            for i, child in enumerate(self._children(state))
        )
        return f'<div class="explorer-stack" data-model="{model}">{frames}</div>'

    def _slider(self, model: str, state: State) -> str:
        labels, index = state["_options_labels"], state["index"]
        name = html.escape(state["description"])
        return (
            f'<label class="explorer-slider"><span>{name}</span>'
            f'<input type="range" min="0" max="{len(labels) - 1}" value="{index}" '
            f'aria-valuetext="{html.escape(labels[index])}" autocomplete="off" '
            f'data-labels="{html.escape(json.dumps(labels))}" {self._moves(model)}>'
            f'<output aria-hidden="true">{html.escape(labels[index])}</output></label>'
        )

    def _buttons(self, model: str, state: State) -> str:
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

    def _play(self, model: str, state: State) -> str:
        play, pause = html.escape(_("Play")), html.escape(_("Pause"))
        return (
            f'<button type="button" class="explorer-play" {self._moves(model)} '
            f'data-interval="{state["interval"]}" data-play="{play}" '
            f'data-pause="{pause}">{play}</button>'
        )


def _id(reference: str) -> str:
    return reference.removeprefix("IPY_MODEL_")


def name_of(model: str, state: State) -> str:
    """Return what an explorer is called in the page's anchors: `explorer-hill`."""
    classes = state.get("_dom_classes", ())
    return next((c for c in classes if c.startswith("explorer-")), model)


@cache
def explorer_at(path: Path, model: str, alt: str) -> str:
    """Return an explorer of a notebook as a self-contained block of HTML.

    Its name is the line of numbers, which follows the frame shown; the alternative
    text, which tells what happens from frame to frame, is its description.
    """
    states = states_of(notebook_at(path))
    name, inner = name_of(model, states[model]), Renderer(states).render(model)
    return (
        f'<div class="explorer" id="{name}" role="group" tabindex="-1" '
        f'aria-labelledby="{name}-numbers" aria-describedby="{name}-story">{inner}'
        f'<p id="{name}-story" hidden>{html.escape(alt)}</p></div>'
    )


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
