"""A scaling law fitted to small runs, and asked about larger ones.

Lab: ``chapters/after.ipynb``. The law is that of Hoffmann and others [1]_: what can not
be learnt, and two terms that fall as powers of the parameters and of the tokens.

References
----------
.. [1] J. Hoffmann et al., "Training compute-optimal large language models", NeurIPS
   (2022), arXiv:2203.15556.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers import microgpt
from algollm_helpers.after.width import split, train
from algollm_helpers.arrays import Float64
from algollm_helpers.checks import check_all_positive, check_shape, real_array

EXPONENTS = np.round(np.geomspace(0.05, 2.0, 75), 4)  # that a fit tries, 5 % apart


class Law(NamedTuple):
    """``L = E + A N^-alpha + B D^-beta``, in nats; fields of one shape (...)."""

    E: Float64
    A: Float64
    alpha: Float64
    B: Float64
    beta: Float64

    def __call__(self, params: ArrayLike, tokens: ArrayLike) -> Float64:
        """Return the loss that the law expects."""
        n, d = np.asarray(params, float), np.asarray(tokens, float)
        return np.asarray(self.E + self.A * n**-self.alpha + self.B * d**-self.beta)


def fit(params: ArrayLike, tokens: ArrayLike, losses: ArrayLike) -> Law:
    """Return the law with the least squared error, among those that fall.

    With both exponents given the rest is a linear fit, so all pairs of `EXPONENTS` are
    tried; of those with E, A and B >= 0 the best is taken.

    Parameters
    ----------
    params, tokens : array-like of shape (n,)
        N and D of each run.
    losses : array-like of shape (..., n)
        Of each run, in nats; several fits are made at once.

    Returns
    -------
    Law
        Fields of shape (...).

    Raises
    ------
    ValueError
        If the shapes differ, or no law with E, A and B >= 0 is a linear fit.
    """
    n, d = real_array("params", params), real_array("tokens", tokens)
    y = real_array("losses", losses)
    check_all_positive("params", n)
    check_all_positive("tokens", d)
    check_shape("tokens", d.shape, n.shape)
    check_shape("the last axis of losses", y.shape[-1:], n.shape)
    pairs = np.array([(a, b) for a in EXPONENTS for b in EXPONENTS])  # (K, 2)
    falling = [(n / n[0]) ** -pairs[:, :1], (d / d[0]) ** -pairs[:, 1:]]
    X = np.stack([np.ones_like(falling[0]), *falling], axis=-1)  # (K, n, 3)
    c = np.linalg.pinv(X) @ y.reshape(-1, n.size).T  # (K, 3, fits)
    error = ((X @ c - y.reshape(-1, n.size).T) ** 2).sum(axis=1)  # (K, fits)
    error[(c < 0).any(axis=1)] = np.inf
    if not np.isfinite(error.min(axis=0)).all():
        raise ValueError(f"no law that falls goes with the losses {y}")
    best = error.argmin(axis=0)
    E, A, B = c[best, :, np.arange(best.size)].T
    alpha, beta = pairs[best].T
    parts = E, A * n[0] ** alpha, alpha, B * d[0] ** beta, beta
    return Law(*(part.reshape(y.shape[:-1]) for part in parts))


BATCH = 16
WIDTHS, STEPS = (4, 8, 16, 32), (50, 100, 200, 400)
BEYOND = (64, 400), (32, 1600)  # twice the width; four times the steps


def measure(*, width: int, steps: int, seed: int) -> dict[str, Any]:
    """Train by a rule of muP; return parameters, tokens read and the held-out loss."""
    docs, kept = split(seed, kept=1000)
    run = train(
        docs,
        width=width,
        rule="muP, start × 3",
        lr=0.02,
        steps=steps,
        batch=BATCH,
        seed=seed,
    )
    read = sum(len(name) + 1 for name in docs[: steps * BATCH])
    loss = microgpt.evaluate(run, kept).per_token
    return {"params": run.params.flat.size, "tokens": read, "loss": loss}


PARTS: tuple[dict[str, Any], ...] = tuple(
    {"width": width, "steps": steps, "seed": seed}
    for width, steps in (*product(WIDTHS, STEPS), *BEYOND)
    for seed in range(8)
)
