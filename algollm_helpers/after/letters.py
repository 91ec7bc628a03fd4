"""Where Adam's lead over SGD lies: the loss of microgpt, letter by letter.

Lab: ``chapters/after.ipynb``. Letters of names are not as unequal as words are, and the
model is the book's own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.after.cooldown import split
from algollm_helpers.arrays import Ids
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.training import BETA1, BETA2, Training
from algollm_helpers.learning_rate import SGD, Adam
from algollm_helpers.microgpt import Run
from algollm_helpers.schedules import linear_decay

BATCH, STEPS = 4, 1000
CEILING = 10.0  # of a loss, for runs that have come apart
GROUPS = 5  # 1/8 of all tokens and more, then 1/16 to 1/8, …, then below 1/64


def groups(docs: Sequence[str], tokenizer: Tokenizer) -> Ids:
    """Return for each token by how many halvings it is rarer than 1/8, at most four."""
    tokens = np.concatenate([tokenizer.encode(doc)[1:] for doc in docs])
    share = np.bincount(tokens, minlength=tokenizer.vocab_size) / tokens.size
    halvings = np.ceil(-np.log2(np.maximum(share, 2.0**-16))) - 3
    rarer: Ids = np.clip(halvings, 0, GROUPS - 1).astype(np.intp)
    return rarer


def train(docs: Sequence[str], optimiser: str, *, lr: float, seed: int) -> Run:
    """Train the book's model for `STEPS` steps by an optimiser, "SGD" or "Adam"."""
    rate = linear_decay(lr, steps=STEPS)
    training = Training(docs, schedule=rate, seed=seed)
    params = training.params
    adam = Adam(params.flat.size, beta1=BETA1, beta2=BETA2)
    stepping = {"SGD": SGD().step, "Adam": adam.step}[optimiser]
    losses = np.empty(STEPS)
    with np.errstate(all="ignore"):  # divergence is data
        for step in range(STEPS):
            some = range(step * BATCH, (step + 1) * BATCH)
            losses[step] = training.differentiate([docs[i % len(docs)] for i in some])
            stepping(params.flat, params.grad, lr=rate(step))
    return Run(losses, params, training.config, training.tokenizer)


def measure(*, optimiser: str, lr: float, seed: int) -> dict[str, Any]:
    """Return the loss on unseen names, nats a token, and that of each group."""
    docs, kept = split(seed)
    run = train(docs, optimiser, lr=lr, seed=seed)
    loss = np.concatenate(microgpt.document_losses(run, kept))
    loss = np.where(np.isfinite(loss), np.minimum(loss, CEILING), CEILING)
    size = run.config.block_size
    read = [run.tokenizer.encode(doc)[1 : size + 1] for doc in kept]
    group = groups(docs, run.tokenizer)[np.concatenate(read)]
    each = np.bincount(group, loss) / np.bincount(group)
    return {"loss": float(loss.mean()), "groups": each.tolist()}


RATES = {"SGD": (0.25, 0.5, 1.0, 2.0), "Adam": (0.005, 0.01, 0.02, 0.04)}
PARTS: tuple[dict[str, Any], ...] = tuple(
    {"optimiser": optimiser, "lr": lr, "seed": seed}
    for optimiser, rates in RATES.items()
    for lr in rates
    for seed in range(8)
)
