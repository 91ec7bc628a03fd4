"""Tests for algollm_helpers.after.cooldown: rates by hand, a trunk that is shared."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.after import cooldown
from algollm_helpers.after.cooldown import (
    SCHEDULES,
    branch,
    schedule_of,
    split,
    stable_decay,
    state_of,
)
from algollm_helpers.gpt import Config, Training, load_docs
from algollm_helpers.schedules import constant, linear_decay, warmup

TINY = Config(n_embd=4, n_head=2, block_size=6)
NAMES = ["ada", "bo", "cy", "dora", "eve", "fay"]


def rates(schedule, steps):
    return [schedule(step) for step in range(steps + 1)]


def test_it_stays_and_then_falls_to_nothing_after_the_last_update():
    found = rates(stable_decay(1.0, steps=10, decay=4), 10)
    assert_allclose(found, [1, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0])


def test_the_square_root_falls_steeply_first():
    found = rates(stable_decay(1.0, steps=6, decay=4, power=0.5), 6)
    assert_allclose(found, [1, 1, 1, 1 - 0.5, 1 - 0.5**0.5, 1 - 0.75**0.5, 0])


def test_a_decay_of_all_updates_is_the_linear_one():
    mine, theirs = stable_decay(0.3, steps=9, decay=9), linear_decay(0.3, steps=9)
    assert_allclose(rates(mine, 9), rates(theirs, 9), atol=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_stored_schedules_warm_up_and_all_but_one_end_at_nothing(name):
    rate = schedule_of(name, lr=0.01, steps=200)
    assert_allclose(rate(0), 0.01 / cooldown.WARMUP)
    assert max(rates(rate, 200)) <= 0.01
    assert_allclose(rate(200), 0.01 if name == "constant" else 0.0, atol=1e-15)
    if name.startswith("decay"):
        stays = round((1 - float(name.split()[1])) * 200)
        assert rate(stays) == 0.01 > rate(stays + 1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_branches_share_their_trunk_to_the_last_bit(dtype):
    # a run that decays from 12 on and one that was cut off from a trunk there
    settings = {"seed": 1, "batch": 2, "config": TINY, "dtype": dtype}
    trunk = Training(NAMES, schedule=warmup(constant(0.05), steps=3), **settings)
    kept = {}
    for step in range(24):
        if step in (6, 12):
            kept[step] = state_of(trunk)
        trunk.update()
    for start, steps in ((6, 9), (12, 16)):
        falls = stable_decay(0.05, steps=steps, decay=steps - start)
        falls = warmup(falls, steps=3)
        whole = Training(NAMES, schedule=falls, **settings)
        for _ in range(steps):
            whole.update()
        cut = branch(NAMES, kept[start], schedule=falls, steps=steps, **settings)
        for mine, theirs in zip(cut.state, whole.state, strict=True):
            assert_array_equal(mine, theirs)
        assert kept[start].updates == start, "the branch moved its trunk"
        assert not np.array_equal(cut.state.params, trunk.state.params)


def test_names_are_learnt_or_tested_and_none_is_lost():
    learnt, kept = split(0)
    again, _ = split(0)
    assert learnt == again != split(1)[0]
    assert sorted(learnt + kept) == sorted(load_docs())
    assert len(kept) == 1000


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lr": 0.0}, "lr must be finite and > 0"),
        ({"steps": 0}, "steps must be >= 1"),
        ({"decay": 0}, r"decay must lie in 1 … 10, got 0"),
        ({"decay": 11}, r"decay must lie in 1 … 10, got 11"),
        ({"power": 0.0}, "power must be finite and > 0"),
    ],
)
def test_refuses_what_is_no_schedule(changed, message):
    with pytest.raises(ValueError, match=message):
        stable_decay(**({"lr": 0.1, "steps": 10, "decay": 4} | changed))


def test_a_step_after_the_end_is_refused():
    with pytest.raises(ValueError, match="step must lie in 0 … 10, got 11"):
        stable_decay(0.1, steps=10, decay=4)(11)
