"""How a heavy ball moves on a parabola, for each rate and each momentum.

Chapter: ``chapters/learning_rate.ipynb``. On ground of curvature λ the rule of
``learning_rate.Momentum`` is a recursion in two terms,

    w[k + 1] = (1 + β − ηλ) w[k] − β w[k − 1],

so all depends on the product ηλ and on β: in the long run the distance is multiplied,
step by step, by the larger root of ``z² − (1 + β − ηλ) z + β`` [1]_.

References
----------
.. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration
   methods", USSR Computational Mathematics and Mathematical Physics 4(5), 1-17
   (1964).
"""

import math
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import check_count, check_positive, check_share
from algollm_helpers.learning_rate import Momentum


class Ride(NamedTuple):
    """How a ball moves in the long run."""

    regime: str
    factor: float  # size of the distance from step to step
    period: float  # steps of one swing to and fro; inf where it comes from one side


def ride(product: float, beta: float) -> Ride:
    """Return how a ball moves on a parabola.

    Parameters
    ----------
    product : float
        Learning rate times curvature, ηλ, finite and > 0.
    beta : float
        Share of the velocity that is kept, in [0, 1).

    Returns
    -------
    Ride
        Its regime is one of "arrives", in one step; "creeps", from one side; "swings",
        in several steps to and fro; "alternates", across the floor at every step and
        closer; "stays", across the floor for ever; and "flies apart".

    Examples
    --------
    >>> ride(2.5, 0.0)
    Ride(regime='flies apart', factor=1.5, period=2.0)
    >>> ride(2.5, 0.5).regime, round(ride(2.5, 0.5).factor, 3)
    ('swings', 0.707)
    """
    check_positive("product", product)
    check_share("beta", beta, or_zero=True)
    total = 1 + beta - product  # of the two roots, whose product is β
    apart = total * total - 4 * beta
    if apart < 0:
        period = 2 * math.pi / math.atan2(math.sqrt(-apart), total)
        return Ride("swings", math.sqrt(beta), period)
    factor = (abs(total) + math.sqrt(apart)) / 2
    if factor == 0:
        return Ride("arrives", factor, math.inf)
    if total > 0:
        return Ride("creeps", factor, math.inf)
    border = 2 * (1 + beta)
    if product == border:
        return Ride("stays", 1.0, 2.0)
    return Ride("alternates" if product < border else "flies apart", factor, 2.0)


def walk(product: float, beta: float, *, steps: int) -> Float64:
    """Return where the ball is after each step, shape (steps + 1,), from 1.

    Examples
    --------
    >>> walk(1.5, 0.0, steps=3).tolist()
    [1.0, -0.5, 0.25, -0.125]
    """
    check_positive("product", product)
    check_count("steps", steps, least=0)
    w, ball, path = np.ones(1), Momentum(1, beta=beta), [1.0]
    for _ in range(steps):
        ball.step(w, w.copy(), lr=product)
        path.append(float(w[0]))
    return np.array(path)
