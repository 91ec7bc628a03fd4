"""Tests for algollm_helpers.tensor: every operation against differences, the graph."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.backprop import Value
from algollm_helpers.layers import linear
from algollm_helpers.tensor import Tensor
from small import (
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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    leaves=st.lists(st.floats(-2, 2), min_size=1, max_size=3),
    steps=st.lists(
        st.tuples(st.sampled_from(["+", "*", "tanh"]), st.integers(0), st.integers(0)),
        min_size=1,
        max_size=12,
    ),
)
def test_tensors_and_values_agree_on_any_graph_and_with_forward_mode(leaves, steps):
    """Nodes are reused at random, so the order and the sums of backward matter."""

    def build(nodes):
        for op, i, j in steps:
            a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
            nodes.append(a.tanh() if op == "tanh" else a + b if op == "+" else a * b)
        return nodes

    values, tensors = build([*map(Value, leaves)]), build([*map(Tensor, leaves)])
    total = sum(values, Value(0.0)), sum(tensors, Tensor(0.0))
    for root in total:
        root.backward()

    for k in range(len(leaves)):  # slope of every node towards leaf k, forwards
        slopes = [float(i == k) for i in range(len(leaves))]
        for (op, i, j), node in zip(steps, values[len(leaves) :], strict=True):
            i, j = i % len(slopes), j % len(slopes)
            if op == "tanh":
                slopes.append((1 - node.data**2) * slopes[i])
            elif op == "+":
                slopes.append(slopes[i] + slopes[j])
            else:
                a, b = values[i].data, values[j].data
                slopes.append(slopes[i] * b + a * slopes[j])
        expected = pytest.approx(sum(slopes), rel=1e-9, abs=1e-9)
        assert values[k].grad == expected
        assert float(tensors[k].grad) == expected


def test_a_deep_graph_of_tensors_needs_no_recursion():
    x = Tensor(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1.0
    y.backward()
    assert (float(y.data), float(x.grad)) == (20_001.0, 1.0)


def test_a_second_backward_through_the_same_graph_is_refused():
    x = Tensor([1.0, 2.0])
    y = (x * x).exp()
    loss = y.sum()
    loss.backward()
    once = x.grad.copy()
    for again in (loss, y.sum(), (y * 2.0).sum()):
        with pytest.raises(RuntimeError, match="already used by backward"):
            again.backward()
    assert_array_equal(x.grad, once)


def test_leaves_add_up_over_graphs_until_they_are_cleared():
    x = Tensor([3.0])
    for total in (6.0, 12.0):
        (x * x).sum().backward()
        assert_array_equal(x.grad, [total])
    x.grad = None
    (x * x).sum().backward()
    assert_array_equal(x.grad, [6.0])


def test_only_leaves_keep_a_gradient():
    x = Tensor([1.0])
    inner = x * 2.0
    loss = inner.sum()
    loss.backward()
    assert inner.grad is None
    assert loss.grad is None
    assert x.grad is not None


def test_two_leaves_do_not_share_the_memory_of_a_gradient():
    a, b = Tensor([1.0]), Tensor([1.0])
    (a + b).sum().backward()
    a.grad *= 5.0
    assert_array_equal(b.grad, [1.0])


def test_constants_receive_nothing_and_record_nothing():
    x, c = Tensor([2.0]), Tensor([3.0], needs_grad=False)
    y = c * c
    assert not y.needs_grad
    assert y.parents == ()
    (x * y).sum().backward()
    assert c.grad is None
    assert_array_equal(x.grad, [9.0])


@pytest.mark.parametrize("product", [True, False])
def test_a_leaf_writes_its_gradient_where_it_was_told(product):
    flat = np.full(8, np.nan)
    w = Tensor(np.ones((2, 2)), grad_buffer=flat[2:6].reshape(2, 2))
    x = np.array([[1.0, 2.0]])
    for total in (1.0, 2.0):  # the first is written, the second added
        y = linear(Tensor(x), w) if product else w * x
        y.sum().backward()
        assert_array_equal(flat[2:6], [total, 2 * total, total, 2 * total])
    assert np.isnan(flat[[0, 1, 6, 7]]).all()


def test_a_tensor_shares_the_memory_of_a_float_array():
    array = np.zeros(3)
    assert Tensor(array).data is array
    assert Tensor([1, 2]).data.dtype == np.float64


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
        refused(Z.backward, r"one real number, got Tensor\(shape=\(2, 3\)"),
        refused(Tensor(1j).backward, "one real number"),
        refused(Tensor(1.0, needs_grad=False).backward, "inputs are constants"),
        refused(lambda: Tensor([1.0], grad_buffer=np.ones(2)), r"shape \(1,\), got"),
        refused(lambda: Z @ np.ones(3), r"two axes, got \(2, 3\) and \(3,\)"),
        refused(lambda: Z**Z, "plain number", TypeError),
        refused(lambda: Tensor(np.ones(0)).mean(), "empty array"),
    ],
)
def test_bad_use_of_tensors_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
