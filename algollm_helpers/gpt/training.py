"""The training loop of microgpt, one update at a time.

Chapter: ``chapters/microgpt.ipynb``. ``microgpt.train`` runs it from start to end;
the program ``algollm`` stops it, saves it and takes it up again.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count
from algollm_helpers.gpt.documents import Tokenizer, batch_tokens, check_docs
from algollm_helpers.gpt.replayed import Replayed
from algollm_helpers.gpt.transformer import Config, Parameters, init_params
from algollm_helpers.learning_rate import Adam
from algollm_helpers.schedules import Schedule

LR, BETA1, BETA2, EPS = 0.01, 0.85, 0.99, 1e-8  # the published Adam


class State(NamedTuple):
    """All that an update changes; N is the number of parameters."""

    params: Array  # (N,)
    m: Array  # (N,): Adam's two running sums
    v: Array  # (N,)
    updates: int  # made so far


class Training:
    """A training run, one update at a time, which can be left and taken up again.

    What an update does depends on the settings and on `state` alone: a run that
    starts from the state that another one of the same settings has reached goes on
    as that one would have, to the last bit.

    Parameters
    ----------
    docs, seed, config, batch, dtype
        As in ``microgpt.train``.
    schedule : Schedule
        Learning rate of Adam.
    state : State, optional
        Where to start; copied. By default at parameters drawn from the seed.
    tokenizer : Tokenizer, optional
        The alphabet; by default all characters of `docs`.
    """

    def __init__(
        self,
        docs: Sequence[str],
        *,
        schedule: Schedule,
        seed: int = 42,
        config: Config = Config(),  # noqa: B008  (frozen)
        batch: int = 1,
        dtype: type[np.floating] = np.float64,
        state: State | None = None,
        tokenizer: Tokenizer | None = None,
    ) -> None:
        check_docs(docs)
        check_count("batch", batch)
        rng = random.Random(seed)
        self._order = list(docs)
        rng.shuffle(self._order)
        self.schedule, self.config, self.batch = schedule, config, batch
        self.tokenizer = tokenizer or Tokenizer.of(self._order)
        vocab_size = self.tokenizer.vocab_size
        if state is None:
            self.params = init_params(config, vocab_size, rng=rng, dtype=dtype)
        else:
            flat = state.params.astype(dtype)
            self.params = Parameters(flat, config, vocab_size)
        self._gradient = Replayed(self.params, config)
        size = self.params.flat.size
        self._adam = Adam(size, beta1=BETA1, beta2=BETA2, eps=EPS, dtype=dtype)
        if state is not None:
            self._adam.m = np.array(state.m, dtype).reshape(size)
            self._adam.v = np.array(state.v, dtype).reshape(size)
            self._adam.updates = state.updates

    @property
    def state(self) -> State:
        """Where the run stands; the arrays are its own, not copies."""
        adam = self._adam
        return State(self.params.flat, adam.m, adam.v, adam.updates)

    def update(self) -> float:
        """Read the next documents, update; return the loss before, nats per token.

        A run that diverges makes NumPy warn; the caller decides whether it may.
        """
        step, order = self._adam.updates, self._order
        places = range(step * self.batch, (step + 1) * self.batch)
        loss = self.differentiate([order[i % len(order)] for i in places])
        self._adam.step(self.params.flat, self.params.grad, lr=self.schedule(step))
        return loss

    def differentiate(self, docs: Sequence[str]) -> float:
        """Return the loss on `docs`; its gradient is then in ``params.grad``."""
        block_size = self.config.block_size
        batch = batch_tokens(docs, self.tokenizer, block_size=block_size)
        return self._gradient.differentiate(batch)
