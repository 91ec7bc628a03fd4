"""Fine-tuning by matrices of low rank (LoRA), and what is forgotten on the way.

Lab: ``chapters/after.ipynb``. A model that knows names learns to spell them backwards.
Each matrix of its layer stays, and only what is added to it is trained, a product of
two thin matrices [1]_. What is learnt and what is forgotten are measured apart [2]_.

References
----------
.. [1] E. J. Hu et al., "LoRA: low-rank adaptation of large language models", ICLR
   (2022), arXiv:2106.09685.
.. [2] D. Biderman et al., "LoRA learns less and forgets less", TMLR (2024),
   arXiv:2405.09673.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.after.cooldown import split
from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count
from algollm_helpers.gpt.training import BETA1, BETA2, State, Training
from algollm_helpers.gpt.transformer import Parameters
from algollm_helpers.learning_rate import Adam
from algollm_helpers.microgpt import Run
from algollm_helpers.schedules import linear_decay

BATCH = 4
LEARN = 2000  # steps of the model before its fine-tuning


class Adapters:
    """For each matrix W of a model's layers a product B A that is added to it [1]_.

    A is drawn and B is 0 at first, so nothing is added yet. Both lie in one flat array,
    so an optimiser can step in it.

    Parameters
    ----------
    params : Parameters
        Of the model, float64. `merge` writes into it.
    rank : int
        The paper's r: columns of B and rows of A.
    rng : numpy.random.Generator
        Draws each A from N(0, 1 / columns).

    Attributes
    ----------
    flat, grad : ndarray of shape (size,)
        The numbers of all A and B, and their gradient, which `differentiate` fills.
    """

    def __init__(
        self, params: Parameters, *, rank: int, rng: np.random.Generator
    ) -> None:
        check_count("rank", rank)
        self.params = params
        self.kept = {n: params[n].copy() for n in params if n.startswith("layer")}
        size = rank * sum(sum(w.shape) for w in self.kept.values())
        self.flat, self.grad = np.zeros(size), np.zeros(size)
        self.factors = self._views(self.flat, rank)
        self._slopes = self._views(self.grad, rank)
        for _, a in self.factors.values():
            a[...] = rng.normal(size=a.shape) / np.sqrt(a.shape[1])

    def _views(self, flat: Array, rank: int) -> dict[str, tuple[Array, Array]]:
        views, start = {}, 0
        for name, w in self.kept.items():
            middle = start + rank * w.shape[0]
            stop = middle + rank * w.shape[1]
            b, a = flat[start:middle], flat[middle:stop]
            views[name] = b.reshape(-1, rank), a.reshape(rank, -1)
            start = stop
        return views

    def differentiate(self) -> None:
        """Fill `grad` from the gradient G of the merged matrices: G Aᵀ and Bᵀ G."""
        slopes = self.params.named(self.params.grad)
        for name, (b, a) in self.factors.items():
            to_b, to_a = self._slopes[name]
            np.matmul(slopes[name], a.T, out=to_b)
            np.matmul(b.T, slopes[name], out=to_a)

    def merge(self) -> None:
        """Write W + B A into the model, which then needs no adapters."""
        for name, (b, a) in self.factors.items():
            np.add(self.kept[name], b @ a, out=self.params[name])


def learn(docs: Sequence[str], *, steps: int, seed: int) -> Run:
    """Train a model of names by the book's recipe, `BATCH` names a step."""
    return microgpt.train(docs, steps=steps, seed=seed, batch=BATCH)


def tune(
    run: Run, docs: Sequence[str], *, rank: int | str, lr: float, steps: int, seed: int
) -> Run:
    """Fine-tune a copy of a model by Adam, whose rate falls from `lr` to 0.

    `rank` is that of the adapters, or "layers": the same matrices without adapters, or
    "all": every matrix, embeddings and logits as well.
    """
    rate, start = linear_decay(lr, steps=steps), run.params.flat
    state = State(start, np.zeros_like(start), np.zeros_like(start), 0)
    training = Training(
        docs, schedule=rate, config=run.config, state=state, tokenizer=run.tokenizer
    )
    params = training.params  # a copy
    adapters = None
    if isinstance(rank, str):
        first = {"layers": start.size - layer_size(params), "all": 0}[rank]
        flat, grad = params.flat[first:], params.grad[first:]
    else:
        adapters = Adapters(params, rank=rank, rng=np.random.default_rng(seed))
        flat, grad = adapters.flat, adapters.grad
    adam = Adam(flat.size, beta1=BETA1, beta2=BETA2)
    for step in range(steps):
        some = range(step * BATCH, (step + 1) * BATCH)
        training.differentiate([docs[i % len(docs)] for i in some])
        if adapters:
            adapters.differentiate()
        adam.step(flat, grad, lr=rate(step))
        if adapters:
            adapters.merge()
    return run._replace(params=params)


def layer_size(params: Parameters) -> int:
    """Return how many numbers the matrices of the layers have; they are the last."""
    return sum(w.size for name, w in params.items() if name.startswith("layer"))


def backwards(docs: Sequence[str]) -> list[str]:
    """Return each document spelled from its end."""
    return [doc[::-1] for doc in docs]


class Tuned(NamedTuple):
    """Losses on unseen names after fine-tuning, nats a token."""

    new: float  # spelled backwards
    old: float  # as before


def losses(run: Run, kept: Sequence[str]) -> Tuned:
    """Return what a model costs on unseen names, read from both ends."""
    new = microgpt.evaluate(run, backwards(kept)).per_token
    return Tuned(new, microgpt.evaluate(run, kept).per_token)


@cache
def _learnt(seed: int) -> tuple[Run, list[str], list[str]]:
    docs, kept = split(seed)
    return learn(docs, steps=LEARN, seed=seed), backwards(docs), kept[:500]


def moved(run: Run, tuned: Run) -> float:
    """Return how far the layers have moved, in their lengths at the start."""
    here, there = (
        model.params.flat[-layer_size(model.params) :] for model in (run, tuned)
    )
    return float(np.linalg.norm(there - here) / np.linalg.norm(here))


def held(run: Run, tuned: Run, *, directions: int) -> float:
    """Return which share of the change the largest singular values of it hold.

    The change is that of the layers' matrices, each with `directions` of its own, and
    the share is that of its sum of squares.
    """
    check_count("directions", directions)
    powers = [
        np.linalg.svd(tuned.params[name] - w, compute_uv=False) ** 2
        for name, w in run.params.items()
        if name.startswith("layer")
    ]
    largest = sum(power[:directions].sum() for power in powers)
    return float(largest / sum(power.sum() for power in powers))


def measure(*, rank: int | str, lr: float, steps: int, seed: int) -> dict[str, float]:
    """Return the losses of a model that was fine-tuned on names spelled backwards.

    And how far its layers have moved, and what their two largest directions hold.
    """
    run, docs, kept = _learnt(seed)
    tuned = tune(run, docs, rank=rank, lr=lr, steps=steps, seed=seed)
    change = {"moved": moved(run, tuned), "two": held(run, tuned, directions=2)}
    return losses(tuned, kept)._asdict() | change


_TRIED = (
    *((rank, 500) for rank in (1, 2, 4, 8, "layers", "all")),
    *((rank, 2000) for rank in (1, "all")),
)
_RATES = {
    500: (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    2000: (0.00003, 0.0001, 0.0003, 0.001, 0.003),
}
PARTS: tuple[dict[str, Any], ...] = tuple(
    {"rank": rank, "lr": lr, "steps": steps, "seed": seed}
    for rank, steps in _TRIED
    for lr in _RATES[steps]
    for seed in range(8)
)
