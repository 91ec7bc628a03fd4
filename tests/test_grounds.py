"""Tests for algollm_helpers.grounds: slopes, level places, symmetries, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.descent import central_difference
from algollm_helpers.grounds import EAST, GROUNDS, RIDGE, STEPS, WEST, walk


@pytest.mark.parametrize("name", GROUNDS)
def test_the_gradient_is_the_slope_of_the_loss(name):
    ground, rng = GROUNDS[name], np.random.default_rng(0)
    for w in rng.uniform(-2, 2, (5, 2)):
        felt = central_difference(lambda v: ground.loss(v), w)
        assert_allclose(ground.grad(w), felt, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", GROUNDS)
def test_many_places_at_once_are_each_by_itself(name):
    ground = GROUNDS[name]
    w = np.random.default_rng(1).uniform(-2, 2, (4, 3, 2))
    assert ground.loss(w).shape == (4, 3)
    assert_allclose(ground.loss(w)[2, 1], ground.loss(w[2, 1]), rtol=1e-15)
    assert_allclose(ground.grad(w)[2, 1], ground.grad(w[2, 1]), rtol=1e-15)


def test_the_valleys_are_level_at_three_places_and_the_west_is_deepest():
    places = np.array([[WEST, 0], [RIDGE, 0], [EAST, 0]])
    valleys = GROUNDS["valleys"]
    assert_allclose(valleys.grad(places), 0, atol=1e-12)
    west, ridge, east = valleys.loss(places)
    assert west < east < ridge


@pytest.mark.parametrize("w2", [-1.5, 0.0, 1.4])
def test_the_start_decides_between_the_valleys_and_the_ridge_is_the_border(w2):
    for off, place in ((-1e-3, "west"), (1e-3, "east")):
        ending = walk("valleys", [RIDGE + off, w2])
        assert ending.place == place
        floor = {"west": WEST, "east": EAST}[place]
        assert_allclose(ending.w[-1], [floor, 0], atol=1e-6)


def test_on_the_saddle_a_walk_leaves_on_the_side_where_it_began():
    # w₂ grows by 1.2 a step: from 0.01 it passes 2 at the first k with
    # 0.01 · 1.2^k > 2, which is ln 200 / ln 1.2 = 29.06, rounded up.
    north, south = walk("saddle", [1.0, 0.01]), walk("saddle", [-1.0, -0.01])
    assert (north.place, north.after) == ("north", 30)
    assert (south.place, south.after) == ("south", 30)
    still = walk("saddle", [1.0, 0.0])
    assert (still.place, still.after) == (None, None)
    assert_allclose(still.w[-1], 0, atol=1e-12)


def test_on_the_plateau_whoever_starts_far_out_hardly_moves():
    assert walk("plateau", [1.0, 0.0]).place == "floor"
    far = walk("plateau", [3.0, 0.0])
    assert far.place is None
    # At most 200 steps of 0.1 · 2 · 3 · e⁻⁹, a little more as the slope grows
    assert 0.0148 < 3 - far.w[-1, 0] < 0.0160
    assert len(far.w) == STEPS + 1


def test_a_walk_that_begins_at_the_floor_is_there_at_once():
    ending = walk("plateau", [0.0, 0.0])
    assert (ending.place, ending.after) == ("floor", 0)


@pytest.mark.parametrize(
    ("name", "start", "message"),
    [
        ("moon", [0, 0], "no ground 'moon', only"),
        ("saddle", [0, 0, 0], r"\(3,\)"),
        ("saddle", [0, np.nan], "start"),
    ],
)
def test_refuses_what_is_no_ground_or_no_start(name, start, message):
    with pytest.raises(ValueError, match=message):
        walk(name, start)
