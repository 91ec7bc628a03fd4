"""Learning-rate schedules: from the number of updates made to the next rate.

Chapter: ``chapters/learning_rate.ipynb``. A schedule counts updates of the
parameters, not batches or micro-batches. One that falls to 0 does so *after* its
last update, so no update is wasted. One that falls for ever ends at 0 as well, below
the smallest float; an optimiser takes that rate and moves no further.

References
----------
.. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
   Mathematical Statistics 22(3), 400-407 (1951).
.. [2] I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm
   restarts", ICLR (2017), arXiv:1608.03983.
.. [3] P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1
   hour", arXiv:1706.02677 (2017).
"""

import math
from collections.abc import Callable

from algollm_helpers.checks import (
    check_count,
    check_positive,
    check_share,
    check_within,
)

Schedule = Callable[[int], float]


def constant(lr: float) -> Schedule:
    """Return the schedule that stays at `lr`."""
    check_positive("lr", lr)

    def rate(step: int) -> float:
        check_count("step", step, least=0)
        return lr

    return rate


def step_decay(lr: float, *, every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule that is multiplied by `factor` after `every` updates.

    ``rate(step) = lr · factor^⌊step / every⌋``.

    Examples
    --------
    >>> rate = step_decay(0.8, every=2, factor=0.5)
    >>> [rate(step) for step in range(5)]
    [0.8, 0.8, 0.4, 0.4, 0.2]
    """
    check_positive("lr", lr)
    check_count("every", every)
    check_share("factor", factor)

    def rate(step: int) -> float:
        check_count("step", step, least=0)
        return lr * factor ** (step // every)

    return rate


def inverse_time(lr: float, *, halved_at: int) -> Schedule:
    """Return the schedule that falls like one over the number of updates.

    ``rate(step) = lr / (1 + step / halved_at)``. Its sum grows without bound and
    the sum of its squares does not: the conditions of [1]_.

    Examples
    --------
    >>> rate = inverse_time(0.4, halved_at=10)
    >>> [rate(step) for step in (0, 10, 30)]
    [0.4, 0.2, 0.1]
    """
    check_positive("lr", lr)
    check_count("halved_at", halved_at)

    def rate(step: int) -> float:
        check_count("step", step, least=0)
        return lr / (1 + step / halved_at)

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
    check_positive("lr", lr)
    check_count("steps", steps)

    def rate(step: int) -> float:
        check_within("step", step, 0, steps)
        return lr * (1 - step / steps)

    return rate


def cosine(lr: float, *, steps: int) -> Schedule:
    """Return the schedule that falls from `lr` towards 0 along half a cosine [2]_.

    ``rate(step) = lr · (1 + cos(π step / steps)) / 2``: level at both ends, steep
    in the middle.

    Examples
    --------
    >>> rate = cosine(0.4, steps=4)
    >>> [round(rate(step), 4) for step in range(5)]
    [0.4, 0.3414, 0.2, 0.0586, 0.0]
    """
    check_positive("lr", lr)
    check_count("steps", steps)

    def rate(step: int) -> float:
        check_within("step", step, 0, steps)
        return lr * (1 + math.cos(math.pi * step / steps)) / 2

    return rate


def warmup(schedule: Schedule, *, steps: int) -> Schedule:
    """Return `schedule` with a ramp over its first updates [3]_.

    The rate of update `step` is multiplied by ``(step + 1) / steps``, until that is
    1: the first update has a small rate, not 0, and the one with number
    ``steps − 1`` the full rate. The schedule inside goes on counting all updates.

    Examples
    --------
    >>> rate = warmup(constant(0.4), steps=4)
    >>> [round(rate(step), 12) for step in range(6)]
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4]
    """
    check_count("steps", steps)

    def rate(step: int) -> float:
        check_count("step", step, least=0)
        return schedule(step) * min(1.0, (step + 1) / steps)

    return rate
