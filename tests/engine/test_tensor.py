"""Tests for engine.tensor: every operation against differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine.tensor import Tensor
from tests.support.small import (
    assert_gradient,
    away_from_zero,
    few,
    refused,
    seeds,
    shapes,
    weighted_sum,
)

BINARY = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
}


@pytest.mark.parametrize("name", BINARY)
@few
@given(
    both=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4),
    seed=seeds,
)
def test_broadcast_arithmetic_has_the_right_gradient(name, both, seed):
    rng = np.random.default_rng(seed)
    arrays = [away_from_zero(rng.normal(size=s)) for s in both.input_shapes]
    op = BINARY[name]
    assert_array_equal(op(*map(Tensor, arrays)).data, op(*arrays))
    assert_gradient(lambda a, b: weighted_sum(op(a, b), seed), arrays, seed)
    assert_gradient(lambda a: weighted_sum(op(a, arrays[1]), seed), arrays[:1], seed)
    assert_gradient(lambda b: weighted_sum(op(arrays[0], b), seed), arrays[1:], seed)


UNARY = {  # name -> (on a Tensor, on an array, is analytic)
    "negate": (lambda x: -x, np.negative, True),
    "square": (lambda x: x**2, np.square, True),
    "reciprocal": (lambda x: 1.0 / x, np.reciprocal, True),
    "root": (lambda x: (x * x) ** 0.5, np.abs, False),
    "power 0": (lambda x: x**0, np.ones_like, True),
    "exp": (lambda x: x.exp(), np.exp, True),
    "log": (lambda x: (x * x).log(), lambda x: np.log(x * x), True),
    "tanh": (lambda x: x.tanh(), np.tanh, True),
    "relu": (lambda x: x.relu(), lambda x: np.maximum(x, 0), False),
    "sum": (lambda x: x.sum(), np.sum, True),
    "sum first": (lambda x: x.sum(axis=0), lambda x: x.sum(axis=0), True),
    "sum last": (lambda x: x.sum(axis=-1), lambda x: x.sum(axis=-1), True),
    "mean": (lambda x: x.mean(), np.mean, True),
    "mean last": (lambda x: x.mean(axis=-1), lambda x: x.mean(axis=-1), True),
    "flatten": (lambda x: x.reshape(-1), np.ravel, True),
    "reused": (lambda x: x * x.exp() + x, lambda x: x * np.exp(x) + x, True),
}


@pytest.mark.parametrize("name", UNARY)
@few
@given(shape=shapes, seed=seeds)
def test_functions_of_one_tensor_have_the_right_gradient(name, shape, seed):
    f, on_array, is_analytic = UNARY[name]
    x = away_from_zero(np.random.default_rng(seed).normal(size=shape))
    assert_allclose(f(Tensor(x)).data, on_array(x), rtol=1e-12, atol=1e-15)
    assert_gradient(lambda x: weighted_sum(f(x), seed), [x], seed, analytic=is_analytic)


@few
@given(shape=shapes, seed=seeds, data=st.data())
def test_reordering_axes_has_the_right_gradient(shape, seed, data):
    axes = data.draw(st.permutations(range(len(shape))))
    axes = [axis - len(shape) * data.draw(st.booleans()) for axis in axes]  # as NumPy
    x = np.random.default_rng(seed).normal(size=shape)
    assert_array_equal(Tensor(x).transpose(*axes).data, x.transpose(axes))
    assert_gradient(lambda x: weighted_sum(x.transpose(*axes), seed), [x], seed)


@few
@given(
    lead=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3),
    sizes=st.tuples(*[st.integers(1, 4)] * 3),
    seed=seeds,
)
def test_matmul_has_the_right_gradient_on_broadcast_batches(lead, sizes, seed):
    rng = np.random.default_rng(seed)
    n, k, m = sizes
    a = rng.normal(size=(*lead.input_shapes[0], n, k))
    b = rng.normal(size=(*lead.input_shapes[1], k, m))
    assert_allclose((Tensor(a) @ Tensor(b)).data, a @ b, rtol=1e-13)
    assert_gradient(lambda a, b: weighted_sum(a @ b, seed), [a, b], seed)
    assert_gradient(lambda b: weighted_sum(a @ b, seed), [b], seed)


def test_a_tensor_shares_the_memory_of_a_float_array():
    array = np.zeros(3)
    assert Tensor(array).data is array
    assert Tensor([1, 2]).data.dtype == np.float64


@pytest.mark.parametrize("power", [2, 2.0, np.int64(2), np.float32(2)])
def test_a_power_is_a_plain_number_of_python_or_numpy(power):
    x = Tensor([3.0, -4.0])
    (x**power).sum().backward()
    assert_array_equal(x.grad, [6.0, -8.0])


def test_an_array_on_the_left_leaves_the_work_to_the_tensor():
    x = Tensor([1.0, 2.0])
    for y in (np.ones(2) + x, np.ones(2) * x, np.ones(2) - x, np.ones(2) / x):
        assert isinstance(y, Tensor)
        assert y.shape == (2,)
    assert (np.ones((1, 2)) @ x.reshape(2, 1)).data.item() == 3.0


Z = Tensor(np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: Z @ np.ones(3), r"two axes, got \(2, 3\) and \(3,\)"),
        refused(lambda: Z**Z, "plain number", TypeError),
        refused(lambda: Tensor(np.ones(0)).mean(), "empty array"),
    ],
)
def test_bad_use_of_tensors_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
