"""Tests for the table at the head of the engine: every row, typed anew in NumPy."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

import algollm_helpers.engine as engine
from algollm_helpers.engine.layers import first_rows
from algollm_helpers.engine.tensor import Tensor

RNG = np.random.default_rng(0)
A, B = RNG.uniform(0.5, 2, (2, 3, 4))
G = RNG.normal(size=(3, 4))
IDS = np.array([2, 0, 2])
QKV = RNG.normal(size=(3, 12))


def normal(x):
    """Return exp(x) / Σ exp(x) of each row."""
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def attention(g):
    """Return what the last row of the table says, for one head."""
    q, k, v = np.split(QKV, 3, axis=1)
    root = np.sqrt(4)
    future = np.where(np.tri(3) == 1, 0.0, -np.inf)
    w = normal(q @ k.T / root + future)
    s = w * (g @ v.T - (w * (g @ v.T)).sum(-1, keepdims=True))
    return np.hstack([s @ k / root, s.T @ q / root, w.T @ g])


def norm(x, g):
    """Return what rms_norm hands back."""
    scale = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)
    y = scale * x
    return scale * (g - y * (g * y).mean(-1, keepdims=True))


def row_sum(x):
    return x.sum(-1, keepdims=True)


ROWS = {  # as in the table: operands, the operation, what it hands back given g
    "a + b": ([A, B], lambda a, b: a + b, lambda g: [g, g]),
    "a - b": ([A, B], lambda a, b: a - b, lambda g: [g, -g]),
    "a * b": ([A, B], lambda a, b: a * b, lambda g: [g * B, g * A]),
    "a / b": ([A, B], lambda a, b: a / b, lambda g: [g / B, -g * (A / B) / B]),
    "x ** power": ([A], lambda x: x**2.5, lambda g: [g * 2.5 * A**1.5]),
    "a @ b": ([A, B.T], lambda a, b: a @ b, lambda g: [g @ B, A.T @ g]),
    "x.exp()": ([A], lambda x: x.exp(), lambda g: [g * np.exp(A)]),
    "x.log()": ([A], lambda x: x.log(), lambda g: [g / A]),
    "x.tanh()": ([A], lambda x: x.tanh(), lambda g: [g * (1 - np.tanh(A) ** 2)]),
    "x.relu()": ([G], lambda x: x.relu(), lambda g: [np.where(G > 0, g, 0)]),
    "x.sum()": ([A], lambda x: x.sum(), lambda g: [np.full((3, 4), g)]),
    "x.mean()": ([A], lambda x: x.mean(), lambda g: [np.full((3, 4), g / 12)]),
    "x.reshape()": ([A], lambda x: x.reshape(2, 6), lambda g: [g.reshape(3, 4)]),
    "x.transpose()": ([A], lambda x: x.transpose(1, 0), lambda g: [g.T]),
    "linear(x, w)": ([A, B], engine.linear, lambda g: [g @ B, g.T @ A]),
    "embedding(table, ids)": (
        [A],
        lambda table: engine.embedding(table, IDS),
        lambda g: [[g[1], 0 * g[0], g[0] + g[2]]],
    ),
    "first_rows(table, n)": (
        [A],
        lambda table: first_rows(table, 2),
        lambda g: [np.vstack([g, np.zeros(4)])],
    ),
    "softmax(x)": (
        [A],
        engine.softmax,
        lambda g: [normal(A) * (g - row_sum(g * normal(A)))],
    ),
    "log_softmax(x)": (
        [A],
        engine.log_softmax,
        lambda g: [g - normal(A) * row_sum(g)],
    ),
    "cross_entropy(z, ids)": (
        [A],
        lambda z: engine.cross_entropy(z, IDS),
        lambda g: [g / 3 * (normal(A) - np.eye(4)[IDS])],
    ),
    "rms_norm(x)": ([A], engine.rms_norm, lambda g: [norm(A, g)]),
    "causal_attention(qkv)": (
        [QKV],
        lambda qkv: engine.causal_attention(qkv, n_head=1),
        lambda g: [attention(g)],
    ),
}


def test_the_table_has_these_rows():
    table = engine.__doc__.split("=" * 34)[2]
    assert re.findall(r"``([^`]*[ (][^`]*)``", table) == list(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_an_operation_hands_back_what_its_row_says(row):
    arrays, operation, expected = ROWS[row]
    leaves = [Tensor(array) for array in arrays]
    y = operation(*leaves)
    g = np.random.default_rng(1).normal(size=y.shape)
    (y * g).sum().backward()
    for leaf, array in zip(leaves, expected(g), strict=True):
        assert_allclose(leaf.grad, array, rtol=1e-12, atol=1e-13)


def test_what_was_repeated_receives_the_sum_over_its_repetitions():
    row = Tensor(A[0])
    (row * B).sum().backward()
    assert_allclose(row.grad, B.sum(axis=0), rtol=1e-14)
