"""The work that all rungs share: which tokens are read, and where training starts.

A rung is a module with one function, ``train(work)``, which yields the loss of each
step in turn. It starts from the same numbers, reads the same tokens and takes the
same steps of Adam as every other rung, so its losses must be the same, too.
"""

import random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from algollm_helpers.arrays import Array
from algollm_helpers.gpt.documents import Tokenizer, load_docs
from algollm_helpers.gpt.training import LR
from algollm_helpers.gpt.transformer import Config, init_params
from algollm_helpers.schedules import constant, linear_decay

STEPS, SEED = 1000, 42  # of the microgpt run
VOCAB_SIZE = 65  # of the larger ones, as in Shakespeare by letters


class Work(NamedTuple):
    """A training run, laid out before the clock starts."""

    config: Config
    vocab_size: int
    flat: Array  # (N,): the parameters at the start; not to be changed
    tokens: list[NDArray[np.intp]]  # per step (T + 1,) or (B, T + 1)
    rates: list[float]  # per step, the learning rate

    def first(self, steps: int) -> "Work":
        """Return the same run, ended after `steps` steps."""
        return self._replace(tokens=self.tokens[:steps], rates=self.rates[:steps])


def microgpt_run() -> Work:
    """Return what ``microgpt.train(load_docs())`` does: one name a step, float64."""
    rng = random.Random(SEED)
    order = load_docs()
    rng.shuffle(order)
    tokenizer = Tokenizer.of(order)
    config = Config()
    params = init_params(config, tokenizer.vocab_size, rng=rng)
    rate = linear_decay(LR, steps=STEPS)
    return Work(
        config,
        tokenizer.vocab_size,
        params.flat,
        [tokenizer.encode(doc)[: config.block_size + 1] for doc in order[:STEPS]],
        [rate(step) for step in range(STEPS)],
    )


def synthetic_run(config: Config, *, batch: int, steps: int) -> Work:
    """Return a run in float32 on random tokens, `batch` full blocks of them a step."""
    rng = np.random.default_rng(0)
    rate = constant(1e-3)
    return Work(
        config,
        VOCAB_SIZE,
        (0.02 * rng.standard_normal(config.size(VOCAB_SIZE))).astype(np.float32),
        list(rng.integers(VOCAB_SIZE, size=(steps, batch, config.block_size + 1))),
        [rate(step) for step in range(steps)],
    )
