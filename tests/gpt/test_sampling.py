"""Tests for gpt.sampling: passes that change nothing, memory, ties, a step's costs."""

import tracemalloc
from itertools import islice

import numpy as np
import pytest

from algollm_helpers.gpt import sampling
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.sampling import documents_at_once, samples
from algollm_helpers.gpt.training import Training
from algollm_helpers.gpt.transformer import Config, Parameters
from algollm_helpers.microgpt import Run, document_losses, evaluate, sample
from algollm_helpers.schedules import constant
from tests.support.small import DOCS, TINY, made


@pytest.mark.parametrize("at_once", [1, 3, 7, 100])
def test_documents_do_not_depend_on_how_many_are_written_side_by_side(
    at_once, monkeypatch
):
    run, ours, theirs = made(), *map(np.random.default_rng, (5, 5))
    whole = sample(run, n=20, prefix="a", seed=theirs)
    monkeypatch.setattr(sampling, "AT_ONCE", at_once)
    assert list(samples(run, n=20, prefix="a", seed=ours)) == whole
    assert ours.random() == theirs.random()


def test_letter_t_of_document_i_takes_the_random_number_tn_plus_i():
    # All weights 0: each of V tokens is as likely, so a number u gives the token ⌊V u⌋.
    run, n, seed = flat_run("abc"), 5, 9
    u = np.random.default_rng(seed).random((TINY.block_size, n))
    for i, doc in enumerate(sample(run, n=n, seed=seed)):
        letters = "".join("abc|"[int(4 * x)] for x in u[:, i])
        assert doc == letters.partition("|")[0]


def flat_run(alphabet, config=TINY):
    """Return a model to which all tokens are equally likely."""
    size = config.size(len(alphabet) + 1)
    params = Parameters(np.zeros(size), config, len(alphabet) + 1)
    return Run(np.empty(0), params, config, Tokenizer(alphabet))


def test_at_temperature_0_the_first_of_equally_likely_letters_is_taken():
    run = flat_run("ab")
    assert sample(run, n=2, temperature=0) == ["a" * TINY.block_size] * 2
    run = made()
    cold = sample(run, n=1, temperature=1e-9)
    assert sample(run, n=3, temperature=0, seed=8) == cold * 3


def test_a_generator_that_cannot_jump_is_refused():
    other = np.random.Generator(np.random.MT19937(1))
    with pytest.raises(ValueError, match="a number or a PCG64 generator"):
        samples(made(), n=1, seed=other)


# --- Costs --------------------------------------------------------------------


def peak(call):
    """Return the largest memory that a call needs, in bytes; once before to warm up."""
    call()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_first_documents_of_many_need_no_more_memory_than_those_of_few():
    run = made()

    def first(n):
        return lambda: list(islice(samples(run, n=n), 300))

    assert peak(first(2_000_000_000)) < 1.1 * peak(first(2000))


WIDE = Config(n_layer=1, n_head=2, n_embd=8, block_size=200)


@pytest.mark.parametrize(
    "config", [TINY, Config(), WIDE, Config(block_size=128, n_embd=32)], ids=str
)
def test_a_pass_keeps_to_its_budget_of_memory(config, monkeypatch):
    monkeypatch.setattr(sampling, "BUDGET", 2**23)
    run = flat_run("abcdefghij", config)
    assert 1 <= documents_at_once(run) <= 256
    docs = ["ab" * 250] * 2 * documents_at_once(run)
    used = peak(lambda: evaluate(run, docs))
    assert used < 1.3 * 2**23
    many = peak(lambda: evaluate(run, docs * 2))
    assert many < 1.1 * used + 32 * len(docs)
    assert peak(lambda: sample(run, n=len(docs))) < 1.3 * 2**23


def test_a_budget_does_not_change_losses(monkeypatch):
    run = made()
    whole, result = document_losses(run, DOCS * 9), evaluate(run, DOCS * 9)
    monkeypatch.setattr(sampling, "BUDGET", 1)
    assert documents_at_once(run) == 1
    for ours, theirs in zip(document_losses(run, DOCS * 9), whole, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    passes = []
    again = evaluate(run, DOCS * 9, on_pass=passes.append)
    assert again.per_token == pytest.approx(result.per_token, rel=1e-12)
    assert passes == [1] * 45


def test_a_step_reads_no_more_of_a_document_than_its_block(monkeypatch):
    read, encode = [], Tokenizer.encode

    def noted(self, doc, **named):
        read.append(len(doc))
        return encode(self, doc, **named)

    training = Training(["abc" * 10_000], config=TINY, schedule=constant(0.01))
    monkeypatch.setattr(Tokenizer, "encode", noted)
    training.update()
    evaluate(made(docs=["abc"]), ["abc" * 10_000])
    assert read == [TINY.block_size] * 2


def test_training_needs_no_memory_beyond_the_text_and_a_name_for_each_document():
    def trains(docs):
        def call():
            training = Training(docs, config=TINY, schedule=constant(0.01))
            for _ in range(5):
                training.update()

        return call

    short, long = ["abc" * 100] * 50, ["abc" * 100_000] * 50
    assert peak(trains(long)) < 1.1 * peak(trains(short))
    many = short * 100
    assert peak(trains(many)) - peak(trains(short)) < 3 * 8 * len(many)
