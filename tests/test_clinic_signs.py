"""Tests for clinic_signs: numbers worked by hand, and what has none."""

import math

import numpy as np
import pytest

from algollm_helpers import clinic_signs as of
from algollm_helpers.clinic_run import Run
from algollm_helpers.clinic_signs import Sign

N = np.nan


def run(loss, first=0, **others):
    return Run(step=np.arange(first, first + len(loss)), loss=loss, **others)


TEN = [4.0, 8.0, 3.0, 3.0, 2.0, 2.0, 1.5, 1.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("number", "made", "wanted"),
    [
        (of.lost, run([3.0, N, np.inf]), 2),
        (of.lost, run([3.0, 2.0]), 0),
        (of.growth_before_lost, run([3.0, 9.0, N], grad_norm=[2.0, 8.0, N]), 4),
        (of.growth_before_lost, run([3.0, 2.0], grad_norm=[2.0, 8.0]), N),
        (of.growth_before_lost, run([N, 2.0], grad_norm=[2.0, 8.0]), N),
        (of.growth_before_lost, run([2.0, N], grad_norm=[0.0, 8.0]), N),
        (of.longest_update, run(TEN[:3], update_ratio=[0.1, N, 0.3]), 0.3),
        (of.first_update, run(TEN[:2], update_ratio=[0.1, 0.3]), 0.1),
        (of.first_update, run(TEN[:2], first=2, update_ratio=[0.1, 0.3]), N),
        (of.first_update_by_rate, run([1.0], update_ratio=[0.1], lr=[0.01]), 10),
        (of.first_update_by_rate, run([1.0], update_ratio=[0.1], lr=[0.0]), N),
        (of.path, run([2.0, 1.9], update_ratio=[0.1, 0.3]), 0.4),
        (of.path, run([2.0, 0.9], update_ratio=[0.1, 0.3]), N),
        (of.first_by_held_out, run([6.0, 1.0], valid=[3.0, N]), 2),
        (of.first_by_held_out, run([6.0, 1.0], first=2, valid=[3.0, N]), N),
        (of.first_by_even_guess, run([2.0], vocab_size=2), 2 / math.log(2)),
        (of.last, run(TEN), 0.25),
        (of.last, run([-1.0, -2.0]), N),
        (of.highest, run(TEN), 2),
        (of.highest_after_leap, run([1.0, 3.0], update_ratio=[0.26, 0.1]), 3),
        (of.highest_after_leap, run([1.0, 3.0], update_ratio=[0.25, 0.1]), N),
        (of.last_without_leap, run([1.0, 3.0], update_ratio=[0.25, 0.1]), 3),
        (of.last_without_leap, run([1.0, 3.0], update_ratio=[0.26, 0.1]), N),
        # the means of three are 5, 14/3, 8/3, 7/3, 11/6 …: half of 4 is passed at 4
        (of.held_out_when_halved, run(TEN, valid=[2.0, *[N] * 4, 9.0, *[N] * 4]), 4.5),
        (of.held_out_when_halved, run(TEN, valid=[2.0, 9.0, *[N] * 8]), N),
        (of.held_out_when_halved, run(TEN[:2], valid=[2.0, 9.0]), N),
        (of.turn, run(TEN, valid=[3.0, *[N] * 4, 2.0, *[N] * 3, 2.5]), 1.25),
        (of.turn, run(TEN, first=50, valid=[*[2.0] * 9, 2.5]), 1.25),
        (of.turn, run([3.0, 2.85], valid=[2.0, 2.5]), N),  # the loss has hardly fallen
        (of.turn, run([3.0, 2.84], valid=[2.0, 2.5]), 1.25),
        (of.turn, run([3.0, 9.1, 2.0], valid=[2.0, 2.0, 2.5]), N),  # what rose so far
        (of.turn, run([3.0, 9.0, 2.0], valid=[2.0, 2.0, 2.5]), 1.25),
        (of.fall, run(TEN, first=50), 0.25),
        (of.fall, run([-1.0, -2.0]), N),
        (of.lowest_held_out, run([3.0, 2.8, 2.0], valid=[4.0, N, 3.0]), 0.75),
        (of.lowest_held_out, run([3.0, 2.8], first=2, valid=[4.0, 3.0]), N),
        (of.leak, run([3.0, 2.8], leak=[N, 0.2]), 0.2),
        (of.disagreement, run([3.0, 2.8], agreement=[0.9, 1.3]), 0.3),
        (of.agreement, run([3.0, 2.8], agreement=[0.9, 1.3]), 1.3),
        (of.norm_grows, run(TEN, grad_norm=[2, 5, 7, *[90] * 7]), 3),
        (of.norm_grows, run([1, 11, *TEN[2:]], grad_norm=[2, 5, 7, *[90] * 7]), N),
        (
            of.least_moved,
            run(TEN[:2], update_ratio=[0, 0.1], least_ratio=[9, 0.2]),
            0.2,
        ),
        (of.norm_grows, run(TEN, grad_norm=[2, 5, 7, *[9] * 7], agreement=[1] * 10), N),
        (of.least_moved, run(TEN[:2], update_ratio=[0, 0], least_ratio=[9, 0.2]), N),
        (of.rate_gone, run(TEN[:4], lr=[1.0, 0.01, 0.009, 0.0]), 0.5),
        (of.last_rate, run(TEN[:4], lr=[0.1, 0.4, 0.2, N]), 0.5),
        (of.last_rate, run(TEN[:2], lr=[0.0, 0.0]), N),
        (of.clipped, run(TEN[:4], grad_norm=[1, 2, 3, 4], used_norm=[1, 1, 3, 2]), 0.5),
        # 10 rows of 3 passes: rows 2 to 6, of mean 2.3, are from 0.6 to 1.8 passes
        (of.while_new, run(TEN, passes=3.0, valid=[9.0, 9.0, 4.0, *[N] * 7]), 0.575),
        (of.while_new, run(TEN, passes=3.0, valid=[9.0, *[N] * 8, 9.0]), N),
        (of.gap, run(TEN, passes=3.0, valid=[9.0, *[N] * 8, 1.5]), 0.5),
        (of.gap, run(TEN, passes=2.9, valid=[9.0, *[N] * 8, 1.5]), N),
        (of.spike, run([*[1.0, 1.2] * 29, 9.0]), N),  # too few rows
        (of.spike, run([1.0] * 70), N),  # no row is ever off
    ],
)
def test_numbers_worked_by_hand(number, made, wanted):
    assert number(made) == pytest.approx(wanted, nan_ok=True)


def test_calm_before_a_loss_is_lost_needs_five_updates_in_a_row():
    loss, norm = [3.0] * 6 + [N], [2.0, 3.0, 2.0, 2.0, 2.0, 2.0, N]
    assert of.calm_before_lost(run(loss, grad_norm=norm)) == 1.5
    assert math.isnan(of.calm_before_lost(run(loss[2:], grad_norm=norm[2:])))
    far = Run(step=np.array([0, 1, 2, 3, 4, 5, 7]), loss=loss, grad_norm=norm)
    assert math.isnan(of.calm_before_lost(far))
    assert of.growth_before_lost(far) == 1.5


def test_the_path_is_the_same_if_every_tenth_update_is_logged():
    ratio = np.full(100, 0.02)
    whole = Run(step=np.arange(100), loss=np.ones(100), update_ratio=ratio)
    tenth = Run(step=np.arange(0, 100, 9), loss=np.ones(12), update_ratio=ratio[:12])
    assert of.path(whole) == pytest.approx(2)
    assert of.path(tenth) == pytest.approx(2)


def test_a_spike_is_measured_in_the_usual_distance_and_a_step_is_none():
    zigzag = np.tile([1.0, 1.2], 40)  # medians of eleven are 1.0 and 1.2 by turns
    rng = np.random.default_rng(0)
    noise = 2 + 0.1 * rng.standard_normal(400)
    assert of.spike(run(noise)) < 8
    noise[200] += 5
    assert of.spike(run(noise)) > 50
    down = np.where(np.arange(400) < 200, 3.0, 2.0) + 0.01 * rng.standard_normal(400)
    assert of.spike(run(down)) < 8
    assert of.spike(run(zigzag)) < 2


def test_a_sign_shows_beyond_its_threshold_and_not_at_it():
    above = Sign(("x",), ("loss",), "first", lambda made: made.loss[0], "", above=2.0)
    below = Sign(("x",), ("loss",), "first", lambda made: made.loss[0], "", below=2.0)
    up, down = np.nextafter(2.0, 3), np.nextafter(2.0, 1)
    assert [above.value(run([x])) for x in (down, 2.0, up)] == [None, None, up]
    assert [below.value(run([x])) for x in (down, 2.0, up)] == [down, None, None]
    assert above.value(run([N])) is below.value(run([N])) is None
    assert (above.words, below.words) == ("first, is above 2", "first, is below 2")
    assert above.found(2.5) == "first, is 2.5: above 2"


def test_a_sign_without_its_instruments_or_of_a_short_end_does_not_show():
    sign = Sign(("x",), ("lr",), "last", of.last_rate, "", above=0.5, at_end=True)
    made = run(np.ones(of.ROWS), lr=np.ones(of.ROWS))
    assert sign.value(made) == 1
    assert sign.value(made.until(of.ROWS - 1)) is None
    assert sign.missing(run(np.ones(30))) == ["lr"]
    assert sign.value(run(np.ones(30))) is None
