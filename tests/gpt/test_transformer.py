"""Tests for gpt.transformer: counts, gradients, then refusals."""

import math
import random

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine.blocks import attend, feed_forward
from algollm_helpers.engine.layers import cross_entropy
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import batch_tokens
from algollm_helpers.gpt.transformer import (
    Config,
    Parameters,
    differentiate,
    forward,
    init_params,
    layer,
    loss_and_grad,
    through_layer,
)
from tests.support.gradient_check import check_gradient
from tests.support.small import DOCS, TINY, made


def test_the_published_size_has_4192_parameters():
    # 27x16 + 16x16 + 27x16 + 4 (16x16) + 64x16 + 16x64
    params = init_params(Config(), 27, rng=random.Random(0))
    assert params.flat.size == 4192
    expected = {
        "wte": (27, 16),
        "wpe": (16, 16),
        "lm_head": (27, 16),
        "layer0.wq": (16, 16),
        "layer0.wk": (16, 16),
        "layer0.wv": (16, 16),
        "layer0.wo": (16, 16),
        "layer0.fc1": (64, 16),
        "layer0.fc2": (16, 64),
    }  # in this order, which decides what each random number is used for
    assert [(name, w.shape) for name, w in params.items()] == list(expected.items())


def test_parameters_are_drawn_in_the_published_order():
    params = init_params(TINY, 3, rng=random.Random(7))
    rng = random.Random(7)
    for matrix in params.values():  # in order, row by row
        for number in matrix.ravel():
            assert number == rng.gauss(0, 0.08)


def test_a_named_matrix_is_a_window_on_the_flat_array():
    params = init_params(TINY, 3, rng=random.Random(7))
    params.flat[:] = np.arange(params.flat.size)
    laid_out = np.concatenate([matrix.ravel() for matrix in params.values()])
    assert_array_equal(laid_out, params.flat)
    fused = params.tensors["layer1.wqkv"].data
    assert_array_equal(fused, np.concatenate([params[f"layer1.w{x}"] for x in "qkv"]))
    assert np.shares_memory(fused, params.flat)
    assert len(params) == 3 + 2 * 6


def test_each_matrix_passes_the_gradient_check_in_a_batch():
    params = init_params(TINY, 4, rng=random.Random(0))
    names = list(params.tensors)
    token_ids = np.array([[3, 0, 2], [3, 1, 3]])
    targets = np.array([[0, 2, 3], [1, 3, 3]])
    mask = np.array([[True, True, True], [True, True, False]])

    def loss(*tensors):
        logits = forward(dict(zip(names, tensors, strict=True)), TINY, token_ids)
        return cross_entropy(logits, targets, weights=mask)

    arrays = [5 * tensor.data for tensor in params.tensors.values()]
    both = check_gradient(loss, arrays, rng=np.random.default_rng(0), directions=5)
    assert_allclose(both.analytic, both.numeric, rtol=1e-6, atol=1e-9)


def test_a_model_of_zeros_guesses_evenly():
    params = Parameters(np.zeros(TINY.size(4)), TINY, 4)
    loss, _ = loss_and_grad(params, TINY, [3, 0, 1], [0, 1, 3])
    assert loss == pytest.approx(math.log(4), rel=1e-14)


def test_the_model_does_not_see_the_tokens_that_follow():
    tensors = made().params.constants()
    a = forward(tensors, TINY, [3, 0, 1, 2]).data
    b = forward(tensors, TINY, [3, 0, 2, 1]).data
    assert_array_equal(a[:2], b[:2])
    assert np.abs(a[2:] - b[2:]).max(axis=1).min() > 0


def test_a_batch_is_its_documents_weighted_by_tokens():
    run = made()
    params = run.params
    rows = [batch_tokens([d], run.tokenizer, block_size=6) for d in DOCS]
    parts = [loss_and_grad(params, TINY, r.token_ids, r.targets) for r in rows]
    tokens = np.array([len(doc) + 1 for doc in DOCS])
    batch = batch_tokens(DOCS, run.tokenizer, block_size=6)
    loss, grad = loss_and_grad(
        params, TINY, batch.token_ids, batch.targets, mask=batch.mask
    )
    assert loss == pytest.approx(np.average([p[0] for p in parts], weights=tokens))
    expected = np.average([p[1] for p in parts], axis=0, weights=tokens)
    assert_allclose(grad, expected, rtol=1e-10, atol=1e-14)


def test_differentiating_leaves_the_gradient_in_the_parameters():
    run = made()
    batch = batch_tokens(DOCS, run.tokenizer, block_size=TINY.block_size)
    ids, targets, mask = batch
    loss, grad = loss_and_grad(run.params, TINY, ids, targets, mask=mask)
    run.params.grad[:] = np.nan  # what was there before does not count
    assert differentiate(run.params, TINY, batch) == loss
    assert_array_equal(run.params.grad, grad)


def test_a_layer_is_attention_then_feed_forward_of_its_own_matrices():
    run, x = made(), Tensor(np.random.default_rng(0).normal(size=(3, 4)))
    for i in range(2):
        named = {name: run.params[f"layer{i}.{name}"] for name in ("wo", "fc1", "fc2")}
        named["wqkv"] = np.concatenate([run.params[f"layer{i}.w{k}"] for k in "qkv"])
        matrices = layer(run.params.tensors, i)
        for name, matrix in named.items():
            assert_array_equal(getattr(matrices, name).data, matrix)
        kept, expected = [], []
        y = through_layer(x, matrices, n_head=2, keep_weights=kept)
        w = {name: Tensor(matrix) for name, matrix in named.items()}
        h = attend(x, w["wqkv"], w["wo"], n_head=2, keep_weights=expected)
        assert_array_equal(y.data, feed_forward(h, w["fc1"], w["fc2"]).data)
        assert_array_equal(kept, expected)


def test_loss_and_grad_returns_a_gradient_of_its_own():
    run = made()
    _, first = loss_and_grad(run.params, TINY, [3, 0], [0, 3])
    kept = first.copy()
    loss_and_grad(run.params, TINY, [3, 1], [1, 3])
    assert_array_equal(first, kept)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Config(n_embd=6, n_head=4), "4 heads do not divide n_embd=6"),
        (lambda: Config(n_layer=0), "n_layer must be >= 1, got 0"),
        (lambda: Config(block_size=-2), "block_size must be >= 1, got -2"),
        (lambda: TINY.size(0), "vocab_size must be >= 1, got 0"),
        (lambda: Config(n_layer=True), "n_layer must be a whole number, got True"),
        (lambda: Config(n_layer=1.5), "n_layer must be a whole number, got 1.5"),
        (lambda: Config(n_embd=10**6), "n_embd must be at most 65,536, got 1,000,000"),
        (lambda: Parameters(np.zeros(3), TINY, 4), r"floats, got shape \(3,\)"),
        (lambda: forward(made().params.constants(), TINY, []), "tokens, got 0"),
        (
            lambda: loss_and_grad(made().params, TINY, [3, 0], [0]),
            r"targets must have shape \(2,\)",
        ),
        (
            lambda: loss_and_grad(made().params, TINY, [4], [0]),
            "token_ids must lie in 0 … 3, got 4 … 4",
        ),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
