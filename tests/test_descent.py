"""Tests for algollm_helpers.descent: closed forms, invariants, then refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.descent import central_difference, gradient_descent, regime

# L(w) = w.A.w / 2 has gradient A w, so w_k = (I - lr A)^k w_0 exactly, and the
# iterates shrink if and only if 0 < lr < 2 / largest eigenvalue. A is not
# diagonal, so that mixed-up axes show; its eigenvalues are 1 and 4.
A = np.array([[2.5, 1.5], [1.5, 2.5]])
STEEP = np.array([1.0, 1.0]) / np.sqrt(2)  # eigenvector of 4
W0 = np.array([2.0, 1.0])


def grad(w):
    return w @ A


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_matches_the_closed_form_on_a_quadratic(lr, steps):
    run = gradient_descent(grad, W0, lr=lr, steps=steps)
    shrink = np.linalg.matrix_power(np.eye(2) - lr * A, steps)
    assert_allclose(run.w[-1], shrink @ W0, rtol=1e-12, atol=1e-15)


def test_three_steps_worked_by_hand():
    # L = w^2, L' = 2w, lr = 1/4: each step halves w, in exact binary arithmetic.
    run = gradient_descent(lambda w: 2 * w, [8.0], lr=0.25, steps=3)
    assert_array_equal(run.w, [[8.0], [4.0], [2.0], [1.0]])
    assert_array_equal(run.grad, [[16.0], [8.0], [4.0], [2.0]])


def test_every_entry_obeys_the_update_rule():
    run = gradient_descent(grad, W0, lr=0.1, steps=9)
    assert run.w.shape == run.grad.shape == (10, 2)
    assert_array_equal(run.w[0], W0)
    assert_array_equal(run.w[1:], run.w[:-1] - 0.1 * run.grad[:-1])
    assert_allclose(run.grad, run.w @ A, rtol=1e-15)


@pytest.mark.parametrize(
    ("lr", "trend"), [(0.49, "shrinks"), (0.5, "stays"), (0.51, "grows")]
)
def test_the_critical_rate_is_two_over_the_largest_curvature(lr, trend):
    run = gradient_descent(grad, W0, lr=lr, steps=50)
    steep = np.abs(run.w @ STEEP)
    change = 0.0 if np.allclose(steep[-1], steep[0]) else steep[-1] - steep[0]
    assert {"shrinks": change < 0, "stays": change == 0, "grows": change > 0}[trend]


@pytest.mark.parametrize(
    ("lr", "word"),
    [
        (0.01, "approaches"),
        (0.499, "approaches"),
        (0.5, "lands"),
        (0.501, "crosses"),
        (0.999, "crosses"),
        (1.0, "bounces"),
        (1.001, "flees"),
    ],
)
def test_a_rate_has_the_name_of_what_the_walk_does(lr, word):
    run = gradient_descent(lambda w: 2 * w, 1.0, lr=lr, steps=6)
    sides, far = np.sign(run.w[1:]), np.abs(run.w)
    seen = {
        "approaches": np.all(sides == 1) and far[-1] < far[0],
        "lands": np.all(run.w[1:] == 0),
        "crosses": np.all(sides == [-1, 1] * 3) and far[-1] < far[0],
        "bounces": np.all(sides == [-1, 1] * 3) and far[-1] == far[0],
        "flees": np.all(sides == [-1, 1] * 3) and far[-1] > far[0],
    }
    assert [name for name, true in seen.items() if true] == [word]
    assert regime(lr, 2.0) == word


@pytest.mark.parametrize("bad", [{"lr": 0.0}, {"curvature": np.nan}])
def test_a_name_needs_a_rate_and_a_curvature(bad):
    with pytest.raises(ValueError, match="must be"):
        regime(**({"lr": 0.1, "curvature": 2.0} | bad))


def test_divergence_comes_back_as_data_without_a_warning():
    # Warnings are errors in this suite, so an overflow that warned would fail.
    run = gradient_descent(lambda w: w**3, [3.0], lr=1.0, steps=20)
    assert not np.isfinite(run.w[-1]).any()
    assert np.isfinite(run.w[1]).all()


def test_walkers_that_leave_together_walk_as_if_alone():
    starts = np.array([[2.0, 1.0], [-1.0, 0.5], [0.0, 3.0]])
    together = gradient_descent(grad, starts, lr=0.1, steps=5)
    assert together.w.shape == (6, 3, 2)
    for i, start in enumerate(starts):
        alone = gradient_descent(grad, start, lr=0.1, steps=5)
        assert_allclose(together.w[:, i], alone.w, rtol=1e-15)


def test_a_single_number_may_walk():
    run = gradient_descent(lambda w: 2 * w, 8.0, lr=0.25, steps=2)
    assert_array_equal(run.w, [8.0, 4.0, 2.0])


def test_leaves_the_start_and_the_path_to_their_owners():
    def meddling_grad(w):
        w[:] = 99.0
        return np.ones(2)

    start = W0.copy()
    run = gradient_descent(meddling_grad, start, lr=1.0, steps=2)
    assert_array_equal(start, W0)
    assert_array_equal(run.w[-1], W0 - 2.0)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"lr": 0.0}, "lr must be finite and > 0, got 0.0"),
        ({"lr": -0.1}, "got -0.1"),
        ({"lr": np.nan}, "got nan"),
        ({"lr": np.inf}, "got inf"),
        ({"steps": -1}, "steps must be >= 0, got -1"),
        ({"steps": 2.5}, "steps must be a whole number, got 2.5"),
        ({"steps": True}, "got True"),
        ({"steps": np.nan}, "got nan"),
        ({"steps": np.inf}, "got inf"),
        ({"w0": []}, "w0 must hold finite numbers"),
        ({"w0": [1.0, np.nan]}, r"w0 must hold finite numbers, got \[ 1. nan\]"),
        (
            {"grad": lambda w: 1.0},
            r"what grad returns must have shape \(2,\), got \(\)",
        ),
        ({"grad": lambda w: np.ones((2, 1))}, r"shape \(2,\), got \(2, 1\)"),
    ],
)
def test_descent_refuses_bad_input_and_says_why(kwargs, message):
    good = {"grad": grad, "w0": W0, "lr": 0.1, "steps": 3}
    with pytest.raises(ValueError, match=message):
        gradient_descent(**(good | kwargs))


@pytest.mark.parametrize("h", [0.5, 1e-3])
def test_two_feet_are_exact_on_a_parabola_whatever_their_distance(h):
    w = np.array([[0.5, -2.0], [1.0, 4.0]])
    slope = central_difference(lambda v: 3 * (v**2).sum() - v[0, 1], w, h=h)
    exact = 6 * w - np.array([[0.0, 1.0], [0.0, 0.0]])
    assert_allclose(slope, exact, rtol=1e-10)


def test_on_a_cubic_the_error_is_the_square_of_the_foot():
    # ((w + h)^3 - (w - h)^3) / 2h = 3 w^2 + h^2, on paper.
    for h in (0.5, 0.25, 0.125):
        slope = central_difference(lambda v: v[0] ** 3, [1.5], h=h)
        assert_allclose(slope, [3 * 1.5**2 + h**2], rtol=1e-13)


def test_the_default_foot_is_right_to_nine_digits_on_a_smooth_loss():
    w = np.array([0.3, -1.2])
    slope = central_difference(lambda v: np.sin(v[0]) * np.exp(v[1]), w)
    exact = np.exp(w[1]) * np.array([np.cos(w[0]), np.sin(w[0])])
    assert_allclose(slope, exact, rtol=1e-9)


def test_probing_costs_two_evaluations_a_parameter_and_spoils_nothing():
    seen = []

    def loss(v):
        seen.append(v.copy())
        v[:] = 0.0
        return 0.0

    w = np.arange(5.0)
    central_difference(loss, w, h=0.5)
    assert len(seen) == 2 * 5
    assert_array_equal(w, np.arange(5.0))
    assert all(np.abs(v - w).sum() == 0.5 for v in seen)


def test_a_walk_that_only_probes_follows_the_exact_one():
    probing = gradient_descent(
        lambda w: central_difference(lambda v: v @ A @ v / 2, w), W0, lr=0.1, steps=20
    )
    exact = gradient_descent(grad, W0, lr=0.1, steps=20)
    assert_allclose(probing.w, exact.w, atol=1e-9)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"h": 0.0}, "h must be finite and > 0, got 0.0"),
        ({"h": np.nan}, "got nan"),
        ({"w": [np.inf]}, r"w must hold finite numbers, got \[inf\]"),
        ({"w": [1e15], "h": 1e-3}, "h = 0.001 is too small to move w = 1000000"),
        ({"loss": lambda w: w}, r"what loss returns must have shape \(\), got \(1,\)"),
    ],
)
def test_probing_refuses_bad_input_and_says_why(kwargs, message):
    good = {"loss": np.sum, "w": [1.0]}
    with pytest.raises(ValueError, match=message):
        central_difference(**(good | kwargs))
