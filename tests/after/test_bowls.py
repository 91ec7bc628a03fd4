"""Tests for algollm_helpers.after.bowls: the same bowl in other coordinates."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.after import bowls
from algollm_helpers.after.bowls import METHODS, STEPS, TURNS, bowl, walk
from tests.support.small import refused

SMALL = [bowl(turn, rows=3, columns=4, seed=1) for turn in TURNS]
AXES, ROWS, ALL = SMALL


@pytest.mark.parametrize("ground", SMALL, ids=TURNS)
def test_the_gradient_is_the_slope_of_the_height(ground):
    w, direction = np.random.default_rng(0).normal(size=(2, 3, 4))
    up, down = (ground.height(w + h * direction) for h in (1e-5, -1e-5))
    assert_allclose((up - down) / 2e-5, (ground.grad(w) * direction).sum(), rtol=1e-8)


def test_turning_changes_neither_the_curvatures_nor_the_height_of_the_start():
    for ground in SMALL:
        H = ground.turn * ground.curvature.ravel() @ ground.turn.T
        found = np.linalg.eigvalsh(H)
        assert_allclose(found, np.sort(AXES.curvature.ravel()), atol=1e-12)
        assert_allclose(ground.height(ground.start), AXES.height(AXES.start))
    assert_allclose(AXES.curvature.max(), 1)
    assert_allclose(AXES.curvature.min(), 1e-4)
    assert np.linalg.matrix_rank(AXES.curvature) == 1


def test_rows_and_columns_are_turned_by_a_matrix_on_either_side():
    own = np.random.default_rng(0).normal(size=(3, 4))
    left = (ROWS.turn @ own.ravel()).reshape(3, 4)
    # Q X P' keeps the singular values of X; what mixes all entries does not.
    for ground, kept in ((ROWS, True), (ALL, False)):
        turned = (ground.turn @ own.ravel()).reshape(3, 4)
        sizes = np.linalg.svd(turned, compute_uv=False)
        same = np.allclose(sizes, np.linalg.svd(own, compute_uv=False))
        assert same is kept
    assert not np.allclose(left, own)


@pytest.mark.parametrize(
    ("method", "blind"),
    [
        ("plain", [True, True]),
        ("momentum", [True, True]),
        ("Adam", [False, False]),
        ("Muon", [True, False]),
        ("Shampoo", [True, False]),
    ],
)
def test_who_walks_otherwise_in_other_coordinates(method, blind):
    first, *turned = (walk(ground, method, lr=0.1)[:20] for ground in SMALL)
    found = [np.allclose(heights, first, rtol=1e-6) for heights in turned]
    assert found == blind


def test_on_a_single_row_muon_goes_down_the_gradient_whatever_its_size():
    ground = bowl(TURNS[1], rows=1, columns=2, seed=0)
    w = ground.start.copy()
    bowls.stepper("Muon", w.shape)(w, ground.grad(w), 0.1)
    step, slope = ground.start - w, ground.grad(ground.start)
    assert_allclose(step / np.linalg.norm(step), slope / np.linalg.norm(slope))


def test_plain_descent_shrinks_each_direction_by_its_curvature():
    heights = walk(AXES, "plain", lr=0.5)
    shrink = np.ones((3, 4))
    for k in range(STEPS):
        shrink *= 1 - 0.5 * (1 - k / STEPS) * AXES.curvature
    end = (AXES.curvature * (shrink * AXES.start) ** 2).sum() / 2
    assert_allclose(heights[-1], end, rtol=1e-9)


def test_a_walk_that_comes_apart_ends_at_the_ceiling():
    heights = walk(AXES, "plain", lr=50.0)
    assert heights[-1] == bowls.LARGEST
    assert np.isfinite(heights).all()


def test_every_method_on_every_bowl_is_measured():
    rows = {(part["method"], part["turn"]) for part in bowls.PARTS if part["rows"] > 1}
    assert rows == {(method, turn) for method in METHODS for turn in TURNS}


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: bowl("up", rows=2, columns=2, seed=0), "'up'"),
        refused(lambda: walk(AXES, "Sophia", lr=0.1), "'Sophia'"),
        refused(lambda: bowl(TURNS[0], rows=0, columns=2, seed=0), "rows must be >= 1"),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
