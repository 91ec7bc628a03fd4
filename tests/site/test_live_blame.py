"""The object "blame": the numbers of `Value` on every arrow, and hands that ask."""

import numpy as np
import pytest

from algollm_helpers.backprop import Value
from algollm_helpers.descent import central_difference
from tests.support.browser import DESK, PHONE
from tests.support.jobs import until
from tests.support.live import Held, near

pytestmark = pytest.mark.browser
NAMES = {
    "x": "material x",
    "w1": "weight w₁",
    "w2": "weight w₂",
    "w3": "C's factor c",
    "target": "target t",
}
START = {"x": 2, "w1": 0.5, "w2": 1.5, "w3": 2, "target": 6, "asked": 5, "arrow": 2}
ROUNDED = 1e-8  # what a difference of losses up to 4,096 loses, over 0.002


@pytest.fixture(scope="module")
def shown(context):
    shown = Held(context, "chapters/backprop.html", "blame")
    yield shown
    shown.close()


@pytest.fixture
def factory(shown):
    """Return the object as Reset leaves it."""
    shown.reset()
    return shown


def values(x, w1, w2, w3, target):
    """Return the factory of the chapter, after its backward pass, by box."""
    made = {"x": x, "w1": w1, "w2": w2, "w3": w3, "target": target}
    made = {name: Value(number) for name, number in made.items()}
    made["A"] = made["x"] * made["w1"]
    made["B"] = made["A"] * made["w2"]
    made["C"] = made["A"] * made["w3"]
    made["plus"] = made["B"] + made["C"]
    made["minus"] = made["plus"] - made["target"]
    made["square"] = made["minus"] ** 2
    made["square"].backward()
    return made


def arrows(made):
    """Return slope and share of each arrow, in the order in which they are listed."""
    by_name = []
    for to in ("A", "B", "C", "plus", "minus", "square"):
        node = made[to]
        for slope, parent in zip(node.slopes, node.parents, strict=True):
            if to == "minus" and parent is not made["plus"]:
                slope *= parent.slopes[0]  # the target, times −1
            by_name.append((slope, slope * node.grad))
    return [*by_name, (1.0, 1.0)]  # the loss is its own verdict


def settings():
    rng = np.random.default_rng(2)
    low, high = np.array([-3] * 4 + [-10]), np.array([3] * 4 + [10])
    drawn = rng.uniform(low, high, size=(22, 5))
    drawn[:, [0, 3]] = drawn[:, [0, 3]].round(1)
    drawn[:, 1:3] = drawn[:, 1:3].round(2)
    drawn[:, 4] = (drawn[:, 4] * 2).round() / 2
    edges = [low, high, np.zeros(5), [3, -3, 3, -3, -10], [2, 0.5, 1.5, 0, 6]]
    return [[float(v) for v in row] for row in [*drawn, *edges]]


def test_every_number_is_that_of_value_over_the_whole_range(factory):
    labels = list(NAMES.values())
    found = factory.states([dict(zip(labels, s, strict=True)) for s in settings()])
    for inputs, state in zip(settings(), found, strict=True):
        assert {name: state[name] for name in NAMES} == dict(
            zip(NAMES, inputs, strict=True)
        )
        made = values(*inputs)
        assert state["made"] == near({name: v.data for name, v in made.items()})
        blame = {name: v.grad for name, v in made.items()} | {"loss": 1.0}
        assert state["blame"] == near(blame)
        slopes, shares = map(list, zip(*arrows(made), strict=True))
        assert state["slopes"] == near(slopes)
        assert state["shares"] == near(shares)
        assert state["asked"] == 6


def test_two_feet_feel_what_comes_back(factory):
    factory.states([dict(zip(NAMES.values(), settings()[3], strict=True))])
    made = values(*settings()[3])
    listbox = factory.el.get_by_role("listbox")
    listbox.focus()
    listbox.press("Home")
    for _ in range(12):
        state = factory.state()
        grad = made[state["from"]].grad
        assert state["felt"] == pytest.approx(grad, rel=1e-9, abs=ROUNDED)
        listbox.press("ArrowRight")

    def loss(inputs):
        return values(*inputs)["square"].data

    felt = central_difference(loss, settings()[3])
    leaves = [made[name].grad for name in NAMES]
    assert felt == pytest.approx(leaves, rel=1e-6, abs=1e-6)


def test_at_rest_it_shows_the_sum_of_two_blames(factory):
    state = factory.state()
    assert {name: state[name] for name in START} == START
    said = factory.el.locator(".live-detail").inner_text()
    assert "−5 × 1.5 = −7.5" in said
    assert "adds up to −17.5; two feet" in said
    assert "measure −17.5" in said
    assert "Next to be asked: A" in factory.el.inner_text()


def test_blame_is_shown_of_those_that_were_asked_and_walks_back(factory):
    shares = factory.el.locator(".live-share")
    for asked in range(7):
        factory.states([{"asked": asked}])
        known = [text for text in shares.all_text_contents() if text]
        assert len(known) == 1 + [0, 1, 3, 5, 7, 9, 11][asked]
    factory.el.get_by_role("button", name="Walk back").click()
    until(lambda: factory.state()["asked"] == 6 and not factory.state()["playing"])
    factory.spoken(
        factory.el.locator(".live-status").last.inner_text()
        + " "
        + factory.el.locator(".live-detail").inner_text()
    )


def test_a_step_of_descent_is_that_of_the_chapter(factory):
    factory.states([{"C's factor c": 0}])
    assert factory.state()["made"]["square"] == 20.25
    factory.el.get_by_role("button", name="One step of descent").click()
    state = factory.state()
    assert (state["w1"], state["w2"]) == (near(0.77), near(1.59))
    assert round(state["made"]["square"], 4) == 12.6124
    factory.states([dict.fromkeys(NAMES.values(), 3.0) | {"target t": -10}])
    factory.el.get_by_role("button", name="One step of descent").click()
    assert (factory.state()["w1"], factory.state()["w2"]) == (-3, -3)
    factory.el.get_by_role("button", name="Reset").click()
    assert {name: factory.state()[name] for name in START} == START


def test_an_arrow_is_chosen_by_mouse_by_finger_and_by_keys(factory):
    edges = factory.el.get_by_role("option")
    factory.page.mouse.move(0, 0)
    factory.page.mouse.move(*factory.middle(edges.nth(4).locator(".live-arrow")))
    assert factory.state()["arrow"] == 4
    factory.swipe(edges.nth(8).locator(".live-arrow"), 0, 0)
    assert factory.state()["arrow"] == 8
    listbox = factory.el.get_by_role("listbox")
    listbox.focus()
    for key, arrow in (("End", 11), ("ArrowDown", 11), ("ArrowLeft", 10), ("Home", 0)):
        listbox.press(key)
        assert factory.state()["arrow"] == arrow
    active = listbox.get_attribute("aria-activedescendant")
    chosen = factory.el.locator("[role=option][aria-selected=true]")
    assert chosen.get_attribute("id") == active
    label = chosen.get_attribute("aria-label")
    assert label == "The material to A: 2 forward, blame not asked yet"


def test_it_is_accessible_in_several_states(factory):
    assert [factory.faults(s) for s in ("dark", "light")] == [[], []]
    factory.states([dict(zip(NAMES.values(), settings()[5], strict=True))])
    assert [factory.faults(s) for s in ("dark", "light")] == [[], []]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_keeps_as_much_room_as_either_form_needs(factory, size):
    kept, awake, asleep = factory.heights(size)
    factory.page.set_viewport_size(PHONE)
    assert max(awake, asleep) <= kept + 8
    assert kept <= max(awake, asleep) + 50  # and not much more
