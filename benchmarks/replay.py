"""Rung 3: the tape of each length of text is recorded once, and played again.

As a jit keeps what it has compiled, recordings are kept from one run to the next.
"""

from collections.abc import Iterator
from functools import cache

from algollm_helpers.gpt.documents import Batch
from algollm_helpers.gpt.replayed import Replayed
from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from algollm_helpers.gpt.transformer import Parameters, differentiate
from algollm_helpers.learning_rate import Adam
from benchmarks.work import Work, microgpt_run


@cache
def recorded() -> tuple[Parameters, Replayed]:
    """Return a model, and recordings of all lengths of text that its run reads."""
    work = microgpt_run()
    params = Parameters(work.flat.copy(), work.config, work.vocab_size)
    replayed = Replayed(params, work.config)
    for tokens in {len(tokens): tokens for tokens in work.tokens}.values():
        batch = Batch(tokens[:-1], tokens[1:], None)
        replayed.record(batch, differentiate(params, work.config, batch))
    return params, replayed


def train(work: Work) -> Iterator[float]:
    """Yield the loss of each step; one document a step."""
    params, replayed = recorded()
    params.flat[:] = work.flat
    adam = Adam(params.flat.size, beta1=BETA1, beta2=BETA2, eps=EPS)
    for tokens, lr in zip(work.tokens, work.rates, strict=True):
        yield replayed.differentiate(Batch(tokens[:-1], tokens[1:], None))
        adam.step(params.flat, params.grad, lr=lr)
