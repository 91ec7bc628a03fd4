"""The live object "landscape" against algollm_helpers.grounds, and in the hand."""

from collections import Counter

import numpy as np
import pytest

from algollm_book import live_landscape
from algollm_helpers.grounds import GROUNDS, walk
from tests.support.jobs import until
from tests.support.live import STILL, Held, stands_still

pytestmark = pytest.mark.browser

PAGE = "chapters/descent.html"
NEAR = 1e-9
NAMES = {"valleys": "two valleys", "saddle": "a saddle", "plateau": "a plateau"}
WIDE = {"valleys": (1.7, 1.5), "saddle": (1.7, 1.5), "plateau": (3.4, 3.0)}
MANY = 250


@pytest.fixture(scope="module")
def page(context):
    held = Held(context, PAGE, "landscape")
    yield held
    held.close()


@pytest.fixture
def map_(page):
    page.reset()
    return page


def places(name):
    return [*GROUNDS[name].reached(np.zeros((1, 2))), "nowhere"]


def agrees(state):
    """Compare all that is shown of one walk with the helper's."""
    ground, ending = GROUNDS[state["ground"]], walk(state["ground"], state["start"])
    assert state["path"] == pytest.approx(ending.w, rel=NEAR, abs=NEAR)
    assert state["end"] == state["path"][-1]
    for key, at in (("loss", ending.w[0]), ("endLoss", ending.w[-1])):
        assert state[key] == pytest.approx(ground.loss(at), rel=NEAR, abs=NEAR)
    assert (state["place"], state["after"]) == (ending.place, ending.after)
    return ending.place or "nowhere"


@pytest.mark.parametrize("name", NAMES)
def test_every_walk_is_the_helpers_from_any_start(map_, name):
    map_.pick(NAMES[name])
    rng = np.random.default_rng(0)
    left, top, right, bottom = map_.box()
    agrees(map_.state())
    corners = [(left, top), (right, bottom), ((left + right) / 2, (top + bottom) / 2)]
    seen = set()
    for place in [*corners, *rng.uniform((left, top), (right, bottom), (20, 2))]:
        map_.drag(place)
        state = map_.state()
        seen.add(agrees(state))
        assert abs(state["start"][0]) <= WIDE[name][0]
        assert abs(state["start"][1]) <= WIDE[name][1]
    assert len(seen) >= 2  # more than one basin was met


def spread(name, count):
    """Return starts that are spread as the object says: by the powers of 1/1.3247."""
    (root,) = [r.real for r in np.roots([1, 0, -1, -1]) if abs(r.imag) < 1e-12]
    n = np.arange(1, count + 1)[:, None]
    part = 2 * ((0.5 + n / root ** np.array([1, 2])) % 1) - 1
    return (part * WIDE[name]).round(2)


@pytest.mark.parametrize("name", NAMES)
def test_many_walkers_are_counted_by_where_they_end(map_, name):
    map_.pick(NAMES[name])
    first = walk(name, map_.state()["start"]).place
    map_.el.get_by_role("button", name=f"Drop {MANY} walkers").click()
    state = map_.state()  # at once, where motion is reduced
    assert not state["filling"]
    ends = Counter(walk(name, start).place for start in spread(name, MANY))
    ends[first] += 1
    expected = {
        place: ends[place if place != "nowhere" else None] for place in places(name)
    }
    assert state["counts"] == expected
    assert state["tried"] == MANY + 1
    shown = map_.el.locator(".live-tally").inner_text()
    assert all(f": {count}" in shown for count in expected.values())
    until(lambda: str(max(expected.values())) in map_.said())


@pytest.mark.parametrize(
    ("keys", "start"),
    [
        (["ArrowRight"], [-0.05, 1.4]),
        (["ArrowUp"], [-0.1, 1.45]),
        (["ArrowDown", "ArrowLeft"], [-0.15, 1.35]),
        (["Shift+ArrowDown"], [-0.1, 0.9]),
        (["PageDown"], [-0.1, 0.9]),
        (["PageUp"], [-0.1, 1.5]),
        (["Home"], [-1.7, 1.4]),
        (["End"], [1.7, 1.4]),
    ],
)
def test_keys_move_the_walker_in_both_directions(map_, keys, start):
    said = map_.press(*keys)
    assert map_.state()["start"] == pytest.approx(start)
    x, y = (f"{v:g}".replace("-", "−") for v in start)
    assert said == f"w₁ = {x}, w₂ = {y}"
    assert map_.state()["tried"] == len(keys) + 1
    until(lambda: map_.said().startswith(f"From w₁ = {start[0]:.2f}".replace("-", "−")))


def test_a_finger_drags_the_walker_every_way_and_a_tap_drops_it(map_):
    x, y = map_.centre()
    map_.finger((x, y), (x + 10, y + 20), (x + 60, y + 100))
    start = map_.state()["start"]
    left, _top, right, bottom = map_.box()
    unit = (right - left) / 3.4
    assert start[0] == pytest.approx(-0.1 + 60 / unit, abs=0.03)
    assert start[1] == pytest.approx(1.4 - 100 / unit, abs=0.03)
    map_.page.touchscreen.tap(left + 0.1 * (right - left), bottom - 5)
    until(lambda: map_.state()["start"][0] < -1.2)
    assert map_.state()["place"] == "west"


def test_a_finger_that_moves_the_page_drops_nobody(map_):
    left, _top, right, bottom = map_.box()
    x, y = (left + right) / 2, bottom - 20
    map_.finger((x, y), (x, y - 40), (x, y - 80))
    assert map_.state()["tried"] == 1


def test_the_words_follow_the_walker_and_another_ground_is_untried(map_):
    map_.press("ArrowDown")
    assert "floor of the western valley" in map_.el.inner_text()
    map_.press("Shift+ArrowRight")
    assert "floor of the eastern valley" in map_.el.inner_text()
    map_.pick("a saddle")
    assert map_.state()["tried"] == 1
    map_.press(*["PageDown"], *["ArrowUp"] * 0)
    assert "left the map in the south" in map_.el.inner_text()
    map_.el.get_by_role("button", name="Reset").click()
    state = map_.state()
    assert (state["ground"], state["start"], state["tried"]) == (
        "valleys",
        [-0.1, 1.4],
        1,
    )
    assert map_.el.get_by_role("radio", name="two valleys").is_checked()


def test_on_the_ridge_of_the_saddle_it_stands(map_):
    map_.pick("a saddle")
    _left, top, right, bottom = map_.box()
    map_.drag((right - 20, (top + bottom) / 2))
    while (off := map_.state()["start"][1]) != 0:
        assert abs(off) < 0.05
        x, y = map_.centre()
        map_.drag((x, y + np.sign(off) * 0.5))
    assert map_.state()["place"] is None
    assert "stands on the saddle" in map_.el.inner_text()


def test_it_is_accessible_at_rest_and_full_of_walkers(map_):
    assert map_.faults("dark") == []
    map_.el.get_by_role("button", name=f"Drop {MANY} walkers").click()
    assert map_.faults("light") == []


def test_without_scripts_and_from_a_disk_words_stand_there(map_, context):
    assert stands_still(context, PAGE, "landscape") == STILL


def test_each_ground_and_each_of_its_ends_has_words():
    words = live_landscape.given()["words"]
    assert set(words["grounds"]) == set(words["map"]) == set(GROUNDS)
    for name, ground in GROUNDS.items():
        ends = {*ground.reached(np.zeros((1, 2))), "nowhere"}
        assert set(words["short"][name]) == set(words["stories"][name]) == ends
