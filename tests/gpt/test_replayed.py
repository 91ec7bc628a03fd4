"""Tests for gpt.replayed: the model's gradient, whichever way it is found."""

import random
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine import Tensor, replay
from algollm_helpers.gpt import replayed
from algollm_helpers.gpt.documents import Batch
from algollm_helpers.gpt.replayed import Replayed
from algollm_helpers.gpt.training import Training
from algollm_helpers.gpt.transformer import Config, differentiate, init_params
from algollm_helpers.schedules import linear_decay
from tests.support.small import DOCS, TINY

V = 5
CONFIG = Config(n_layer=2, n_head=2, n_embd=8, block_size=6)
RNG = np.random.default_rng(11)


def model(dtype=np.float64):
    return init_params(CONFIG, V, rng=random.Random(1), dtype=dtype)


def batch(*shape, mask=False):
    """Return random tokens, and a mask that leaves the last of them out."""
    ids, targets = RNG.integers(V, size=(2, *shape))
    keep = np.ones(shape, bool)
    keep[..., -1] = False
    return Batch(ids, targets, keep if mask else None)


@pytest.fixture
def plays(monkeypatch):
    """Count the replays; record at the first step of a shape."""
    counted = []
    play = replay.Recording.__call__

    def counting(self, *inputs):
        counted.append(inputs)
        return play(self, *inputs)

    monkeypatch.setattr(replay.Recording, "__call__", counting)
    monkeypatch.setattr(replayed, "AFTER", 1)
    return counted


SHAPES = [(3,), (6,), (1,), (2, 4), (3, 2)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mask", [False, True])
def test_steps_of_all_shapes_in_turn_find_what_the_tape_finds(plays, dtype, mask):
    params = model(dtype)
    ours = Replayed(params, CONFIG)
    for round_ in range(3):
        for shape in SHAPES:
            if mask and shape == (1,):
                continue  # nothing would be left
            step = batch(*shape, mask=mask)
            loss = differentiate(params, CONFIG, step)
            wanted = params.grad.copy()
            params.grad[:] = np.nan
            del plays[:]
            assert ours.differentiate(step) == loss
            assert_array_equal(params.grad, wanted)
            assert len(plays) == 1, (round_, shape)  # the first round: the proof
            params.flat -= 0.1 * wanted  # so that a number of before would show


def test_a_length_is_on_the_tape_until_it_has_come_often(plays, monkeypatch):
    monkeypatch.setattr(replayed, "AFTER", 3)
    ours = Replayed(model(), CONFIG)
    for count in (0, 0, 1, 2):  # the third step proves the recording, the fourth plays
        ours.differentiate(batch(4))
        assert len(plays) == count
    ours.differentiate(batch(5))
    assert len(plays) == 2


def test_numbers_too_large_for_the_recorded_way_are_left_to_the_tape(plays):
    params = model()
    ours = Replayed(params, CONFIG)
    ours.differentiate(batch(4))
    params["lm_head"][...] *= 1e4  # scores far beyond e^64
    step = batch(4)
    loss = differentiate(params, CONFIG, step)
    wanted = params.grad.copy()
    params.grad[:] = np.nan
    assert ours.differentiate(step) == loss
    assert np.isfinite(loss)
    assert_array_equal(params.grad, wanted)


def test_a_recording_that_cannot_be_proved_leaves_the_tapes_gradient(plays):
    params = model()
    params["lm_head"][...] *= 1e4
    step = batch(4)
    differentiate(params, CONFIG, step)
    wanted = params.grad.copy()
    ours = Replayed(params, CONFIG)
    for _ in range(2):  # the proof departs, and nothing is kept
        ours.differentiate(step)
        assert_array_equal(params.grad, wanted)
    assert len(plays) == 1


def test_a_model_that_has_come_apart_is_not_recorded(plays):
    params = model()
    params["lm_head"][...] = np.nan
    ours = Replayed(params, CONFIG)
    step = batch(4)
    with np.errstate(invalid="ignore"):
        loss = ours.differentiate(step)
        ours.differentiate(step)
    assert np.isnan(loss)
    assert len(plays) == 1  # the proof departed, and nothing was kept


@pytest.mark.parametrize(("ids", "name"), [((V, 0), "token_ids"), ((0, -1), "targets")])
def test_a_token_beyond_the_alphabet_is_refused_in_a_replay_too(plays, ids, name):
    ours = Replayed(model(), CONFIG)
    ours.differentiate(batch(3))
    first, second = ids
    step = Batch(np.array([0, 1, first]), np.array([1, 2, second]), None)
    with pytest.raises(ValueError, match=rf"{name} must lie in 0 … {V - 1}"):
        ours.differentiate(step)


def test_a_recording_that_has_lost_its_inputs_is_found_out(plays, monkeypatch):
    forward = replayed.forward

    def forgetful(tensors, config, ids):
        return forward(tensors, config, np.asarray(ids))  # a plain array: a constant

    monkeypatch.setattr(replayed, "forward", forgetful)
    params = model()
    step = Batch(np.array([1, 2, 3]), np.array([2, 3, 4]), None)
    with pytest.raises(RuntimeError, match=r"for shape \(3,\) finds the loss"):
        Replayed(params, CONFIG).differentiate(step)


def test_a_recording_that_does_not_reach_a_leaf_is_found_out(plays, monkeypatch):
    forward = replayed.forward

    def without_places(tensors, config, ids):
        fixed = Tensor(np.asarray(tensors["wpe"].data), needs_grad=False)
        return forward(tensors | {"wpe": fixed}, config, ids)

    monkeypatch.setattr(replayed, "forward", without_places)
    with pytest.raises(RuntimeError, match="gradients differ"):
        Replayed(model(), CONFIG).differentiate(batch(3))


def test_large_batches_are_not_recorded(plays):
    config = Config(n_layer=1, n_head=2, n_embd=64, block_size=64)
    params = init_params(config, V, rng=random.Random(2), dtype=np.float32)
    ours = Replayed(params, config)
    at_most = replayed.LARGE // (4 * config.n_embd)  # rows of hidden units
    for rows, count in ((at_most - 1, 1), (at_most, 0)):
        del plays[:]
        ours.differentiate(batch(rows))
        assert len(plays) == count


def test_recordings_are_bounded_in_number_and_bytes(plays, monkeypatch):
    monkeypatch.setattr(replayed, "MOST", 3)
    monkeypatch.setattr(replayed, "AFTER", 2)
    ours = Replayed(model(), CONFIG)

    def all_lengths():
        for length in range(1, 7):
            for _ in range(2):
                ours.differentiate(batch(length))

    all_lengths()
    for length, count in ((1, 0), (4, 1)):  # 1 to 3 have made room for 4 to 6
        del plays[:]
        ours.differentiate(batch(length))
        assert len(plays) == count
    tracemalloc.start()
    try:
        all_lengths()  # records all six anew, as each comes back after its end
        full = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            all_lengths()
        later = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert full > 60_000  # three recordings, of 20 kB at the least
    assert later < 1.3 * full


@pytest.mark.parametrize("width", [1, 3])
def test_training_is_the_same_with_recordings_and_without(monkeypatch, width):
    ends = []
    for after in (1, 10**9):
        monkeypatch.setattr(replayed, "AFTER", after)
        schedule = linear_decay(0.05, steps=40)
        run = Training(DOCS, schedule=schedule, config=TINY, batch=width)
        losses = [run.update() for _ in range(40)]
        ends.append((losses, run.state.params.tolist()))
    assert ends[0] == ends[1]
