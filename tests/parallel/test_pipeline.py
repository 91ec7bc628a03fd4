"""Tests for parallel.pipeline: parts, layers, refusals; on ranks: test_demos."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import Batch, Tokenizer, batch_tokens
from algollm_helpers.parallel.pipeline import (
    layers_of,
    run_pipeline,
    split,
    with_gradient,
)
from tests.support.small import DOCS, TINY, made


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_the_parts_of_a_batch_are_the_batch(parts):
    batch = batch_tokens(DOCS, Tokenizer.of(DOCS), block_size=6)
    pieces = split(batch, parts)
    assert len(pieces) == parts
    assert {len(p.token_ids) for p in pieces} <= {5 // parts, 5 // parts + 1}
    for whole, cut in zip(batch, zip(*pieces, strict=True), strict=True):
        assert_array_equal(np.concatenate(cut), whole)


def test_one_document_is_one_part_of_which_all_counts():
    batch = batch_tokens(DOCS[:1], Tokenizer.of(DOCS), block_size=6)
    (piece,) = split(batch, 1)
    assert_array_equal(piece.token_ids, [batch.token_ids])
    assert piece.mask.all()


@pytest.mark.parametrize("n_layer", [4, 5, 7])
def test_every_layer_has_one_stage(n_layer):
    for stages in range(1, n_layer + 1):
        parts = [layers_of(s, stages=stages, n_layer=n_layer) for s in range(stages)]
        assert [i for part in parts for i in part] == list(range(n_layer))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_backward_pass_can_begin_with_a_gradient_from_elsewhere():
    x = Tensor(np.array([1.0, -2.0, 3.0]))
    with_gradient(x * x, np.array([1.0, 10.0, 100.0])).backward()
    assert x.grad.tolist() == [2.0, -40.0, 600.0]


class Stages:
    """A communicator that says how many stages there are."""

    rank = 0

    def __init__(self, size):
        self.size = size


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split(Batch(np.zeros((2, 3), int), None, None), 3), "1 … 2, got 3"),
        (lambda: split(Batch(np.zeros((2, 3), int), None, None), 0), "1 … 2, got 0"),
        (
            lambda: run_pipeline(made().params, TINY, [], Stages(3), schedule="1f1b"),
            "stages must lie in 1 … 2, got 3",
        ),
        (
            lambda: run_pipeline(made().params, TINY, [], Stages(1), schedule="1f1b"),
            "micro must be >= 1, got 0",
        ),
        (lambda: layers_of(2, stages=2, n_layer=4), "stage must lie in 0 … 1, got 2"),
        (lambda: layers_of(-1, stages=2, n_layer=4), "0 … 1, got -1"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
