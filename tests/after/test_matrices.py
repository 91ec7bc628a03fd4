"""Tests for algollm_helpers.after.matrices: the polar factor, and who minds turning."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.after.matrices import CUBIC, Muon, Shampoo, newton_schulz, root
from tests.support.small import refused

RNG = np.random.default_rng(0)
G = RNG.normal(size=(4, 6))
SHAPES = [(4, 6), (6, 4), (5, 5), (1, 7), (3, 4, 6)]


def polar(g):
    """Return U V' of the singular value decomposition."""
    u, _, v = np.linalg.svd(g, full_matrices=False)
    return u @ v


def turn(size):
    return np.linalg.qr(RNG.normal(size=(size, size)))[0]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_iteration_ends_at_the_polar_factor(shape):
    g = RNG.normal(size=shape)
    found = newton_schulz(g, steps=40, coefficients=CUBIC)
    assert_allclose(found, polar(g), atol=1e-10)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_five_quick_steps_keep_the_directions_and_make_the_sizes_alike(shape):
    g = RNG.normal(size=shape)
    found = newton_schulz(g)
    sizes = polar(g).swapaxes(-2, -1) @ found  # V S' V'
    assert_allclose(sizes, sizes.swapaxes(-2, -1), atol=1e-10)
    singular = np.linalg.svd(found, compute_uv=False)
    assert 0.65 < singular.min()
    assert singular.max() < 1.25


def test_size_does_not_count_and_turning_goes_through():
    Q, P = turn(4), turn(6)
    assert_allclose(newton_schulz(1000 * G), newton_schulz(G), atol=1e-12)
    assert_allclose(newton_schulz(Q @ G @ P), Q @ newton_schulz(G) @ P, atol=1e-12)
    assert_array_equal(newton_schulz(np.zeros((2, 3))), np.zeros((2, 3)))


def test_a_first_step_of_shampoo_is_the_polar_factor():
    w = np.zeros((5, 5))
    g = RNG.normal(size=(5, 5))
    Shampoo((5, 5), eps=1e-12).step(w, g, lr=0.1)
    assert_allclose(w, -0.1 * polar(g), atol=1e-5)


@pytest.mark.parametrize("kind", [Muon, Shampoo])
def test_turned_gradients_by_rows_and_columns_give_turned_steps(kind):
    Q, P = turn(4), turn(6)
    here, there = np.zeros((4, 6)), np.zeros((4, 6))
    one, two = kind((4, 6)), kind((4, 6))
    for _ in range(4):
        grad = RNG.normal(size=(4, 6))
        one.step(here, grad, lr=0.1)
        two.step(there, Q @ grad @ P, lr=0.1)
    assert_allclose(there, Q @ here @ P, atol=1e-10)


@pytest.mark.parametrize("kind", [Muon, Shampoo])
def test_several_matrices_are_stepped_each_by_itself(kind):
    grads = RNG.normal(size=(3, 2, 4, 6))  # steps, matrices
    together = np.zeros((2, 4, 6))
    optimiser = kind((2, 4, 6))
    for grad in grads:
        optimiser.step(together, grad, lr=0.1)
    for i in range(2):
        alone, own = np.zeros((4, 6)), kind((4, 6))
        for grad in grads:
            own.step(alone, grad[i], lr=0.1)
        assert_allclose(together[i], alone, atol=1e-12)


def test_momentum_adds_up_and_looks_ahead():
    # With a constant gradient the sum is 1, 1 + mu, ...; its size does not count, so
    # each step is the same, and a second gradient enters with weight 1 + mu.
    other = RNG.normal(size=(4, 6))
    w, muon = np.zeros((4, 6)), Muon((4, 6), momentum=0.5)
    muon.step(w, G, lr=1.0)
    assert_allclose(w, -newton_schulz(G), atol=1e-12)
    before = w.copy()
    muon.step(w, other, lr=1.0)
    assert_allclose(before - w, newton_schulz(1.5 * other + 0.25 * G), atol=1e-12)


def test_shampoo_divides_by_the_roots_of_what_was_seen():
    w, shampoo = np.zeros((4, 6)), Shampoo((4, 6), eps=0.1)
    grads = RNG.normal(size=(2, 4, 6))
    for grad in grads:
        before = w.copy()
        shampoo.step(w, grad, lr=1.0)
    left = 0.1 * np.eye(4) + sum(g @ g.T for g in grads)
    right = 0.1 * np.eye(6) + sum(g.T @ g for g in grads)
    back = root(left, 0.25) @ (before - w) @ root(right, 0.25)
    assert_allclose(back, grads[1], atol=1e-10)


def test_the_fourth_power_of_a_fourth_root_is_the_matrix():
    square = G @ G.T
    fourth = np.linalg.matrix_power(root(square), 4)
    assert_allclose(fourth @ square, np.eye(4), atol=1e-10)


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: newton_schulz(G, steps=-1), "steps must be >= 0, got -1"),
        refused(lambda: Muon((2, 2), momentum=1.0), r"momentum must be in \[0, 1\)"),
        refused(lambda: Shampoo((2, 2), eps=0.0), "eps must be finite and > 0, got 0"),
        refused(lambda: root(np.diag([1.0, -2.0])), "positive eigenvalues, got -2"),
        refused(
            lambda: Muon((4, 6)).step(G.copy(), G[:2], lr=1.0),
            r"grad must have shape \(4, 6\), got \(2, 6\)",
        ),
        refused(
            lambda: Shampoo((4, 6)).step(G[:2], G, lr=1.0),
            r"w must have shape \(4, 6\), got \(2, 6\)",
        ),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
