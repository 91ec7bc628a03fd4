"""A long run of varied lengths holds no more than a short one."""

import gc
import tracemalloc

import numpy as np
import pytest

from algollm_helpers.adam import Adam
from algollm_helpers.engine import memory
from algollm_helpers.gpt import halves
from algollm_helpers.gpt.halves import differentiate
from algollm_helpers.gpt.transformer import Config, Parameters
from tests.support.small import on

V = 7
CONFIG = Config(n_layer=1, n_head=2, n_embd=64, block_size=32)
STEPS = 8
SPARE = 2**15  # bytes; a step that left a single activation would exceed it at once


@pytest.mark.parametrize("worth", [0, 10**12], ids=["halves", "whole"])
def test_a_run_of_varied_lengths_does_not_grow(worth, monkeypatch):
    memory.forget()
    on(1, monkeypatch)  # of two threads, which does what is a matter of chance
    monkeypatch.setattr(halves, "WORTH", worth)
    monkeypatch.setattr(halves, "MANY", 0)
    rng = np.random.default_rng(0)
    params = Parameters(0.1 * rng.standard_normal(CONFIG.size(V)), CONFIG, V)
    adam = Adam(params.flat.size)
    shapes = [(2 + i % 5, 5 + 7 * i % 28) for i in range(STEPS)]
    held = []
    tracemalloc.start()
    for _ in range(3):
        for B, T in shapes:
            ids, targets = rng.integers(V, size=(2, B, T))
            differentiate(params, CONFIG, (ids, targets, None))
            adam.step(params.flat, params.grad, lr=1e-3)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    memory.forget()
    assert held[2] <= held[1] + SPARE
