"""The live object "start" against algollm_helpers.closed_form, and in the hand."""

import numpy as np
import pytest

from algollm_helpers.closed_form import shortest_solution, train_diagonal
from algollm_helpers.descent import gradient_descent
from tests.support.jobs import until
from tests.support.live import STILL, Held, stands_still

pytestmark = pytest.mark.browser

PAGE = "chapters/closed_form.html"
NEAR = 1e-9
ALPHA = "start α"
X, Y = np.array([[1.0, 2.0]]), np.array([2.0])
AT_REST = [1.8, 1.4]


@pytest.fixture(scope="module")
def page(context):
    held = Held(context, PAGE, "start")
    yield held
    held.close()


@pytest.fixture
def plane(page):
    page.reset()
    return page


def agrees(state):
    """Compare all that is shown with the helpers' solutions."""
    start, alpha = np.array(state["start"]), state["alpha"]
    run = gradient_descent(lambda w: X.T @ (X @ w - Y), start, lr=0.1, steps=60)
    assert state["plain"] == pytest.approx(list(run.w[-1]), rel=NEAR, abs=NEAR)
    short = shortest_solution(X, Y)
    assert state["shortest"] == pytest.approx(np.linalg.norm(short), rel=NEAR)
    # Pythagoras: beside the shortest solution, what the start had along the line
    kept = np.linalg.norm(run.w[-1] - short)
    assert state["kept"] == pytest.approx(kept, rel=NEAR, abs=NEAR)
    length = np.linalg.norm(run.w[-1])
    assert state["plainLength"] == pytest.approx(length, rel=NEAR)
    lr = 0.025 / max(1, 2 * alpha**2)
    w = train_diagonal(X, Y, start=alpha, lr=lr, steps=5000)
    assert state["squares"] == pytest.approx(list(w), rel=NEAR, abs=NEAR)
    assert state["squaresLength"] == pytest.approx(np.linalg.norm(w), rel=NEAR)
    assert state["squaresSum"] == pytest.approx(np.abs(w).sum(), rel=NEAR)
    assert (X @ w).item() == pytest.approx(2, abs=1e-6)


def test_both_ends_are_the_helpers_from_any_start_and_alpha(plane):
    rng = np.random.default_rng(0)
    left, top, right, bottom = plane.box()
    edges = [(left - 5, top), (right, bottom + 5), ((left + right) / 2, top)]
    exponents = [-2, 0.5, 0, *rng.uniform(-2, 0.5, 20).round(2)]
    for k, exponent in enumerate(exponents):
        plane.set(ALPHA, exponent)
        low, high = (left, top), (right, bottom)
        plane.drag(edges[k] if k < 3 else rng.uniform(low, high))
        state = plane.state()
        agrees(state)
        assert state["alpha"] == pytest.approx(10**exponent, rel=0.05)
        x, y = state["start"]
        assert -1.5 <= x <= 2.5
        assert -1 <= y <= 2


def test_no_solution_has_a_smaller_sum_than_the_one_that_is_marked(plane):
    along = np.linspace(-3, 3, 6001)
    line = shortest_solution(X, Y) + along[:, None] * [2, -1] / np.sqrt(5)
    sums = np.abs(line).sum(axis=1)
    assert plane.state()["fewest"] == pytest.approx(sums.min(), abs=1e-3)
    assert plane.state()["fewest"] <= sums.min()


def test_a_small_alpha_ends_near_the_smallest_sum_and_a_large_one_at_the_shortest(
    plane,
):
    plane.set(ALPHA, -2)
    state = plane.state()
    assert state["squaresSum"] < 1.01 * state["fewest"]
    plane.set(ALPHA, 0.5)
    state = plane.state()
    assert state["squaresLength"] < 1.001 * state["shortest"]
    assert f"from α = {state['alpha']:g}" in plane.el.inner_text()
    until(lambda: "As a difference of squares" in plane.said())


def test_from_zero_plain_descent_ends_at_the_shortest(plane):
    plane.el.get_by_role("button", name="Start at 0").click()
    state = plane.state()
    assert state["start"] == [0, 0]
    assert state["kept"] == 0
    assert state["plainLength"] == pytest.approx(state["shortest"], rel=NEAR)
    plane.el.get_by_role("button", name="Reset").click()
    assert plane.state()["start"] == AT_REST


@pytest.mark.parametrize(
    ("keys", "start"),
    [
        (["ArrowRight"], [1.85, 1.4]),
        (["ArrowDown"], [1.8, 1.35]),
        (["Shift+ArrowLeft"], [1.3, 1.4]),
        (["PageDown"], [1.8, 0.9]),
        (["Home"], [-1.5, 1.4]),
        (["End", "ArrowRight"], [2.5, 1.4]),
    ],
)
def test_keys_move_the_start_in_both_directions(plane, keys, start):
    said = plane.press(*keys)
    assert plane.state()["start"] == pytest.approx(start)
    x, y = (f"{v:g}".replace("-", "−") for v in start)
    assert said == f"w₁ = {x}, w₂ = {y}"
    agrees(plane.state())
    until(lambda: f"from w₁ = {x}, w₂ = {y}" in plane.said())


def test_keys_move_alpha(plane):
    slider = plane.el.locator("input[type=range]")
    slider.focus()
    for _ in range(30):
        plane.page.keyboard.press("ArrowRight")
    assert plane.state()["alpha"] == 0.02  # 10^(-2 + 0.3)
    assert slider.get_attribute("aria-valuetext") == "0.02"


def test_a_finger_drags_the_start_and_a_tap_brings_it_there(plane):
    left, top, right, _bottom = plane.box()
    x, y = plane.centre()
    plane.finger((x, y), (x - 10, y + 20), (x - 60, y + 80))
    unit = (right - left) / 4
    wanted = [1.8 - 60 / unit, 1.4 - 80 / unit]
    assert plane.state()["start"] == pytest.approx(wanted, abs=0.03)
    plane.page.touchscreen.tap(left + 3, top + 3)
    until(lambda: plane.state()["start"][0] < -1.3)


def test_it_is_accessible_at_rest_and_in_use(plane):
    assert plane.faults("dark") == []
    plane.set(ALPHA, 0.5)
    plane.press("Home")
    assert plane.faults("light") == []


def test_without_scripts_and_from_a_disk_words_stand_there(plane, context):
    assert stands_still(context, PAGE, "start") == STILL
