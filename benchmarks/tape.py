"""Rung 2, the book's engine: a tape of arrays (``tensor``, ``layers``)."""

from collections.abc import Iterator

from algollm_helpers.gpt.halves import differentiate
from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from algollm_helpers.gpt.transformer import Parameters
from algollm_helpers.learning_rate import Adam
from benchmarks.work import Work


def train(work: Work) -> Iterator[float]:
    """Yield the loss of each step."""
    params = Parameters(work.flat.copy(), work.config, work.vocab_size)
    adam = Adam(
        params.flat.size, beta1=BETA1, beta2=BETA2, eps=EPS, dtype=params.flat.dtype
    )
    for tokens, lr in zip(work.tokens, work.rates, strict=True):
        batch = tokens[..., :-1], tokens[..., 1:], None
        loss = differentiate(params, work.config, batch)
        adam.step(params.flat, params.grad, lr=lr)
        yield loss
