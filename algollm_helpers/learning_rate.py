"""Optimisers, which turn a gradient into a step, and learning-rate schedules.

Chapter: ``chapters/learning_rate.ipynb``. Every optimiser has the same ``step``:
it changes one flat array of parameters in place, and what it does depends on its
arguments and on its own state alone. A schedule is a function from the number of
updates already made to the learning rate of the next one.

References
----------
.. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
   Mathematical Statistics 22(3), 400-407 (1951).
.. [2] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
   (2015), arXiv:1412.6980.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from algollm_helpers.tensor import Array

Schedule = Callable[[int], float]

CHUNK = 16_384  # numbers updated at a time, so that they stay in the cache


class Optimiser(Protocol):
    """What the training loops of the book ask of an optimiser."""

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""


class SGD:
    """Gradient descent on a noisy gradient: ``params −= lr · grad`` [1]_.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> SGD().step(w, np.array([10.0, -10.0]), lr=0.1)
    >>> w.tolist()
    [0.0, 3.0]
    """

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr)
        params -= lr * grad


class Adam:
    """Adam: steps of about `lr`, whatever the scale of the gradient [2]_.

    With the paper's letters, and all operations element by element::

        m = β1 m + (1 − β1) g         running mean of the gradient
        v = β2 v + (1 − β2) g²        and of its square
        m̂ = m / (1 − β1ᵗ)             both start at 0, which biases them low;
        v̂ = v / (1 − β2ᵗ)             this takes the bias out
        θ = θ − lr m̂ / (√v̂ + ε)

    Parameters
    ----------
    size : int
        Number of parameters.
    beta1, beta2 : float
        Memory of the two running means, in [0, 1).
    eps : float
        The paper's ε, > 0.
    dtype : dtype
        float32 or float64, as the parameters.

    Attributes
    ----------
    m, v : ndarray of shape (size,)
        The sums ``Σ β1^(t−k) g_k`` and ``Σ β2^(t−k) g_k²`` over the steps k = 1 … t:
        the paper's means without their factors 1 − β, which `step` puts into the
        rate, and saves two passes over the parameters.
    updates : int
        Steps made so far; the paper's t.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> Adam(size=2).step(w, np.array([1000.0, -0.001]), lr=0.5)
    >>> w.round(4).tolist()
    [0.5, 2.5]
    """

    def __init__(
        self,
        size: int,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        dtype: type[np.floating] = np.float64,
    ) -> None:
        if size < 0:
            raise ValueError(f"size must be >= 0, got {size}")
        for name, beta in (("beta1", beta1), ("beta2", beta2)):
            if not 0 <= beta < 1:
                raise ValueError(f"{name} must be in [0, 1), got {beta}")
        if not 0 < eps < np.inf:
            raise ValueError(f"eps must be finite and > 0, got {eps}")
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m: Array = np.zeros(size, dtype=dtype)
        self.v: Array = np.zeros(size, dtype=dtype)
        self.updates = 0
        self._a, self._b = np.empty((2, min(size, CHUNK)), dtype=dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr)
        if params.shape != self.m.shape:
            raise ValueError(f"params must have shape {self.m.shape}: {params.shape}")
        self.updates += 1
        # lr m̂ / (√v̂ + ε) = size m / (√v + eps), as m̂ = m / Σ β1ʲ and v̂ = v / Σ β2ʲ
        shrink = ((1 - self.beta2**self.updates) / (1 - self.beta2)) ** 0.5
        size = lr * shrink * (1 - self.beta1) / (1 - self.beta1**self.updates)
        eps = self.eps * shrink
        if params.size <= CHUNK:
            self._apply(params, grad, self.m, self.v, size=size, eps=eps)
            return
        for start in range(0, params.size, CHUNK):
            part = slice(start, start + CHUNK)
            p, g, m, v = params[part], grad[part], self.m[part], self.v[part]
            self._apply(p, g, m, v, size=size, eps=eps)

    def _apply(
        self, p: Array, g: Array, m: Array, v: Array, *, size: float, eps: float
    ) -> None:
        a, b = self._a, self._b
        if g.size < a.size:  # the last part
            a, b = a[: g.size], b[: g.size]
        m *= self.beta1
        m += g
        np.multiply(g, g, out=b)
        v *= self.beta2
        v += b
        np.sqrt(v, out=b)
        b += eps
        np.divide(m, b, out=a)
        a *= size
        p -= a


def constant(lr: float) -> Schedule:
    """Return the schedule that stays at `lr`."""
    _check_rate(lr)

    def rate(step: int) -> float:
        if step < 0:
            raise ValueError(f"step must be >= 0, got {step}")
        return lr

    return rate


def linear_decay(lr: float, *, steps: int) -> Schedule:
    """Return the schedule that falls in a straight line from `lr` towards 0.

    ``rate(step) = lr · (1 − step / steps)``. The last update, ``step = steps − 1``,
    still has rate ``lr / steps``; only after it the rate is 0.

    Examples
    --------
    >>> rate = linear_decay(0.4, steps=4)
    >>> [round(rate(step), 12) for step in range(5)]
    [0.4, 0.3, 0.2, 0.1, 0.0]
    """
    _check_rate(lr)
    if steps < 1:
        raise ValueError(f"steps must be >= 1, got {steps}")

    def rate(step: int) -> float:
        if not 0 <= step <= steps:
            raise ValueError(f"step must lie in 0 … {steps}, got {step}")
        return lr * (1 - step / steps)

    return rate


def _check_rate(lr: float) -> None:
    if not 0 < lr < np.inf:
        raise ValueError(f"lr must be finite and > 0, got {lr}")


def _check_step(params: Array, grad: Array, lr: float) -> None:
    _check_rate(lr)
    if params.ndim != 1 or params.shape != grad.shape:
        raise ValueError(
            f"params and grad must share a shape (d,), got {params.shape} and "
            f"{grad.shape}"
        )
