"""Tests for the digits and the kinds of numbers: tails, narrow types, shapes.

The references are exact: Python's decimal, with 700 digits.
"""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers import closed_form, curvature, descent, loss, precision, small_net

LOGITS = [-700.0, -40.0, -37.0, -20.0, -1.0, -1e-9, 0.0, 0.3, 1.0, 20.0, 40.0, 700.0]


def exactly(formula, *numbers):
    """Return a formula of decimals, calculated with 700 digits, as a float."""
    with localcontext() as context:
        context.prec = 700  # 1 + e^-700 has its own digits after 304 zeros
        return float(formula(*map(Decimal, numbers)))


def p(z):
    return 1 / (1 + (-z).exp())


EXACT = {  # loss and slope of a logit z and a target y, as defined
    "logistic": (
        lambda z, y: -(y * p(z).ln() + (1 - y) * (1 - p(z)).ln()),
        lambda z, y: p(z) - y,
    ),
    "squared_probability": (
        lambda z, y: (p(z) - y) ** 2,
        lambda z, y: 2 * (p(z) - y) * p(z) * (1 - p(z)),
    ),
}


@pytest.mark.parametrize("z", LOGITS)
def test_a_sigmoid_has_all_its_digits(z):
    assert_allclose(loss.sigmoid(z), exactly(p, z), rtol=4e-16)


def test_a_sigmoid_neither_overflows_nor_hides_nan():
    ends = loss.sigmoid([-np.inf, -1e308, 1e308, np.inf, np.nan])
    assert_array_equal(ends, [0, 0, 1, 1, np.nan])


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("z", LOGITS)
@pytest.mark.parametrize("y", [0, 1])
def test_a_probability_that_is_nearly_right_still_has_its_loss_and_slope(name, z, y):
    value, slope = getattr(loss, name)(np.array([z]), np.array([y]))
    for found, formula in zip((value, slope), EXACT[name], strict=True):
        assert_allclose(found, [exactly(formula, z, y)], rtol=2e-15)


@pytest.mark.parametrize("s", ["0.0", "1e-200", "1e-12", "0.5", "3.0", "40.0"])
@pytest.mark.parametrize("t", ["0.0", "1e-9", "1.0", "300.0"])
def test_the_strength_of_a_mode_has_all_its_digits(s, t):
    def formula(s, t, u):
        if s == 0:
            return u / (1 + 2 * u * t)
        return s / (1 + (s / u - 1) * (-2 * s * t).exp())

    found = closed_form.mode_strength(float(s), 1e-3, float(t))
    exact = exactly(formula, float(s), float(t), 1e-3)
    assert_allclose(found, exact, rtol=1e-12)  # e^-24000 is 0, and so are its digits


POINTWISE = {
    "squared": loss.squared,
    "absolute": loss.absolute,
    "quantile": loss.quantile(0.9),
    "huber": loss.huber(0.7),
    "logistic": loss.logistic,
    "squared_probability": loss.squared_probability,
    "hinge": loss.hinge,
}
ACCIDENTS = [((3, 1), (3,)), ((3,), (3, 1)), ((1,), (3,)), ((3,), (1,)), ((2, 3), (3,))]


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize(("outputs", "targets"), ACCIDENTS)
def test_shapes_that_would_be_repeated_are_refused(name, outputs, targets):
    with pytest.raises(ValueError, match="targets must have shape") as refusal:
        POINTWISE[name](np.zeros(outputs), np.zeros(targets))
    assert f"{outputs}, got {targets}" in str(refusal.value)


@pytest.mark.parametrize("name", POINTWISE)
def test_a_single_number_goes_with_any_shape(name):
    rng = np.random.default_rng(0)
    z, ones = rng.normal(size=(2, 3)), np.ones((2, 3))
    for found, full in zip(
        POINTWISE[name](z, 1), POINTWISE[name](z, ones), strict=True
    ):
        assert_array_equal(found, full)
    for found, full in zip(
        POINTWISE[name](0.3, ones), POINTWISE[name](0.3 * ones, ones), strict=True
    ):
        assert_array_equal(found, full)


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool, int])
def test_whole_numbers_and_bools_count_as_floats(name, dtype):
    z, y = np.array([0, 1, 100, 1]).astype(dtype), np.array([1, 0, 1, 1]).astype(dtype)
    expected = POINTWISE[name](z.astype(float), y.astype(float))
    for found, right in zip(POINTWISE[name](z, y), expected, strict=True):
        assert found.dtype == np.float64
        assert_array_equal(found, right)


@pytest.mark.parametrize("name", ["squared", "absolute", "quantile", "huber", "hinge"])
def test_float32_stays_float32(name):
    z = np.array([0.3, -2.0], np.float32)
    value, slope = POINTWISE[name](z, np.ones(2, np.float32))
    assert value.dtype == slope.dtype == np.float32


@pytest.mark.parametrize("name", POINTWISE)
def test_nan_is_nan_in_loss_and_slope(name):
    for found in POINTWISE[name](np.array([np.nan]), np.array([1.0])):
        assert_array_equal(found, [np.nan])


def mean_loss(y):
    return loss.averaged(loss.squared, y)


@pytest.mark.parametrize("make", [mean_loss, small_net.mse])
@pytest.mark.parametrize(
    ("outputs", "targets"),
    [((7, 2), (4, 7, 2)), ((1, 7, 2), (4, 7, 2)), ((4, 1, 7, 2), (5, 7, 2))],
)
def test_targets_of_more_copies_than_there_are_are_refused(make, outputs, targets):
    with pytest.raises(ValueError, match="do not go with"):
        make(np.zeros(targets))(np.zeros(outputs))


@pytest.mark.parametrize("make", [mean_loss, small_net.mse])
@pytest.mark.parametrize("targets", [(7, 2), (1, 7, 2), (4, 7, 2)])
def test_targets_of_all_copies_or_of_each_are_accepted(make, targets):
    value, slope = make(np.zeros(targets))(np.ones((4, 7, 2)))
    assert_array_equal(value, np.ones(4))
    assert slope.shape == (4, 7, 2)


NET = small_net.SmallNet(n_in=2, n_hidden=3)
X, Y = np.ones((4, 2)), np.ones((4, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: NET.loss_and_grad(np.ones(NET.size, int), X, small_net.mse(Y)),
            "float",
        ),
        (lambda: NET.outputs(np.ones(NET.size), np.ones((4, 3))), "last axis of x"),
        (
            lambda: closed_form.train_diagonal(X, [1.0], start=1, lr=1, steps=1),
            "axis of y",
        ),
        (
            lambda: closed_form.train_diagonal([1.0], 1, start=1, lr=1, steps=1),
            "two axes",
        ),
        (
            lambda: closed_form.train_two_layers(X, X, np.ones((4, 1)), lr=1, steps=1),
            "last axis of w2",
        ),
        (
            lambda: closed_form.train_two_layers([1.0], X, X, lr=1, steps=1),
            "target must be a matrix",
        ),
        (lambda: precision.LossScaler().unscale(np.ones(2, np.uint8)), "floats"),
        (
            lambda: curvature.hessian_vector_product(lambda x: x, X, X[0]),
            "share a shape",
        ),
    ],
)
def test_shapes_and_kinds_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


TAKE_ARRAYS = {  # what takes an array, and calls what gives one
    "sigmoid": loss.sigmoid,
    "softmax": loss.softmax,
    "best_constant": lambda y: loss.best_constant(loss.squared, y, low=0.0, high=9.0),
    "squared": lambda z: loss.squared(z, 1.0),
    "targets": lambda y: loss.logistic(np.ones(1), y),
    "descent": lambda w: descent.gradient_descent(lambda w: w, w, lr=1.0, steps=1),
    "grad": lambda g: descent.gradient_descent(lambda w: g, [1.0], lr=1.0, steps=1),
    "probe": lambda w: descent.central_difference(np.sum, w),
    "probed": lambda y: descent.central_difference(lambda w: np.reshape(y, ()), [1.0]),
    "hessian": lambda x: curvature.hessian_vector_product(lambda x: x, x, [1.0]),
    "vector": lambda v: curvature.hessian_vector_product(lambda x: x, [1.0], v),
    "hessian's": lambda g: curvature.hessian_vector_product(lambda x: g, [1.0], [1.0]),
    "eigenvalue": lambda x: (
        curvature.top_eigenvalue(lambda x: x, x, rng=np.random.default_rng(0)).value
    ),
    "singular": lambda s: closed_form.mode_strength(s, 1.0, 1.0),
    "time": lambda t: closed_form.mode_strength(1.0, 1.0, t),
    "target": lambda a: closed_form.train_two_layers(
        [a], np.eye(1), np.eye(1), lr=1.0, steps=1
    ),
    "shortest": lambda y: closed_form.shortest_solution([[1.0]], y),
    "diagonal": lambda y: closed_form.train_diagonal(
        [[1.0]], y, start=1.0, lr=0.1, steps=1
    ),
    "bfloat16": precision.round_bfloat16,
}


@pytest.mark.parametrize("name", TAKE_ARRAYS)
@pytest.mark.parametrize(
    "what", [[1j], np.array([1 + 0j]), ["1"], [b"1"], [None], np.array([1], object)]
)
def test_what_holds_no_real_numbers_is_refused(name, what):
    with pytest.raises(ValueError, match="must hold real numbers, got"):
        TAKE_ARRAYS[name](what)


@pytest.mark.parametrize("name", TAKE_ARRAYS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.float16, np.float32, bool])
def test_numbers_of_any_kind_are_taken_for_what_they_are(name, dtype):
    one = np.ones(1)
    found, expected = (TAKE_ARRAYS[name](a) for a in (one.astype(dtype), one))
    for ours, theirs in zip(np.atleast_1d(found), np.atleast_1d(expected), strict=True):
        assert_allclose(ours, theirs, rtol=1e-6 if dtype == np.float32 else 1e-3)
