"""Tests for program.settings: defaults, the run they make, refusals."""

import dataclasses
import inspect
import pickle

import numpy as np
import pytest

from algollm_helpers.gpt.training import Training
from algollm_helpers.gpt.transformer import Config
from algollm_helpers.microgpt import train
from algollm_helpers.program.settings import OPTIONS, Settings
from algollm_helpers.schedules import linear_decay
from tests.support.program import SIZES, SMALL
from tests.support.small import DOCS


def test_the_defaults_are_those_of_the_chapter():
    usual = inspect.signature(train).parameters
    for name in ("steps", "seed", "batch"):
        assert getattr(Settings(), name) == usual[name].default
    assert Settings().config == usual["config"].default
    assert np.dtype(Settings().dtype) == usual["dtype"].default
    run = train(["ab"], steps=3)  # its own learning rate
    training = Settings(steps=3).training(["ab"])
    assert [training.update() for _ in range(3)] == run.losses.tolist()


def test_each_setting_arrives_in_the_run():
    settings = Settings(
        steps=8,
        n_layer=2,
        n_head=1,
        n_embd=3,
        block_size=5,
        batch=2,
        lr=0.5,
        seed=6,
        dtype="float32",
    )
    config = Config(n_layer=2, n_head=1, n_embd=3, block_size=5)
    run = train(
        DOCS,
        steps=8,
        config=config,
        batch=2,
        schedule=linear_decay(0.5, steps=8),
        seed=6,
        dtype=np.float32,
    )
    training = settings.training(DOCS)
    assert [training.update() for _ in range(8)] == run.losses.tolist()
    assert training.params.flat.dtype == np.float32
    assert training.params.flat.tobytes() == run.params.flat.tobytes()


def test_a_run_is_taken_up_where_it_was_left():
    whole, first = SMALL.training(DOCS), SMALL.training(DOCS)
    losses = [whole.update() for _ in range(9)]
    for _ in range(4):
        first.update()
    second = SMALL.training(DOCS, first.state)
    assert [second.update() for _ in range(5)] == losses[4:]


def test_a_run_can_be_of_another_kind():
    class Other(Training):
        """A kind of its own."""

    assert type(SMALL.training(DOCS, kind=Other)) is Other


def test_options_are_all_that_can_be_chosen_each_explained():
    names = list(inspect.signature(Settings).parameters)
    assert [*(option.name for option in OPTIONS), "first_step"] == names
    assert all(option.metadata["help"] for option in OPTIONS)
    assert all(type(option.default) is option.type for option in OPTIONS)


def test_the_sizes_follow_the_settings_when_one_is_replaced():
    wide = dataclasses.replace(SMALL, n_embd=8)
    assert wide.config == Config(**SIZES | {"n_embd": 8})
    assert wide != SMALL


def test_settings_go_to_other_processes_whole():
    copy = pickle.loads(pickle.dumps(SMALL))
    assert (copy, copy.config) == (SMALL, SMALL.config)


def test_a_rate_that_is_a_whole_number_is_read_back():
    assert type(Settings(lr=1).lr) is float


@pytest.mark.parametrize(
    "change", [{"steps": 2**31 - 1}, {"seed": 0}, {"seed": 2**63 - 1}, {"lr": 1e300}]
)
def test_settings_at_their_bounds_are_accepted(change):
    ((name, value),) = change.items()
    assert getattr(Settings(**change), name) == value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
        ({"steps": 2.5}, "steps must be a whole number, got 2.5"),
        ({"steps": 2**31}, "steps must be at most 2,147,483,647, got 2,147,483,648"),
        ({"lr": 0.0}, "lr must be finite and > 0, got 0.0"),
        ({"lr": np.inf}, "got inf"),
        ({"lr": np.nan}, "got nan"),
        ({"seed": -1}, r"seed must lie in 0 … 9223372036854775807, got -1"),
        ({"seed": 2**63}, "got 9223372036854775808"),
        ({"dtype": "float16"}, "got 'float16'"),
        ({"n_head": 3}, "3 heads do not divide n_embd=16"),
        ({"block_size": 0}, "block_size must be >= 1, got 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Settings(**change)
