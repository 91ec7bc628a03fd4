"""Tests for algollm_helpers.book.controls: each widget's HTML form."""

import json

import ipywidgets as widgets
import pytest
from bs4 import BeautifulSoup

from algollm_book.stored import states_of
from algollm_helpers.book.controls import Renderer, group
from tests.support.pages import book

SHARP = 'a "b" <c> & d'  # what HTML would misread


def rendered(widget):
    """Return the HTML of a widget, parsed, from its state as a notebook stores it."""
    states = states_of(book(widgets=[widget]))
    return BeautifulSoup(Renderer(states).render(widget.model_id), "html.parser")


def test_a_column_is_its_children_one_after_another():
    column = widgets.VBox([widgets.HTML("<b>1</b>"), widgets.HTML("<i>2</i>")])
    assert str(rendered(column)) == "<b>1</b><i>2</i>"


def test_a_bar_of_controls_is_hidden_until_the_script_wakes_it():
    bar = rendered(widgets.HBox([widgets.HTML("<b>1</b>"), widgets.HTML("2")]))
    (tag,) = bar.children
    assert tag.name == "div"
    assert tag["class"] == ["explorer-controls"]
    assert tag.has_attr("hidden")
    assert tag.decode_contents() == "<b>1</b>2"


def test_content_takes_the_colours_of_the_page():
    content = rendered(widgets.HTML('<svg width="10pt" height="1pt" fill="#1f2933"/>'))
    assert content.svg.attrs == {"width": "15", "fill": "var(--book-ink)"}


@pytest.mark.parametrize("shown", [0, 1, 2])
def test_of_a_stack_the_chosen_frame_alone_is_shown(shown):
    frames = [widgets.HTML(f"<b>{i}</b>") for i in range(3)]
    stack = widgets.Stack(frames, selected_index=shown)
    (tag,) = rendered(stack).children
    assert tag["class"] == ["explorer-stack"]
    assert tag["data-model"] == stack.model_id
    children = list(tag.children)
    assert [child.decode_contents() for child in children] == [
        f"<b>{i}</b>" for i in range(3)
    ]
    assert [child.has_attr("hidden") for child in children] == [
        i != shown for i in range(3)
    ]


def test_a_slider_says_its_name_its_range_and_its_words():
    options = ["0.1", SHARP, "0.3"]
    slider = widgets.SelectionSlider(options=options, index=1, description=SHARP)
    (label,) = rendered(slider).children
    assert label.name == "label"
    assert label.span.string == SHARP
    assert label.output.string == SHARP
    assert label.output["aria-hidden"] == "true"  # the control says it
    control = label.input
    assert json.loads(control["data-labels"]) == options
    assert {k: v for k, v in control.attrs.items() if k != "data-labels"} == {
        "type": "range",
        "min": "0",
        "max": "2",
        "value": "1",
        "aria-valuetext": SHARP,
        "autocomplete": "off",  # else a reload mixes frame and slider
        "data-model": slider.model_id,
        "data-moves": "",
    }


@pytest.mark.parametrize("chosen", [0, 1])
def test_buttons_are_a_named_group_with_one_checked(chosen):
    buttons = widgets.ToggleButtons(
        options=["plain", SHARP], index=chosen, description=SHARP
    )
    (group,) = rendered(buttons).children
    assert group.name == "fieldset"
    assert group["class"] == ["explorer-buttons"]
    assert group["data-model"] == buttons.model_id
    assert group.legend.string == SHARP
    assert [span.string for span in group.select("label > span")] == ["plain", SHARP]
    assert group.get_text() == f"{SHARP}plain{SHARP}"
    inputs = group.select("label > input[type=radio][autocomplete=off]")
    assert {key for i in inputs for key in i.attrs} - {"checked"} == (
        {"type", "name", "value", "autocomplete"}
    )
    assert [i["value"] for i in inputs] == ["0", "1"]
    assert {i["name"] for i in inputs} == {buttons.model_id}
    assert [i.has_attr("checked") for i in inputs] == [chosen == 0, chosen == 1]


def test_a_play_button_carries_both_its_words_and_its_pace():
    play = widgets.Play(interval=350)
    (button,) = rendered(play).children
    assert (button.name, button["type"], button.string) == ("button", "button", "Play")
    assert (button["data-play"], button["data-pause"]) == ("Play", "Pause")
    assert button["data-interval"] == "350"
    assert button["data-model"] == play.model_id


def test_links_say_what_a_control_moves_in_their_direction_only():
    slider = widgets.SelectionSlider(options=["a", "b"])
    stacks = [widgets.Stack([widgets.HTML("")], selected_index=0) for _ in range(2)]
    play = widgets.Play()
    links = [widgets.jslink((play, "value"), (slider, "index"))]
    links += [widgets.jslink((slider, "index"), (s, "selected_index")) for s in stacks]
    tree = rendered(widgets.VBox([play, slider, *stacks]))
    assert tree.button["data-moves"] == slider.model_id
    moved = tree.input["data-moves"].split(" ")
    assert sorted(moved) == sorted(stack.model_id for stack in stacks)
    assert not tree.select(".explorer-stack[data-moves]")


def test_a_widget_without_a_form_is_refused_by_name():
    with pytest.raises(
        ValueError, match=r"holds a CheckboxModel, which has no HTML form$"
    ):
        rendered(widgets.VBox([widgets.Checkbox()]))


def frame(numbers):
    """Return a frame as `explore` makes it."""
    return widgets.HTML(f'<div role="img" aria-label="{numbers}"><svg></svg></div>')


@pytest.mark.parametrize("chosen", [0, 1])
def test_the_numbers_of_the_frame_at_rest_stand_between_controls_and_frames(chosen):
    inner = [
        widgets.Stack([frame(f"a = {i}; b &lt; {j}") for j in (3, 4)], selected_index=k)
        for i, k in ((1, 0), (2, chosen))
    ]
    outer = widgets.Stack(inner, selected_index=1)
    bar = widgets.HBox([widgets.HTML("controls")])
    tree = widgets.VBox([bar, outer, widgets.HTML("table")])
    tree.add_class("explorer-a")
    first, line, stack, table = rendered(tree).contents
    assert (first["class"], stack["class"], str(table)) == (
        ["explorer-controls"],
        ["explorer-stack"],
        "table",
    )
    assert (line["id"], line["role"]) == ("explorer-a-numbers", "status")
    assert line.string == f"a = 2; b < {3 + chosen}"
    (shown,) = [f for f in stack.select("[role=img]") if not f.find_parent(hidden=True)]
    assert shown["aria-label"] == line.string


def test_an_explorer_is_named_by_its_numbers_and_described_by_its_story():
    text = group("explorer-a", "<b>1</b>", SHARP)
    (block,) = BeautifulSoup(text, "html.parser").children
    assert (block["role"], block["id"]) == ("group", "explorer-a")
    assert block["aria-labelledby"] == "explorer-a-numbers"
    story = block.find(id=block["aria-describedby"])
    assert story.has_attr("hidden")
    assert story.string == SHARP
    assert block.b.string == "1"
