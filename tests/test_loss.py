"""Tests for algollm_helpers.loss: slopes by differences, minimisers, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers import loss
from algollm_helpers.engine.layers import cross_entropy, softmax
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.small_net import mse
from tests.support.small import few, refused, seeds

RNG = np.random.default_rng(0)
REAL = {
    "squared": loss.squared,
    "absolute": loss.absolute,
    "quantile": loss.quantile(0.9),
    "huber": loss.huber(0.7),
}
YES_NO = {
    "logistic": loss.logistic,
    "squared_probability": loss.squared_probability,
}


def assert_slope(function, z, y):
    h = 1e-6
    ahead, behind = function(z + h, y)[0], function(z - h, y)[0]
    assert_allclose(function(z, y)[1], (ahead - behind) / (2 * h), atol=1e-8)


@pytest.mark.parametrize("name", REAL)
def test_the_slope_is_that_of_the_loss(name):
    y = RNG.normal(size=50)
    assert_slope(REAL[name], y + np.array([0.3, -1.4] * 25), y)
    value, slope = REAL[name](y, y)
    assert_array_equal(value, 0)
    assert_array_equal(slope, 0)


@pytest.mark.parametrize("name", YES_NO)
def test_the_slope_in_the_logit_is_that_of_the_loss(name):
    assert_slope(YES_NO[name], 3 * RNG.normal(size=50), np.arange(50) % 2.0)


def test_the_hinge_is_free_beyond_the_margin_and_straight_before_it():
    z, y = np.array([2.0, 0.5, -3.0, -0.5]), np.array([1.0, 1.0, 1.0, -1.0])
    value, slope = loss.hinge(z, y)
    assert_array_equal(value, [0, 0.5, 4, 0.5])
    assert_array_equal(slope, [0, -1, -1, 1])


def test_huber_joins_without_a_step_and_meets_both_neighbours():
    z, zero = np.array([0.999, 1.001, 3.0]), np.zeros(3)
    value, slope = loss.huber(1.0)(z, zero)
    assert_allclose(value, [0.999**2, 2 * 1.001 - 1, 5])
    assert_allclose(slope, [2 * 0.999, 2, 2])
    assert_allclose(loss.huber(1e9)(z, zero)[0], loss.squared(z, zero)[0])


def test_the_logistic_loss_is_the_engines_cross_entropy_of_two_classes():
    z, y = RNG.normal(size=9), np.arange(9) % 2
    two = Tensor(np.column_stack([np.zeros(9), z]))
    mean = cross_entropy(two, y)
    mean.backward()
    value, slope = loss.logistic(z, y.astype(float))
    assert_allclose(value.mean(), mean.data)
    assert_allclose(slope / 9, two.grad[:, 1])


def test_extreme_logits_neither_overflow_nor_lose_the_slope():
    value, slope = loss.logistic(np.array([-1000.0, 1000.0]), np.array([1.0, 1.0]))
    assert_array_equal(value, [1000, 0])
    assert_array_equal(slope, [-1, 0])


def test_softmax_of_logarithms_is_the_share_of_each():
    parts = np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 4.0]])
    shares = parts / parts.sum(axis=1, keepdims=True)
    assert_allclose(loss.softmax(np.log(parts)), shares, rtol=1e-14)


def test_softmax_of_two_scores_is_the_sigmoid_of_their_difference():
    z = RNG.normal(size=(20, 2))
    assert_allclose(loss.softmax(z)[:, 1], loss.sigmoid(z[:, 1] - z[:, 0]), rtol=1e-14)


def test_softmax_does_not_feel_a_shift_and_agrees_with_the_engine():
    z = RNG.normal(size=(4, 3, 6))
    assert_allclose(loss.softmax(z), softmax(Tensor(z)).data, rtol=1e-14)
    assert_allclose(loss.softmax(z + 7), loss.softmax(z), rtol=1e-13)
    assert_array_equal(loss.softmax([1000.0, 1000.0, -1000.0]), [0.5, 0.5, 0.0])


@few
@given(seed=seeds, level=st.sampled_from([0.1, 0.3, 0.5, 0.9]))
def test_each_loss_rewards_its_own_answer(seed, level):
    y = np.random.default_rng(seed).normal(size=41)
    ends = {"low": y.min() - 1, "high": y.max() + 1}
    assert_allclose(loss.best_constant(loss.squared, y, **ends), y.mean(), atol=1e-9)
    middle = loss.best_constant(loss.absolute, y, **ends)
    assert_allclose(middle, np.median(y), atol=1e-9)
    place = loss.best_constant(loss.quantile(level), y, **ends)
    # the smallest answer below which at least that share lies
    share = (y <= place + 1e-9).mean(), (y < place - 1e-9).mean()
    assert share[0] >= level - 1e-12 > share[1] - 1e-12


@few
@given(yes=st.integers(1, 40))
def test_cross_entropy_rewards_the_share_of_yes(yes):
    y = (np.arange(41) < yes).astype(float)
    logit = loss.best_constant(loss.logistic, y, low=-20.0, high=20.0)
    assert_allclose(loss.sigmoid(logit), yes / 41, rtol=1e-9)


def test_the_mean_for_nets_is_that_of_small_net():
    outputs, y = RNG.normal(size=(4, 7, 2)), RNG.normal(size=(7, 2))
    for ours, theirs in zip(
        loss.averaged(loss.squared, y)(outputs), mse(y)(outputs), strict=True
    ):
        assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: loss.quantile(1.0), r"level must be in \(0, 1\), got 1.0"),
        refused(lambda: loss.huber(0.0), "width must be finite and > 0, got 0.0"),
        refused(
            lambda: loss.averaged(loss.squared, np.zeros((3, 1)))(np.zeros((2, 1))),
            r"outputs must have shape \(3, 1\), got \(2, 1\)",
        ),
        refused(
            lambda: loss.best_constant(loss.squared, [], low=0.0, high=1.0),
            r"y must have shape \(n,\), n >= 1, got \(0,\)",
        ),
        refused(
            lambda: loss.best_constant(loss.squared, [1.0], low=2.0, high=1.0),
            "low must be below high, got 2.0 and 1.0",
        ),
        refused(
            lambda: loss.best_constant(loss.squared, [5.0], low=0.0, high=1.0),
            "no best answer in 0.0 … 1.0: the slope at 1.0 is -8.0",
        ),
        refused(
            lambda: loss.best_constant(loss.squared, [-5.0], low=0.0, high=1.0),
            "the slope at 0.0 is 10.0",
        ),
        refused(
            lambda: loss.best_constant(loss.squared, [np.nan], low=0.0, high=1.0),
            "is nan",
        ),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
