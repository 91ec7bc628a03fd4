"""Tests for algollm_helpers.scale: exact sums, traffic, then refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.scale import ring_all_reduce, weighted_mean


def whole(p, n):
    """Return whole numbers, whose sums are exact in any order."""
    return np.random.default_rng([p, n]).integers(-99, 99, (p, n)).astype(float)


@pytest.mark.parametrize("p", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("n", [1, 4, 12, 13])
def test_every_rank_of_the_ring_ends_with_the_sum(p, n):
    parts = whole(p, n)
    totals, _ = ring_all_reduce(parts)
    for total in totals:
        assert_array_equal(total, parts.sum(axis=0))


@pytest.mark.parametrize("p", [1, 2, 3, 4, 6])
def test_a_rank_sends_twice_all_chunks_but_one(p):
    _, sent = ring_all_reduce(whole(p, 12))
    assert sent == [2 * (p - 1) * 12 // p] * p


def test_all_ranks_have_the_same_bits_though_the_order_of_a_sum_matters():
    parts = np.random.default_rng(0).normal(size=(5, 1000)).astype(np.float32)
    totals, _ = ring_all_reduce(parts)
    assert all(np.array_equal(total, totals[0]) for total in totals)
    assert totals[0].dtype == np.float32
    in_turn = sum(parts)
    assert not np.array_equal(totals[0], in_turn)
    assert_allclose(totals[0], in_turn, rtol=0, atol=1e-5)


def test_the_ring_leaves_what_the_ranks_had():
    parts = whole(3, 5)
    before = parts.copy()
    ring_all_reduce(parts)
    assert_array_equal(parts, before)


@pytest.mark.parametrize("sizes", [[4, 4, 4], [1, 2, 9], [0, 5, 7]])
def test_the_weighted_mean_of_means_is_the_mean_over_all_rows(sizes):
    rows = whole(sum(sizes), 3)
    shards = np.split(rows, np.cumsum(sizes)[:-1])
    means = [shard.mean(axis=0) if len(shard) else np.zeros(3) for shard in shards]
    assert_allclose(weighted_mean(means, sizes), rows.mean(axis=0), rtol=1e-13)


def test_whole_numbers_have_the_mean_that_floats_have():
    assert_array_equal(weighted_mean([[1], [4]], [2, 1]), [2.0])


def test_weights_count_by_their_ratio_only():
    grads = whole(2, 4)
    assert_array_equal(weighted_mean(grads, [1, 3]), weighted_mean(grads, [25, 75]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weighted_mean([[1.0], [2.0]], [1]), "2 gradients need as many"),
        (lambda: weighted_mean([[1.0], [2.0]], [1, -1]), r">= 0 .*got \[ 1 -1\]"),
        (lambda: weighted_mean([[1.0], [2.0]], [0, 0]), "not all 0"),
        (lambda: weighted_mean([[1.0]], [np.nan]), "got"),
        (lambda: weighted_mean([[1.0]], [np.inf]), "finite"),
        (lambda: ring_all_reduce([]), "got none"),
        (lambda: ring_all_reduce([[1.0], [1.0, 2.0]]), r"got \[\(1,\), \(2,\)\]"),
        (lambda: ring_all_reduce([1.0, 2.0]), r"shape \(n,\)"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
