"""Tests for algollm_helpers.gradient_check: what it must see, then refusals."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.gradient_check import check_gradient, hessian_vector_product
from algollm_helpers.tensor import Tensor
from small import few, refused, seeds


def test_the_checker_sees_a_wrong_gradient():
    def wrong_square(x):  # y = x^2 with slope x
        half = Tensor(x.data, needs_grad=False)
        return (x * half).sum()

    both = check_gradient(wrong_square, [[1.0, 2.0]], rng=np.random.default_rng(0))
    assert_allclose(both.numeric, 2 * both.analytic, rtol=1e-8)


def test_the_checker_sees_a_gradient_that_was_forgotten():
    def forgets_b(a, b):
        return (a * Tensor(b.data, needs_grad=False)).sum()

    both = check_gradient(forgets_b, [[1.0], [2.0]], rng=np.random.default_rng(0))
    assert np.abs(both.analytic - both.numeric).min() > 1e-3


def test_the_checker_measures_the_slope_of_a_plane_exactly():
    # f = 3 a - 4 b has slope (3, -4).u in direction u, at most 5
    both = check_gradient(
        lambda a, b: a * 3.0 - b * 4.0, [7.0, 8.0], rng=np.random.default_rng(0)
    )
    assert_allclose(both.analytic, both.numeric, rtol=1e-9)
    assert np.abs(both.analytic).max() <= 5.0
    assert both.analytic.shape == (3,)


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


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(
            lambda: check_gradient(Tensor.sum, [1.0], rng=RNG, directions=0),
            "directions must be >= 1, got 0",
        ),
        refused(
            lambda: check_gradient(Tensor.sum, [1.0], rng=RNG, step=np.nan),
            "step must be finite and > 0, got nan",
        ),
        refused(
            lambda: check_gradient(Tensor.sum, [1.0], rng=RNG, method="one-sided"),
            "got 'one-sided'",
        ),
        refused(
            lambda: hessian_vector_product(np.sin, [1.0], [1.0], step=0),
            "step must be finite and > 0, got 0",
        ),
        refused(
            lambda: hessian_vector_product(np.sin, [1.0], [1.0, 2.0]),
            r"got \(1,\) and \(2,\)",
        ),
        refused(
            lambda: hessian_vector_product(np.sum, [1.0], [1.0]),
            r"grad returned \(\), expected \(1,\)",
        ),
    ],
)
def test_bad_use_of_the_checks_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
