"""Tests for algollm_helpers.closed_form: formulas against runs, then refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.closed_form import (
    mode_strength,
    shortest_solution,
    train_diagonal,
    train_two_layers,
)
from tests.support.small import few, refused, seeds

RNG = np.random.default_rng(0)


@few
@given(
    s=st.just(0.0) | st.floats(1e-9, 4.0), u=st.floats(1e-4, 1.0), t=st.floats(0.0, 3.0)
)
def test_the_formula_solves_its_equation(s, u, t):
    # da/dt = 2 a (s - a), by a central difference, and a(0) = u
    h = 1e-5
    ahead, here, behind = (mode_strength(s, u, t + d) for d in (2 * h, h, 0))
    assert_allclose((ahead - behind) / (2 * h), 2 * here * (s - here), atol=1e-6)
    assert_allclose(mode_strength(s, u, 0.0), u, rtol=1e-12)


def test_a_mode_reaches_its_target_and_an_absent_one_fades():
    assert_allclose(mode_strength([3.0, 1.0], 1e-3, 50.0), [3.0, 1.0], rtol=1e-12)
    assert mode_strength(0.0, 0.1, 1e6) < 1e-5


def test_two_layers_by_hand():
    # target 1, w1 = w2 = 1/2, lr = 1: miss 3/4, both become 1/2 + 3/8 = 7/8
    products = train_two_layers([[1.0]], [[0.5]], [[0.5]], lr=1.0, steps=1)
    assert_array_equal(products.ravel(), [0.25, 49 / 64])


def test_training_approaches_the_formula_in_proportion_to_the_rate():
    s, u = np.array([2.0, 1.0, 0.0]), 0.01
    gaps = []
    for lr in (0.02, 0.01):
        half = np.sqrt(u) * np.eye(3)
        steps = round(4 / lr)
        products = train_two_layers(np.diag(s), half, half, lr=lr, steps=steps)
        modes = np.diagonal(products, axis1=1, axis2=2)
        time = lr * np.arange(steps + 1)[:, None]
        gaps.append(np.abs(modes - mode_strength(s, u, time)).max())
    assert gaps[0] < 0.1
    assert_allclose(gaps[0] / gaps[1], 2, rtol=0.15)


def test_the_layers_stay_with_their_owner():
    half = np.eye(2)
    train_two_layers(np.eye(2) * 3, half, half, lr=0.1, steps=3)
    assert_array_equal(half, np.eye(2))


@few
@given(seed=seeds)
def test_the_shortest_solution_solves_and_is_orthogonal_to_the_free_directions(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(3, 6)), rng.normal(size=3)
    w = shortest_solution(X, y)
    assert_allclose(X @ w, y, atol=1e-9)
    free = np.linalg.svd(X).Vh[3:]  # X @ free.T = 0
    assert_allclose(free @ w, 0, atol=1e-9)


def test_a_diagonal_net_by_hand():
    # X = 1, y = 1, u = v = 1, lr = 1/4: miss -1, u = 1 + 1/2, v = 1 - 1/2, w = 2
    w = train_diagonal([[1.0]], [1.0], start=1.0, lr=0.25, steps=1)
    assert_array_equal(w, [2.0])


def test_the_start_decides_between_the_two_norms():
    # one equation w1 + 2 w2 = 2: smallest L1 is (0, 1), smallest L2 is (0.4, 0.8)
    kwargs = {"steps": 20_000, "tolerance": 1e-9}
    small = train_diagonal([[1.0, 2.0]], [2.0], start=1e-6, lr=0.01, **kwargs)
    large = train_diagonal([[1.0, 2.0]], [2.0], start=20.0, lr=1e-4, **kwargs)
    assert_allclose(small, [0, 1], atol=2e-3)
    assert_allclose(large, [0.4, 0.8], atol=2e-3)


def test_tasks_beside_each_other_do_not_touch():
    X, y = RNG.normal(size=(2, 3, 5)), RNG.normal(size=(2, 3))
    start, lr = np.array([0.1, 1.0]), np.array([0.01, 0.02])
    both = train_diagonal(X, y, start=start, lr=lr, steps=50)
    for i in range(2):
        alone = train_diagonal(X[i], y[i], start=start[i], lr=lr[i], steps=50)
        assert_allclose(both[i], alone, rtol=1e-12)


def test_training_stops_where_the_tolerance_is_met():
    w = train_diagonal([[1.0]], [1.0], start=1.0, lr=0.05, steps=10**6, tolerance=0.1)
    assert 0.9 <= w[0] < 0.99


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: mode_strength(1.0, 0.0, 1.0), "start must be .* got 0.0"),
        refused(
            lambda: mode_strength(-1.0, 0.1, 1.0),
            "singular_value must be finite and >= 0, got -1.0",
        ),
        refused(lambda: mode_strength(1.0, 0.1, np.nan), "time must be .* got nan"),
        refused(
            lambda: train_two_layers(np.eye(2), np.eye(2), np.eye(2), lr=0, steps=1),
            "lr must be finite and > 0, got 0",
        ),
        refused(
            lambda: train_two_layers(np.eye(3), np.eye(2), np.eye(2), lr=1, steps=1),
            r"w2 w1 has shape \(2, 2\), target \(3, 3\)",
        ),
        refused(
            lambda: shortest_solution(np.ones((3, 2)), np.ones(3)),
            r"no more rows than columns, got \(3, 2\)",
        ),
        refused(
            lambda: shortest_solution(np.ones((2, 3)), np.ones(3)),
            r"y must have shape \(2,\), got \(3,\)",
        ),
        refused(
            lambda: train_two_layers(np.eye(2), np.eye(2), np.eye(2), lr=1, steps=-1),
            "steps must be >= 0, got -1",
        ),
        *[
            refused(
                lambda bad=bad: train_diagonal(
                    [[1.0]], [1.0], **({"start": 1.0, "lr": 1.0, "steps": 1} | bad)
                ),
                message,
            )
            for bad, message in (
                ({"start": 0.0}, "start must be finite and > 0, got 0.0"),
                ({"lr": [0.1, np.inf]}, r"lr must be finite and > 0, got \[0.1 inf\]"),
                ({"steps": 1.5}, "steps must be a whole number, got 1.5"),
                ({"tolerance": -1e-9}, "tolerance must be .* got -1e-09"),
            )
        ],
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
