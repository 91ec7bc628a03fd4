"""Tests for engine.blocks: each part against its spelling in small steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine.blocks import attend, embed, feed_forward
from algollm_helpers.engine.layers import (
    attention,
    causal_attention,
    embedding,
    first_rows,
    linear,
    rms_norm,
)
from algollm_helpers.engine.memory import LARGE
from algollm_helpers.engine.tensor import Tensor
from tests.support.small import assert_gradient, batches, few, seeds, weighted_sum


def spelled_embed(wte, wpe, ids):
    return rms_norm(embedding(wte, ids) + first_rows(wpe, ids.shape[-1]))


def spelled_attend(x, wqkv, wo):
    h = causal_attention(linear(rms_norm(x), wqkv), n_head=2)
    return x + linear(h, wo)


def spelled_feed_forward(x, fc1, fc2):
    return x + linear(linear(rms_norm(x), fc1).relu(), fc2)


def attend_two(x, wqkv, wo):
    return attend(x, wqkv, wo, n_head=2)


def assert_same(f, spelled, arrays, seed):
    """Compare results and gradients, then the gradients with differences."""
    grads, results = [], []
    for g in (f, spelled):
        leaves = [Tensor(a) for a in arrays]
        y = g(*leaves)
        weighted_sum(y, seed).backward()
        results.append(y.data)
        grads.append([leaf.grad for leaf in leaves])
    assert_allclose(*results, rtol=1e-13, atol=1e-14)
    for ours, theirs in zip(*grads, strict=True):
        assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)
    assert_gradient(
        lambda *leaves: weighted_sum(f(*leaves), seed), arrays, seed, analytic=False
    )


@few
@given(batch=batches, T=st.integers(1, 4), seed=seeds)
def test_embed_is_the_norm_of_token_plus_position(batch, T, seed):
    rng = np.random.default_rng(seed)
    ids = rng.integers(3, size=(*batch, T))
    assert_same(
        lambda wte, wpe: embed(wte, wpe, ids),
        lambda wte, wpe: spelled_embed(wte, wpe, ids),
        [rng.normal(size=(3, 4)), rng.normal(size=(5, 4))],
        seed,
    )


@few
@given(batch=batches, T=st.integers(1, 4), seed=seeds)
def test_attend_is_what_its_docstring_spells(batch, T, seed):
    rng = np.random.default_rng(seed)
    shapes = (*batch, T, 4), (12, 4), (4, 4)
    arrays = [rng.normal(size=shape) for shape in shapes]
    assert_same(attend_two, spelled_attend, arrays, seed)


@few
@given(batch=batches, T=st.integers(1, 4), seed=seeds)
def test_feed_forward_is_what_its_docstring_spells(batch, T, seed):
    rng = np.random.default_rng(seed)
    shapes = (*batch, T, 4), (16, 4), (4, 16)
    arrays = [rng.normal(size=shape) for shape in shapes]
    assert_same(feed_forward, spelled_feed_forward, arrays, seed)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_attend_keeps_the_weights_that_attention_keeps(batch):
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(*batch, 5, 4)))
    wqkv, wo = Tensor(rng.normal(size=(12, 4))), Tensor(rng.normal(size=(4, 4)))
    kept = []
    attend(x, wqkv, wo, n_head=2, keep_weights=kept)
    _, weights, _ = attention(linear(rms_norm(x), wqkv).data, 2)
    assert kept[0].shape == (*batch, 2, 5, 5)
    assert_allclose(kept[0], weights.reshape(kept[0].shape), rtol=1e-13)


def test_constants_in_a_block_receive_nothing():
    x = Tensor(np.ones((2, 4)))
    fixed = [Tensor(np.ones(s), needs_grad=False) for s in ((16, 4), (4, 16))]
    feed_forward(x, *fixed).sum().backward()
    assert x.grad is not None
    assert [w.grad for w in fixed] == [None, None]


def test_large_blocks_agree_with_one_document_at_a_time():
    """Large results lie in reused memory: no step may write over what is needed."""
    rng = np.random.default_rng(0)
    shapes = (64, 16, 32), (96, 32), (32, 32), (128, 32), (32, 128)
    x, *weights = (0.5 * rng.normal(size=shape) for shape in shapes)
    assert x.size > LARGE

    def model(x, leaves):
        for _ in range(3):
            x = attend(x, leaves[0], leaves[1], n_head=4)
            x = feed_forward(x, leaves[2], leaves[3])
        return x

    for _ in range(2):  # the second time in the memory of the first
        whole, parts = (list(map(Tensor, weights)) for _ in range(2))
        leaf = Tensor(x)
        y = model(leaf, whole)
        kept = y.data.copy()
        (y * y).sum().backward()
        for i, row in enumerate(x):
            part = Tensor(row)
            y_row = model(part, parts)
            (y_row * y_row).sum().backward()
            assert_allclose(leaf.grad[i], part.grad, rtol=1e-9, atol=1e-11)
            assert_allclose(kept[i], y_row.data, rtol=1e-11, atol=1e-12)
        assert_array_equal(y.data, kept)
        for a, b in zip(whole, parts, strict=True):
            assert_allclose(a.grad, b.grad, rtol=1e-9, atol=1e-9)
