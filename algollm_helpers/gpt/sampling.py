"""Documents written by a model, side by side and a few at a time.

Chapter: ``chapters/microgpt.ipynb``.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from algollm_helpers.arrays import Float64, Ids
from algollm_helpers.checks import MOST, check_count, check_positive
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.transformer import Config, Parameters, forward

AT_ONCE = 256  # documents that are read or written side by side, at most: quick
BUDGET = 2**26  # bytes that a pass over them may take, roughly


class Model(Protocol):
    """What can write: the part of a run that outlives its training."""

    @property
    def params(self) -> Parameters:
        """Its parameters."""

    @property
    def config(self) -> Config:
        """Its sizes."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Its alphabet."""


def samples(
    model: Model,
    *,
    n: int,
    temperature: float = 1.0,
    prefix: str = "",
    seed: int | np.random.Generator = 0,
) -> Iterator[str]:
    """Return the documents of `sample` one by one, in memory that does not grow with n.

    They do not depend on how many are written side by side: letter t of document i
    takes the random number t n + i.
    """
    check_count("n", n, least=0, most=MOST)
    if not isinstance(seed, np.random.Generator):
        check_count("seed", seed, least=0, most=2**63 - 1)
    check_positive("temperature", temperature, or_zero=True)
    start = model.tokenizer.encode(prefix, close=False)
    if len(start) > model.config.block_size:
        raise ValueError(
            f"prefix must have fewer than {model.config.block_size} characters: "
            f"{prefix!r}"
        )
    bits = np.random.default_rng(seed).bit_generator
    if not isinstance(bits, np.random.PCG64):
        raise ValueError(f"seed must be a number or a PCG64 generator, got {seed!r}")
    return _written(model, n, temperature, start, bits)


def _written(
    model: Model, n: int, temperature: float, start: Ids, bits: np.random.PCG64
) -> Iterator[str]:
    """Yield `n` documents that begin with `start`; `bits` then lie behind them."""
    tensors, before = model.params.constants(), bits.state
    at_once, longest = documents_at_once(model), 0
    for first in range(0, n, at_once):
        count = min(at_once, n - first)
        token_ids = np.tile(start, (count, 1))  # (count, T)
        ended = np.zeros(count, dtype=bool)
        letters = 0
        while not ended.all() and token_ids.shape[1] <= model.config.block_size:
            logits = forward(tensors, model.config, token_ids).data[:, -1]
            bits.state = before
            bits.advance(letters * n + first)
            token = _drawn(logits.astype(np.float64), temperature, bits)
            token[ended] = model.tokenizer.boundary
            ended |= token == model.tokenizer.boundary
            token_ids = np.column_stack([token_ids, token])
            letters += 1
        longest = max(longest, letters)
        for row in token_ids:
            yield model.tokenizer.decode(row)
    bits.state = before
    bits.advance(longest * n)


def _drawn(logits: Float64, temperature: float, bits: np.random.PCG64) -> Ids:
    """Return a token for each row of `logits`, shape (count, V)."""
    if not np.isfinite(logits).all():
        raise ValueError("the model has diverged: its logits are not finite")
    if temperature == 0:
        return np.asarray(logits.argmax(axis=-1), np.intp)  # the first of several
    p = np.exp((logits - logits.max(axis=-1, keepdims=True)) / temperature)
    mass = p.cumsum(axis=-1)
    draws = np.random.Generator(bits).random((len(logits), 1)) * mass[:, -1:]
    token: Ids = (mass <= draws).sum(axis=-1)  # first place where the mass exceeds it
    return token


def documents_at_once(model: Model) -> int:
    """Return how many documents a pass may hold, so that it keeps to `BUDGET`.

    A layer holds about 12 C numbers a token beside 3 H rows of attention weights, of
    T numbers each; the logits and what is made of them are 4 V numbers a token.
    """
    T, H = model.config.block_size, model.config.n_head
    numbers = T * (
        12 * model.config.n_embd + 3 * H * T + 4 * model.tokenizer.vocab_size
    )
    return max(1, min(AT_ONCE, BUDGET // (8 * numbers)))
