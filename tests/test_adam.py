"""Tests for algollm_helpers.adam: by hand, by law, then refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.adam import CHUNK, FOR_TWO, Adam, AdamW
from algollm_helpers.engine import memory
from algollm_helpers.schedules import linear_decay
from tests.support.small import few, on

RNG = np.random.default_rng(0)
sizes = st.floats(1e-3, 1e3)


@few
@given(gradient=sizes, sign=st.sampled_from([-1, 1]), lr=sizes)
def test_the_first_step_of_adam_is_lr_against_the_sign(gradient, sign, lr):
    # m-hat = g and v-hat = g^2, so the step is lr g / (|g| + eps)
    w = np.array([0.0])
    Adam(1).step(w, np.array([sign * gradient]), lr=lr)
    assert_allclose(w, -sign * lr * gradient / (gradient + 1e-8), rtol=1e-12)


def test_three_steps_of_adam_worked_by_hand():
    # beta1 = 1/2, beta2 = 3/4, gradients 1, -1, 2, lr = 1, eps = 1:
    # m: 1/2,  -1/4,  7/8      m-hat: /(1/2), /(3/4), /(7/8)   -> 1, -1/3, 1
    # v: 1/4,  7/16, 85/64     v-hat: /(1/4), /(7/16), /(37/64) -> 1, 1, 85/37
    adam = Adam(1, beta1=0.5, beta2=0.75, eps=1.0)
    w = np.array([0.0])
    expected = 0.0
    m_hat, v_hat = (1, -1 / 3, 1), (1, 1, 85 / 37)
    for g, m, v in zip((1.0, -1.0, 2.0), m_hat, v_hat, strict=True):
        adam.step(w, np.array([g]), lr=1.0)
        expected -= m / (math.sqrt(v) + 1)
        assert_allclose(w, [expected], rtol=1e-14)
    # the sums are the means over 1 - beta1 = 1/2 and 1 - beta2 = 1/4
    assert_allclose((adam.m[0], adam.v[0], adam.updates), (7 / 4, 85 / 16, 3))


def test_a_constant_gradient_moves_adam_by_lr_each_time():
    # both running means are exact from the first step: m-hat = g, v-hat = g^2
    w, adam = np.zeros(2), Adam(2, eps=1e-300)
    for step in range(1, 30):
        adam.step(w, np.array([5.0, -0.01]), lr=0.1)
        assert_allclose(w, [-0.1 * step, 0.1 * step], rtol=1e-12)


@few
@given(scale=sizes, seed=st.integers(0, 1000))
def test_the_path_of_adam_ignores_the_scale_of_the_loss(scale, seed):
    gradients = np.random.default_rng(seed).normal(size=(10, 4))
    ends = []
    for c in (1.0, scale):
        w, adam = np.zeros(4), Adam(4, eps=1e-300)
        for g in gradients:
            adam.step(w, c * g, lr=0.1)
        ends.append(w)
    assert_allclose(ends[0], ends[1], rtol=1e-10, atol=1e-12)


def test_each_parameter_goes_its_own_way_however_many_there_are():
    # more than two chunks: compare with single-parameter runs at the seams
    rng = np.random.default_rng(0)
    size = 2 * CHUNK + 3
    gradients = rng.normal(size=(3, size))
    w, adam = np.zeros(size), Adam(size)
    for g in gradients:
        adam.step(w, g, lr=0.1)
    for i in (0, CHUNK - 1, CHUNK, 2 * CHUNK, size - 1):
        alone, one = np.zeros(1), Adam(1)
        for g in gradients:
            one.step(alone, g[i : i + 1], lr=0.1)
        assert_array_equal(w[i], alone[0])


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("huge", [None, 3, -1])
def test_wherever_the_parameters_are_cut_each_moves_as_alone(
    cores, dtype, huge, monkeypatch
):
    on(cores, monkeypatch)
    size = FOR_TWO + 5
    rng = np.random.default_rng(0)
    start, grad = rng.standard_normal((2, size)).astype(dtype)
    if huge is not None:  # its square would be infinite
        grad[huge] = np.finfo(dtype).max / 8
    whole, parts = start.copy(), start.copy()
    adam = Adam(size, dtype=dtype)
    cut = [slice(i, i + 10_007) for i in range(0, size, 10_007)]
    alone = [Adam(start[part].size, dtype=dtype) for part in cut]
    for _ in range(2):
        adam.step(whole, grad, lr=0.1)
        for one, part in zip(alone, cut, strict=True):
            one.step(parts[part], grad[part], lr=0.1)
    assert_array_equal(whole, parts)
    assert np.isfinite(whole).all()
    memory.forget()


def test_adam_leaves_the_gradient_alone_and_keeps_float32():
    g = np.array([1.0, 2.0], dtype=np.float32)
    w, adam = np.zeros(2, dtype=np.float32), Adam(2, dtype=np.float32)
    adam.step(w, g, lr=0.1)
    assert_array_equal(g, [1.0, 2.0])
    assert w.dtype == adam.m.dtype == adam.v.dtype == np.float32
    assert_allclose(w, -0.1, rtol=1e-6)


def test_adam_reaches_the_bottom_of_a_bowl():
    curvature = np.array([1.0, 100.0])
    w, adam = np.array([3.0, -2.0]), Adam(2)
    rate = linear_decay(0.1, steps=500)
    for step in range(500):
        adam.step(w, curvature * w, lr=rate(step))
    assert_allclose(w, 0.0, atol=1e-3)


def test_decoupled_decay_shrinks_all_weights_alike_and_a_penalty_does_not():
    # gradients 100 and 0.01: Adam's step is lr for both; decay takes lr wd w of both
    w, adam = np.array([1.0, 1.0]), AdamW(2, weight_decay=0.1, eps=1e-300)
    adam.step(w, np.array([100.0, 0.01]), lr=0.5)
    assert_allclose(w, 1 - 0.5 * 0.1 - 0.5, rtol=1e-12)
    # L2 in the gradient instead: the first step is lr times a sign, decay or not
    w, adam = np.array([1.0, 1.0]), Adam(2, eps=1e-300)
    adam.step(w, np.array([100.0, 0.01]) + 0.1 * w, lr=0.5)
    assert_allclose(w, 0.5, rtol=1e-12)


def test_adamw_without_decay_is_adam():
    w, plain = np.ones(3), np.ones(3)
    with_decay, adam = AdamW(3, weight_decay=0.0), Adam(3)
    for g in RNG.normal(size=(9, 3)):
        with_decay.step(w, g, lr=0.1)
        adam.step(plain, g, lr=0.1)
    assert_array_equal(w, plain)


ONE = np.ones(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Adam(1).step(ONE, ONE, lr=np.inf), "got inf"),
        (lambda: Adam(1).step(ONE, ONE, lr=-1.0), "got -1.0"),
        (lambda: Adam(2).step(ONE, ONE, lr=1.0), r"shape \(2,\)"),
        (lambda: Adam(1).step(ONE[:, None], ONE[:, None], lr=1.0), r"\(1, 1\)"),
        (lambda: Adam(-1), "size must be >= 0, got -1"),
        (lambda: Adam(1, beta1=1.0), r"beta1 must be in \[0, 1\), got 1.0"),
        (lambda: Adam(1, beta2=-0.1), r"beta2 must be in \[0, 1\), got -0.1"),
        (lambda: Adam(1, beta2=np.nan), "got nan"),
        (lambda: Adam(1, eps=0.0), "eps must be finite and > 0, got 0.0"),
        (lambda: AdamW(2, weight_decay=-1.0), "weight_decay .* got -1.0"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
