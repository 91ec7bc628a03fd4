"""Tests for engine.layers: definitions, differences, then refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine.layers import (
    attention,
    causal_attention,
    cross_entropy,
    embedding,
    first_rows,
    linear,
    log_softmax,
    rms_norm,
    softmax,
)
from algollm_helpers.engine.tensor import Tensor
from tests.support.small import (
    assert_gradient,
    away_from_zero,
    batches,
    few,
    refused,
    seeds,
    shapes,
    weighted_sum,
)

UNARY = {  # name -> (on a Tensor, on an array, is analytic)
    "softmax": (softmax, lambda x: np.exp(x) / np.exp(x).sum(-1)[..., None], True),
    "log_softmax": (
        log_softmax,
        lambda x: x - np.log(np.exp(x).sum(-1))[..., None],
        True,
    ),
    "rms_norm": (
        rms_norm,
        lambda x: x / np.sqrt((x**2).mean(-1) + 1e-5)[..., None],
        False,
    ),
}


@pytest.mark.parametrize("name", UNARY)
@few
@given(shape=shapes, seed=seeds)
def test_layers_without_weights_have_the_right_gradient(name, shape, seed):
    f, on_array, is_analytic = UNARY[name]
    x = away_from_zero(np.random.default_rng(seed).normal(size=shape))
    assert_allclose(f(Tensor(x)).data, on_array(x), rtol=1e-12, atol=1e-15)
    assert_gradient(lambda x: weighted_sum(f(x), seed), [x], seed, analytic=is_analytic)


@few
@given(batch=batches, sizes=st.tuples(*[st.integers(1, 4)] * 3), seed=seeds)
def test_linear_is_a_matrix_on_the_last_axis(batch, sizes, seed):
    rng = np.random.default_rng(seed)
    T, n_in, n_out = sizes
    x, w = rng.normal(size=(*batch, T, n_in)), rng.normal(size=(n_out, n_in))
    expected = np.einsum("...i,oi->...o", x, w)
    assert_allclose(linear(Tensor(x), Tensor(w)).data, expected, rtol=1e-12)
    assert_gradient(lambda x, w: weighted_sum(linear(x, w), seed), [x, w], seed)


@few
@given(batch=batches, n=st.integers(1, 5), seed=seeds, data=st.data())
def test_an_embedding_adds_the_gradients_of_a_row_used_twice(batch, n, seed, data):
    ids = data.draw(hnp.arrays(int, (*batch, 3), elements=st.integers(0, n - 1)))
    table = np.random.default_rng(seed).normal(size=(n, 2))
    assert_array_equal(embedding(Tensor(table), ids).data, table[ids])
    assert_gradient(lambda t: weighted_sum(embedding(t, ids), seed), [table], seed)
    assert_gradient(lambda t: weighted_sum(first_rows(t, n - 1), seed), [table], seed)


@few
@given(batch=batches, T=st.integers(1, 4), V=st.integers(1, 5), seed=seeds)
def test_cross_entropy_is_the_weighted_mean_of_minus_log_p(batch, T, V, seed):
    rng = np.random.default_rng(seed)
    z = 3 * rng.normal(size=(*batch, T, V))
    targets = rng.integers(V, size=(*batch, T))
    weights = rng.uniform(0, 2, size=(*batch, T))
    log_p = z - np.log(np.exp(z).sum(-1))[..., None]
    nll = -np.take_along_axis(log_p, targets[..., None], -1)[..., 0]
    plain = cross_entropy(Tensor(z), targets)
    weighted = cross_entropy(Tensor(z), targets, weights=weights)
    assert_allclose(plain.data, nll.mean(), rtol=1e-12, atol=1e-14)
    assert_allclose(weighted.data, np.average(nll, weights=weights), atol=1e-13)
    assert_gradient(lambda z: cross_entropy(z, targets) * 3.0, [z], seed)
    assert_gradient(lambda z: cross_entropy(z, targets, weights=weights), [z], seed)


def attention_by_loops(qkv, n_head):
    """One query at a time, straight from the definition; qkv of shape (T, 3 C)."""
    T, C = len(qkv), qkv.shape[1] // 3
    D = C // n_head
    q, k, v = qkv[:, :C], qkv[:, C : 2 * C], qkv[:, 2 * C :]
    y, weights = np.zeros((T, C)), np.zeros((n_head, T, T))
    for h in range(n_head):
        part = slice(h * D, (h + 1) * D)
        for t in range(T):
            scores = [q[t, part] @ k[s, part] / math.sqrt(D) for s in range(t + 1)]
            weights[h, t, : t + 1] = np.exp(scores) / np.exp(scores).sum()
            y[t, part] = sum(weights[h, t, s] * v[s, part] for s in range(t + 1))
    return y, weights


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("largest", [63.0, 65.0, 300.0, 1e4])
@pytest.mark.parametrize("sign", [1, -1])
def test_scores_of_any_size_make_the_same_softmax(largest, sign, dtype):
    # Short rows of scores up to 64 are not shifted before exp, larger ones are.
    # A row of equal scores has an even softmax whatever they are; one position
    # further, two scores differ by 1.
    z = np.full((1, 3), sign * largest / np.sqrt(3), dtype)
    loss = cross_entropy(Tensor(z), [1])
    assert_allclose(loss.data, math.log(3), rtol=1e-5)
    half = sign * largest / 2  # four scores of this size: the root of squares is 64
    qkv = np.array([[half, 1, 2], [half, 1 + 1 / half, 4]], dtype)
    y, weights, _ = attention(qkv, 1)
    share = 1 / (1 + math.exp(-1))  # of the second position, whose score is 1 more
    assert_allclose(weights[0, 0, 0], [1, 0])
    assert_allclose(weights[0, 0, 1], [1 - share, share], rtol=2e-3)
    assert_allclose(y[:, 0], [2, 2 + 2 * share], rtol=2e-3)


@few
@given(batch=batches, T=st.integers(1, 5), H=st.integers(1, 3), seed=seeds)
def test_attention_is_what_its_definition_says(batch, T, H, seed):
    qkv = np.random.default_rng(seed).normal(size=(*batch, T, 3 * 2 * H))
    y = causal_attention(Tensor(qkv), n_head=H).data
    weights = attention(qkv, H)[1].reshape(*batch, H, T, T)
    for place in np.ndindex(*batch):
        expected = attention_by_loops(qkv[place], H)
        assert_allclose(y[place], expected[0], rtol=1e-12, atol=1e-14)
        assert_allclose(weights[place], expected[1], rtol=1e-12, atol=1e-14)
    assert_gradient(
        lambda qkv: weighted_sum(causal_attention(qkv, n_head=H), seed),
        [qkv],
        seed,
        analytic=False,
    )


def test_attention_does_not_look_ahead():
    qkv = np.random.default_rng(0).normal(size=(6, 12))
    other = qkv.copy()
    other[4:] += 1.0
    before, after = (causal_attention(Tensor(x), n_head=2).data for x in (qkv, other))
    assert_array_equal(before[:4], after[:4])
    assert (before[4:] != after[4:]).all()


def test_softmax_and_its_kin_survive_huge_scores():
    z = np.array([[1000.0, 0.0, -1000.0]])
    assert_array_equal(softmax(Tensor(z)).data, [[1.0, 0.0, 0.0]])
    assert_array_equal(log_softmax(Tensor(z)).data, [[0.0, -1000.0, -2000.0]])
    assert cross_entropy(Tensor(z), [2]).data == 2000.0


def test_rows_of_large_scores_are_shifted_each_by_its_own():
    z = np.array([[0.0, 100.0, 99.0], [300.0, 0.0, 301.0], [1.0, 2.0, 3.0]])
    alone = [
        cross_entropy(Tensor(row), target).data
        for row, target in zip(z, [2, 0, 1], strict=True)
    ]
    together = cross_entropy(Tensor(z), [2, 0, 1])
    assert_allclose(together.data, np.mean(alone), rtol=1e-12)


def test_uniform_logits_cost_log_v_and_pull_by_p_minus_y():
    # p = 1/4 each, so dloss/dz = (p - y) / rows
    z = Tensor(np.zeros((2, 4)))
    loss = cross_entropy(z, [0, 3])
    loss.backward()
    assert loss.data == pytest.approx(math.log(4), rel=1e-15)
    assert_allclose(z.grad, np.array([[-3, 1, 1, 1], [1, 1, 1, -3]]) / 8, rtol=1e-15)


def test_a_masked_row_neither_counts_nor_pulls():
    z = np.random.default_rng(0).normal(size=(3, 4))
    masked, short = Tensor(z), Tensor(z[:2])
    a = cross_entropy(masked, [1, 2, 0], weights=[True, True, False])
    b = cross_entropy(short, [1, 2])
    a.backward()
    b.backward()
    assert_allclose(a.data, b.data, rtol=1e-15)
    assert_allclose(masked.grad[:2], short.grad, rtol=1e-14)
    assert_array_equal(masked.grad[2], 0.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_and_gradients_keep_the_dtype(dtype):
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(2, 3, 4)).astype(dtype))
    w = Tensor(rng.normal(size=(12, 4)).astype(dtype))
    h = causal_attention(linear(rms_norm(x * 2.0 - 1), w), n_head=2) / 3.0
    h = h + np.float64(0.5) + np.ones(4) + softmax(h).exp().log().tanh().relu()
    loss = cross_entropy(h, np.zeros((2, 3), dtype=int), weights=np.ones((2, 3)))
    loss = loss + (h**2).mean() + log_softmax(h).mean(axis=-1).sum()
    loss.backward()
    assert h.data.dtype == loss.data.dtype == x.grad.dtype == w.grad.dtype == dtype


Z, ZZ = Tensor(np.zeros((2, 3))), Tensor(np.zeros((2, 3, 4)))


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: linear(Z, Tensor(np.ones((2, 2)))), r"needs 2 .* \(2, 3\)"),
        refused(
            lambda: embedding(Z, [0, 2]), r"token_ids must lie in 0 … 1, got 0 … 2"
        ),
        refused(lambda: embedding(Z, [0, -1]), r"0 … 1, got -1 … 0"),
        refused(lambda: embedding(Z, [0.5]), "must be integers, got dtype float64"),
        refused(lambda: first_rows(Z, 3), "n must lie in 0 … 2, got 3"),
        refused(lambda: first_rows(Z, -1), "n must lie in 0 … 2, got -1"),
        refused(lambda: cross_entropy(Z, [0, 3]), "targets must lie in 0 … 2"),
        refused(lambda: cross_entropy(Z, [0]), r"targets must have shape \(2,\)"),
        refused(
            lambda: cross_entropy(ZZ, [[0] * 2] * 3),
            r"targets must have shape \(2, 3\), got \(3, 2\)",
        ),
        refused(
            lambda: cross_entropy(Tensor(np.ones((0, 3))), np.zeros(0, int)),
            r"targets must not be empty, got shape \(0,\)",
        ),
        refused(lambda: cross_entropy(ZZ, [0] * 6), r"got \(6,\)"),
        refused(
            lambda: cross_entropy(ZZ, [[0] * 3] * 2, weights=[[1] * 2] * 3),
            r"weights must have shape \(2, 3\), got \(3, 2\)",
        ),
        refused(lambda: cross_entropy(Z, [0, 1], weights=[0, 0]), "not all 0"),
        refused(lambda: cross_entropy(Z, [0, 1], weights=[2, -1]), "finite, >= 0"),
        refused(lambda: cross_entropy(Z, [0, 1], weights=[1, np.nan]), "nan"),
        refused(lambda: cross_entropy(Z, [0, 1], weights=[1]), r"weights must have"),
        refused(lambda: causal_attention(Z, n_head=2), "2 heads of q, k, v"),
        refused(lambda: causal_attention(Z, n_head=0), "0 heads"),
    ],
)
def test_bad_use_of_layers_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
