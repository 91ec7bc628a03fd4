"""Tests for algollm_helpers.after.contest: who steps what."""

import numpy as np
from numpy.testing import assert_allclose

from algollm_helpers import microgpt
from algollm_helpers.after import contest, width


def test_with_one_rate_for_all_adam_is_the_training_of_the_other_experiment(
    monkeypatch,
):
    monkeypatch.setattr(contest, "STEPS", 10)
    monkeypatch.setattr(contest, "WIDTH", 16)
    found = contest.measure(method="Adam", hidden=0.01, rest=0.01, seed=2)["loss"]
    docs, kept = width.split(2, kept=1000)
    rates = {"lr": 0.01, "steps": 10, "batch": contest.BATCH, "seed": 2}
    run = width.train(docs, width=contest.WIDTH, rule="standard", **rates)
    expected = microgpt.evaluate(run, kept).per_token
    assert_allclose(found, expected, rtol=1e-4)  # the other is in float32


def test_muon_steps_the_matrices_between_and_adam_the_others(monkeypatch):
    monkeypatch.setattr(contest, "STEPS", 3)
    monkeypatch.setattr(contest, "WIDTH", 16)
    losses = [
        contest.measure(method="Muon", hidden=hidden, rest=rest, seed=0)["loss"]
        for hidden, rest in ((0.05, 0.01), (1e-9, 0.01), (0.05, 1e-9), (1e-9, 1e-9))
    ]
    start = width.train(
        width.split(0, kept=1000)[0],
        width=contest.WIDTH,
        rule="standard",
        lr=1e-9,
        steps=1,
        batch=1,
        seed=0,
    )
    untrained = microgpt.evaluate(start, width.split(0, kept=1000)[1]).per_token
    assert_allclose(losses[-1], untrained, rtol=1e-4)
    assert (np.array(losses[:-1]) < untrained - 0.01).all()
    assert losses[0] < min(losses[1:])
