"""Tests for gpt.training: a run that is left and taken up again."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from algollm_helpers.gpt.training import State, Training
from algollm_helpers.gpt.transformer import init_params, loss_and_grad
from algollm_helpers.learning_rate import Adam
from algollm_helpers.schedules import linear_decay
from tests.support.small import DOCS, TINY, few

SCHEDULE = linear_decay(0.05, steps=12)


def training(state=None, **settings):
    return Training(DOCS, schedule=SCHEDULE, config=TINY, state=state, **settings)


def copied(state):
    return State(state.params.copy(), state.m.copy(), state.v.copy(), state.updates)


def test_a_run_starts_at_parameters_drawn_after_the_shuffle():
    run, rng = training(seed=9), random.Random(9)
    order = list(DOCS)
    rng.shuffle(order)
    assert_array_equal(run.state.params, init_params(TINY, 4, rng=rng).flat)
    assert run.state.updates == 0
    assert not run.state.m.any()
    assert not run.state.v.any()


def test_an_update_is_a_step_of_adam_along_the_gradient_of_the_next_document():
    run, rng = training(seed=9), random.Random(9)
    order = list(DOCS)
    rng.shuffle(order)
    params = init_params(TINY, 4, rng=rng)
    adam = Adam(params.flat.size, beta1=0.85, beta2=0.99, eps=1e-8)
    for step in range(len(DOCS) + 2):  # after the last document, the first again
        tokens = run.tokenizer.encode(order[step % len(DOCS)])
        loss, grad = loss_and_grad(params, TINY, tokens[:-1], tokens[1:])
        adam.step(params.flat, grad, lr=SCHEDULE(step))
        assert run.update() == loss
        assert_array_equal(run.state.params, params.flat)


@few
@given(
    stop=st.integers(0, 12),
    batch=st.sampled_from([1, 3, 7]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_a_run_taken_up_again_is_the_run_that_was_not_left(stop, batch, dtype):
    settings = {"seed": 4, "batch": batch, "dtype": dtype}
    whole = training(**settings)
    losses = [whole.update() for _ in range(12)]

    first = training(**settings)
    before = [first.update() for _ in range(stop)]
    left = copied(first.state)
    second = training(left, **settings)
    after = [second.update() for _ in range(12 - stop)]
    assert before + after == losses
    for ours, theirs in zip(second.state, whole.state, strict=True):
        assert_array_equal(ours, theirs)


def test_a_run_leaves_the_state_that_it_was_given_to_its_owner():
    run = training()
    run.update()
    given_state = run.state
    kept = copied(given_state)
    training(given_state).update()
    for ours, theirs in zip(given_state, kept, strict=True):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"params": np.zeros(3)}, r"floats, got shape \(3,\)"),
        ({"m": np.zeros(3)}, "size 3"),
        ({"v": np.zeros(1)}, "size 1"),
    ],
)
def test_a_state_of_another_size_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        training(training().state._replace(**changes))


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="batch must be >= 1, got 0"):
        training(batch=0)
