"""Tests for numbers that change between the way forward and the way back."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.backprop import Value
from algollm_helpers.engine import blocks, layers
from algollm_helpers.engine.recompute import recomputed
from algollm_helpers.engine.tensor import Tensor

RNG = np.random.default_rng(0)
A, B = RNG.uniform(0.5, 2, (2, 4, 4))
IDS = np.array([2, 0, 2, 1])
OPERATIONS = {  # name -> arrays, what is done with them
    "a + b": ([A, B], lambda a, b: a + b),
    "a * b": ([A, B], lambda a, b: a * b),
    "a * a": ([A], lambda a: a * a),
    "a / b": ([A, B], lambda a, b: a / b),
    "x ** power": ([A], lambda x: x**2.5),
    "a @ b": ([A, B], lambda a, b: a @ b),
    "exp": ([A], lambda x: x.exp()),
    "log": ([A], lambda x: x.log()),
    "tanh": ([A], lambda x: x.tanh()),
    "relu": ([A - 1], lambda x: x.relu()),
    "sum": ([A], lambda x: x.sum(axis=0)),
    "linear": ([A, B], layers.linear),
    "embedding": ([A], lambda table: layers.embedding(table, IDS)),
    "rms_norm": ([A], layers.rms_norm),
    "softmax": ([A], layers.softmax),
    "cross_entropy": ([A], lambda z: layers.cross_entropy(z, IDS)),
    "attention": (
        [RNG.normal(size=(4, 12))],
        lambda x: layers.causal_attention(x, n_head=2),
    ),
    "embed": ([A, B], lambda wte, wpe: blocks.embed(wte, wpe, IDS)),
    "attend": (
        [A, RNG.normal(size=(12, 4)), B],
        lambda x, wqkv, wo: blocks.attend(x, wqkv, wo, n_head=2),
    ),
    "feed_forward": (
        [A, RNG.normal(size=(16, 4)), RNG.normal(size=(4, 16))],
        blocks.feed_forward,
    ),
}


def gradients(name, between):
    """Return the leaves' gradients, with `between` done to them on the way."""
    arrays, operation = OPERATIONS[name]
    leaves = [Tensor(array.copy()) for array in arrays]
    y = operation(*leaves)
    g = np.random.default_rng(1).normal(size=y.shape)
    root = (y * g).sum()
    for leaf in leaves:
        between(leaf)
    root.backward()
    return [leaf.grad for leaf in leaves]


def replace(leaf):
    leaf.data = leaf.data * 10


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_new_array_leaves_the_old_graph_as_it_was(name):
    expected = gradients(name, lambda leaf: None)
    for ours, theirs in zip(gradients(name, replace), expected, strict=True):
        assert_array_equal(ours, theirs)


def test_an_array_that_is_changed_after_its_way_back_is_fine():
    w = Tensor([1.0, 2.0])
    for expected in ([2.0, 4.0], [20.0, 40.0]):
        w.grad = None
        (w * w).sum().backward()
        assert_array_equal(w.grad, expected)
        w.data *= 10


def test_the_docstring_says_what_a_change_in_place_does():
    # arrays are shared, not copied: at [1, 2] the gradient of Σ w² would be [2, 4]
    w = Tensor([1.0, 2.0])
    root = (w * w).sum()
    w.data *= 10
    root.backward()
    assert_array_equal(w.grad, [20.0, 40.0])
    assert "no array may be changed in place" in " ".join(Tensor.__doc__.split())


def test_what_is_recomputed_reads_its_parameters_again():
    w = Tensor([3.0])
    root = recomputed(lambda x, w: x * w, Tensor([1.0]), [w]).sum()
    w.data = np.array([5.0])
    root.backward()
    assert_array_equal(w.grad, [1.0])
    words = " ".join(recomputed.__doc__.split())
    assert "neither changed nor replaced" in words


def test_a_value_keeps_the_slopes_of_its_forward_pass():
    w = Value(2.0)
    y = w * w
    w.data *= 10
    y.backward()
    assert w.grad == 4.0
