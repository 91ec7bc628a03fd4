"""Muon against Adam on the names, both with two rates tuned.

Lab: ``chapters/after.ipynb``. Matrices between channels are stepped by the one or the
other, embeddings and the matrix to the logits by Adam in both cases, as is advised for
Muon. So what differs is the step of the matrices between.
"""

from typing import Any

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.after.matrices import Muon
from algollm_helpers.after.width import config_of, scale, split
from algollm_helpers.gpt.training import BETA1, BETA2, EPS, Training
from algollm_helpers.learning_rate import Adam
from algollm_helpers.schedules import linear_decay

WIDTH, STEPS, BATCH = 64, 200, 8
RATES = {
    "Adam": (0.0025, 0.005, 0.01, 0.02),
    "Muon": (0.0125, 0.025, 0.05, 0.1),
}


def measure(*, method: str, hidden: float, rest: float, seed: int) -> dict[str, Any]:
    """Return the loss on names kept from the training, nats a token."""
    docs, kept = split(seed, kept=1000)
    config = config_of(WIDTH)
    falling = linear_decay(1.0, steps=STEPS)
    training = Training(docs, schedule=falling, seed=seed, config=config)
    params = training.params
    scale(params, rule="standard")
    size = sum(params[name].size for name in ("wte", "wpe", "lm_head"))
    others = Adam(size, beta1=BETA1, beta2=BETA2, eps=EPS)
    inner = Adam(params.flat.size - size, beta1=BETA1, beta2=BETA2, eps=EPS)
    muons = {
        name: Muon(matrix.shape)
        for name, matrix in params.items()
        if name.startswith("layer") and method == "Muon"
    }
    for step in range(STEPS):
        training.differentiate(docs[step * BATCH : (step + 1) * BATCH])
        lr, grads = falling(step), params.named(params.grad)
        others.step(params.flat[:size], params.grad[:size], lr=lr * rest)
        for name, muon in muons.items():
            muon.step(params[name], grads[name], lr=lr * hidden)
        if not muons:
            inner.step(params.flat[size:], params.grad[size:], lr=lr * hidden)
    run = microgpt.Run(np.empty(0), params, config, training.tokenizer)
    return {"loss": microgpt.evaluate(run, kept).per_token}


PARTS: tuple[dict[str, Any], ...] = tuple(
    {"method": method, "hidden": hidden, "rest": rest, "seed": seed}
    for method, rates in RATES.items()
    for hidden in rates
    for rest in (0.0025, 0.005, 0.01)
    for seed in range(8)
)
