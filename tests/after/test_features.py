"""Tests for algollm_helpers.after.features: normal equations, limits, slow descent."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.after.features import Fits, random_task, relu_features
from algollm_helpers.closed_form import shortest_solution

SHAPES = [(12, 5), (8, 8), (6, 20)]  # too few features, as many, too many


def problem(n, p, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)), rng.normal(size=n)


@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_ridge_solves_its_normal_equations(n, p):
    X, y = problem(n, p)
    for penalty in (1e-3, 0.5, 40.0):
        w = Fits(X, y).ridge(penalty)
        assert_allclose((X.T @ X + penalty * np.eye(p)) @ w, X.T @ y, atol=1e-10)


@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_the_shortest_solution_is_the_limit_of_ridge_and_of_a_long_flow(n, p):
    X, y = problem(n, p)
    fits = Fits(X, y)
    slowest = fits.curvatures.min()
    assert_allclose(fits.ridge(1e-9 * slowest), fits.shortest(), rtol=1e-6)
    assert_allclose(fits.stopped(40 / slowest), fits.shortest(), rtol=1e-9)
    assert_allclose(fits.stopped(0.0), np.zeros(p))


def test_with_more_features_than_data_it_interpolates_and_is_shorter_than_others():
    X, y = problem(6, 20)
    w = Fits(X, y).shortest()
    assert_allclose(X @ w, y, atol=1e-12)
    assert_allclose(w, shortest_solution(X, y), atol=1e-12)
    aside = np.linalg.svd(X)[2][6:].T  # directions that X does not see
    assert_allclose(aside.T @ w, 0, atol=1e-12)
    other = w + aside @ np.ones(14)
    assert_allclose(X @ other, y, atol=1e-12)
    assert_allclose(other @ other, w @ w + 14)


@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_short_steps_of_gradient_descent_arrive_where_the_flow_is(n, p):
    X, y = problem(n, p)
    w, rate = np.zeros(p), 1e-4
    for _ in range(2000):
        w -= rate * X.T @ (X @ w - y)
    exact = Fits(X, y).stopped(2000 * rate)
    assert np.linalg.norm(w - exact) < 0.01 * np.linalg.norm(exact)
    # of steps of a length each direction keeps (1 - rate S²)^steps, not exp(-t S²)
    curvatures, v = np.linalg.eigh(X.T @ X)
    taken = 1 - (1 - rate * curvatures) ** 2000
    seen = curvatures > 1e-9
    there = (taken * (v.T @ X.T @ y))[seen] / curvatures[seen]
    assert_allclose(v[:, seen] @ there, w, atol=1e-10)


@pytest.mark.parametrize(("n", "p"), SHAPES)
def test_curvatures_are_those_of_the_loss(n, p):
    X, y = problem(n, p)
    curvatures = np.linalg.eigvalsh(X.T @ X)[::-1]
    r = min(n, p)
    assert_allclose(Fits(X, y).curvatures, curvatures[:r], rtol=1e-6, atol=1e-9)


def test_a_repeated_row_or_feature_does_not_divide_by_nothing():
    X = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    fits = Fits(X, [2.0, 4.0])  # two answers to one input: their mean
    assert fits.curvatures.shape == (1,)
    assert_allclose(fits.shortest(), [1.5, 1.5, 0.0])


def test_features_of_a_wide_net_have_the_mean_square_of_their_input():
    rng = np.random.default_rng(0)
    x = np.array([[3.0, 4.0], [0.0, 1.0]])
    squares = (relu_features(x, rng.normal(size=(2, 40_000))) ** 2).sum(axis=1)
    # E max(0, z)² = σ²/2 with deviation √5/2 σ² of one square
    assert_allclose(squares, [25.0, 1.0], rtol=4 * 5**0.5 / 200)


def test_a_task_is_its_truth_and_noise_of_the_size_asked_for():
    direction = np.array([0.6, 0.8])
    drawn = random_task(
        4000, direction=direction, bend=0.5, noise=0.3, rng=np.random.default_rng(0)
    )
    z = drawn.x @ direction
    assert_allclose(drawn.truth, z + 0.5 * np.sin(2 * z))
    off = drawn.y - drawn.truth
    assert abs(off.std() - 0.3) < 4 * 0.3 / 8000**0.5
    assert abs(np.corrcoef(off, z)[0, 1]) < 4 / 4000**0.5


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda: Fits([1.0], [1.0]), r"X must be a matrix, got shape \(1,\)"),
        (lambda: Fits([[1.0]], [1.0, 2.0]), r"y must have shape \(1,\), got \(2,\)"),
        (lambda: Fits([[1.0]], [1.0]).ridge(0.0), "penalty must be finite and > 0"),
        (lambda: Fits([[1.0]], [1.0]).stopped(-1.0), "time must be finite and >= 0"),
    ],
)
def test_refuses_what_is_no_fit(broken, message):
    with pytest.raises(ValueError, match=message):
        broken()
