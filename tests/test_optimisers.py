"""Tests for the optimisers at the ends of their numbers: rates of 0, huge and tiny.

What is divided by the root of a square must not depend on whether the square fits.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.adam import LIMIT, Adam, AdamW, squarable
from algollm_helpers.learning_rate import SGD, AdaGrad, Momentum, Nesterov, RMSProp
from algollm_helpers.schedules import constant, inverse_time, step_decay, warmup

DIVIDING = {"Adam": Adam, "AdamW": AdamW, "AdaGrad": AdaGrad, "RMSProp": RMSProp}
ALL = DIVIDING | {"Momentum": Momentum, "Nesterov": Nesterov}
HUGE = {np.float32: [1e15, 1e20, 1e38], np.float64: [1e150, 1e200, 1e308]}
CASES = [(dtype, size) for dtype, sizes in HUGE.items() for size in sizes]


def path(make, gradients, *, lr=0.5, dtype=np.float64):
    """Return where a parameter goes from 0, shape (steps,)."""
    w, optimiser, places = np.zeros(1, dtype), make(1, dtype=dtype), []
    for g in gradients:
        optimiser.step(w, np.array([g], dtype), lr=lr)
        places.append(w[0])
    return np.array(places)


@pytest.mark.parametrize("name", DIVIDING)
@pytest.mark.parametrize(("dtype", "size"), CASES)
def test_a_constant_gradient_of_any_size_gives_the_steps_of_one_of_size_1(
    name, dtype, size
):
    gradients = np.array([1.0] * 20)
    expected = path(DIVIDING[name], gradients, dtype=dtype)
    found = path(DIVIDING[name], -size * gradients, dtype=dtype)
    assert_allclose(found, -expected, rtol=1e-5)
    assert np.diff(expected).max() < 0


@pytest.mark.parametrize("name", DIVIDING)
@pytest.mark.parametrize(("dtype", "size"), CASES)
def test_one_huge_gradient_freezes_nothing(name, dtype, size):
    start, *rest = path(DIVIDING[name], [size, *[-size] * 50], dtype=dtype)
    assert np.isfinite(rest).all()
    assert rest[-1] > start + 0.5


@pytest.mark.parametrize("name", DIVIDING)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_far_below_eps_makes_a_step_far_below_lr(name, dtype):
    # ε is at most 1e-8 and √v nearly 0, so that a step is about lr g / ε
    tiny = float(np.finfo(dtype).tiny)
    w = path(DIVIDING[name], [-tiny] * 5, dtype=dtype)
    assert (w >= 0).all()
    assert w[-1] <= 5 * 0.5 * 10 * tiny / 1e-10


@pytest.mark.parametrize("name", DIVIDING)
@pytest.mark.parametrize("lost", [np.inf, np.nan])
def test_what_is_not_finite_stays_visible(name, lost):
    with np.errstate(invalid="ignore"):
        w = path(DIVIDING[name], [1.0, lost, 1.0])
    assert np.isnan(w[1:]).all()


@pytest.mark.parametrize("name", DIVIDING)
def test_a_gradient_of_half_precision_is_squared_in_the_optimisers_own(name):
    # 300² is beyond float16, and (1e-4)² below
    numbers = np.array([300.0, 1e-4, -300.0], np.float16)
    ends = []
    for dtype in (np.float16, np.float64):
        w, optimiser = np.zeros(3), DIVIDING[name](3)
        for _ in range(3):
            optimiser.step(w, numbers.astype(dtype), lr=0.1)
        ends.append(w)
    assert_array_equal(*ends)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_are_left_alone_up_to_the_limit_and_cut_beyond(dtype):
    top = LIMIT * float(np.finfo(dtype).max) ** 0.5
    below = np.array([0.999 * top, -0.999 * top] * 4, dtype)
    assert_array_equal(squarable(below, dtype), below)
    above = np.array([1.001 * top, -1e4 * top, 3.0], dtype)
    kept = above.copy()
    assert_allclose(squarable(above, dtype), [top, -top, 3.0], rtol=1e-6)
    assert_array_equal(above, kept)
    ordinary = np.ones(3, dtype)
    assert squarable(ordinary, dtype) is ordinary
    with np.errstate(over="raise"):
        assert (squarable(above, dtype) ** 2 * 2.0**32).max() <= np.finfo(dtype).max


def test_a_gradient_too_large_for_the_state_is_cut_before_it_is_narrowed():
    w, adam = np.zeros(2), Adam(2, dtype=np.float32)
    adam.step(w, np.array([1e200, 1.0]), lr=0.5)
    assert_allclose(w, -0.5, rtol=1e-6)


# --- Rates of 0 -------------------------------------------------------------------

ENDLESS = {
    "step": step_decay(1.0, every=1),
    "warm": warmup(step_decay(1.0, every=1), steps=3),
    "inverse": inverse_time(5e-324, halved_at=1),
    "constant": constant(5e-324),
}


@pytest.mark.parametrize("schedule", ENDLESS)
@pytest.mark.parametrize("step", [0, 400, 2**31 - 1])
@pytest.mark.parametrize("name", [*ALL, "SGD"])
def test_every_rate_of_a_schedule_is_one_that_optimisers_take(schedule, step, name):
    rate = ENDLESS[schedule](step)
    optimiser = SGD() if name == "SGD" else ALL[name](1)
    w = np.ones(1)
    optimiser.step(w, np.ones(1), lr=rate)
    assert rate >= 0
    if rate == 0:
        assert w[0] == 1.0


def test_at_a_rate_of_0_the_memory_goes_on():
    for make in (Momentum, Nesterov):
        w, ball = np.ones(1), make(1, beta=0.5)
        ball.step(w, np.ones(1), lr=0.0)
        ball.step(w, np.ones(1), lr=0)
        assert (w[0], ball.v[0]) == (1.0, 1.5)
