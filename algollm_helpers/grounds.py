"""Grounds over two parameters on which a walk ends in one place or another.

Chapter: ``chapters/descent.ipynb``. Three kinds of ground on which "downhill" is no
promise: two valleys with a pass between them, a saddle that falls for ever on two
sides, and a hollow in a plateau.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64, Mask
from algollm_helpers.checks import check_finite, check_shape, real_array
from algollm_helpers.descent import gradient_descent

STEPS = 200
NEAR = 0.05  # of a floor: there
FAR = 2.0  # along w₂ on the saddle: gone


class Ground(NamedTuple):
    """A loss over two parameters, its gradient, and where walks on it end."""

    loss: Callable[[Float64], Float64]  # (..., 2) -> (...)
    grad: Callable[[Float64], Float64]  # (..., 2) -> (..., 2)
    lr: float
    reached: Callable[[Float64], dict[str, Mask]]  # by name: is it there, (...)


class Ending(NamedTuple):
    """How a walk ended: where, after how many steps, and its path."""

    place: str | None  # None: nowhere yet
    after: int | None  # the first step at which it was there
    w: Float64  # (STEPS + 1, 2)


def _valleys(w: Float64) -> Float64:
    x, y = w[..., 0], w[..., 1]
    height: Float64 = (x * x - 1) ** 2 + 0.3 * x + y * y
    return height


def _grad_valleys(w: Float64) -> Float64:
    x, y = w[..., 0], w[..., 1]
    return np.stack([4 * x * x * x - 4 * x + 0.3, 2 * y], axis=-1)


# Where the valleys' ground is level, from west to east; w₂ is 0 there.
WEST, RIDGE, EAST = (float(x) for x in np.sort(np.roots([4, 0, -4, 0.3]).real))


def _hollow(w: Float64) -> Float64:
    height: Float64 = -np.exp(-(w * w).sum(axis=-1))
    return height


def _grad_hollow(w: Float64) -> Float64:
    slope: Float64 = 2 * w * np.exp(-(w * w).sum(axis=-1, keepdims=True))
    return slope


def _near(w: Float64, x: float) -> Mask:
    there: Mask = np.hypot(w[..., 0] - x, w[..., 1]) < NEAR
    return there


GROUNDS = {
    "valleys": Ground(
        _valleys,
        _grad_valleys,
        lr=0.05,
        reached=lambda w: {"west": _near(w, WEST), "east": _near(w, EAST)},
    ),
    "saddle": Ground(
        lambda w: w[..., 0] ** 2 - w[..., 1] ** 2,
        lambda w: w * [2.0, -2.0],
        lr=0.1,
        reached=lambda w: {"north": w[..., 1] > FAR, "south": w[..., 1] < -FAR},
    ),
    "plateau": Ground(
        _hollow,
        _grad_hollow,
        lr=0.1,
        reached=lambda w: {"floor": _near(w, 0.0)},
    ),
}


def walk(name: str, start: ArrayLike) -> Ending:
    """Let a walker loose on a ground and say where it arrives.

    Parameters
    ----------
    name : str
        Of the ground: "valleys", "saddle" or "plateau".
    start : array-like of shape (2,)
        Where the walk begins.

    Returns
    -------
    Ending
        The first place of the ground's that is reached within `STEPS` steps, if any.

    Raises
    ------
    ValueError
        If there is no such ground, or `start` is not two finite numbers.

    Examples
    --------
    >>> walk("valleys", [-0.1, 1.4]).place
    'west'
    >>> walk("saddle", [1.0, 0.0]).place is None
    True
    """
    if name not in GROUNDS:
        raise ValueError(f"no ground {name!r}, only {list(GROUNDS)}")
    w0 = real_array("start", start)
    check_shape("start", w0.shape, (2,))
    check_finite("start", w0)
    ground = GROUNDS[name]
    path = gradient_descent(ground.grad, w0, lr=ground.lr, steps=STEPS).w
    first = {
        place: int(np.argmax(there))
        for place, there in ground.reached(path).items()
        if there.any()
    }
    place = min(first, key=first.__getitem__) if first else None
    return Ending(place, first[place] if place else None, path)
