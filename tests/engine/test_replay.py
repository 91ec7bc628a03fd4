"""Tests for engine.replay: a replay against the tape, on numbers it has not seen."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine import layers
from algollm_helpers.engine.replay import Recording
from algollm_helpers.engine.tensor import Tensor

RNG = np.random.default_rng(7)
LOSSES = {  # of leaves a (3, 4) and b (4, 4), positive at first
    "arithmetic": lambda a, b: ((a @ b - 1.0) * a / (2.0 + a)).sum(),
    "powers": lambda a, b: (a**3.0).sum() + (b**0.5).sum() + (b**0).sum(),
    "functions": lambda a, b: (a.log() + a.exp().tanh() @ b).sum(),
    "relu": lambda a, b: ((a - 1.0) @ b).relu().sum(),
    "means": lambda a, b: (a.mean(axis=0) * b.sum(axis=1)).mean(),
    "shapes": lambda a, b: (a.transpose(1, 0).reshape(3, 4) @ b).sum(),
    "softmax": lambda a, b: (layers.softmax(a) * layers.log_softmax(a @ b)).sum(),
    "linear": lambda a, b: layers.linear(layers.rms_norm(a), b).sum(),
    "first rows": lambda a, b: (layers.first_rows(b, 3) * a).sum(),
    "used twice": lambda a, b: (layers.linear(a, b) @ b + b.sum()).sum(),
}


def leaves(dtype=np.float64):
    """Return two leaves whose gradients have a place of their own."""
    shapes = {"a": (3, 4), "b": (4, 4)}
    return {
        name: Tensor(
            (RNG.random(shape) + 0.5).astype(dtype),
            grad_buffer=np.empty(shape, dtype),
        )
        for name, shape in shapes.items()
    }


def by_tape(loss, nodes, *inputs):
    """Return loss and gradients from a new tape over leaves of the same numbers."""
    fresh = {name: Tensor(leaf.data) for name, leaf in nodes.items()}
    root = loss(fresh, *inputs)
    root.backward()
    zero = {name: np.zeros_like(leaf.data) for name, leaf in nodes.items()}
    return float(root.data), {
        name: zero[name] if leaf.grad is None else leaf.grad
        for name, leaf in fresh.items()
    }


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("code", LOSSES.values(), ids=LOSSES)
def test_a_replay_finds_what_the_tape_finds_to_the_last_bit(code, dtype):
    def loss(nodes):
        return code(nodes["a"], nodes["b"])

    nodes = leaves(dtype)
    recording = Recording(loss, nodes, ())
    for _ in range(3):  # the numbers change between replays, as in training
        for leaf in nodes.values():
            leaf.data *= RNG.uniform(0.5, 1.5, leaf.shape).astype(dtype)
        value, grads = by_tape(loss, nodes)
        assert recording() == value
        for name, leaf in nodes.items():
            assert_array_equal(leaf._buffer, grads[name])


def read(nodes, ids, targets, share):
    """Return a loss that reads ids, targets and weights, as training does."""
    x = layers.embedding(nodes["b"], ids)
    logits = layers.linear(layers.rms_norm(x), nodes["a"])
    return layers.cross_entropy(logits, targets, weights=share)


def test_a_replay_reads_the_inputs_it_is_given():
    nodes = leaves()
    blank = np.zeros(5, int), np.zeros(5, int), np.zeros(5)
    recording = Recording(read, nodes, blank)
    for _ in range(3):
        share = RNG.random(5)
        inputs = RNG.integers(4, size=5), RNG.integers(3, size=5), share / share.sum()
        value, grads = by_tape(read, nodes, *inputs)
        # the tape divides the shares by their sum once more: rounding
        assert recording(*inputs) == pytest.approx(value, rel=1e-14)
        for name, leaf in nodes.items():
            np.testing.assert_allclose(leaf._buffer, grads[name], rtol=1e-13)


def test_nothing_of_the_inputs_is_kept_or_changed():
    nodes, given = leaves(), [np.array([1, 2]), np.array([0, 1]), np.array([0.5, 0.5])]
    before = [x.copy() for x in given]
    recording = Recording(read, nodes, given)
    once = recording(*given)
    for x, y in zip(given, before, strict=True):
        assert_array_equal(x, y)
        x[...] = 0
    assert recording(*before) == once


@pytest.mark.parametrize("length", [4, 6, 1])
def test_another_length_is_refused(length):
    five = np.zeros(5, int)
    recording = Recording(read, leaves(), (five, five, np.ones(5)))
    ids = np.zeros(length, int)
    with pytest.raises(ValueError, match=rf"shape \(5,\), got \({length},\)"):
        recording(ids, ids, np.ones(length))
    with pytest.raises(ValueError, match="shorter"):
        recording(five)


def test_a_loss_that_does_not_come_from_the_leaves_is_refused():
    nodes = leaves()
    for lost in (
        lambda nodes: Tensor(np.asarray(nodes["a"].data)).sum(),
        lambda _nodes: Tensor([1.0]).sum(),
    ):
        with pytest.raises(TypeError, match="does not come from the leaves"):
            Recording(lost, nodes, ())


def test_a_leaf_without_a_buffer_is_refused():
    with pytest.raises(ValueError, match="leaf 'w' needs a grad_buffer"):
        Recording(lambda nodes: nodes["w"].sum(), {"w": Tensor([1.0])}, ())


def test_the_numbers_of_the_leaves_are_not_touched_by_recording():
    nodes = leaves()
    before = {name: leaf.data.copy() for name, leaf in nodes.items()}
    marks = {name: leaf._buffer.copy() for name, leaf in nodes.items()}
    Recording(lambda n: (n["a"] @ n["b"]).sum(), nodes, ())
    for name, leaf in nodes.items():
        assert_array_equal(leaf.data, before[name])
        assert_array_equal(leaf._buffer, marks[name])
        assert leaf.grad is None


def test_a_replay_makes_no_calls_but_those_of_the_step():
    nodes = leaves()
    recording = Recording(lambda n: (n["a"] @ n["b"]).sum(), nodes, ())
    # a product, a sum, two products back, and a copy into each buffer
    assert len(recording) == 6
