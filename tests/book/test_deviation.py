"""Tests for book.deviation: closed forms, shift and scale, how it prints, refusals."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from algollm_helpers.book.deviation import MeanStd, mean_std
from algollm_helpers.book.ledger import ledger
from tests.support.book import NOTEBOOKS, code_cells
from tests.support.small import few, refused

numbers = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20)


def test_three_values_by_hand():
    # mean 1, squares 1 + 1 + 4, divided by n − 1 = 2: the root of 3; the median is 0.
    assert mean_std([0, 3, 0]) == (1.0, np.sqrt(3))


@pytest.mark.parametrize("n", [2, 3, 10, 101])
def test_the_first_whole_numbers_have_a_closed_form(n):
    # 1 … n: mean (n + 1) / 2, sum of squares n (n² − 1) / 12, over n − 1.
    both = mean_std(np.arange(1, n + 1))
    assert both.mean == (n + 1) / 2
    assert_allclose(both.std, np.sqrt(n * (n + 1) / 12), rtol=1e-14)


@given(values=numbers, order=st.randoms(use_true_random=False))
@few
def test_the_order_of_the_values_does_not_matter(values, order):
    turned = list(values)
    order.shuffle(turned)
    assert_allclose(mean_std(turned), mean_std(values), rtol=1e-12, atol=1e-10)


@given(values=numbers, shift=st.floats(-1e6, 1e6), scale=st.floats(-1e3, 1e3))
@few
def test_a_shift_moves_the_mean_alone_and_a_scale_stretches_both(values, shift, scale):
    mean, std = mean_std(values)
    moved = mean_std(np.array(values) * scale + shift)
    assert_allclose(moved.mean, mean * scale + shift, rtol=1e-12, atol=1e-6)
    assert_allclose(moved.std, std * abs(scale), rtol=1e-6, atol=1e-6)


def test_half_the_squared_differences_of_all_pairs_give_the_same_deviation():
    # An estimate that never forms the mean: var = mean over pairs of (a − b)² / 2.
    x = np.random.default_rng(0).normal(3.0, 2.0, size=30)
    a, b = np.triu_indices(30, 1)
    assert_allclose(mean_std(x).std ** 2, ((x[a] - x[b]) ** 2).mean() / 2, rtol=1e-12)


def test_the_squared_deviation_is_right_on_average_where_n_would_be_short():
    # 40,000 samples of 3 from variance 1: the mean of var has standard error 0.005.
    samples = np.random.default_rng(0).normal(size=(40_000, 3))
    mean = np.mean([mean_std(sample).std ** 2 for sample in samples])
    assert abs(mean - 1) < 4 * 0.005  # with n in place of n − 1 it would be 2/3


def test_equal_values_have_no_deviation():
    assert mean_std([0.1] * 7) == (pytest.approx(0.1, rel=1e-15), pytest.approx(0))


def test_small_kinds_of_numbers_are_widened_first():
    # In int8 the sum 300 would be 44; in float16 the sum 80,000 would be inf.
    assert mean_std(np.array([100, 100, 100], dtype=np.int8)) == (100.0, 0.0)
    assert mean_std(np.array([4e4, 4e4], dtype=np.float16)) == (40_000.0, 0.0)


@pytest.mark.parametrize(
    ("mean", "std", "spec", "text"),
    [
        (2.301, 0.0417, ".2f", "2.30 ± 0.04"),
        (2.301, 0.0417, ".0f", "2 ± 0"),
        (0.382, 0.0412, ".0%", "38% ± 4%"),
        (0.00382, 0.000412, ".2%", "0.38% ± 0.04%"),
        (38.2, 4.1, ".0f°", "38° ± 4°"),
        (1234.5, 1050.2, ",.0f", "1,234 ± 1,050"),
        (0.052, 0.011, "+.2f", "+0.05 ± 0.01"),
        (-0.052, 0.011, "+.2f", "-0.05 ± 0.01"),
        (0.052, 0.011, " .2f", " 0.05 ± 0.01"),
        (0.052, 0.011, "8.2f", "    0.05 ± 0.01"),
        (0.052, 0.011, "+8.2f", "   +0.05 ± 0.01"),
        (0.052, 0.011, "08.2f", "00000.05 ± 0.01"),
        (0.052, 0.011, "·<8.2f", "0.05···· ± 0.01"),
        (5.2, 1.1, "6.1f°", "   5.2° ± 1.1°"),
        (1234.5, 1050.2, "10,.1f", "   1,234.5 ± 1,050.2"),
        (1.5e-7, 2.5e-9, ".1e", "1.5e-07 ± 2.5e-09"),
        (1.5, 0.25, ".3g", "1.5 ± 0.25"),
        (1.5, 0.25, "#.3g", "1.50 ± 0.250"),
        (1.5, 0.25, "", "1.5 ± 0.25"),
    ],
)
def test_it_prints_as_two_numbers_of_one_format(mean, std, spec, text):
    assert format(MeanStd(mean, std), spec) == text


def test_as_text_it_is_what_an_empty_format_prints():
    assert str(MeanStd(1.5, 0.25)) == f"{MeanStd(1.5, 0.25)}" == "1.5 ± 0.25"


@pytest.mark.parametrize("spec", ["d", ".2q", ".2f°°", "°.2f", "nonsense"])
def test_a_format_that_is_none_for_numbers_is_refused(spec):
    with pytest.raises(ValueError, match=r"[Ff]ormat"):
        format(MeanStd(1.0, 1.0), spec)


def test_rows_of_both_become_two_columns():
    table = [[1, 3], [10, 30], [0, 0]]
    means, stds = np.transpose([mean_std(row) for row in table])
    assert_allclose(means, [2, 20, 0])
    assert_allclose(stds, np.sqrt([2, 200, 0]))


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: mean_std([]), r"shape \(n,\), n >= 2, got \(0,\)"),
        refused(lambda: mean_std([3.0]), r"n >= 2, got \(1,\)"),
        refused(lambda: mean_std(3.0), r"n >= 2, got \(\)"),
        refused(lambda: mean_std(np.ones((5, 1))), r"n >= 2, got \(5, 1\)"),
        refused(lambda: mean_std([1.0, np.nan]), r"finite, got \[ 1. nan\]"),
        refused(lambda: mean_std([1.0, -np.inf]), r"finite, got \[  1. -inf\]"),
        refused(lambda: mean_std(["1", "2"]), r"real numbers, got \['1', '2'\]"),
        refused(lambda: mean_std([True, False]), r"real numbers, got \[True, False\]"),
        refused(lambda: mean_std([1.0, 2j]), r"real numbers, got \[1.0, 2j\]"),
        refused(lambda: mean_std([1.0, None]), r"real numbers, got \[1.0, None\]"),
    ],
)
def test_what_has_no_deviation_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()


BY_HAND = re.compile(r"ddof|_std\b|\}\S* ± \{")  # what mean_std() does, done again


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_cell_computes_or_prints_a_deviation_by_itself(path):
    for cell in code_cells(path):
        source = cell["source"].replace("mean_std", "")
        assert not BY_HAND.search(source), cell["source"]


def test_no_finding_has_a_field_for_a_deviation():
    for claim_id, row in ledger().items():
        for template in row.templates():
            assert not BY_HAND.search(template), claim_id
