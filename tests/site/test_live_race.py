"""The object "race": the helper's tracks for any turning, and the hand that turns."""

import numpy as np
import pytest

from algollm_helpers.ravine import RATES, WALKERS, best_track, ravine
from tests.support.browser import DESK, PHONE
from tests.support.jobs import until
from tests.support.live import Held, near

pytestmark = pytest.mark.browser
START = {"degrees": 0, "steepness": 400, "step": 40, "playing": False}


@pytest.fixture(scope="module")
def shown(context):
    shown = Held(context, "chapters/learning_rate.html", "race")
    yield shown
    shown.close()


@pytest.fixture
def race(shown):
    """Return the object as Reset leaves it."""
    shown.reset()
    return shown


def settings():
    rng = np.random.default_rng(1)
    drawn = [(int(rng.integers(361)), rng.integers(61) / 20) for _ in range(22)]
    edges = [(0, 0), (360, 3), (45, 3), (0, 2.6), (90, 2.6), (270, 1.3)]
    return [(degrees, float(power)) for degrees, power in drawn + edges]


def test_every_number_is_the_helpers_over_the_whole_range(race):
    names = ("turned by", "walls steeper than the floor")
    found = race.states([dict(zip(names, s, strict=True)) for s in settings()])
    for (degrees, power), state in zip(settings(), found, strict=True):
        steepness = float(f"{10**power:.2g}")
        assert (state["degrees"], state["steepness"]) == (degrees, steepness)
        ground = ravine(steepness, degrees)
        for walker in WALKERS:
            rate, w, loss = best_track(walker, ground)
            assert state["tracks"][walker] == {
                "rate": near(rate),
                "xs": near(w[:, 0].tolist()),
                "ys": near(w[:, 1].tolist()),
                "losses": near(loss.tolist()),
            }


def test_the_curve_is_where_adam_ends_at_every_turn(race):
    (state,) = race.states([{"walls steeper than the floor": 2}])
    every, ends = state["around"]["every"], state["around"]["ends"]
    assert len(ends) == 360 / every + 1
    for i in (0, 1, 15, 29, 30, 31, 59, 75, 120):
        ground = ravine(100, i * every)
        assert ends[i] == pytest.approx(best_track("adam", ground).loss[-1], rel=1e-6)


def test_adam_leads_along_the_axes_and_not_where_they_are_turned(race):
    said = race.el.locator(".live-status")
    assert said.inner_text().startswith("Turned by 0°, Adam ends lowest")
    race.states([{"turned by": 45}])
    assert said.inner_text().startswith("Turned by 45°, momentum ends lowest")
    race.spoken(said.inner_text())
    rows = race.el.locator("tbody tr").all_inner_texts()
    for row, walker in zip(rows, WALKERS, strict=True):
        track = best_track(walker, ravine(400, 45))
        assert f"{track.rate:.3f}" in row
        digits = 4 if track.loss[-1] < 0.1 else 2
        assert row.split()[-1] == f"{track.loss[-1]:.{digits}f}"
    assert len(RATES) == 31


def test_a_hand_turns_it_by_mouse_by_finger_and_by_keys(race):
    handle = race.el.get_by_role("slider", name="Direction of the ravine")
    race.carry(handle, -30, -80)
    dragged = race.state()["degrees"]
    assert 20 < dragged < 90
    race.swipe(handle, -40, 0)
    assert race.state()["degrees"] > dragged + 5
    race.reset()
    handle.focus()
    for key in ("ArrowRight", "ArrowUp", "PageUp", "ArrowLeft"):
        race.page.keyboard.press(key)
    assert race.state()["degrees"] == 11
    for key, degrees in (("Home", 0), ("ArrowLeft", 359), ("End", 0)):
        race.page.keyboard.press(key)
        assert race.state()["degrees"] == degrees
    race.states([{"turned by": 11}])
    assert handle.get_attribute("aria-valuetext") == "11°"
    turned = race.el.get_by_role("slider", name="turned by")
    assert turned.input_value() == "11"


def test_it_turns_through_its_end_in_both_directions(race):
    handle = race.el.get_by_role("slider", name="Direction of the ravine")
    for below, up, wanted in ((2, -60, range(15, 60)), (-2, 60, range(300, 346))):
        race.reset()  # at 0°, which is 360°, too
        x, y = race.middle(handle)
        race.page.mouse.move(x, y + below)
        race.page.mouse.down()
        race.page.mouse.move(x - 10, y + up, steps=4)
        race.page.mouse.up()
        assert race.state()["degrees"] in wanted


def test_the_race_runs_when_asked_to_and_reset_brings_all_back(race):
    race.el.get_by_role("button", name="Race").click()
    until(lambda: 0 < race.state()["step"] < 40)
    assert race.state()["playing"]
    until(lambda: not race.state()["playing"])
    assert race.state()["step"] == 40
    race.states([{"step": 3, "turned by": 33, "walls steeper than the floor": 0.5}])
    race.el.get_by_role("button", name="Reset").click()
    assert {key: race.state()[key] for key in START} == START


def test_it_is_accessible_in_several_states(race):
    assert [race.faults(s) for s in ("dark", "light")] == [[], []]
    race.states([{"turned by": 200, "walls steeper than the floor": 0, "step": 7}])
    assert [race.faults(s) for s in ("dark", "light")] == [[], []]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_keeps_as_much_room_as_either_form_needs(race, size):
    kept, awake, asleep = race.heights(size)
    race.page.set_viewport_size(PHONE)
    assert max(awake, asleep) <= kept + 8
    assert kept <= max(awake, asleep) + 50  # and not much more
