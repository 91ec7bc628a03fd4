"""The object "map": a ball's walk as the helper has it, and the hand on the plane."""

import numpy as np
import pytest

from algollm_helpers.heavy_ball import ride, walk
from tests.support.browser import DESK, PHONE
from tests.support.live import Held, near

pytestmark = pytest.mark.browser
SAID = {  # by regime, a word of the sentence
    "arrives": "after one step",
    "creeps": "creeps",
    "swings": "swings",
    "alternates": "other side",
    "stays": "for ever",
    "flies": "flies apart",
}
START = {"product": 2.5, "beta": 0.5, "ravine": False}


@pytest.fixture(scope="module")
def shown(context):
    shown = Held(context, "chapters/learning_rate.html", "map")
    yield shown
    shown.close()


@pytest.fixture
def plane(shown):
    """Return the object as Reset leaves it."""
    shown.reset()
    return shown


def expected(product, beta):
    """Return what the helpers say of one direction."""
    regime, factor, period = ride(product, beta)
    return {
        "product": near(product),
        "regime": "flies" if regime == "flies apart" else regime,
        "factor": near(factor),
        "period": near(period),
        "path": near(walk(product, beta, steps=40).tolist()),
    }


def settings():
    rng = np.random.default_rng(0)
    drawn = [(rng.integers(1, 211) / 50, rng.integers(99) / 100) for _ in range(24)]
    edges = [(0.02, 0), (4.2, 0), (0.02, 0.98), (4.2, 0.98), (1, 0), (3, 0.5), (2, 0)]
    return [(float(product), float(beta)) for product, beta in drawn + edges]


def test_every_number_is_the_helpers_over_the_whole_range(plane):
    names = ("rate × curvature", "momentum β", "A second direction, 20 times as gentle")
    wanted = [(*dials, i % 2 == 0) for i, dials in enumerate(settings())]
    found = plane.states([dict(zip(names, w, strict=True)) for w in wanted])
    assert {state["steep"]["regime"] for state in found} == set(SAID)
    for (product, beta, ravine), state in zip(wanted, found, strict=True):
        assert {key: state[key] for key in START} == {
            "product": product,
            "beta": beta,
            "ravine": ravine,
        }
        assert state["steep"] == expected(product, beta)
        gentle = expected(product / 20, beta) if ravine else None
        assert state["gentle"] == gentle


@pytest.mark.parametrize(
    ("product", "beta", "regime"),
    [
        (1, 0, "arrives"),
        (0.1, 0.2, "creeps"),
        (1, 0.5, "swings"),
        (1.5, 0, "alternates"),
        (3, 0.5, "stays"),
        (3.02, 0.5, "flies"),
    ],
)
def test_the_sentence_names_the_regime_and_its_numbers(plane, product, beta, regime):
    plane.states([{"rate × curvature": product, "momentum β": beta}])
    said = plane.el.locator(".live-status").inner_text()
    assert SAID[regime] in said
    factor = ride(product, beta).factor
    if regime not in ("arrives", "stays"):
        assert f"{factor:.3f}" in said
    if factor < 1 and regime != "arrives":
        path = walk(product, beta, steps=40)
        steps = int(np.ceil(np.log(1000) / -np.log(factor)))
        assert f"{steps} steps a thousandth" in said
        assert np.abs(path).max() <= 1.5


def test_in_a_ravine_the_slower_direction_decides(plane):
    plane.el.get_by_label("A second direction").check()
    said = plane.el.locator(".live-status").inner_text()
    slower = max(ride(2.5, 0.5).factor, ride(0.125, 0.5).factor)
    assert f"the slower of the two, {slower:.3f}" in said
    assert plane.el.locator(".live-second").is_visible()
    plane.spoken(said)


def test_a_hand_moves_the_place_by_mouse_by_finger_and_by_keys(plane):
    place = plane.el.get_by_role("slider", name="Place on the map")
    before = plane.state()
    plane.carry(place, -60, 40)
    dragged = plane.state()
    assert dragged["product"] < before["product"]
    assert dragged["beta"] < before["beta"]
    assert dragged["steep"] == expected(dragged["product"], dragged["beta"])
    plane.swipe(place, 40, -60)
    swiped = plane.state()
    assert swiped["product"] > dragged["product"]
    assert swiped["beta"] > dragged["beta"]
    plane.reset()
    place.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        plane.page.keyboard.press(key)
    moved = plane.state()
    assert (moved["product"], moved["beta"]) == (2.52, 0.52)
    assert place.get_attribute("aria-valuetext") == (
        "rate × curvature 2.52, momentum β 0.52"
    )
    assert plane.el.get_by_label("momentum β").input_value() == "0.52"
    plane.spoken(plane.el.locator(".live-status").inner_text())
    plane.el.get_by_role("button", name="Reset").click()
    assert {key: plane.state()[key] for key in START} == START


def test_it_is_accessible_in_several_states(plane):
    assert [plane.faults(s) for s in ("dark", "light")] == [[], []]
    plane.states([{"rate × curvature": 4.2, "momentum β": 0.98}])
    plane.el.get_by_label("A second direction").check()
    assert [plane.faults(s) for s in ("dark", "light")] == [[], []]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_keeps_as_much_room_as_either_form_needs(plane, size):
    kept, awake, asleep = plane.heights(size)
    plane.page.set_viewport_size(PHONE)
    assert max(awake, asleep) <= kept + 8
    assert kept <= max(awake, asleep) + 50  # and not much more
