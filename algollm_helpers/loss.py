"""Losses, each with its slope, and the answer that each of them rewards most.

Chapter: ``chapters/loss.ipynb``. A loss takes outputs and targets of one shape and
returns two arrays of that shape: how wrong each output is, and how that changes with
the output. One of the two may be a single number; any other pair of shapes is refused.
Whole numbers and bools count as floats. Where an output is nan, so are loss and slope.
Means are taken by :func:`averaged` and :func:`best_constant`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import (
    check_lead,
    check_number,
    check_positive,
    check_shape,
    check_share,
    real_array,
)

Pointwise = Callable[[Float64, Float64], tuple[Float64, Float64]]


def _pair(z: ArrayLike, y: ArrayLike) -> tuple[Float64, Float64]:
    """Return outputs and targets as floats of one shape, or one of them a number."""
    outputs, targets = _floats("outputs", z), _floats("targets", y)
    if outputs.ndim and targets.ndim:
        check_shape("targets", targets.shape, outputs.shape)
    return outputs, targets


def _floats(name: str, numbers: ArrayLike) -> Float64:
    """Return floats as they are, in float32 too, and other real numbers as float64."""
    array = np.asarray(numbers)
    return array if array.dtype.kind == "f" else real_array(name, array)


def squared(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``(z − y)²`` and its slope; the mean is rewarded most."""
    z, y = _pair(z, y)
    gap = z - y
    return gap * gap, 2 * gap


def absolute(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``|z − y|`` and its slope, 0 where they meet; rewards the median."""
    z, y = _pair(z, y)
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
        z, y = _pair(z, y)
        gap = z - y
        slope = np.where(gap > 0, 1 - level, np.where(gap < 0, -level, np.abs(gap)))
        return gap * slope, slope

    return loss


def huber(width: float) -> Pointwise:
    """Return the loss that is squared near the target and straight beyond.

    ``(z − y)²`` up to a distance of `width`, then its tangent.
    """
    check_positive("width", width)

    def loss(z: Float64, y: Float64) -> tuple[Float64, Float64]:
        z, y = _pair(z, y)
        gap = z - y
        near = np.clip(gap, -width, width)
        return near * (2 * gap - near), 2 * near

    return loss


def logistic(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return the cross-entropy of a yes-or-no answer and its slope.

    `z` is a logit, the probability of a yes is ``p = 1 / (1 + exp(−z))``, and `y` is 1
    for a yes and 0 for a no. The loss is ``−log p`` or ``−log(1 − p)``, in nats; its
    slope ``p − y``. Both keep their digits where p is nearly y.
    """
    z, y = _pair(z, y)
    value = np.where(z > 0, (1 - y) * z, -y * z) + np.log1p(np.exp(-np.abs(z)))
    return value, _miss(z, y)


def _miss(z: Float64, y: Float64) -> Float64:
    """Return ``p − y`` as ``(1 − y) p − y (1 − p)``, for p may round to 1."""
    return (1 - y) * sigmoid(z) - y * sigmoid(-z)


def squared_probability(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``(p − y)²`` and its slope in the logit `z`, as in `logistic`."""
    z, y = _pair(z, y)
    miss = _miss(z, y)
    return miss**2, 2 * miss * sigmoid(z) * sigmoid(-z)


def hinge(z: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return ``max(0, 1 − y z)`` and its slope; `y` is 1 or −1.

    No cost for a score that is right by a margin of 1; the slope there is set to 0.
    """
    z, y = _pair(z, y)
    short = 1 - y * z
    return np.maximum(short, 0), np.where(short <= 0, 0.0, -y * np.sign(short))


def sigmoid(z: ArrayLike) -> Float64:
    """Return ``1 / (1 + exp(−z))`` without overflow, with all digits of a small p."""
    logits = real_array("z", z)
    small = np.exp(-np.abs(logits))
    share: Float64 = np.where(logits >= 0, 1.0, small) / (1 + small)
    return share


def averaged(
    loss: Pointwise, y: Float64
) -> Callable[[Float64], tuple[Float64, Float64]]:
    """Return the mean loss against `y` in the form that ``SmallNet`` takes.

    The mean is over the last two axes, examples and outputs. `y` has the shape (n,
    n_out), outputs (..., n, n_out); back come losses (...) and slopes like outputs.
    """

    def mean(outputs: Float64) -> tuple[Float64, Float64]:
        check_lead("outputs", outputs.shape, y.shape, own=2)
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
    targets = real_array("y", y)
    if targets.ndim != 1 or targets.size == 0:
        raise ValueError(f"y must have shape (n,), n >= 1, got {targets.shape}")
    for name, end in (("low", low), ("high", high)):
        check_number(name, end)
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
    scores = real_array("z", z)
    share: Float64 = np.exp(scores - scores.max(axis=-1, keepdims=True))
    share /= share.sum(axis=-1, keepdims=True)
    return share
