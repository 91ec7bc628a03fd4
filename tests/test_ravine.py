"""Tests for algollm_helpers.ravine: the turning, closed forms, what is printed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from algollm_helpers.ravine import RATES, START, STEEP, best_track, ravine, track

steepnesses = st.floats(1, 1000)
angles = st.floats(-360, 360)


@given(steepness=steepnesses, degrees=angles)
def test_a_turned_ravine_has_the_same_curvatures_and_the_same_start_in_it(
    steepness, degrees
):
    H, start = ravine(steepness, degrees)
    assert_allclose(np.linalg.eigvalsh(H), [STEEP / steepness, STEEP], rtol=1e-9)
    loss = 0.5 * (STEEP / steepness * START[0] ** 2 + STEEP * START[1] ** 2)
    assert_allclose(0.5 * start @ H @ start, loss)
    assert_allclose(np.linalg.norm(start), np.hypot(*START))


@given(steepness=steepnesses, degrees=angles)
def test_plain_descent_and_momentum_do_not_mind_the_turning(steepness, degrees):
    straight, turned = ravine(steepness, 0), ravine(steepness, degrees)
    for walker in ("plain", "momentum"):
        one, other = (track(walker, 0.03, ground) for ground in (straight, turned))
        assert_allclose(one.loss, other.loss, rtol=1e-8, atol=1e-14)


def test_plain_descent_is_a_power_of_its_factor_along_each_axis():
    steepness, rate = 50, 0.08
    found = track("plain", rate, ravine(steepness, 0))
    factor = 1 - rate * np.array([STEEP / steepness, STEEP])
    assert_allclose(found.w, START * factor ** np.arange(41)[:, None], rtol=1e-9)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_quarter_turn_only_renames_the_axes_for_adam(degrees):
    straight, turned = (best_track("adam", ravine(400, d)) for d in (0, degrees))
    assert straight.rate == turned.rate
    assert_allclose(straight.loss, turned.loss, rtol=1e-6)


@pytest.mark.parametrize(
    ("walker", "degrees", "end"),
    [
        ("plain", 0, 0.013),
        ("plain", 45, 0.013),
        ("momentum", 0, 0.006),
        ("momentum", 45, 0.006),
        ("adam", 0, 0.023),
        ("adam", 45, 0.092),
    ],
)
def test_the_race_ends_as_the_chapter_has_it(walker, degrees, end):
    assert round(best_track(walker, ravine(20, degrees)).loss[-1], 3) == end


@pytest.mark.parametrize("walker", ["plain", "momentum", "adam"])
def test_the_best_rate_is_beaten_by_none(walker):
    ground = ravine(400, 30)
    best = best_track(walker, ground)
    assert best.rate in RATES
    with np.errstate(all="ignore"):
        ends = [track(walker, rate, ground).loss[-1] for rate in RATES]
    assert best.loss[-1] == np.nanmin(ends)


def test_what_is_no_walker_or_no_ravine_is_refused():
    with pytest.raises(ValueError, match=r"one of \['adam', .*got 'snail'"):
        track("snail", 0.1, ravine(20, 0))
    with pytest.raises(ValueError, match=r"steepness must be .*0"):
        ravine(0, 0)
    with pytest.raises(ValueError, match=r"degrees must be .*nan"):
        ravine(20, float("nan"))
