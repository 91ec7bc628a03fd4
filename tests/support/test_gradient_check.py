"""Tests for tests.support.gradient_check: what it must see, then refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.engine.tensor import Tensor
from tests.support.gradient_check import check_gradient
from tests.support.small import refused


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
    ],
)
def test_bad_use_of_the_checks_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
