"""Tests for algollm_helpers.after.letters: groups by hand, the recipe's own losses."""

import random

import pytest
from numpy.testing import assert_array_equal

from algollm_helpers import microgpt
from algollm_helpers.after import letters
from algollm_helpers.gpt import Tokenizer
from algollm_helpers.schedules import linear_decay


def test_a_group_is_how_often_the_share_must_be_doubled_to_reach_an_eighth():
    # 64 tokens: 8 boundaries, and a: 24, b: 16, c: 8, d: 4, e: 2, f: 1, g: 1
    text = "a" * 24 + "b" * 16 + "c" * 8 + "d" * 4 + "e" * 2 + "fg"
    docs = [text[i::8] for i in range(8)]
    found = letters.groups(docs, Tokenizer("abcdefgz"))
    #                       a  b  c  d  e  f  g  z  boundary
    assert found.tolist() == [0, 0, 0, 1, 2, 3, 3, 4, 0]


def test_adam_gives_the_run_of_the_book_to_the_last_bit(monkeypatch):
    monkeypatch.setattr(letters, "STEPS", 12)
    docs = microgpt.load_docs()[:40]
    rate = linear_decay(0.01, steps=12)
    book = microgpt.train(docs, steps=12, seed=3, batch=4, schedule=rate)
    read = docs.copy()
    random.Random(3).shuffle(read)  # the book's order, here given
    run = letters.train(read, "Adam", lr=0.01, seed=3)
    assert_array_equal(run.losses, book.losses)
    assert_array_equal(run.params.flat, book.params.flat)


def test_sgd_follows_the_gradient(monkeypatch):
    monkeypatch.setattr(letters, "STEPS", 1)
    docs = microgpt.load_docs()[:4]
    start = microgpt.train(docs, steps=0, seed=0)
    run = letters.train(docs, "SGD", lr=0.5, seed=0)
    training = letters.Training(docs, schedule=linear_decay(0.5, steps=1), seed=0)
    training.differentiate(docs)
    assert_array_equal(run.params.flat, start.params.flat - 0.5 * training.params.grad)


def test_an_optimiser_that_is_not_tried_is_refused():
    with pytest.raises(KeyError, match="Muon"):
        letters.train(["ada"], "Muon", lr=0.1, seed=0)
