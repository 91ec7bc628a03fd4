"""A short training run with its instruments: the body in which faults are planted.

Chapter: ``chapters/clinic.ipynb``. A line that ``clinic_faults`` replaces is written
out here, or is a line of the book's engine. The model is that of
``chapters/microgpt.ipynb``, 4,192 parameters, on a text so small that it is read
several times: then training and held-out loss part within a hundred updates.
"""

import math
import random
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from algollm_helpers.adam import Adam
from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count
from algollm_helpers.clinic_run import Run
from algollm_helpers.engine.layers import cross_entropy
from algollm_helpers.gpt.documents import Batch, Tokenizer, batch_tokens, load_docs
from algollm_helpers.gpt.training import BETA1, BETA2
from algollm_helpers.gpt.transformer import Config, differentiate, forward, init_params
from algollm_helpers.microgpt import Run as Model
from algollm_helpers.microgpt import sample
from algollm_helpers.schedules import cosine, linear_decay, warmup

WORKERS = 2  # each reads documents of its own; their gradients are averaged
TEXT, HELD_OUT = 120, 100  # documents
EVERY = 10  # updates between two readings of what is read now and then
WRITTEN = 6  # documents, at the end
FALLING = {"linear": linear_decay, "cosine": cosine}


class Setting(NamedTuple):
    """What one may choose freely, within bounds, and stay healthy."""

    name: str = "standard"
    rate: float = 0.05  # the highest
    warm: int = 12  # updates of warm-up
    decay: str = "linear"  # or "cosine", both down to 0
    documents: int = 4  # of each worker, for an update


def observed(setting: Setting, seed: int, steps: int) -> Run:
    """Make so many updates, and return what every instrument has shown."""
    loop = Loop(setting, seed, steps)
    rows = []
    with np.errstate(all="ignore"):  # divergence is data
        for step in range(steps):
            due = step % EVERY == 0 or step == steps - 1
            shown = loop.measured() if due else {"valid": np.nan, "leak": np.nan}
            rows.append(shown | loop.gathered() | loop.updated(step))
        names = loop.written()
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Run(
        step=np.arange(steps),
        vocab_size=loop.model.tokenizer.vocab_size,
        passes=steps * WORKERS * setting.documents / len(loop.text),
        sample=names,
        **columns,
    )


class Loop:
    """Everything that a run consists of; the wrong lines go into its methods."""

    def __init__(self, setting: Setting, seed: int, steps: int) -> None:
        check_count("seed", seed, least=0)
        check_count("steps", steps)
        rng = random.Random(seed)
        docs, tokenizer = _all()
        drawn = rng.sample(docs, TEXT + HELD_OUT)
        self.text, self.held_out = drawn[:TEXT], drawn[TEXT:]
        params = init_params(Config(), tokenizer.vocab_size, rng=rng)
        self.model = Model(np.empty(0), params, Config(), tokenizer)
        self.setting, self.steps = setting, steps
        self.adam = Adam(params.flat.size, beta1=BETA1, beta2=BETA2)
        self.total = np.zeros_like(params.flat)
        seeds = [WORKERS * seed + rank for rank in range(WORKERS)]
        self.readers = [reader(self.text, seed) for seed in seeds]
        sizes = [matrix.size for matrix in params.values()]
        self.starts = np.cumsum([0, *sizes[:-1]])  # of the matrices in ``params.flat``

    def measured(self) -> dict[str, float]:
        """Return the held-out loss, and how far a later token moves earlier logits."""
        documents = self.held_out
        ids, targets, mask = tokens(self.model, documents)
        logits = forward(self.model.params.constants(), self.model.config, ids)
        valid = float(cross_entropy(logits, targets, weights=mask).data)
        return {"valid": valid, "leak": leak(self.model)}

    def gathered(self) -> dict[str, float]:
        """Let each worker read and differentiate, and leave the mean gradient."""
        total, grad = self.total, self.model.params.grad
        total[:] = 0.0
        share = 1 / WORKERS
        loss, norms = 0.0, 0.0
        for names in self.readers:
            batch = [next(names) for _ in range(self.setting.documents)]
            loss += share * differentiated(self.model, batch)
            total += share * grad
            norms += share * length(grad)
        norm = length(total)
        return {"loss": loss, "grad_norm": norm, "agreement": norm / norms}

    def rate(self, step: int) -> float:
        """Return the learning rate of an update, counted from 0."""
        peak, steps = self.setting.rate, self.steps
        schedule = FALLING[self.setting.decay](peak, steps=steps)
        schedule = warmup(schedule, steps=self.setting.warm)
        done = step
        return schedule(done)

    def updated(self, step: int) -> dict[str, float]:
        """Clip the gradient and update the parameters by it."""
        params, total = self.model.params, self.total
        limit = 5.0
        total *= min(1.0, limit / length(total))
        before, lr = params.flat.copy(), self.rate(step)
        self.adam.step(params.flat, total, lr=lr)
        change, old = (
            np.add.reduceat(x * x, self.starts) for x in (params.flat - before, before)
        )
        return {
            "lr": lr,
            "used_norm": length(total),
            "update_ratio": math.sqrt(change.sum() / old.sum()),
            "least_ratio": math.sqrt((change / old).min()),
        }

    def written(self) -> tuple[str, ...]:
        """Return documents that the model writes, none if it has come apart."""
        if not np.isfinite(self.model.params.flat).all():
            return ()
        return tuple(sample(self.model, n=WRITTEN))


def reader(text: Sequence[str], seed: int) -> Iterator[str]:
    """Yield the documents for ever, each time through in another order."""
    check_count("seed", seed, least=0)
    return _shuffled(list(text), random.Random(seed))


def _shuffled(order: list[str], rng: random.Random) -> Iterator[str]:
    while True:
        rng.shuffle(order)
        yield from order


def tokens(model: Model, documents: Sequence[str]) -> Batch:
    """Return documents as the model reads them, side by side."""
    block_size = model.config.block_size
    return batch_tokens(documents, model.tokenizer, block_size=block_size)


def differentiated(model: Model, documents: Sequence[str]) -> float:
    """Return the mean loss on documents; its gradient is then in ``params.grad``."""
    ids, targets, mask = tokens(model, documents)
    batch = Batch(ids, targets, mask)
    return differentiate(model.params, model.config, batch)


def leak(model: Model) -> float:
    """Return how far earlier logits move, at most, when the last token is another."""
    ids = model.tokenizer.encode("ann", close=False)
    other = ids.copy()
    other[-1] = model.tokenizer.boundary
    tensors = model.params.constants()
    one, two = (forward(tensors, model.config, x).data[:-1] for x in (ids, other))
    return float(np.abs(one - two).max())


def length(array: Array) -> float:
    """Return the root of the sum of squares."""
    return math.sqrt(np.vdot(array, array))


@cache
def _all() -> tuple[list[str], Tokenizer]:
    docs = load_docs()
    return docs, Tokenizer.of(docs)
