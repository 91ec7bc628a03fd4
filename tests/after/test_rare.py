"""Tests for algollm_helpers.after.rare: shares by hand, Bayes' rule, a gradient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.after import rare
from algollm_helpers.after.rare import (
    World,
    above_floor,
    octaves,
    softmax_gradient,
    zipf,
)
from algollm_helpers.engine import Tensor, cross_entropy
from algollm_helpers.learning_rate import SGD


def test_shares_add_up_and_fall_like_one_over_rank():
    shares = zipf(511)
    assert_allclose(shares.sum(), 1)
    assert_allclose(shares * np.arange(1, 512), shares[0])
    assert_allclose(zipf(8, power=0.0), 1 / 8)


def test_octaves_hold_1_2_4_classes_and_weigh_about_alike():
    of = octaves(511)
    assert np.bincount(of).tolist() == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert np.all(np.diff(of) >= 0)
    # 1/2ᵏ + … + 1/(2ᵏ⁺¹ - 1) falls from 1 towards ln 2
    weights = np.bincount(of, 1 / np.arange(1, 512))
    assert np.all(np.diff(weights) < 0)
    assert_allclose(weights[-1], np.log(2), rtol=0.002)


def batch(n=40, classes=6, dim=3, seed=0):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(classes, dim))
    return w, rng.normal(size=(n, dim)), rng.choice(classes, n)


def test_the_gradient_is_that_of_the_engine_and_of_differences():
    w, x, labels = batch()
    loss, grad = softmax_gradient(w, x, labels)
    leaf = Tensor(w.copy())
    theirs = cross_entropy(Tensor(x, needs_grad=False) @ leaf.transpose(1, 0), labels)
    theirs.backward()
    assert_allclose(loss, theirs.data)
    assert_allclose(grad, leaf.grad)
    way = np.random.default_rng(1).normal(size=w.shape)
    up, down = (softmax_gradient(w + h * way, x, labels)[0] for h in (1e-5, -1e-5))
    assert_allclose((up - down) / 2e-5, (grad * way).sum(), rtol=1e-8)


def test_rows_of_the_gradient_add_up_to_nothing_and_a_class_unseen_only_loses():
    _, x, labels = batch()
    labels[labels == 5] = 0
    x = np.hstack([x, np.ones((40, 1))])
    grad = softmax_gradient(np.zeros((6, 4)), x, labels)[1]
    assert_allclose(grad.sum(axis=0), 0, atol=1e-15)
    assert_allclose(grad[5, -1], 1 / 6)  # its logit is pushed down everywhere


def test_at_the_start_the_pull_on_a_class_is_as_large_as_the_class():
    world = World.random(63, 8, power=1.0, seed=0)
    rng = np.random.default_rng(0)
    x, labels = world.draw(20_000, noise=0.0, rng=rng)
    grad = softmax_gradient(np.zeros((63, 9)), x, labels)[1]
    # the bias is pulled by 1/63 - share, whose deviation is √(share / n)
    pull = 1 / 63 - grad[:, -1]
    assert np.all(np.abs(pull - world.shares) < 5 * np.sqrt(world.shares / 20_000))


def test_labels_are_blind_as_often_as_asked():
    world = World.random(40, 50, power=0.0, seed=0)._replace(centres=1e3 * np.eye(40))
    x, labels = world.draw(20_000, noise=0.25, rng=np.random.default_rng(0))
    nearest = (x[:, :-1] @ world.centres.T).argmax(axis=1)
    wrong = np.mean(nearest != labels)  # a blind label is right once in 40
    expected = 0.25 * 39 / 40
    assert abs(wrong - expected) < 4 * (expected * (1 - expected) / 20_000) ** 0.5


def test_the_best_shares_are_those_of_bayes_rule():
    world = World.random(5, 3, power=1.0, seed=0)
    x, labels = world.draw(30_000, noise=0.1, rng=np.random.default_rng(1))
    best = world.best(x, noise=0.1)
    assert_allclose(best.sum(axis=1), 1)
    d = 3
    densities = np.exp(-d / 2 * ((x[:4, None, :-1] - world.centres) ** 2).sum(axis=-1))
    joint = densities * world.shares
    clean = joint / joint.sum(axis=1, keepdims=True)
    assert_allclose(best[:4], 0.9 * clean + 0.1 * world.shares)
    # they are right on average: labels minus shares have the mean 0 in each class
    seen = np.eye(5)[labels] - best
    errors = seen.mean(axis=0) / (seen.std(axis=0) / 30_000**0.5)
    assert np.abs(errors).max() < 4


def test_nothing_is_above_the_floor_for_the_truth_and_all_else_is(monkeypatch):
    world = World.random(31, 16, power=1.0, seed=0)
    weights = np.hstack([16 * world.centres, np.log(world.shares)[:, None]])
    monkeypatch.setattr(rare, "NOISE", 0.0)  # then a softmax of x wᵀ is the truth
    mean, each = above_floor(world, weights, seed=0)
    assert_allclose(mean, 0, atol=1e-12)
    assert_allclose(each, 0, atol=1e-12)
    mean, each = above_floor(world, 0 * weights, seed=0)
    assert mean > 1
    assert each.shape == (5,)
    assert np.all(each < np.log(31)), "each is a mean, of ln 31 less a floor >= 0"


def test_training_by_any_optimiser_comes_nearer_to_the_floor():
    world = World.random(31, 16, power=1.0, seed=0)
    start = above_floor(world, np.zeros((31, 17)), seed=0)[0]
    w = rare.train(world, SGD(), lr=20.0, steps=60, seed=0)
    assert 0 < above_floor(world, w, seed=0)[0] < 0.2 * start


def test_refuses_shares_and_noise_out_of_range():
    with pytest.raises(ValueError, match="power must be finite and >= 0, got -1"):
        zipf(3, power=-1.0)
    with pytest.raises(ValueError, match="n must be >= 1, got 0"):
        octaves(0)
    world = World.random(3, 2, power=1.0, seed=0)
    with pytest.raises(ValueError, match=r"noise must be in \[0, 1\), got 1.0"):
        world.draw(3, noise=1.0, rng=np.random.default_rng(0))
