"""The live object "outlier" against algollm_helpers.loss, and in the hand."""

import numpy as np
import pytest

from algollm_helpers import loss
from tests.support.jobs import until
from tests.support.live import STILL, Held, stands_still

pytestmark = pytest.mark.browser

PAGE = "chapters/loss.html"
NEAR = 1e-9
KINDS = {
    "squared": ("squared", loss.squared),
    "absolute": ("absolute", loss.absolute),
    "quantile": ("quantile 0.9", loss.quantile(0.9)),
    "huber": ("Huber", loss.huber(1.0)),
}
AT_REST = [1.2, 1.5, 1.9, 2, 2.2, 2.6, 2.9, 8]
ANSWER = 8  # the handle behind the eight numbers


@pytest.fixture(scope="module")
def page(context):
    held = Held(context, PAGE, "outlier")
    yield held
    held.close()


@pytest.fixture
def line(page):
    page.reset()
    return page


def agrees(state):
    """Compare all that is shown with the helper's losses and their favourites."""
    y, z = np.array(state["numbers"]), state["answer"]
    for kind, (_, of) in KINDS.items():
        best = loss.best_constant(of, y, low=0.0, high=20.0)
        assert state["favourites"][kind] == pytest.approx(best, rel=NEAR, abs=NEAR)
    values, slopes = KINDS[state["kind"]][1](np.full(8, z), y)
    assert state["pulls"] == pytest.approx(list(-slopes), rel=NEAR, abs=NEAR)
    assert state["cost"] == pytest.approx(values.mean(), rel=NEAR, abs=NEAR)
    right, left = -slopes[slopes < 0].sum(), slopes[slopes > 0].sum()
    assert state["right"] == pytest.approx(right, rel=NEAR, abs=NEAR)
    assert state["left"] == pytest.approx(left, rel=NEAR, abs=NEAR)
    assert state["middle"] == sorted(y)[3:5]


@pytest.mark.parametrize("kind", KINDS)
def test_favourites_and_pulls_are_the_helpers_wherever_the_numbers_are(line, kind):
    line.pick(KINDS[kind][0])
    rng = np.random.default_rng(0)
    left, _, right, _ = line.box()
    agrees(line.state())
    for k in range(20):
        handle = int(rng.integers(0, 9))
        x = [left - 5, right + 5][k] if k < 2 else rng.uniform(left, right)
        line.drag((x, line.centre(handle)[1]), handle)
        state = line.state()
        agrees(state)
        if handle != ANSWER:
            assert state["answer"] == state["favourites"][kind]
    assert line.state()["kind"] == kind


def test_pulls_balance_at_the_favourite_and_not_beside_it(line):
    left, _, right, _ = line.box()
    for kind in ("squared", "huber"):
        line.pick(KINDS[kind][0])
        state = line.state()
        assert state["left"] == pytest.approx(state["right"], abs=NEAR)
        line.drag((right + 5, line.centre(ANSWER)[1]), ANSWER)
        assert line.state()["answer"] == 9
        assert "drawn to the left" in line.el.inner_text()
        line.drag((left - 5, line.centre(ANSWER)[1]), ANSWER)
        assert line.state()["answer"] == 0
        assert "drawn to the right" in line.el.inner_text()


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["ArrowRight"], 8.1),
        (["ArrowDown"], 7.9),
        (["Shift+ArrowLeft"], 7),
        (["PageUp"], 9),
        (["Home"], 0),
        (["End"], 9),
    ],
)
def test_keys_move_a_number_and_the_answer_follows(line, keys, value):
    said = line.press(*keys, handle=7)
    assert line.state()["numbers"] == [*AT_REST[:7], value]
    assert said == f"{value:g}"
    mean = np.mean([*AT_REST[:7], value])
    assert line.state()["answer"] == pytest.approx(mean, rel=NEAR)
    until(lambda: f"balance at the mean, {mean:.2f}" in line.said())


def test_keys_move_the_answer_and_no_number(line):
    line.press("Home", "ArrowRight", handle=ANSWER)
    assert line.state()["answer"] == 0.1
    assert line.state()["numbers"] == AT_REST
    agrees(line.state())


def test_a_finger_drags_a_number_and_the_page_by_its_other_way(line):
    left, _, right, _ = line.box()
    x, y = line.centre(7)
    line.finger((x, y), (x - 20, y), ((left + right) / 2, y))
    assert line.state()["numbers"] == pytest.approx([*AT_REST[:7], 4.5], abs=0.05)
    line.reset()
    x, y = line.centre(7)
    line.finger((x, y), (x, y - 40), (x, y - 80))
    assert line.state()["numbers"] == AT_REST


def test_of_numbers_above_each_other_the_nearest_is_taken(line):
    for handle in (2, 3, 4):  # 0.1 and 0.2 apart: their reaches overlap
        line.reset()
        x, y = line.centre(handle)
        line.page.mouse.move(x + 2, y + 2)
        line.page.mouse.down()
        line.page.mouse.move(x + 60, y + 2)
        line.page.mouse.up()
        moved = np.array(line.state()["numbers"]) != AT_REST
        assert list(np.flatnonzero(moved)) == [handle]


def test_the_words_say_what_each_loss_does(line):
    said = {
        "absolute": "every answer from 2 to 2.2 is as good",
        "quantile": "at the largest, 8.00",
        "huber": "up to a distance of 1",
        "squared": "balance at the mean, 2.79",
    }
    for kind, words in said.items():
        line.pick(KINDS[kind][0])
        assert words in line.el.inner_text()
    line.press("Home", handle=7)
    line.el.get_by_role("button", name="Reset").click()
    assert line.state()["numbers"] == AT_REST


def test_it_is_accessible_at_rest_and_pulled_apart(line):
    assert line.faults("dark") == []
    line.pick("quantile 0.9")
    line.press("Home", handle=ANSWER)
    assert line.faults("light") == []


def test_without_scripts_and_from_a_disk_the_explorer_stands(line, context):
    assert stands_still(context, PAGE, "outlier") == STILL
