"""Tests for algollm_helpers.learning_rate: by hand, by law, then refusals."""

import math

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.learning_rate import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSProp,
)

RNG = np.random.default_rng(0)
ONE = np.ones(1)
sizes = st.floats(1e-3, 1e3)


def test_sgd_takes_lr_times_the_gradient():
    w = np.array([1.0, 2.0])
    SGD().step(w, np.array([4.0, -2.0]), lr=0.25)
    assert_array_equal(w, [0.0, 2.5])


def follow(optimiser, grads, lr):
    """Return where one parameter stands after each gradient, from 0."""
    w, places = np.zeros(1), []
    for g in grads:
        optimiser.step(w, np.array([g], dtype=float), lr=lr)
        places.append(w[0])
    return places


def test_three_steps_of_momentum_and_nesterov_worked_by_hand():
    # beta = 1/2, lr = 1, gradients 4, -2, 8:  v = 4, 0, 8
    # momentum goes -v: -4, -4, -12; Nesterov -(g + v/2): -6, -4, -16
    assert follow(Momentum(1, beta=0.5), (4, -2, 8), 1.0) == [-4, -4, -12]
    assert follow(Nesterov(1, beta=0.5), (4, -2, 8), 1.0) == [-6, -4, -16]


def test_three_steps_of_adagrad_and_rmsprop_worked_by_hand():
    # AdaGrad, gradients 3, 4, 12: roots of the sums 3, 5, 13
    places = follow(AdaGrad(1, eps=1e-300), (3, 4, 12), 1.0)
    assert_allclose(places, np.cumsum([-1, -4 / 5, -12 / 13]))
    # RMSProp, beta = 3/4, gradients 2, 0, 4: v = 1, 3/4, 73/16
    places = follow(RMSProp(1, beta=0.75, eps=1e-300), (2, 0, 4), 1.0)
    assert_allclose(places, np.cumsum([-2, 0, -4 / math.sqrt(73 / 16)]))


def test_momentum_on_a_bowl_obeys_its_linear_recurrence():
    # w'' = w' - lr lam w' + beta (w' - w): its roots give the path in closed form
    lam, lr, beta = 3.0, 0.1, 0.6
    w, ball, path = np.array([1.0]), Momentum(1, beta=beta), [1.0]
    for _ in range(30):
        ball.step(w, lam * w, lr=lr)
        path.append(w[0])
    a, b = np.roots([1, -(1 + beta - lr * lam), beta])
    share = (path[1] - b) / (a - b)
    k = np.arange(31)
    assert_allclose(path, (share * a**k + (1 - share) * b**k).real, atol=1e-12)


def test_nesterov_is_the_gradient_at_the_place_looked_ahead_to():
    # with x = w - lr beta v before the step: v = beta v + grad(w), w = x' - lr beta v
    lam, lr, beta = np.array([1.0, 7.0]), 0.05, 0.9
    w, ball = np.array([1.0, -2.0]), Nesterov(2, beta=beta)
    x, v = w.copy(), np.zeros(2)
    for _ in range(20):
        v = beta * v - lr * lam * (x + beta * v)  # Sutskever's form
        x = x + v
        ball.step(w, lam * w, lr=lr)
        assert_allclose(w, x + beta * v, atol=1e-12)


@pytest.mark.parametrize("make", [AdaGrad, RMSProp, Adam])
def test_the_scale_of_the_loss_does_not_change_an_adaptive_path(make):
    grads = RNG.normal(size=(20, 3))
    ends = []
    for scale in (1.0, 1e6):
        w, optimiser = np.zeros(3), make(3, eps=1e-300)
        for g in grads:
            optimiser.step(w, scale * g, lr=0.1)
        ends.append(w)
    assert_allclose(ends[0], ends[1], rtol=1e-12)


def test_without_memory_momentum_is_sgd():
    for make in (Momentum, Nesterov):
        w, plain = np.ones(4), np.ones(4)
        for g in RNG.normal(size=(5, 4)):
            make(4, beta=0.0).step(w, g, lr=0.3)
            SGD().step(plain, g, lr=0.3)
        assert_allclose(w, plain, rtol=1e-14)


@pytest.mark.parametrize("make", [Momentum, Nesterov, AdaGrad, RMSProp, AdamW])
def test_every_optimiser_leaves_the_gradient_alone_and_keeps_float32(make):
    w, g = np.ones(5, np.float32), np.full(5, 2, np.float32)
    make(5, dtype=np.float32).step(w, g, lr=0.1)
    assert w.dtype == np.float32
    assert_array_equal(g, 2)
    assert (w < 1).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Momentum(2, beta=1.0), r"beta must be in \[0, 1\), got 1.0"),
        (lambda: RMSProp(2, beta=-0.1), "got -0.1"),
        (lambda: AdaGrad(2, eps=0.0), "eps must be finite and > 0, got 0.0"),
        (lambda: RMSProp(2, eps=0.0), "eps must be finite and > 0, got 0.0"),
        (lambda: Momentum(-1), "size must be >= 0, got -1"),
        (lambda: Momentum(2).step(np.ones(3), np.ones(3), lr=1.0), r"\(3,\)"),
        *[
            (lambda make=make: make(2).step(np.ones(2), np.ones(2), lr=-1.0), "lr must")
            for make in (Momentum, Nesterov, AdaGrad, RMSProp, AdamW)
        ],
        (lambda: SGD().step(ONE, np.ones(2), lr=1.0), r"got \(1,\) and \(2,\)"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
