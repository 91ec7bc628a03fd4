"""Tests for algollm_helpers.microgpt: training, sampling, reading, evaluation.

That its losses are right is shown in ``test_microgpt_scalar``.
"""

import math
import random
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.transformer import (
    Config,
    Parameters,
    init_params,
    loss_and_grad,
)
from algollm_helpers.microgpt import Run, document_losses, evaluate, read, sample, train
from algollm_helpers.schedules import constant
from tests.support.small import DOCS, TINY, few, lists, made


def test_a_model_that_has_diverged_writes_nothing():
    run = made()
    run.params.flat[:] = np.nan
    with pytest.raises(ValueError, match="has diverged"):
        sample(run)


def test_training_leaves_pythons_and_numpys_random_state_alone():
    random.seed(1)
    before = random.getstate()
    train(DOCS, steps=2, config=TINY)
    assert random.getstate() == before


def test_the_first_loss_is_that_of_the_first_shuffled_document():
    order = list(DOCS)
    rng = random.Random(5)
    rng.shuffle(order)
    tokenizer = Tokenizer.of(DOCS)
    params = init_params(TINY, tokenizer.vocab_size, rng=rng)
    tokens = tokenizer.encode(order[0])
    loss, _ = loss_and_grad(params, TINY, tokens[:-1], tokens[1:])
    assert train(DOCS, steps=1, seed=5, config=TINY).losses.tolist() == [loss]


def test_a_run_repeats_to_the_last_bit_and_depends_on_its_seed():
    a, b, c = (train(DOCS, steps=12, seed=s, config=TINY) for s in (1, 1, 2))
    assert_array_equal(a.losses, b.losses)
    assert_array_equal(a.params.flat, b.params.flat)
    assert (a.losses != c.losses).all()


def test_training_learns_one_document_by_heart():
    run = train(["abac"], steps=300, config=TINY)
    assert run.losses[0] > 1.0
    assert run.losses[-1] < 0.01
    assert sample(run, n=5) == ["abac"] * 5


def test_training_ends_where_its_schedule_says():
    # a rate of (almost) nothing leaves the parameters where they were
    still = train(DOCS, steps=5, config=TINY, schedule=constant(1e-300))
    assert_array_equal(still.params.flat, train(DOCS, steps=0, config=TINY).params.flat)
    moved = train(DOCS, steps=5, config=TINY)
    assert np.abs(moved.params.flat - still.params.flat).max() <= 0.01 * 3 * 1.5


def test_the_visitor_sees_every_step_after_its_update():
    seen = []
    run = train(
        DOCS,
        steps=4,
        config=TINY,
        on_step=lambda step, loss, params: seen.append((step, loss, params.flat[0])),
    )
    assert [step for step, *_ in seen] == [0, 1, 2, 3]
    assert_array_equal([loss for _, loss, _ in seen], run.losses)
    assert seen[-1][2] == run.params.flat[0]
    assert len({first for *_, first in seen}) == 4


def test_batches_walk_through_the_documents_in_order():
    # with all documents in each batch, the order of the list cannot matter
    whole = train(DOCS, steps=3, seed=1, config=TINY, batch=len(DOCS))
    twice = train(DOCS, steps=3, seed=1, config=TINY, batch=2 * len(DOCS))
    assert_allclose(whole.losses, twice.losses, rtol=1e-12)


def test_float32_trains_like_float64_to_its_own_precision():
    single = train(DOCS, steps=10, config=TINY, dtype=np.float32)
    double = train(DOCS, steps=10, config=TINY)
    assert single.params.flat.dtype == np.float32
    assert_allclose(single.losses, double.losses, rtol=1e-3)
    assert_allclose(single.losses[0], double.losses[0], rtol=1e-6)


def test_divergence_is_data():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = train(DOCS, steps=30, config=TINY, schedule=constant(1e200))
    assert run.losses.shape == (30,)
    assert not np.isfinite(run.losses[-1]) or run.losses[-1] > 10


def certain_run(logit_of_b, logit_of_end=-1e4):
    """Return a model that always gives 'a' the logit 0 and 'b' the one asked for.

    All positions have the same embedding and all tokens none; with the matrices of
    the layer 0 the logits are lm_head times its norm, whatever was read before.
    """
    config = Config(n_head=1, n_embd=2, block_size=4)
    params = Parameters(np.zeros(config.size(3)), config, 3)
    params["wpe"][:] = [1.0, 0.0]  # normalised: (sqrt 2, 0)
    scale = math.sqrt(2 / (1 + 2e-5))
    params["lm_head"][:, 0] = np.array([0.0, logit_of_b, logit_of_end]) / scale
    return Run(np.empty(0), params, config, Tokenizer("ab"))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_sampling_follows_the_probabilities_at_its_temperature(temperature):
    docs = sample(certain_run(1.0), n=5000, temperature=temperature, seed=1)
    assert {len(doc) for doc in docs} == {4}  # block_size characters, then no more
    share = np.mean([char == "b" for doc in docs for char in doc])
    p = 1 / (1 + math.exp(-1.0 / temperature))
    assert abs(share - p) < 4 * math.sqrt(p * (1 - p) / 20_000)


def test_a_cold_model_takes_the_likeliest_and_does_not_overflow():
    assert sample(certain_run(0.1), n=3, temperature=1e-6) == ["bbbb"] * 3


def test_samples_begin_with_the_prefix_and_repeat_with_the_seed():
    run = made()
    docs = sample(run, n=10, prefix="ca", seed=4)
    assert all(doc.startswith("ca") for doc in docs)
    assert all(len(doc) <= TINY.block_size for doc in docs)
    assert docs == sample(run, n=10, prefix="ca", seed=4)
    assert docs == sample(run, n=10, prefix="ca", seed=np.random.default_rng(4))
    assert docs != sample(run, n=10, prefix="ca", seed=5)
    assert sample(run, n=0) == []


def test_samples_end_where_the_model_writes_the_boundary():
    assert sample(certain_run(0.0, 1e4), n=2, prefix="ab") == ["ab", "ab"]
    # with the boundary at 1/3 the lengths are geometric, cut at the block
    docs = sample(certain_run(0.0, 0.0), n=9000, seed=2)
    share = np.bincount([len(doc) for doc in docs], minlength=5) / 9000
    p = np.array([1 / 3, 2 / 9, 4 / 27, 8 / 81, 16 / 81])
    assert (np.abs(share - p) < 4 * np.sqrt(p * (1 - p) / 9000)).all()


def test_the_longest_prefix_leaves_room_for_one_letter():
    run = certain_run(50.0)
    assert sample(run, n=1, prefix="aaa") == ["aaab"]


def test_reading_gives_probabilities_and_attention_that_add_up():
    run = made()
    reading = read(run, "cab")
    assert_array_equal(reading.token_ids, [3, 2, 0, 1])
    assert reading.probabilities.shape == (4, 4)
    assert reading.attention.shape == (2, 2, 4, 4)
    assert_allclose(reading.probabilities.sum(-1), 1.0, rtol=1e-14)
    assert_allclose(reading.attention.sum(-1), 1.0, rtol=1e-14)
    assert_array_equal(np.triu(reading.attention, k=1), 0.0)
    assert read(run, "").probabilities.shape == (1, 4)


def test_the_loss_of_a_document_is_read_off_its_probabilities():
    run = made()
    docs = ["cab", "", "a", "bbbb", "cab"]
    for doc, losses in zip(docs, document_losses(run, docs), strict=True):
        p = read(run, doc).probabilities
        targets = run.tokenizer.encode(doc)[1:]
        assert_allclose(losses, -np.log(p[np.arange(len(targets)), targets]), rtol=1e-9)


@few
@given(docs=lists, copies=st.sampled_from([1, 100]))
def test_the_two_averages_are_what_their_names_say(docs, copies):
    run = made()
    result = evaluate(run, docs * copies)  # also more than one batch
    losses = document_losses(run, docs)
    every = np.concatenate(losses)
    assert_allclose(result.per_token, every.mean(), rtol=1e-12)
    assert_allclose(result.per_document, np.mean([x.mean() for x in losses]))
    assert result.tokens == every.size * copies
    assert result.cut == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train([]), "at least one document, got none"),
        (lambda: train("emma"), "a list of strings, got the string 'emma'"),
        (lambda: train(["a", 5]), "it holds 5"),
        (lambda: train(DOCS, steps=-1), "steps must be >= 0, got -1"),
        (lambda: train(DOCS, batch=0), "batch must be >= 1, got 0"),
        (lambda: sample(made(), n=-1), "n must be >= 0, got -1"),
        (
            lambda: sample(made(), n=10**23),
            "n must be at most 2,147,483,647, got 100,000",
        ),
        (lambda: sample(made(), seed=-1), "seed must be >= 0, got -1"),
        (lambda: sample(made(), seed=None), "seed must be a whole number, got None"),
        (lambda: sample(made(), temperature=-0.5), "finite and >= 0, got -0.5"),
        (lambda: sample(made(), temperature=np.nan), "got nan"),
        (lambda: sample(made(), temperature=np.inf), "got inf"),
        (lambda: sample(made(), prefix="ax"), "'ax' has the character 'x'"),
        (lambda: sample(made(), prefix="a" * 6), "fewer than 6 characters: 'aaaaaa'"),
        (lambda: read(made(), "a" * 6), "the model reads 1 to 6 tokens, got 7"),
        (lambda: evaluate(made(), []), "at least one document"),
        (lambda: evaluate(made(), ["axb"]), "'axb' has the character 'x'"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
