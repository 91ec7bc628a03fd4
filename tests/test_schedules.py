"""Tests for algollm_helpers.schedules: both ends, what lies between, refusals."""

import math
from itertools import pairwise

import pytest

from algollm_helpers.schedules import (
    constant,
    cosine,
    inverse_time,
    linear_decay,
    step_decay,
    warmup,
)

FALLING = {
    "step": step_decay(0.8, every=10, factor=0.5),
    "inverse": inverse_time(0.8, halved_at=10),
    "linear": linear_decay(0.8, steps=40),
    "cosine": cosine(0.8, steps=40),
}


@pytest.mark.parametrize("name", FALLING)
def test_it_starts_at_its_rate_and_never_rises(name):
    rates = [FALLING[name](step) for step in range(41)]
    assert rates[0] == 0.8
    assert all(a >= b >= 0 for a, b in pairwise(rates))


@pytest.mark.parametrize("name", FALLING)
def test_there_is_no_update_before_the_first(name):
    with pytest.raises(ValueError, match="got -1"):
        FALLING[name](-1)


@pytest.mark.parametrize("make", [linear_decay, cosine])
def test_zero_is_reached_after_the_last_update_and_not_at_it(make):
    rate = make(0.8, steps=40)
    assert rate(39) > 0
    assert rate(40) == pytest.approx(0, abs=1e-15)
    with pytest.raises(ValueError, match="step must lie in 0 … 40, got 41"):
        rate(41)


def test_the_cosine_is_half_down_half_way_and_symmetric():
    rate = cosine(0.8, steps=40)
    assert rate(20) == pytest.approx(0.4)
    for step in range(41):
        assert rate(step) + rate(40 - step) == pytest.approx(0.8)


def test_a_step_falls_exactly_between_two_updates():
    rate = step_decay(0.8, every=10, factor=0.5)
    assert (rate(9), rate(10), rate(19), rate(20)) == (0.8, 0.4, 0.4, 0.2)


def test_inverse_time_meets_the_conditions_of_robbins_and_monro():
    # sum of 1 / (1 + k / 10) grows like 10 log k; sum of squares stays below 10 + 1
    rates = [inverse_time(1.0, halved_at=10)(k) for k in range(20_000)]
    assert sum(rates[10_000:]) == pytest.approx(10 * math.log(2), rel=1e-3)
    assert sum(r * r for r in rates) < 11


def test_a_warm_up_ends_one_update_before_its_length_is_over():
    rate = warmup(constant(0.4), steps=4)
    expected = [0.1, 0.2, 0.3, 0.4, 0.4]
    assert [rate(k) for k in range(5)] == pytest.approx(expected)


def test_the_schedule_inside_a_warm_up_counts_all_updates():
    inside, rate = linear_decay(0.8, steps=40), warmup(FALLING["linear"], steps=8)
    assert rate(0) == inside(0) / 8
    assert all(rate(k) == inside(k) for k in range(7, 41))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: constant(0.0), "lr must be finite and > 0, got 0.0"),
        (lambda: cosine(math.inf, steps=3), "got inf"),
        (lambda: step_decay(0.1, every=0), "every must be >= 1, got 0"),
        (lambda: step_decay(0.1, every=3, factor=1.0), "factor .* got 1.0"),
        (lambda: inverse_time(0.1, halved_at=0), "halved_at must be >= 1, got 0"),
        (lambda: linear_decay(0.1, steps=0), "steps must be >= 1, got 0"),
        (lambda: warmup(constant(0.1), steps=0), "steps must be >= 1, got 0"),
        (lambda: constant(0.1)(-1), "step must be >= 0, got -1"),
        (lambda: warmup(constant(0.1), steps=2)(-1), "step must be >= 0, got -1"),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message):
    with pytest.raises(ValueError, match=message):
        call()
