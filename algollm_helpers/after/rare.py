"""Classes of which few are frequent and most are rare, learnt by a softmax.

Lab: ``chapters/after.ipynb``. Labels follow Zipf's law, as words do. A tenth of them
are drawn blindly, so no model is right about all of them, and the curvature of the loss
stays. How well each class can be predicted at best is known.

References
----------
.. [1] F. Kunstner et al., "Heavy-tailed class imbalance and why Adam outperforms
   gradient descent on language models", NeurIPS (2024), arXiv:2402.19449.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers.arrays import Array, Float64, Ids
from algollm_helpers.checks import check_count, check_positive, check_share
from algollm_helpers.engine.layers import log_softmax
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.learning_rate import SGD, Adam, Momentum
from algollm_helpers.schedules import linear_decay

CLASSES, DIM = 511, 64  # nine octaves: class 1, classes 2 and 3, 4 to 7, …
NOISE = 0.1  # of the labels are drawn blindly
BATCH, TESTS = 128, 2000


def zipf(n: int, *, power: float = 1.0) -> Float64:
    """Return shares of `n` classes that fall as 1 / rank**power, and add up to 1.

    Examples
    --------
    >>> zipf(3).round(3).tolist(), zipf(4, power=0.0).tolist()
    ([0.545, 0.273, 0.182], [0.25, 0.25, 0.25, 0.25])
    """
    check_count("n", n)
    check_positive("power", power, or_zero=True)
    weights = np.arange(1, n + 1, dtype=float) ** -power
    shares: Float64 = weights / weights.sum()
    return shares


def octaves(n: int) -> Ids:
    """Return ⌊log₂ rank⌋ of the ranks 1 to `n`: under Zipf's law octaves weigh alike.

    Examples
    --------
    >>> octaves(7).tolist()
    [0, 1, 1, 2, 2, 2, 2]
    """
    check_count("n", n)
    ranks: Ids = np.frexp(np.arange(1.0, n + 1))[1] - 1
    return ranks


class World(NamedTuple):
    """Classes around centres on a ball; some are frequent and some are rare."""

    centres: Float64  # (K, d), of length 1
    shares: Float64  # (K,): how frequent each class is

    @classmethod
    def random(cls, n: int, dim: int, *, power: float, seed: int) -> "World":
        """Draw centres; the shares fall as 1 / rank**power."""
        centres = np.random.default_rng(seed).normal(size=(n, dim))
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        return cls(centres, zipf(n, power=power))

    def draw(
        self, n: int, *, noise: float, rng: np.random.Generator
    ) -> tuple[Float64, Ids]:
        """Return `n` inputs, shape (n, d + 1), and the labels they are seen with.

        An input is the centre of its class, plus normal noise whose length is about 1;
        the last column is 1. A share `noise` of the labels says nothing of the input.
        """
        check_share("noise", noise, or_zero=True)
        (K, d), shares = self.centres.shape, self.shares
        true = rng.choice(K, n, p=shares)
        x = self.centres[true] + rng.normal(size=(n, d)) / np.sqrt(d)
        blind, other = rng.random(n) < noise, rng.choice(K, n, p=shares)
        return np.hstack([x, np.ones((n, 1))]), np.where(blind, other, true)

    def best(self, x: Float64, *, noise: float) -> Float64:
        """Return the true shares of the labels given inputs, shape (n, K)."""
        d = self.centres.shape[1]
        # log N(x; centre, 1/d) without what is the same for all classes
        z = d * (x[:, :-1] @ self.centres.T) + np.log(self.shares)
        posterior = np.exp(log_softmax(Tensor(z, needs_grad=False)).data)
        return (1 - noise) * posterior + noise * self.shares


def softmax_gradient(w: Float64, x: Float64, labels: Ids) -> tuple[float, Float64]:
    """Return the mean cross-entropy of a softmax of ``x wᵀ``, and its gradient (K, d).

    The row of class k is the mean of ``(p_k − [label is k]) x``: a class that is seldom
    seen is seldom pulled at.
    """
    log_p = log_softmax(Tensor(x @ w.T, needs_grad=False)).data  # (n, K)
    hit = np.arange(len(labels)), labels
    miss = np.exp(log_p)
    miss[hit] -= 1
    return -float(log_p[hit].mean()), miss.T @ x / len(labels)


class Sign:
    """Descent along the sign of the gradient: ``params −= lr · sign(grad)``."""

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        params -= lr * np.sign(grad)


OPTIMISERS: dict[str, Callable[[int], Any]] = {
    "SGD": lambda size: SGD(),
    "momentum": Momentum,
    "Adam": Adam,
    "sign": lambda size: Sign(),
}


def train(world: World, optimiser: Any, *, lr: float, steps: int, seed: int) -> Float64:
    """Return the weights, shape (K, d + 1), after one pass over fresh batches.

    The rate falls from `lr` in a straight line to 0.
    """
    rate, rng = linear_decay(lr, steps=steps), np.random.default_rng(seed)
    w = np.zeros((len(world.shares), world.centres.shape[1] + 1))
    for step in range(steps):
        x, labels = world.draw(BATCH, noise=NOISE, rng=rng)
        grad = softmax_gradient(w, x, labels)[1]
        optimiser.step(w.reshape(-1), grad.reshape(-1), lr=rate(step))
    return w


def above_floor(world: World, w: Float64, *, seed: int) -> tuple[float, Float64]:
    """Return by how much fresh labels cost more than at best: mean, and by octave."""
    x, labels = world.draw(TESTS, noise=NOISE, rng=np.random.default_rng([seed, 1]))
    hit = np.arange(TESTS), labels
    log_p = log_softmax(Tensor(x @ w.T, needs_grad=False)).data[hit]
    above = np.log(world.best(x, noise=NOISE)[hit]) - log_p
    octave = octaves(len(world.shares))[labels]
    each = np.bincount(octave, above) / np.bincount(octave)
    return float(above.mean()), each


def measure(
    *, optimiser: str, power: float, lr: float, steps: int
) -> dict[str, list[float]]:
    """Return what is above the floor: of each of eight seeds, and of each octave."""
    means, each = [], []
    for seed in range(8):
        world = World.random(CLASSES, DIM, power=power, seed=seed)
        size = CLASSES * (DIM + 1)
        w = train(world, OPTIMISERS[optimiser](size), lr=lr, steps=steps, seed=seed)
        mean, octave = above_floor(world, w, seed=seed)
        means.append(mean)
        each.append(octave)
    return {"above": means, "octaves": np.mean(each, axis=0).tolist()}


RATES = {
    "SGD": (25.0, 50.0, 100.0, 200.0, 400.0),
    "momentum": (5.0, 10.0, 20.0, 40.0),
    "Adam": (0.025, 0.05, 0.1, 0.2, 0.4),
    "sign": (0.003, 0.01, 0.03),
}
PARTS: tuple[dict[str, Any], ...] = tuple(
    {"optimiser": optimiser, "power": power, "lr": lr, "steps": steps}
    for steps, power, tried in (
        (100, 1.0, ("SGD", "Adam")),
        (400, 1.0, ("SGD", "momentum", "Adam", "sign")),
        (1600, 1.0, ("SGD", "Adam")),
        (400, 0.0, ("SGD", "momentum", "Adam")),
    )
    for optimiser in tried
    for lr in RATES[optimiser]
)
