"""Tests for gpt.microgpt_scalar, the twin written on single numbers.

The published losses cannot be asserted here, because the list that they belong to is
not part of the book. What is asserted instead: the scalar model, written separately
on single numbers, runs through the same losses, and differences agree with both.
"""

import random

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.gpt import microgpt_scalar
from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.gpt.transformer import (
    Config,
    Parameters,
    init_params,
    loss_and_grad,
)
from algollm_helpers.microgpt import train
from tests.support.small import TINY


def test_each_number_of_an_array_becomes_a_value_of_its_own():
    arrays = {"a": np.array([[1.0, 2.0, 2.0]]), "b": np.array([[3.0], [4.0]])}
    twin = microgpt_scalar.as_values(arrays)
    numbers = {name: [[x.data for x in row] for row in m] for name, m in twin.items()}
    assert numbers == {"a": [[1.0, 2.0, 2.0]], "b": [[3.0], [4.0]]}
    leaves = [x for matrix in twin.values() for row in matrix for x in row]
    assert len(set(map(id, leaves))) == 5
    leaves[0].data = 9.0
    assert arrays["a"][0, 0] == 1.0


@pytest.mark.parametrize("config", [Config(), TINY])
def test_three_gradients_agree(config):
    params = init_params(config, 4, rng=random.Random(0))
    params.flat *= 5.0  # away from the start, where attention is nearly even
    token_ids, targets = np.array([3, 0, 2, 2, 1]), np.array([0, 2, 2, 1, 3])
    loss, grad = loss_and_grad(params, config, token_ids, targets)

    twin = microgpt_scalar.as_values(params)
    value = microgpt_scalar.loss(twin, config, token_ids.tolist(), targets.tolist())
    value.backward()
    assert loss == pytest.approx(value.data, rel=1e-13)
    for name, matrix in params.named(grad).items():
        expected = [[x.grad for x in row] for row in twin[name]]
        assert_allclose(matrix, expected, rtol=1e-10, atol=1e-14, err_msg=name)

    rng = np.random.default_rng(0)
    for _ in range(3):
        u = rng.standard_normal(params.flat.size)
        u /= np.linalg.norm(u)
        ends = [
            loss_and_grad(
                Parameters(params.flat + h * u, config, 4), config, token_ids, targets
            )[0]
            for h in (1e-5, -1e-5)
        ]
        assert_allclose((ends[0] - ends[1]) / 2e-5, grad @ u, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("docs", "steps", "config"),
    [
        ([doc for doc in load_docs() if len(doc) < 5][:30], 5, Config()),
        (["abc", "ab", "ca", "b"], 20, Config(n_head=2, n_embd=8, block_size=4)),
        (["abcabc", "ba"], 20, TINY),  # one document is too long for the block
    ],
)
def test_the_scalar_model_runs_through_the_same_losses(docs, steps, config):
    ours = train(docs, steps=steps, config=config).losses
    twin = microgpt_scalar.train(docs, steps=steps, config=config)
    assert ours.shape == (steps,)
    assert_allclose(ours, twin, rtol=0, atol=1e-12)


def test_a_negative_number_of_steps_is_refused():
    with pytest.raises(ValueError, match="steps must be >= 0, got -1"):
        microgpt_scalar.train(["ab"], steps=-1, config=TINY)
