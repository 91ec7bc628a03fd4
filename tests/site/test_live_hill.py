"""The live object "hill" against algollm_helpers.descent, and in the hand."""

import numpy as np
import pytest

from algollm_book import live_hill
from algollm_helpers.descent import gradient_descent, regime
from tests.support.jobs import until
from tests.support.live import STILL, Held, stands_still

pytestmark = pytest.mark.browser

PAGE = "chapters/descent.html"
NEAR = 1e-9
RATE, STEP = "learning rate η", "step"
EDGES = [0.01, 0.5, 1.0, 1.2, 0.495, 0.505, 0.995, 1.005]  # of the five regimes


@pytest.fixture(scope="module")
def page(context):
    held = Held(context, PAGE, "hill")
    yield held
    held.close()


@pytest.fixture
def hill(page):
    page.reset()
    return page


def test_every_number_is_the_helpers_at_any_rate_and_start(hill):
    rng = np.random.default_rng(0)
    rates = [*EDGES, *rng.uniform(0.01, 1.2, 20)]
    left, top, right, bottom = hill.box()
    starts = set()
    for k, rate in enumerate(rates):
        hill.set(RATE, round(round(rate / 0.005) * 0.005, 3))
        x = [left, right][k] if k < 2 else rng.uniform(left, right)
        hill.drag((x, rng.uniform(top, bottom)))
        step = int(rng.integers(0, 16))
        hill.set(STEP, step)
        state = hill.state()
        starts.add(state["start"])
        run = gradient_descent(
            lambda w: 2 * (w - 3), state["start"], lr=state["rate"], steps=15
        )
        assert state["rate"] == pytest.approx(rate, abs=0.0026)
        assert state["step"] == step
        assert state["path"] == pytest.approx(run.w.tolist(), rel=NEAR, abs=NEAR)
        losses = (run.w - 3) ** 2 + 1
        assert state["losses"] == pytest.approx(losses.tolist(), rel=NEAR)
        assert state["factor"] == pytest.approx(1 - 2 * state["rate"], abs=NEAR)
        assert state["regime"] == regime(state["rate"], 2.0)
        slope = run.grad[step]
        assert state["slope"] == pytest.approx(slope, rel=NEAR, abs=NEAR)
        ahead = -state["rate"] * slope
        assert state["ahead"] == pytest.approx(ahead, rel=NEAR, abs=NEAR)
    assert {-2, 8} <= starts  # the hand came to both ends
    assert len(starts) > 20


@pytest.mark.parametrize(
    ("keys", "start"),
    [
        (["ArrowRight"], 0.1),
        (["ArrowUp", "ArrowUp"], 0.2),
        (["ArrowLeft"], -0.1),
        (["ArrowDown"], -0.1),
        (["Shift+ArrowRight"], 1),
        (["PageUp", "PageUp"], 2),
        (["PageDown"], -1),
        (["Home", "ArrowLeft"], -2),
        (["End", "ArrowRight"], 8),
    ],
)
def test_keys_move_the_start_and_the_page_stays(hill, keys, start):
    before = hill.page.evaluate("scrollY")
    said = hill.press(*keys)
    assert hill.state()["start"] == start
    assert said == f"w = {start}".replace("-", "−")
    assert hill.page.evaluate("scrollY") == before
    handle = hill.el.locator(".live-handle")
    assert float(handle.get_attribute("aria-valuenow")) == start


def test_keys_with_a_meaning_of_their_own_are_left_to_the_browser(hill):
    hill.press("Alt+ArrowRight", "Control+Home", "x")
    assert hill.state()["start"] == 0


def test_a_finger_drags_the_start_and_a_tap_brings_it_there(hill):
    left, top, right, bottom = hill.box()
    middle, high = (left + right) / 2, (top + bottom) / 2
    x, y = hill.centre()
    hill.finger((x, y), (x + 20, y), (middle, y))
    assert hill.state()["start"] == pytest.approx(3, abs=0.1)
    hill.page.touchscreen.tap(left + 2, high)
    until(lambda: hill.state()["start"] == pytest.approx(-2, abs=0.1))


def test_a_finger_that_moves_the_page_leaves_the_start_alone(hill):
    left, top, right, bottom = hill.box()
    x, y = (left + right) / 2, (top + bottom) / 2
    hill.finger((x, y), (x, y - 30), (x, y - 60))
    assert hill.state()["start"] == 0


@pytest.mark.parametrize("word", ["comes closer", "lands", "jumps across", "bounces"])
def test_a_name_leads_to_a_rate_and_the_rate_to_its_name(hill, word):
    hill.pick(word)
    kind = hill.state()["regime"]
    rate = hill.state()["rate"]
    hill.pick("flies off")
    assert hill.state()["regime"] == "flees"
    hill.set(RATE, rate)
    assert hill.state()["regime"] == kind
    assert hill.el.get_by_role("radio", name=word).is_checked()


def test_what_is_shown_is_written_and_said(hill):
    hill.set(RATE, 0.9)
    shown = hill.el.inner_text()
    assert "ηλ = 1.800, so 1 − ηλ = −0.800" in shown
    assert "jumps from side to side and comes closer" in shown
    assert "After step 15: w = 3.1056, loss 1.0111" in shown  # 3 + 3 · 0.8¹⁵ · …
    until(lambda: "After step 15: w = 3.1056" in hill.said())
    hill.set(RATE, 1.2)
    assert "outside the picture" in hill.el.inner_text()


def test_play_walks_to_the_end_stops_and_begins_anew(hill):
    assert not hill.state()["playing"]  # nothing moves by itself
    hill.set(STEP, 13)
    hill.el.get_by_role("button", name="Play").click()
    assert hill.state()["playing"]
    until(lambda: not hill.state()["playing"])
    assert hill.state()["step"] == 15
    hill.el.get_by_role("button", name="Play").click()
    assert hill.state()["step"] == 0
    until(lambda: hill.state()["step"] > 0)
    hill.el.get_by_role("button", name="Pause").click()
    assert not hill.state()["playing"]
    hill.el.get_by_role("button", name="Reset").click()
    state = hill.state()
    assert [state[k] for k in ("rate", "start", "step")] == [0.1, 0, 1]


def test_it_is_accessible_at_rest_and_when_the_walker_is_gone(hill):
    assert hill.faults("dark") == []
    hill.set(RATE, 1.2)
    hill.press("End")
    assert hill.faults("light") == []


def test_on_paper_without_scripts_and_from_a_disk_the_explorer_stands(hill, context):
    hill.page.emulate_media(media="print")
    assert hill.place.locator(".explorer").is_visible()
    assert not hill.el.is_visible()
    hill.page.emulate_media(media="screen")
    assert stands_still(context, PAGE, "hill") == STILL


def test_each_way_to_walk_has_a_name_and_a_sentence():
    ways = {regime(lr, 2.0) for lr in (0.1, 0.5, 0.9, 1.0, 1.1)}
    words = live_hill.given()["words"]
    assert set(words["regimes"]) == set(words["kinds"]) == ways
