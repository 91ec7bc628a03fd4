"""Explorers and live figures of a page: frames are drawn when they are asked for.

The helpers draw every frame of an explorer at once, for a page where no Python runs.
Here Python does run: the frame at rest is drawn with its cell, the others when a reader
moves a control.
"""

import html
import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec

from algollm_helpers.book import explorers
from algollm_helpers.book.controls import Renderer, group, name_of
from inpage import faults
from inpage.drawing import inlined
from inpage.telling import is_quiet, tell

P = ParamSpec("P")

_count = itertools.count(1)
_shown: dict[str, Any] = {}  # by its name on the page: what is moved there
_plain_explore, _plain_frame = explorers.explore, explorers._frame


class Frame:
    """One frame of an explorer, drawn when it is first looked at."""

    def __init__(
        self,
        draw: explorers.Draw,
        setting: Mapping[str, Any],
        salt: str,
        figsize: tuple[float, float] = (4.8, 3.2),
    ) -> None:
        self.setting = setting
        self._draw: Callable[[], tuple[str, Mapping[str, str]]] = lambda: _plain_frame(
            draw, setting, salt, figsize
        )
        self._drawn: tuple[str, dict[str, str]] | None = None

    def drawn(self) -> tuple[str, dict[str, str]]:
        """Return the frame as HTML, and its row of the table."""
        if self._drawn is None:
            picture, numbers = self._draw()
            row = explorers.row_of(self.setting, numbers)
            self._drawn = explorers.shown(inlined(picture), row), row
        return self._drawn


def begin() -> None:
    """Let the helpers draw as a page does."""
    explorers.explore, explorers._frame = _explore, _frame
    _shown.clear()


def _frame(*args: Any, **kwargs: Any) -> tuple[str, Mapping[str, str]]:
    """Draw a frame, unless nobody will see it."""
    return ("", {}) if is_quiet() else _plain_frame(*args, **kwargs)


def _explore(*args: Any, **kwargs: Any) -> explorers.Explorer:
    """Do as `explore`, but put off the drawing."""
    frames: list[Frame] = []

    def later(*args: Any, **kwargs: Any) -> tuple[str, Mapping[str, str]]:
        frames.append(Frame(*args, **kwargs))
        return "", {}

    explorers._frame = later
    try:
        explorer = _plain_explore(*args, **kwargs)
    finally:
        explorers._frame = _frame
    explorer.frames = frames
    return explorer


def html_of(widget: Any) -> str | None:
    """Return an explorer or a live figure as HTML; None for anything else."""
    if isinstance(widget, explorers.Explorer):
        return _explorer(widget)
    if hasattr(widget, "get_state") and hasattr(widget, "children"):
        return _live(widget)
    return None


def _explorer(explorer: Any) -> str:
    at_rest, leaf = _at_rest(explorer.children[1])
    for i, frame in enumerate(_leaves(explorer.children[1])):
        frame.value = f'<div role="img" data-frame="{i}"></div>'
    leaf.value = explorer.frames[at_rest].drawn()[0]
    states = dict(_states(explorer))
    state = states[explorer.model_id]
    # Another name than that of the stored one, which the page still holds.
    name = f"{name_of(explorer.model_id, state)}-{explorer.model_id}"
    states[explorer.model_id] = {**state, "_dom_classes": [name]}
    _shown[name] = explorer
    return group(name, Renderer(states).render(explorer.model_id), "")


def _states(widget: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield widget.model_id, widget.get_state()
    for other in [*getattr(widget, "children", ()), *getattr(widget, "links", ())]:
        yield from _states(other)


def _leaves(stack: Any) -> Iterator[Any]:
    for child in stack.children:
        yield from _leaves(child) if hasattr(child, "children") else (child,)


def _at_rest(stack: Any) -> tuple[int, Any]:
    """Return number and widget of the frame that a stack shows."""
    shown = stack
    while hasattr(shown, "children"):
        shown = shown.children[shown.selected_index]
    return next((i, x) for i, x in enumerate(_leaves(stack)) if x is shown)


def _told(task: Callable[P, str]) -> Callable[P, str]:
    """Return a task that tells of an error as a cell does, and returns nothing then."""

    @wraps(task)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> str:
        try:
            return task(*args, **kwargs)
        except Exception as error:  # the reader's own code may raise anything
            tell("error", **faults.told(error))
            return ""

    return guarded


@_told
def draw(name: str, number: int) -> str:
    """Return a frame of an explorer as HTML."""
    frame: Frame = _shown[name].frames[number]
    return frame.drawn()[0]


@_told
def tabulate(name: str) -> str:
    """Return the table of an explorer's frames, all of them drawn for it."""
    return explorers.table([frame.drawn()[1] for frame in _shown[name].frames])


def _live(box: Any) -> str:
    *sliders, picture = box.children
    name = f"live-{box.model_id}"
    _shown[name] = box
    rows = "".join(
        f'<label class="explorer-slider"><span>{html.escape(s.description)}</span>'
        f'<input type="range" min="{s.min}" max="{s.max}" step="{s.step}" '
        f'value="{s.value}" autocomplete="off"><output>{s.value:.3g}</output></label>'
        for s in sliders
    )
    return (
        f'<div class="explorer live-figure" id="{name}" role="group">'
        f'<div class="explorer-controls">{rows}</div>'
        f'<div class="explorer-stack"><div role="img">{inlined(picture.value)}</div>'
        "</div></div>"
    )


@_told
def move(name: str, values: list[float]) -> str:
    """Put the sliders of a live figure where they are, and return its new picture."""
    *sliders, picture = _shown[name].children
    for slider, value in zip(sliders, values, strict=True):
        slider.value = value
    redraw: Callable[[], None] = sliders[0].watchers[0]
    redraw()
    return inlined(str(picture.value))
