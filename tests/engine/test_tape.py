"""Tests for engine.tape: the sweep, who keeps a gradient, then refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from algollm_helpers.backprop import Value
from algollm_helpers.engine.layers import linear
from algollm_helpers.engine.tensor import Tensor
from tests.support.small import refused


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


def test_a_leaf_has_the_slope_1_towards_itself():
    for x in (Value(3.0), Tensor(3.0)):
        x.backward()
        assert float(x.grad) == 1.0


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


Z = Tensor(np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(Z.backward, r"one real number, got Tensor\(shape=\(2, 3\)"),
        refused(Tensor(1j).backward, "one real number"),
        refused(Tensor(1.0, needs_grad=False).backward, "inputs are constants"),
        refused(lambda: Tensor([1.0], grad_buffer=np.ones(2)), r"shape \(1,\), got"),
    ],
)
def test_bad_use_of_a_node_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
