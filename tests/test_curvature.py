"""Tests for algollm_helpers.curvature: matrices known beforehand, then refusals."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.curvature import hessian_vector_product, top_eigenvalue
from tests.support.small import few, refused, seeds

RNG = np.random.default_rng(0)


@few
@given(d=st.integers(1, 6), seed=seeds)
def test_the_curvature_of_a_quadratic_is_its_matrix(d, seed):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(d, d))
    a = a + a.T
    x, v = rng.normal(size=(2, d))
    product = hessian_vector_product(lambda x: a @ x, x, v)
    assert_allclose(product, a @ v, rtol=1e-7, atol=1e-8)
    assert_allclose(
        hessian_vector_product(lambda x: a @ x, x, -50 * v), -50 * a @ v, atol=1e-6
    )


def test_the_curvature_of_a_cosine_by_hand_and_in_no_direction():
    # f = sum cos x, gradient -sin x, Hessian diag(-cos x)
    x, v = np.array([0.3, 1.2]), np.array([2.0, -1.0])
    product = hessian_vector_product(lambda x: -np.sin(x), x, v)
    assert_allclose(product, -np.cos(x) * v, rtol=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        still = hessian_vector_product(lambda x: -np.sin(x), x, 0 * v)
    assert_array_equal(still, 0.0)


def test_rows_are_points_of_their_own():
    x, v = RNG.normal(size=(2, 3, 4))
    v[1] *= 100  # a long row must not shorten the steps of the others
    x[2] *= 1e6  # nor one that is far away lengthen them
    together = hessian_vector_product(lambda x: x**3, x, v)
    assert_allclose(together, 3 * x**2 * v, rtol=1e-6)


@pytest.mark.parametrize("spectrum", [[3.0, 1.0, 0.1], [-7.0, 2.0, 0.0]])
def test_power_iteration_finds_the_strongest_curvature_and_its_sign(spectrum):
    turn = np.linalg.qr(RNG.normal(size=(3, 3))).Q
    a = turn * spectrum @ turn.T
    pair = top_eigenvalue(lambda x: x @ a, RNG.normal(size=(2, 3)), rng=RNG)
    assert_allclose(pair.value, spectrum[0], rtol=1e-7)
    assert_allclose(np.abs(pair.vector @ turn[:, 0]), 1.0, rtol=1e-7)


def test_a_step_shorter_than_the_way_to_a_kink_does_not_see_it():
    def grad(x):  # of x², which gets steeper all at once at 1e-6
        return 2 * x + 1000.0 * (x > 1e-6)

    short, usual = (
        top_eigenvalue(grad, [0.0], rng=RNG, step=step).value for step in (1e-7, None)
    )
    assert_allclose(short, 2, rtol=1e-9)
    assert usual > 1e6


def test_a_plane_has_no_curvature():
    pair = top_eigenvalue(np.ones_like, np.zeros(3), rng=RNG)
    assert pair.value == 0.0


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(
            lambda: hessian_vector_product(np.sin, [1.0], [1.0], step=0),
            "step must be finite and > 0, got 0",
        ),
        refused(
            lambda: hessian_vector_product(np.sin, [np.nan], [1.0]),
            r"x must hold finite numbers, got \[nan\]",
        ),
        refused(
            lambda: hessian_vector_product(np.sin, [1.0], [1.0, 2.0]),
            r"got \(1,\) and \(2,\)",
        ),
        refused(
            lambda: hessian_vector_product(np.sum, [1.0], [1.0]),
            r"what grad returns must have shape \(1,\), got \(\)",
        ),
        refused(
            lambda: top_eigenvalue(np.sin, [1.0], rng=RNG, iterations=0),
            "iterations must be >= 1, got 0",
        ),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
