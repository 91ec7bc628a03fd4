"""Tests for algollm_helpers.precision: formats by hand, the scale's rules, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from algollm_helpers.precision import LossScaler, round_bfloat16
from tests.support.small import few, refused

floats = st.floats(width=32, allow_nan=False, allow_infinity=False)


def test_bfloat16_between_its_neighbours_by_hand():
    # near 1 the numbers are 1/128 apart; a tie goes to the even one
    step = 2.0**-7
    x = [1 + 0.49 * step, 1 + 0.5 * step, 1 + 0.51 * step, 1 + 1.5 * step]
    assert_array_equal(round_bfloat16(x), [1, 1, 1 + step, 1 + 2 * step])
    assert_array_equal(round_bfloat16(np.negative(x)), -round_bfloat16(x))


def test_bfloat16_keeps_the_range_of_float32_and_what_is_no_number():
    assert round_bfloat16(1e38) > 0.99e38
    assert round_bfloat16(1e-38) > 0.99e-38
    assert float(np.finfo(np.float16).max) < 1e38
    assert float(np.finfo(np.float16).smallest_subnormal) > 1e-38
    odd = np.array([np.inf, -np.inf, np.nan, 0.0], np.float32)
    assert_array_equal(round_bfloat16(odd), odd)


@few
@given(x=floats)
def test_bfloat16_is_the_nearest_number_of_eight_bits(x):
    # below half of the largest gap: 2**-8 of the number, or half a subnormal step
    if abs(x) < 3.3e38:
        error = abs(float(round_bfloat16(x)) - float(np.float32(x)))
        assert error <= max(abs(x) * 2.0**-8, 2.0**-134)
        assert_array_equal(round_bfloat16(round_bfloat16(x)), round_bfloat16(x))


def test_a_good_gradient_is_divided_by_the_scale():
    grad = np.array([1.0, -3.0], np.float16)
    true = LossScaler(scale=1024.0).unscale(grad)
    assert true.dtype == np.float32
    assert_array_equal(true * 1024, grad)


def test_the_scale_doubles_after_patience_good_ones_in_a_row():
    scaler, good = LossScaler(scale=4.0, patience=3), np.ones(2, np.float16)
    bad = np.array([1.0, np.nan], np.float16)
    scales = []
    for grad in (good, good, bad, good, good, good, good):
        scaler.unscale(grad)
        scales.append(scaler.scale)
    # the bad one halves and starts the count afresh
    assert scales == [4, 4, 2, 2, 2, 4, 4]
    assert scaler.skipped == 1


def test_the_gradient_of_the_doubling_step_is_divided_by_the_old_scale():
    scaler = LossScaler(scale=4.0, patience=1)
    assert scaler.unscale(np.array([8.0], np.float16)) == 2.0
    assert scaler.unscale(np.array([8.0], np.float16)) == 1.0


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: LossScaler(scale=0.0), "scale must be finite and > 0, got 0"),
        refused(lambda: LossScaler(scale=np.inf), "got inf"),
        refused(lambda: LossScaler(patience=0), "patience must be >= 1, got 0"),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
