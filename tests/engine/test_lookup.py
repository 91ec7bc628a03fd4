"""Tests for engine.lookup: definitions, kept arrays, then refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine import lookup

F32 = np.dtype(np.float32)


@pytest.mark.parametrize("size", [1, lookup.FEW - 1, lookup.FEW, 1000])
def test_ids_of_any_number_are_checked_at_both_ends(size):
    ids = np.arange(size)
    assert_array_equal(lookup.checked_ids(ids, size, "ids"), ids)
    with pytest.raises(ValueError, match=f"ids must lie in 0 … {size - 2}"):
        lookup.checked_ids(ids, size - 1, "ids")
    with pytest.raises(ValueError, match=f"got -1 … {size - 2}"):
        lookup.checked_ids(ids - 1, size, "ids")


def test_no_ids_are_fine_and_fractions_are_not():
    assert lookup.checked_ids(np.zeros(0, int), 3, "ids").size == 0
    with pytest.raises(ValueError, match="ids must be integers, got dtype float64"):
        lookup.checked_ids([0.0], 3, "ids")


def test_a_one_hot_row_picks_a_row_of_a_matrix():
    table = np.random.default_rng(0).normal(size=(5, 3)).astype(F32)
    ids = np.array([4, 0, 4])
    rows = lookup.one_hot(ids, 5, F32)
    assert rows.dtype == F32
    assert_array_equal(rows @ table, table[ids])


def test_shares_make_a_mean():
    x, weights = np.array([1.0, 2.0, 6.0]), [2, 0, 1]
    assert_allclose(lookup.shares(None, 3, x.dtype) @ x, x.mean())
    assert_allclose(
        lookup.shares(weights, 3, x.dtype) @ x, np.average(x, weights=weights)
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"weights must have shape \(3,\), got \(2,\)"),
        ([0, 0, 0], "weights must be finite, >= 0 and not all 0, got"),
        ([1, -1, 1], "got .*-1"),
        ([1, np.nan, 1], "got .*nan"),
    ],
)
def test_weights_that_make_no_mean_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        lookup.shares(weights, 3, np.dtype(float))


def test_row_starts_find_each_row_in_the_flat_array():
    x = np.random.default_rng(0).normal(size=(4, 7))
    assert_array_equal(x.ravel()[lookup.row_starts(4, 7) + 2], x[:, 2])


def test_the_causal_bias_opens_the_past_and_shuts_the_future():
    bias = lookup.causal_bias(2, 4, F32)
    assert bias.shape == (1, 2, 4, 4)
    past = np.arange(4)[:, None] >= np.arange(4)
    assert_array_equal(np.exp(bias), np.broadcast_to(past, bias.shape))


@pytest.mark.parametrize(
    "make",
    [
        lambda: lookup.ones(5, F32),
        lambda: lookup.row_starts(5, 2),
        lambda: lookup.shares(None, 5, F32),
        lambda: lookup.causal_bias(1, 5, F32),
    ],
)
def test_what_is_kept_is_made_once_and_cannot_be_changed(make):
    assert make() is make()
    with pytest.raises(ValueError, match="read-only"):
        make()[:] = 0
