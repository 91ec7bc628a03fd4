"""Rung 1: one Python object per number (``backprop.Value``)."""

import math
from collections.abc import Iterator

from algollm_helpers.gpt import microgpt_scalar
from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from algollm_helpers.gpt.transformer import Parameters
from benchmarks.work import Work


def train(work: Work) -> Iterator[float]:
    """Yield the loss of each step; one document a step."""
    start = Parameters(work.flat, work.config, work.vocab_size)
    params = microgpt_scalar.as_values(start)
    flat = [p for matrix in params.values() for row in matrix for p in row]
    m, v = [0.0] * len(flat), [0.0] * len(flat)
    for step, (tokens, lr) in enumerate(zip(work.tokens, work.rates, strict=True), 1):
        ids, targets = tokens[:-1].tolist(), tokens[1:].tolist()
        loss = microgpt_scalar.loss(params, work.config, ids, targets)
        loss.backward()
        for i, p in enumerate(flat):
            m[i] = BETA1 * m[i] + (1 - BETA1) * p.grad
            v[i] = BETA2 * v[i] + (1 - BETA2) * p.grad**2
            m_hat, v_hat = m[i] / (1 - BETA1**step), v[i] / (1 - BETA2**step)
            p.data -= lr * m_hat / (math.sqrt(v_hat) + EPS)
            p.grad = 0.0
        yield loss.data
