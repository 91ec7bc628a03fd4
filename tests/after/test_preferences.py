"""Tests for algollm_helpers.after.preferences: closed forms of DPO, then refusals."""

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.after.preferences import (
    best_policy,
    log_probabilities,
    prefer,
    preference_loss,
)
from algollm_helpers.engine.layers import log_softmax
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import batch_tokens
from algollm_helpers.microgpt import document_losses
from tests.support.gradient_check import check_gradient
from tests.support.small import DOCS, made, refused

RNG = np.random.default_rng(0)
LOG_P, REFERENCE = RNG.normal(-5, 2, (2, 4, 2))


def test_a_text_is_as_likely_as_its_letters_and_its_end_together():
    run = made()
    batch = batch_tokens(DOCS, run.tokenizer, block_size=run.config.block_size)
    log_p = log_probabilities(run.params.constants(), run.config, batch)
    letters = [losses.sum() for losses in document_losses(run, DOCS)]
    assert_allclose(log_p.data, -np.array(letters), rtol=1e-12)


def test_the_loss_is_that_of_a_coin_with_the_margin_as_its_odds():
    margin = 0.3 * ((LOG_P - REFERENCE)[:, 0] - (LOG_P - REFERENCE)[:, 1])
    loss = preference_loss(Tensor(LOG_P), REFERENCE, beta=0.3)
    assert_allclose(loss.data, np.log1p(np.exp(-margin)).mean(), rtol=1e-12)


def test_what_pulls_is_beta_times_the_doubt_that_is_left():
    log_p = Tensor(LOG_P)
    preference_loss(log_p, REFERENCE, beta=0.3).backward()
    margin = 0.3 * ((LOG_P - REFERENCE)[:, 0] - (LOG_P - REFERENCE)[:, 1])
    pull = 0.3 / (1 + np.exp(margin)) / len(LOG_P)
    assert_allclose(log_p.grad, np.stack([-pull, pull], axis=1), rtol=1e-12)
    both = check_gradient(
        lambda x: preference_loss(x, REFERENCE, beta=0.3), [LOG_P], rng=RNG
    )
    assert_allclose(both.analytic, both.numeric, rtol=1e-6)


def test_only_the_difference_of_the_two_counts():
    shift = RNG.normal(size=(4, 1))
    one, two = (
        preference_loss(Tensor(log_p), REFERENCE, beta=2.0).data
        for log_p in (LOG_P, LOG_P + shift)
    )
    assert_allclose(one, two, rtol=1e-12)


def test_the_loss_of_readers_who_choose_by_a_reward_is_level_at_the_best_policy():
    # They prefer i to j with probability sigma(reward_i - reward_j); then the slope of
    # the expected loss is 0 where p_i is reference_i exp(reward_i / beta) over its sum.
    reference, reward = RNG.dirichlet(np.ones(4)), RNG.normal(size=4)
    pairs = np.array(list(permutations(range(4), 2)))
    odds = np.exp(reward[pairs[:, 0]] - reward[pairs[:, 1]])
    policy = best_policy(reference, reward, beta=0.4)
    logits = Tensor(np.log(policy))
    for pair, chance in zip(pairs, odds / (1 + odds), strict=True):
        picked = log_softmax(logits) * np.eye(4)[pair]  # (2, 4)
        log_p = picked.sum(axis=1).reshape(1, 2)
        loss = preference_loss(log_p, np.log(reference[pair])[None], beta=0.4)
        (loss * chance).backward()
    assert_allclose(logits.grad, 0, atol=1e-14)
    assert np.abs(policy - reference).max() > 0.1


def test_no_other_policy_has_more_reward_for_its_distance():
    reference, reward = RNG.dirichlet(np.ones(5)), RNG.normal(size=5)

    def worth(p):
        return p @ reward - 0.7 * (p * np.log(p / reference)).sum()

    best = best_policy(reference, reward, beta=0.7)
    assert_allclose(best.sum(), 1, rtol=1e-12)
    others = [0.9 * best + 0.1 * p for p in RNG.dirichlet(np.ones(5), 50)]
    assert max(map(worth, others)) < worth(best)


def test_training_makes_the_preferred_text_win_and_leaves_the_model_it_began_with():
    run, seen = made(), []
    before = run.params.flat.copy()
    tuned = prefer(
        run,
        [("ab", "ba"), ("a", "c")],
        beta=1.0,
        lr=0.01,
        steps=30,
        batch=4,
        rng=np.random.default_rng(0),
        on_step=lambda step, _: seen.append(step),
    )
    assert_array_equal(run.params.flat, before)
    ab, ba, a, c = (
        losses.sum() for losses in document_losses(tuned, "ab ba a c".split())
    )
    assert ab < ba - 1
    assert a < c - 1
    assert seen == list(range(1, 31))


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(
            lambda: preference_loss(Tensor(LOG_P), REFERENCE, beta=0.0),
            "beta must be finite and > 0, got 0",
        ),
        refused(
            lambda: preference_loss(Tensor(LOG_P), REFERENCE[:2], beta=1.0),
            r"reference must have shape \(4, 2\), got \(2, 2\)",
        ),
        refused(
            lambda: best_policy(np.ones(2) / 2, np.ones(2), beta=-1.0),
            "beta must be finite and > 0, got -1",
        ),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
