"""Widths and learning rates: what is scaled so that one rate suits all (muP).

Lab: ``chapters/after.ipynb``. Rules say how a model of another width starts and how
large its steps are; at the width `BASE` they are the published recipe, but for one that
starts larger. Heads are four channels wide at every width, so attention needs no rule.

References
----------
.. [1] G. Yang et al., "Tensor programs V: tuning large neural networks via zero-shot
   hyperparameter transfer", NeurIPS (2021), arXiv:2203.03466.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.arrays import Array
from algollm_helpers.gpt.training import BETA1, BETA2, EPS, Training
from algollm_helpers.gpt.transformer import Config, Parameters
from algollm_helpers.learning_rate import Adam
from algollm_helpers.microgpt import Run
from algollm_helpers.schedules import linear_decay

BASE = 16
HEAD = 4  # channels of a head
STEPS, BATCH = 200, 8  # of what is measured


class Rule(NamedTuple):
    """Powers of BASE / width by which something is multiplied."""

    hidden: float  # the start of matrices between channels
    last: float  # the start of the matrix from channels to logits
    rate: float  # the steps of both
    gain: float = 1.0  # by which the start of the hidden ones is multiplied besides


RULES = {
    "published": Rule(0.0, 0.0, 0.0),
    "muP": Rule(0.5, 1.0, 1.0),
    "muP, start × 3": Rule(0.5, 1.0, 1.0, gain=3.0),
}


def config_of(width: int) -> Config:
    """Return a model with as many heads of `HEAD` channels as `width` has room for."""
    return Config(n_embd=width, n_head=width // HEAD)


def scale(params: Parameters, *, rule: str) -> None:
    """Multiply the numbers of a fresh model as a rule says, in place."""
    chosen, ratio = _rule(rule), BASE / params["wte"].shape[1]
    for name, matrix in params.items():
        if name == "lm_head":
            matrix *= ratio**chosen.last
        elif not name.startswith("w"):  # the embeddings read no channels
            matrix *= chosen.gain * ratio**chosen.hidden


def _rule(name: str) -> Rule:
    if name not in RULES:
        raise ValueError(f"rule must be one of {list(RULES)}, got {name!r}")
    return RULES[name]


class Steps:
    """Adam, at one rate for the embeddings and at a rule's rate for all the others.

    Parameters
    ----------
    params : Parameters
        They are changed in place.
    rule : str
        A key of `RULES`. The others' rate is multiplied by a power of BASE / width.
    """

    def __init__(self, params: Parameters, *, rule: str) -> None:
        size = params["wte"].size + params["wpe"].size  # the first in `flat`
        ratio = float((BASE / params["wte"].shape[1]) ** _rule(rule).rate)
        self._parts: list[tuple[Adam, Array, Array, float]] = []
        for part, factor in ((slice(size), 1.0), (slice(size, None), ratio)):
            flat, grad = params.flat[part], params.grad[part]
            adam = Adam(
                flat.size, beta1=BETA1, beta2=BETA2, eps=EPS, dtype=flat.dtype.type
            )
            self._parts.append((adam, flat, grad, factor))

    def step(self, *, lr: float) -> None:
        """Update the parameters by the gradient that they hold."""
        for adam, flat, grad, factor in self._parts:
            adam.step(flat, grad, lr=lr * factor)


def train(
    docs: Sequence[str],
    *,
    width: int,
    rule: str,
    lr: float,
    steps: int,
    batch: int,
    seed: int,
) -> Run:
    """Train a model of a width by a rule; the rate falls in a straight line to 0.

    The documents are read in their order, `batch` at a time, in float32.
    """
    rate, config = linear_decay(lr, steps=steps), config_of(width)
    training = Training(docs, schedule=rate, seed=seed, config=config, dtype=np.float32)
    scale(training.params, rule=rule)
    adam, losses = Steps(training.params, rule=rule), np.empty(steps)
    with np.errstate(all="ignore"):  # divergence is data
        for step in range(steps):
            some = range(step * batch, (step + 1) * batch)
            names = [docs[i % len(docs)] for i in some]
            losses[step] = training.differentiate(names)
            adam.step(lr=rate(step))
    return Run(losses, training.params, config, training.tokenizer)


def split(seed: int, *, kept: int) -> tuple[list[str], list[str]]:
    """Return the names in an order drawn from a seed: to learn, and `kept` to test."""
    docs = microgpt.load_docs()
    order = np.random.default_rng(seed).permutation(len(docs))
    shuffled = [docs[i] for i in order]
    return shuffled[kept:], shuffled[:kept]


def measure(*, width: int, rule: str, lr: float, seed: int) -> dict[str, Any]:
    """Return the loss on names kept from the training, nats a token."""
    docs, kept = split(seed, kept=1000)
    run = train(
        docs, width=width, rule=rule, lr=lr, steps=STEPS, batch=BATCH, seed=seed
    )
    loss = microgpt.evaluate(run, kept).per_token
    return {"loss": min(loss, CEILING) if np.isfinite(loss) else CEILING}


CEILING = 10.0  # of a loss, for runs that have come apart
PARTS: tuple[dict[str, Any], ...] = tuple(
    {"width": width, "rule": rule, "lr": lr, "seed": seed}
    for width in (16, 32, 64, 128)
    for rule in RULES
    if width != BASE or rule.startswith("muP")  # where the others are the same
    for lr in (0.0025, 0.005, 0.01, 0.02, 0.04)
    for seed in range(8)
)
