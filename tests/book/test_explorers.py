"""Tests for book.explorers: frames, links, numbers, refusals."""

import re

import ipywidgets as widgets
import pytest

from algollm_helpers.book.explorers import digest, explore, live


def draw(fig, step, rate=0):
    fig.add_subplot().plot([0, step + rate])
    return {"double": str(2 * step)}


def parts(explorer):
    bar, stack, table = explorer.children
    return bar.children, stack, table


def test_one_frame_per_value_and_the_start_is_shown():
    (slider,), stack, _ = parts(
        explore("a", draw, {"step": [5, 6, 7]}, start={"step": 6})
    )
    assert slider.options == ("5", "6", "7")
    assert slider.index == stack.selected_index == 1
    assert len({frame.value for frame in stack.children}) == 3


def test_a_frame_says_what_it_shows_and_the_table_says_it_again():
    _, stack, table = parts(explore("a", draw, {"step": [5, 6]}))
    assert 'aria-label="step = 6; double = 12"' in stack.children[1].value
    assert "<td>6</td><td>12</td>" in table.value


def test_two_controls_nest_and_each_moves_its_own_level(monkeypatch):
    links = []
    monkeypatch.setattr(widgets, "jslink", lambda *ends: links.append(ends))
    controls, stack, _ = parts(explore("a", draw, {"step": [1, 2], "rate": [3, 4, 5]}))
    first, second = controls
    assert [len(inner.children) for inner in stack.children] == [3, 3]
    assert ((first, "index"), (stack, "selected_index")) in links
    for inner in stack.children:
        assert ((second, "index"), (inner, "selected_index")) in links


def test_words_become_buttons_and_play_runs_its_control(monkeypatch):
    links = []
    monkeypatch.setattr(widgets, "jslink", lambda *ends: links.append(ends))

    def by_word(fig, kind, step):
        return draw(fig, step)

    kinds = {"kind": ["mean", "median"], "step": [1, 2, 3]}
    controls, *_ = parts(explore("a", by_word, kinds, play="step"))
    play, kind, step = controls
    assert isinstance(kind, widgets.ToggleButtons)
    assert (play.min, play.max) == (0, 2)
    assert ((play, "value"), (step, "index")) in links


def states(widget):
    found = {widget.model_id: dict(widget.get_state())}
    for child in getattr(widget, "children", ()):
        found |= states(child)
    return found


def test_the_text_form_follows_every_frame_label_and_position():
    explorer = explore("a", draw, {"step": [1, 2]})
    whole = states(explorer)
    assert repr(explorer) == f"Explorer, sha256 {digest(explorer.model_id, whole)}"
    slots = {"value", "index", "selected_index", "_options_labels"}
    seen = set()
    for model, state in whole.items():
        for key in slots & set(state):
            changed = whole | {model: state | {key: ["other"]}}
            assert digest(explorer.model_id, changed) not in repr(explorer), key
            seen.add(key)
    assert seen == slots


def test_labels_frames_and_table_write_numbers_as_print_does():
    def below(fig, start):
        return {"loss": f"{start:.0e}", "rest": f"{-1e-9:.2f}"}

    explorer = explore("a", below, {"start": [-2, -1]})
    texts = [str(state) for state in states(explorer).values()]
    assert any("('−2', '−1')" in text for text in texts)
    assert any('aria-label="start = −2; loss = −2; rest = 0.00"' in t for t in texts)
    assert any("<td>−1</td><td>−1</td><td>0.00</td>" in text for text in texts)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"controls": {}}, "one or two controls"),
        ({"controls": {"a": [1], "b": [1], "c": [1]}}, "one or two controls"),
        ({"controls": {"step": []}}, "control 'step' has no values"),
        ({"start": {"step": 9}}, "start step = 9"),
        ({"start": {"rate": 1}}, "start rate = 1"),
        ({"play": "rate"}, "play = 'rate'"),
        ({"draw": lambda fig, step: {"a": 1.5}}, "a = 1.5, expected text"),
    ],
)
def test_refuses_what_cannot_be_shown(kwargs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        explore(**({"name": "a", "draw": draw, "controls": {"step": [1, 2]}} | kwargs))


@pytest.mark.parametrize("limits", [(0.01, 1.2, 0.01), (-8, -0.5, 0.5), (1, 300, 1)])
def test_a_live_figure_starts_where_its_slider_can_stand(limits):
    low, high, step = limits
    slider = live(lambda fig, rate: {}, rate=limits).children[0]
    places = (slider.value - low) / step
    assert places == pytest.approx(round(places))
    assert abs(slider.value - (low + high) / 2) <= step


@pytest.mark.parametrize("bad", [0.5, 2.5])
def test_a_live_figure_that_fails_at_either_end_fails_at_once(bad):
    def picky(fig, rate):
        if rate == bad:
            raise ZeroDivisionError(rate)
        return {}

    with pytest.raises(ZeroDivisionError):
        live(picky, rate=(0.5, 2.5, 0.5))


def test_a_live_figure_draws_both_ends():
    drawn = []

    def note(fig, rate):
        drawn.append(rate)
        return {}

    slider = live(note, rate=(0.5, 2.5, 0.5)).children[0]
    assert slider.value == 1.5
    assert (slider.min, slider.max, slider.step) == (0.5, 2.5, 0.5)
    assert set(drawn) >= {0.5, 2.5}
