"""Tests for algollm_helpers.after.width: what depends on the width, what must not."""

import random

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers import microgpt
from algollm_helpers.after import width
from algollm_helpers.after.width import BASE, RULES, Steps, config_of, scale
from algollm_helpers.gpt.documents import Tokenizer, batch_tokens
from algollm_helpers.gpt.transformer import differentiate, forward, init_params
from algollm_helpers.learning_rate import Adam

DOCS = microgpt.load_docs()[:64]
TOKENIZER = Tokenizer.of(DOCS)
BATCH = batch_tokens(DOCS[:16], TOKENIZER, block_size=16)


def fresh(channels, rule, seed=0):
    params = init_params(
        config_of(channels), TOKENIZER.vocab_size, rng=random.Random(seed)
    )
    scale(params, rule=rule)
    return params


def moved(channels, rule, seed):
    """Return how far the logits of a fresh model move in three steps (mean square)."""
    params, config = fresh(channels, rule, seed), config_of(channels)
    adam = Steps(params, rule=rule)
    before = forward(params.constants(), config, BATCH.token_ids).data
    for _ in range(3):
        differentiate(params, config, BATCH)
        adam.step(lr=0.01)
    after = forward(params.constants(), config, BATCH.token_ids).data
    return np.sqrt(((after - before) ** 2).mean())


def test_at_the_width_of_the_recipe_the_rules_change_nothing():
    plain = init_params(config_of(BASE), TOKENIZER.vocab_size, rng=random.Random(0))
    for rule in ("published", "muP"):
        assert_array_equal(fresh(BASE, rule).flat, plain.flat)


def test_hidden_numbers_shrink_with_the_root_of_the_width_and_the_last_by_the_rule():
    plain = fresh(64, "published")
    for rule, hidden in (("muP", 1 / 2), ("muP, start × 3", 3 / 2)):
        scaled = fresh(64, rule)
        for name in plain:
            factor = {"wte": 1, "wpe": 1, "lm_head": 1 / 4}.get(name, hidden)
            assert_allclose(scaled[name], factor * plain[name], rtol=1e-12)


def test_a_first_step_is_the_rate_and_for_muP_a_share_of_it_between_channels():
    for rule, share in (("published", 1), ("muP", BASE / 64)):
        params = fresh(64, rule)
        before = params.flat.copy()
        params.grad[:] = np.random.default_rng(0).choice([-2.0, 2.0], before.size)
        Steps(params, rule=rule).step(lr=0.01)
        sizes = params.named(np.abs(params.flat - before))
        for name, matrix in sizes.items():
            factor = 1 if name in {"wte", "wpe"} else share
            assert_allclose(matrix, 0.01 * factor, rtol=1e-6)


def test_without_a_rule_for_the_rate_the_steps_are_those_of_one_adam():
    ours, theirs = fresh(32, "published"), fresh(32, "published")
    adam = Adam(theirs.flat.size, beta1=0.85, beta2=0.99)
    steps = Steps(ours, rule="published")
    for seed in range(3):
        grad = np.random.default_rng(seed).normal(size=ours.flat.size)
        ours.grad[:] = grad
        steps.step(lr=0.01)
        adam.step(theirs.flat, grad, lr=0.01)
    assert_array_equal(ours.flat, theirs.flat)


def test_what_a_step_does_to_the_output_grows_with_the_width_but_not_by_muP():
    narrow, wide = (
        {
            rule: np.mean([moved(channels, rule, seed) for seed in range(2)])
            for rule in ("published", "muP")
        }
        for channels in (16, 128)
    )
    assert narrow["published"] == narrow["muP"]
    assert wide["published"] > 4 * narrow["published"]
    assert 0.5 < wide["muP"] / narrow["muP"] < 1.5


def test_documents_are_read_in_turn_and_the_first_loss_is_that_of_the_start():
    run = width.train(DOCS, width=16, rule="muP", lr=0.01, steps=3, batch=4, seed=5)
    docs, names = list(DOCS), batch_tokens(DOCS[:4], TOKENIZER, block_size=16)
    rng = random.Random(5)
    rng.shuffle(docs)  # as a training does before it draws the parameters
    params = init_params(config_of(16), TOKENIZER.vocab_size, rng=rng)
    first = differentiate(params, config_of(16), names)
    assert_allclose(run.losses[0], first, rtol=1e-5)  # float32
    assert run.params.flat.dtype == np.float32


def test_names_are_either_learnt_or_kept():
    learnt, kept = width.split(3, kept=1000)
    assert sorted(learnt + kept) == sorted(microgpt.load_docs())
    assert len(kept) == 1000
    assert kept != width.split(4, kept=1000)[1]


def test_an_unknown_rule_is_refused_by_name():
    with pytest.raises(ValueError, match="'mup'"):
        scale(fresh(16, "muP"), rule="mup")
    assert set(RULES) == {row["rule"] for row in width.PARTS}
