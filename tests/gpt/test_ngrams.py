"""Tests for gpt.ngrams: counts by hand, the floor, then refusals."""

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.ngrams import memorisation_floor, ngram
from tests.support.small import DOCS, few, lists


def ngram_by_hand(train_docs, doc, order, delta, tokenizer):
    """Losses of one document, counting with plain dictionaries."""
    pad = "$" * max(order - 1, 0)
    pairs, contexts = defaultdict(int), defaultdict(int)
    for text in train_docs:
        text = pad + text + "$"
        for i in range(len(pad), len(text)):
            pairs[text[i - len(pad) : i + 1]] += 1
            contexts[text[i - len(pad) : i]] += 1
    text, losses = pad + doc + "$", []
    for i in range(len(pad), len(text)):
        up = pairs[text[i - len(pad) : i + 1]] + delta
        down = contexts[text[i - len(pad) : i]] + delta * tokenizer.vocab_size
        losses.append(-math.log(up / down))
    return losses


@pytest.mark.parametrize("docs", [["b"], ["a", "ba"]])
def test_without_smoothing_a_context_never_seen_costs_infinitely_much(docs):
    found = ngram(["a"], docs, order=2, delta=0, tokenizer=Tokenizer("ab"))
    assert found.per_token == found.per_document == math.inf


@few
@given(
    docs=lists,
    held_out=lists,
    order=st.integers(1, 4),
    delta=st.sampled_from([0.01, 0.5, 3.0]),
)
def test_an_ngram_counts(docs, held_out, order, delta):
    tokenizer = Tokenizer("abc")
    result = ngram(docs, held_out, order=order, delta=delta, tokenizer=tokenizer)
    losses = [ngram_by_hand(docs, d, order, delta, tokenizer) for d in held_out]
    assert_allclose(result.per_token, np.concatenate(losses).mean(), rtol=1e-12)
    assert_allclose(result.per_document, np.mean([np.mean(x) for x in losses]))
    assert result.tokens == sum(map(len, losses))


def test_the_uniform_model_costs_log_v_per_token():
    result = ngram(["a"], ["ab", ""], order=0, delta=0, tokenizer=Tokenizer("abcd"))
    assert result.per_token == pytest.approx(math.log(5), rel=1e-15)
    assert result.per_document == pytest.approx(math.log(5), rel=1e-15)


def test_without_smoothing_the_unseen_costs_infinity_and_the_seen_its_share():
    tokenizer = Tokenizer("ab")
    seen = ngram(["ab", "b"], ["ab"], order=2, delta=0, tokenizer=tokenizer)
    assert seen.per_token == pytest.approx(math.log(2) / 3)  # only the start is open
    for doc in ("aa", "ba"):
        unseen = ngram(["ab", "b"], [doc], order=2, delta=0, tokenizer=tokenizer)
        assert unseen.per_token == math.inf


def test_a_list_of_different_documents_costs_log_n_each():
    floor = memorisation_floor(["a", "ab", "b", "bb"])
    assert floor.per_token == pytest.approx(4 * math.log(4) / (2 + 3 + 2 + 3))
    assert floor.tokens == 10


def test_a_list_of_one_document_costs_nothing_however_often():
    floor = memorisation_floor(["emma"] * 3)
    assert (floor.per_token, floor.per_document) == (0.0, 0.0)


def floor_by_prefixes(docs, weights):
    """Sum of weight times -log of the best next token, prefix by prefix."""
    ways = defaultdict(lambda: defaultdict(float))
    for doc, weight in zip(docs, weights, strict=True):
        for i, char in enumerate(doc + "$"):
            ways[doc[:i]][char] += weight
    return sum(
        -w * math.log(w / sum(onward.values()))
        for onward in ways.values()
        for w in onward.values()
    )


@few
@given(docs=lists)
def test_the_floor_is_the_best_prediction_at_every_prefix(docs):
    lengths = [len(doc) + 1 for doc in docs]
    floor = memorisation_floor(docs)
    plain = floor_by_prefixes(docs, [1.0] * len(docs)) / sum(lengths)
    weighted = floor_by_prefixes(docs, [1 / n for n in lengths]) / len(docs)
    assert_allclose(floor.per_token, plain, rtol=1e-10, atol=1e-14)
    assert_allclose(floor.per_document, weighted, rtol=1e-10, atol=1e-14)


@few
@given(docs=lists, order=st.integers(0, 6))
def test_no_model_of_a_list_goes_below_its_floor(docs, order):
    floor = memorisation_floor(docs)
    for delta in (0.0, 0.1):
        counted = ngram(
            docs, docs, order=order, delta=delta, tokenizer=Tokenizer("abc")
        )
        assert counted.per_token >= floor.per_token - 1e-12
        assert counted.per_document >= floor.per_document - 1e-12
    if order == 6 and max(map(len, docs)) <= 5:  # the context is the whole prefix
        exact = ngram(docs, docs, order=order, delta=0, tokenizer=Tokenizer("abc"))
        assert_allclose(exact.per_token, floor.per_token, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: memorisation_floor([]), "at least one document"),
        (
            lambda: ngram(DOCS, DOCS, order=-1, delta=1, tokenizer=Tokenizer("abc")),
            "order must be >= 0, got -1",
        ),
        (
            lambda: ngram(DOCS, DOCS, order=2, delta=-1, tokenizer=Tokenizer("abc")),
            "delta must be finite and >= 0, got -1",
        ),
        (
            lambda: ngram(DOCS, DOCS, order=40, delta=1, tokenizer=Tokenizer("abc")),
            "order 40 is too large for 4 tokens",
        ),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
