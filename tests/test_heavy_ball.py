"""Tests for algollm_helpers.heavy_ball: the roots, long runs, borders, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from algollm_helpers.heavy_ball import ride, walk

products = st.floats(0.01, 5)
shares = st.floats(0, 0.98)


@given(product=products, beta=shares)
def test_the_factor_is_the_largest_eigenvalue_of_a_step(product, beta):
    # A step takes (w, v) to (w - p (b v + w), b v + w), curvature 1 and rate p.
    step = np.array([[1 - product, -product * beta], [1.0, beta]])
    sizes = np.abs(np.linalg.eigvals(step))
    # Where two of them meet, each is off by the root of what is rounded away.
    assert_allclose(ride(product, beta).factor, sizes.max(), atol=1e-7)


@given(product=products, beta=shares)
def test_the_borders_of_the_regimes_are_those_of_the_chapter(product, beta):
    regime = ride(product, beta).regime
    calm, across = ((1 + s * math.sqrt(beta)) ** 2 for s in (-1, 1))
    if abs(product - calm) > 1e-9 and abs(product - across) > 1e-9:
        assert (regime == "swings") == (calm < product < across)
        assert (regime == "creeps") == (product < calm)
    assert (regime == "flies apart") == (product > 2 * (1 + beta))


@pytest.mark.parametrize("beta", [0.0, 0.25, 0.5, 0.75])
def test_at_the_border_itself_it_goes_from_side_to_side_for_ever(beta):
    assert ride(2 * (1 + beta), beta) == ("stays", 1.0, 2.0)
    path = walk(2 * (1 + beta), beta, steps=400)
    assert_allclose(path[-1], -path[-2])
    assert abs(path[-1]) > 0.1


def test_without_momentum_one_over_the_curvature_arrives_in_one_step():
    assert ride(1.0, 0.0) == ("arrives", 0.0, math.inf)
    assert walk(1.0, 0.0, steps=3).tolist() == [1, 0, 0, 0]


@given(product=st.floats(0.01, 2.5))
def test_without_momentum_the_walk_is_a_power_of_the_factor(product):
    factor = ride(product, 0.0).factor
    path = np.abs(walk(product, 0.0, steps=9))
    assert_allclose(path, factor ** np.arange(10), rtol=1e-9)


@pytest.mark.parametrize(("product", "beta"), [(2.5, 0.5), (0.3, 0.9), (3.0, 0.8)])
def test_a_swing_shrinks_by_the_factor_and_returns_after_its_period(product, beta):
    regime, factor, period = ride(product, beta)
    assert regime == "swings"
    k = np.arange(61)
    path = walk(product, beta, steps=60) / factor**k
    waves = np.stack([np.cos(2 * np.pi * k / period), np.sin(2 * np.pi * k / period)])
    parts = np.linalg.lstsq(waves.T, path, rcond=None)[0]
    assert_allclose(parts @ waves, path, atol=1e-9)


@pytest.mark.parametrize(("product", "beta"), [(0.02, 0.5), (2.95, 0.5), (3.2, 0.5)])
def test_without_swings_a_long_walk_shrinks_or_grows_by_the_factor(product, beta):
    ratio = walk(product, beta, steps=200)[-2:]
    regime, factor, period = ride(product, beta)
    assert_allclose(abs(ratio[1] / ratio[0]), factor)
    assert (ratio[1] / ratio[0] > 0) == (period == math.inf) == (regime == "creeps")


@pytest.mark.parametrize("product", [0.0, -1.0, math.inf, math.nan])
def test_a_product_that_is_none_is_refused(product):
    with pytest.raises(ValueError, match=f"product must be .*{product}"):
        ride(product, 0.5)


@pytest.mark.parametrize("beta", [-0.1, 1.0, math.nan])
def test_a_share_that_is_none_is_refused(beta):
    with pytest.raises(ValueError, match=f"beta must be .*{beta}"):
        ride(1.0, beta)


def test_a_number_of_steps_below_0_is_refused():
    with pytest.raises(ValueError, match=r"steps must be .*-1"):
        walk(1.0, 0.5, steps=-1)
