"""Figures that a reader moves: drawn in advance, or live where a kernel runs.

:func:`explore` draws every frame at once and joins sliders to them by links that
need no kernel, so the website can show the same explorer. :func:`live` redraws in
the kernel.
"""

import hashlib
import html
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import matplotlib as mpl
from matplotlib.figure import Figure

from algollm_helpers.book.figures import STYLE, svg
from algollm_helpers.book.typeset import typeset

Draw = Callable[..., Mapping[str, str]]
Controls = Mapping[str, Sequence[float] | Sequence[str]]


class Explorer(widgets.VBox):  # type: ignore[misc]
    """Controls above a stack of frames, and the frames' numbers as a table.

    Its text form holds a digest of all that it shows. The checks of the book
    compare text, so a stale frame or description cannot go unnoticed.
    """

    def __repr__(self) -> str:
        return f"Explorer, sha256 {digest(self.model_id, _states(self))}"


def digest(model_id: str, states: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a hash of every text and position that an explorer shows.

    Parameters
    ----------
    model_id : str
        Id of its outermost widget.
    states : mapping of str to mapping
        State of each widget by id: of live ones, or as a notebook stores them.

    Returns
    -------
    str
        The first 16 hexadecimal digits of the SHA-256.
    """
    parts: list[Any] = []
    pending = [model_id]
    while pending:
        state = states[pending.pop()]
        parts += (state.get(k) for k in ("value", "index", "selected_index"))
        parts += [list(state.get("_options_labels", ()))]
        pending += [c.removeprefix("IPY_MODEL_") for c in state.get("children", ())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _states(widget: widgets.Widget) -> dict[str, Mapping[str, Any]]:
    states = {widget.model_id: widget.get_state()}
    for child in getattr(widget, "children", ()):
        states |= _states(child)
    return states


def explore(
    name: str,
    draw: Draw,
    controls: Controls,
    *,
    start: Mapping[str, float | str] | None = None,
    play: str | None = None,
    figsize: tuple[float, float] = (4.8, 3.2),
) -> Explorer:
    """Draw a figure for every setting of one or two controls, and join them.

    Parameters
    ----------
    name : str
        Name of the explorer, unique in the book.
    draw : callable
        ``draw(fig, **values)`` draws one frame on an empty figure and returns its
        numbers, formatted, by name. They become the row of a table and the
        frame's alternative text.
    controls : mapping of str to sequence
        The values of each of one or two controls by name. Numbers become a slider,
        words become buttons.
    start : mapping, optional
        The value of each control at rest, where it is not its first.
    play : str, optional
        The control that a Play button runs through.
    figsize : tuple of float, optional
        Width and height of a frame, inches.

    Returns
    -------
    Explorer
        The widget; as a cell's last expression it shows itself.

    Raises
    ------
    ValueError
        If there are no or more than two controls, a control is empty, or `start`
        or `play` names what is not there.
    """
    _check(controls, start or {}, play)
    keys = list(controls)
    chosen = {key: (start or {}).get(key, controls[key][0]) for key in keys}
    frames, rows = [], []
    for values in itertools.product(*controls.values()):
        setting = dict(zip(keys, values, strict=True))
        picture, numbers = _frame(draw, setting, f"{name} {values}", figsize)
        rows.append(row_of(setting, numbers))
        frames.append(shown(picture, rows[-1]))
    pickers = {key: _picker(key, controls[key], chosen[key]) for key in keys}
    stack = _stack([widgets.HTML(frame) for frame in frames], list(pickers.values()))
    buttons = [_play_button(pickers[play], len(controls[play]))] if play else []
    bar = widgets.HBox([*buttons, *pickers.values()])
    explorer = Explorer([bar, stack, widgets.HTML(table(rows))])
    explorer.add_class(f"explorer-{name}")
    return explorer


def row_of(setting: Mapping[str, Any], numbers: Mapping[str, str]) -> dict[str, str]:
    """Return a frame's row of the table: its setting, and the numbers drawn.

    Raises
    ------
    ValueError
        If a number is not text.
    """
    row = {key: str(value) for key, value in setting.items()} | dict(numbers)
    for key, value in row.items():
        if not isinstance(value, str):
            raise ValueError(f"draw returned {key} = {value!r}, expected text")
    return {key: typeset(value) for key, value in row.items()}


def shown(picture: str, row: Mapping[str, str]) -> str:
    """Return a frame as HTML, described by its row."""
    label = html.escape("; ".join(f"{k} = {v}" for k, v in row.items()))
    return f'<div role="img" aria-label="{label}">{picture}</div>'


def _check(controls: Controls, start: Mapping[str, Any], play: str | None) -> None:
    if not 1 <= len(controls) <= 2:
        raise ValueError(f"one or two controls, got {list(controls)}")
    for key, values in controls.items():
        if len(values) == 0:
            raise ValueError(f"control {key!r} has no values")
    for key, value in start.items():
        if value not in controls.get(key, ()):
            raise ValueError(f"start {key} = {value!r} is no value of the controls")
    if play is not None and play not in controls:
        raise ValueError(f"play = {play!r} is not one of {list(controls)}")


def _frame(
    draw: Draw,
    setting: Mapping[str, Any],
    salt: str,
    figsize: tuple[float, float] = (4.8, 3.2),
) -> tuple[str, Mapping[str, str]]:
    with mpl.rc_context(STYLE):
        fig = Figure(figsize=figsize)
        numbers = draw(fig, **setting)
        return svg(fig, salt=salt), numbers


def _picker(key: str, values: Sequence[Any], chosen: Any) -> widgets.Widget:
    index = list(values).index(chosen)
    words = all(isinstance(value, str) for value in values)
    kind = widgets.ToggleButtons if words else widgets.SelectionSlider
    return kind(options=[typeset(str(v)) for v in values], index=index, description=key)


def _stack(frames: list[widgets.Widget], pickers: list[Any]) -> widgets.Widget:
    """Nest one stack per control; a link moves each, kernel or not."""
    picker, *others = pickers
    per_child = len(frames) // len(picker.options)
    groups = [frames[i : i + per_child] for i in range(0, len(frames), per_child)]
    children = [_stack(group, others) for group in groups] if others else frames
    stack = widgets.Stack(children, selected_index=picker.index)
    widgets.jslink((picker, "index"), (stack, "selected_index"))
    return stack


def _play_button(picker: Any, length: int) -> widgets.Widget:
    button = widgets.Play(min=0, max=length - 1, value=picker.index, interval=700)
    widgets.jslink((button, "value"), (picker, "index"))
    return button


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the table of the frames, folded, as HTML."""
    head = "".join(f'<th scope="col">{html.escape(key)}</th>' for key in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(v)}</td>" for v in row.values()) + "</tr>"
        for row in rows
    )
    return (
        "<details><summary>Table of the frames</summary><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>"
    )


def live(draw: Draw, **ranges: tuple[float, float, float]) -> widgets.Widget:
    """Redraw a figure in the kernel while sliders move.

    The figure is drawn once at both ends of every range first, so that an error
    there shows at once and not under the reader's hand.

    Parameters
    ----------
    draw : callable
        As in :func:`explore`; the numbers that it returns are not shown.
    **ranges : tuple of float
        Minimum, maximum and step of each value of `draw`.

    Returns
    -------
    Widget
        The sliders with their figure.
    """
    for end in (0, 1):
        _frame(draw, {key: limits[end] for key, limits in ranges.items()}, "")

    sliders = [  # each starts where it can be put again
        widgets.FloatSlider(
            value=round(low + round((high - low) / 2 / step) * step, 12),
            min=low,
            max=high,
            step=step,
            description=key,
            readout_format=".3g",  # by default 0.005 reads 0.01
        )
        for key, (low, high, step) in ranges.items()
    ]
    # A picture in an HTML widget and not an Output widget, whose content reaches a
    # client that knows no widgets, such as nbval, as output of the cell.
    picture = widgets.HTML()

    def redraw(change: object = None) -> None:
        values = {slider.description: slider.value for slider in sliders}
        picture.value, _numbers = _frame(draw, values, "")

    for slider in sliders:
        slider.observe(redraw, "value")
    redraw()
    return widgets.VBox([*sliders, picture])
