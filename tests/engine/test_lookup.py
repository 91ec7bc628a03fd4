"""Tests for engine.lookup: definitions, kept arrays, then refusals."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine import lookup
from algollm_helpers.engine.blocks import attend, embed
from algollm_helpers.engine.layers import cross_entropy, embedding
from algollm_helpers.engine.memory import LARGE, forget
from algollm_helpers.engine.tensor import Tensor

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


LONG = int((LARGE / 2) ** 0.5) + 1  # two heads of so many positions are large


@pytest.mark.parametrize("T", [1, 4, LONG - 1, LONG])
def test_the_causal_bias_opens_the_past_and_shuts_the_future(T):
    bias = lookup.causal_bias(2, T, F32)
    assert bias.shape == (1, 2, T, T)
    assert bias.dtype == F32
    past = np.arange(T)[:, None] >= np.arange(T)
    assert_array_equal(np.exp(bias), np.broadcast_to(past, bias.shape))
    with pytest.raises(ValueError, match="read-only"):
        bias[:] = 0


@pytest.mark.parametrize("n", [lookup.ALPHABET, lookup.ALPHABET + 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_row_receives_the_sum_of_its_own(n, dtype):
    # whole numbers, so that the order of the sums does not matter
    g = np.random.default_rng(0).integers(-9, 9, (7, 3)).astype(dtype)
    ids = np.array([5, 0, 5, n - 1, 5, 0, 1])
    into = np.full((n, 3), 7, dtype)
    table = Tensor(np.zeros((n, 3), dtype), grad_buffer=into)
    expected = np.zeros((n, 3))
    for i, row in zip(ids, g, strict=True):
        expected[i] += row
    for times in (1, 2):
        lookup.receive_rows(table, ids, g)
        assert_array_equal(table.grad, times * expected)
    assert table.grad is into


# --- Costs ------------------------------------------------------------------------


def peak_and_held(call):
    """Return the bytes that a call needs at its peak, and those it leaves behind."""
    forget()
    tracemalloc.start()
    try:
        call()
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        forget()
    return peak, held


def read(lengths, C=8):
    """Go forward and back over texts of these lengths."""
    rng = np.random.default_rng(0)
    for T in lengths:
        x = Tensor(rng.normal(size=(T, C)))
        wqkv, wo = (Tensor(rng.normal(size=(n * C, C))) for n in (3, 1))
        y = attend(x, wqkv, wo, n_head=2)
        cross_entropy(y, np.arange(T) % C).backward()


def test_reading_fifty_lengths_keeps_no_more_than_reading_one():
    T = 3 * LONG
    one, fifty = (peak_and_held(lambda n=n: read(range(T, T - n, -1))) for n in (1, 50))
    for several, single in zip(fifty, one, strict=True):
        assert several < 2 * single + 8 * T * T  # pieces lie by powers of two


def test_short_lengths_keep_no_more_than_a_few_tables():
    _, held = peak_and_held(lambda: read(range(LONG - 1, 0, -1)))
    assert held < 4 * 2**20


def test_a_large_mask_is_a_view_of_two_rows():
    peak, _ = peak_and_held(lambda: lookup.causal_bias(4, 1000, F32))
    assert peak < 2 * 2 * 1000 * F32.itemsize  # of 16 MB that four heads would take


def train_words(V, C=4, T=16):
    """Go forward and back through an embedding of V tokens."""
    wte, wpe = Tensor(np.ones((V, C))), Tensor(np.ones((T, C)))
    ids = np.arange(T) * (V // T)
    (embed(wte, wpe, ids) + embedding(wte, ids)).sum().backward()


def test_the_memory_of_an_embedding_grows_like_its_table():
    small, large = (
        peak_and_held(lambda V=V: train_words(V))[0] for V in (3_000, 12_000)
    )
    assert large < 4.5 * small
    assert large < 6 * 12_000 * 4 * 8  # six tables: itself, its gradient, their sums


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
