"""Losses, each with its slope, and the answer that each of them rewards most.

Chapter: ``chapters/loss.ipynb``. A loss takes outputs and targets of one shape and
returns two arrays of that shape: how wrong each output is, and how that changes with
the output. Means are taken by :func:`averaged` and :func:`best_constant`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import check_positive, check_shape, check_share

Pointwise = Callable[[Float64, Float64], tuple[Float64, Float64]]


def squared(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``(z − y)²`` and its slope; the mean is rewarded most."""
    gap = z - y
    return gap * gap, 2 * gap


def absolute(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``|z − y|`` and its slope, 0 where they meet; rewards the median."""
    gap = z - y
    return np.abs(gap), np.sign(gap)


def quantile(level: float) -> Pointwise:
    """Return the loss that rewards the quantile of that `level`, in (0, 1).

    One unit too low costs `level`, one too high costs ``1 − level``.

    Examples
    --------
    >>> value, slope = quantile(0.9)(np.array([0.0, 5.0]), np.array([1.0, 1.0]))
    >>> value.round(9).tolist(), slope.round(9).tolist()
    ([0.9, 0.4], [-0.9, 0.1])
    """
    check_share("level", level)

    def loss(z: Float64, y: Float64) -> tuple[Float64, Float64]:
        gap = z - y
        slope = np.where(gap > 0, 1 - level, np.where(gap < 0, -level, 0.0))
        return gap * slope, slope

    return loss


def huber(width: float) -> Pointwise:
    """Return the loss that is squared near the target and straight beyond.

    ``(z − y)²`` up to a distance of `width`, then its tangent.
    """
    check_positive("width", width)

    def loss(z: Float64, y: Float64) -> tuple[Float64, Float64]:
        gap = z - y
        near = np.clip(gap, -width, width)
        return near * (2 * gap - near), 2 * near

    return loss


def logistic(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return the cross-entropy of a yes-or-no answer and its slope.

    `z` is a logit, the probability of a yes is ``p = 1 / (1 + exp(−z))``, and `y` is 1
    for a yes and 0 for a no. The loss is ``−log p`` or ``−log(1 − p)``, in nats; its
    slope ``p − y``.
    """
    return np.logaddexp(0, z) - y * z, sigmoid(z) - y


def squared_probability(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``(p − y)²`` and its slope in the logit `z`, as in `logistic`."""
    p = sigmoid(z)
    return (p - y) ** 2, 2 * (p - y) * p * (1 - p)


def hinge(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``max(0, 1 − y z)`` and its slope; `y` is 1 or −1.

    No cost for a score that is right by a margin of 1.
    """
    short = 1 - y * z
    return np.maximum(short, 0), np.where(short > 0, -y, 0.0)


def sigmoid(z: ArrayLike) -> Float64:
    """Return ``1 / (1 + exp(−z))`` without overflow."""
    half: Float64 = 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))
    return half


def averaged(
    loss: Pointwise, y: Float64
) -> Callable[[Float64], tuple[Float64, Float64]]:
    """Return the mean loss against `y` in the form that ``SmallNet`` takes.

    The mean is over the last two axes, examples and outputs. `y` has the shape (n,
    n_out), outputs (..., n, n_out); back come losses (...) and slopes like outputs.
    """

    def mean(outputs: Float64) -> tuple[Float64, Float64]:
        check_shape("the last axes of outputs", outputs.shape[-2:], y.shape[-2:])
        value, slope = loss(outputs, np.broadcast_to(y, outputs.shape))
        count = outputs.shape[-2] * outputs.shape[-1]
        return value.mean(axis=(-2, -1)), slope / count

    return mean


def best_constant(loss: Pointwise, y: ArrayLike, *, low: float, high: float) -> float:
    """Return the single answer with the smallest mean loss, by halving a range.

    Parameters
    ----------
    loss : callable
        A convex loss: its mean slope rises with the answer.
    y : array-like of shape (n,)
        What is to be answered, n >= 1.
    low, high : float
        A range that holds the best answer.

    Returns
    -------
    float
        The answer; where several are best, the smallest of them.

    Examples
    --------
    >>> round(best_constant(absolute, [1.0, 2.0, 9.0], low=0.0, high=10.0), 9)
    2.0
    """
    targets = np.asarray(y, dtype=float)
    if targets.ndim != 1 or targets.size == 0:
        raise ValueError(f"y must have shape (n,), n >= 1, got {targets.shape}")
    if not low < high:
        raise ValueError(f"low must be below high, got {low} and {high}")
    for end, down in ((low, 1), (high, -1)):  # into the range
        slope = loss(np.full_like(targets, end), targets)[1].mean()
        if not down * slope <= 0:
            raise ValueError(
                f"no best answer in {low} … {high}: the slope at {end} is {slope}"
            )
    for _ in range(60):  # a range of 1 becomes one of 1e-18
        middle = (low + high) / 2
        slope = loss(np.full_like(targets, middle), targets)[1].mean()
        low, high = (low, middle) if slope >= 0 else (middle, high)
    return (low + high) / 2


def softmax(z: ArrayLike) -> Float64:
    """Turn scores into probabilities: ``exp(z)``, divided by its sum.

    `z` has shape (..., n), and each row of n comes to sum to 1. It cannot overflow:
    what is added to a whole row cancels, so its maximum is taken off first.
    """
    scores = np.asarray(z, dtype=float)
    share: Float64 = np.exp(scores - scores.max(axis=-1, keepdims=True))
    share /= share.sum(axis=-1, keepdims=True)
    return share
