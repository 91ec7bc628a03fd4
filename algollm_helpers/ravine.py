"""A race down a ravine that can be turned; who minds where the axes point.

Chapter: ``chapters/learning_rate.ipynb``. A ravine is a bowl in two parameters, 20 in
curvature from wall to wall and gentler along its floor. Turning it changes neither its
curvatures nor where the walkers start in it; it changes the coordinates, of which the
optimisers that divide by the size of a gradient make use.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import check_number, check_positive
from algollm_helpers.learning_rate import SGD, Adam, Momentum
from algollm_helpers.schedules import Schedule, constant, linear_decay

STEEP = 20.0  # curvature from wall to wall
START = (-6.0, 2.0)  # along the floor and across it
STEPS = 40
RATES = np.geomspace(0.003, 3, 31)


class Ravine(NamedTuple):
    """A bowl, and the place from which all start."""

    H: Float64  # (2, 2): the Hessian
    start: Float64  # (2,)


class Track(NamedTuple):
    """The way of one walker."""

    rate: float
    w: Float64  # (STEPS + 1, 2)
    loss: Float64  # (STEPS + 1,)


def ravine(steepness: float, degrees: float) -> Ravine:
    """Return a ravine whose walls are so many times as steep as its floor, turned.

    Examples
    --------
    >>> H, start = ravine(20, 90)
    >>> H.round().astype(int).tolist(), start.round().astype(int).tolist()
    ([[20, 0], [0, 1]], [-2, -6])
    """
    check_positive("steepness", steepness)
    check_number("degrees", degrees)
    angle = degrees * np.pi / 180
    c, s = np.cos(angle), np.sin(angle)
    Q = np.array([[c, -s], [s, c]])
    return Ravine(Q @ np.diag([STEEP / steepness, STEEP]) @ Q.T, Q @ np.array(START))


def _falling(lr: float) -> Schedule:
    return linear_decay(lr, steps=STEPS)


WALKERS: dict[str, tuple[Callable[[], SGD | Momentum | Adam], Callable[..., Schedule]]]
WALKERS = {
    "plain": (SGD, constant),
    "momentum": (lambda: Momentum(2), constant),
    "adam": (lambda: Adam(2), _falling),
}


def track(walker: str, rate: float, ground: Ravine) -> Track:
    """Return the way of a walker at one rate, which falls to 0 for Adam."""
    if walker not in WALKERS:
        raise ValueError(f"walker must be one of {sorted(WALKERS)}, got {walker!r}")
    check_positive("rate", rate)
    make, schedule = WALKERS[walker]
    optimiser, lr = make(), schedule(rate)
    path = [ground.start]
    for k in range(STEPS):
        w = path[-1].copy()
        optimiser.step(w, ground.H @ w, lr=lr(k))
        path.append(w)
    steps = np.array(path)
    return Track(float(rate), steps, 0.5 * ((steps @ ground.H) * steps).sum(axis=1))


def best_track(walker: str, ground: Ravine) -> Track:
    """Return the way that ends lowest among those at all `RATES`."""
    with np.errstate(all="ignore"):  # rates that fly apart
        tracks = [track(walker, rate, ground) for rate in RATES]
    ends = [t.loss[-1] if np.isfinite(t.loss[-1]) else np.inf for t in tracks]
    return tracks[int(np.argmin(ends))]
