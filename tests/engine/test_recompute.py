"""Tests for engine.recompute: the same bits, and less that is kept."""

import weakref

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine.recompute import recomputed
from algollm_helpers.engine.tensor import Tensor

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(12, 5, 5)) / 2
X = RNG.normal(size=(7, 5))


def chain(x, *weights):
    for w in weights:
        x = (x @ w).tanh()
    return x


def gradients(segments):
    leaves = [Tensor(w.copy()) for w in WEIGHTS]
    x = start = Tensor(X.copy())
    for own in np.split(np.arange(12), segments) if segments else []:
        x = recomputed(chain, x, [leaves[i] for i in own])
    y = x if segments else chain(x, *leaves)
    (y * y).sum().backward()
    return [start.grad, *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("segments", [1, 2, 3, 4, 6, 12])
def test_the_gradients_are_the_same_to_the_last_bit(segments):
    for kept, again in zip(gradients(0), gradients(segments), strict=True):
        assert_array_equal(kept, again)


def test_a_parameter_used_in_two_parts_receives_from_both():
    w = Tensor(WEIGHTS[0].copy())
    twice = recomputed(chain, recomputed(chain, Tensor(X.copy()), [w]), [w])
    twice.sum().backward()
    plain = Tensor(WEIGHTS[0].copy())
    chain(Tensor(X.copy()), plain, plain).sum().backward()
    assert_array_equal(w.grad, plain.grad)


def test_nothing_inside_the_part_outlives_the_forward_pass():
    inside = []

    def watched(x, *weights):
        for w in weights:
            x = (x @ w).tanh()
            inside.append(weakref.ref(x.data))
        return x

    leaves = [Tensor(w.copy()) for w in WEIGHTS]
    y = recomputed(watched, Tensor(X.copy()), leaves)
    assert [ref() is not None for ref in inside] == [False] * 11 + [True]
    y.sum().backward()
    assert len(inside) == 24  # each layer ran twice
