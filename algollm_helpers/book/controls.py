"""An explorer as native controls of a page: the HTML of widgets, from their state.

The site makes it from what a notebook stores, and a page's own Python from what a cell
has just built. `explorers.js` joins the controls; without it the frame at rest and the
table remain.
"""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from algollm_helpers.book.inlining import inline

State = Mapping[str, Any]
States = Mapping[str, State]
LABEL = re.compile(r'<div role="img" aria-label="([^"]*)"')  # as `explore` writes it


class Renderer:
    """Turns one widget tree into HTML."""

    def __init__(
        self, states: States, *, play: str = "Play", pause: str = "Pause"
    ) -> None:
        self.states = states
        self.words = html.escape(play), html.escape(pause)
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
                (source, _at), (target, _to) = state["source"], state["target"]
                self.links.setdefault(_id(source), []).append(_id(target))

    def render(self, model: str) -> str:
        """Return the HTML of a widget and of all below it."""
        name = self.states[model]["_model_name"]
        if name not in self.forms:
            raise ValueError(f"an explorer holds a {name}, which has no HTML form")
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
        play, pause = self.words
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


def group(name: str, inner: str, story: str) -> str:
    """Return an explorer as a block whose name is its line of numbers.

    Parameters
    ----------
    name : str
        What it is called in the page's anchors.
    inner : str
        HTML of its controls, numbers and frames, of `Renderer`.
    story : str
        What happens from frame to frame: its description.
    """
    return (
        f'<div class="explorer" id="{name}" role="group" tabindex="-1" '
        f'aria-labelledby="{name}-numbers" aria-describedby="{name}-story">{inner}'
        f'<p id="{name}-story" hidden>{html.escape(story)}</p></div>'
    )
