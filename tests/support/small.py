"""Small arrays, documents and models that several test modules share."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose

from algollm_helpers.engine import threads
from algollm_helpers.gpt.transformer import Config
from algollm_helpers.microgpt import train
from tests.support.gradient_check import check_gradient

few = settings(max_examples=25)
seeds = st.integers(0, 2**32 - 1)
shapes = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)
batches = hnp.array_shapes(min_dims=0, max_dims=2, max_side=3)
words = st.text("abc", min_size=0, max_size=5)
lists = st.lists(words, min_size=1, max_size=12)
TINY = Config(n_layer=2, n_head=2, n_embd=4, block_size=6)
DOCS = ["ab", "cab", "a", "bbca", "abc"]


def away_from_zero(x):
    return np.sign(x) * (np.abs(x) + 0.2)


def weighted_sum(y, seed):
    """Return a number in which every element of y counts differently."""
    return (y * np.random.default_rng([seed, 1]).uniform(0.5, 2.0, y.shape)).sum()


def assert_gradient(f, arrays, seed, *, analytic=True):
    """Compare f's gradient with differences, and with a complex step."""
    rng = np.random.default_rng([seed, 2])
    both = check_gradient(f, arrays, rng=rng)
    assert_allclose(both.analytic, both.numeric, rtol=1e-6, atol=1e-7)
    if analytic:
        both = check_gradient(f, arrays, rng=rng, method="complex")
        assert_allclose(both.analytic, both.numeric, rtol=1e-10, atol=1e-12)


def made(config=TINY, docs=DOCS, seed=3):
    """Return an untrained model, wrapped as a run."""
    return train(docs, steps=0, seed=seed, config=config)


def refused(call, message, error=ValueError):
    return pytest.param(call, message, error, id=message)


def on(cores, monkeypatch):
    """Let large work be done as on a machine of so many cores."""
    monkeypatch.setattr(threads, "threads_wanted", lambda: cores)
