"""Gradient descent that keeps every point it visits, and slopes felt by probing.

Chapter: ``chapters/descent.ipynb``. The notebook writes both loops out in full;
these are the same loops with their inputs checked. What a rate does on a parabola
has a name.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import (
    check_count,
    check_finite,
    check_positive,
    check_shape,
    real_array,
)


class Trajectory(NamedTuple):
    """The path of a descent; entry ``k`` of each field belongs to iterate ``k``."""

    w: Float64  # (steps + 1, ...): w[0] is the start, w[-1] the end
    grad: Float64  # (steps + 1, ...): gradient at the same entry of w


def gradient_descent(
    grad: Callable[[Float64], ArrayLike], w0: ArrayLike, *, lr: float, steps: int
) -> Trajectory:
    """Walk against the gradient with a constant learning rate.

    Repeats ``w[k + 1] = w[k] - lr * grad(w[k])``. There is no stopping rule, and
    a rate that is too large is no error: it comes back as a path that grows, at
    last to inf or nan, without a warning.

    Parameters
    ----------
    grad : callable
        Gradient of the loss; maps an array of the shape of `w0` to an array of
        the same shape.
    w0 : array-like
        Starting point, of shape (d,) for one walker. Any other shape works as
        well: with (n, d), for instance, n walkers leave together, if `grad` treats
        its rows one by one. It is left unchanged.
    lr : float
        Learning rate η, finite and > 0. Its unit is that of w squared over that of
        the loss; a pure number when both are dimensionless.
    steps : int
        Number of updates, >= 0.

    Returns
    -------
    Trajectory
        Points and gradients, each of shape (steps + 1, *shape of w0).

    Raises
    ------
    ValueError
        If `lr` or `steps` is out of range, `w0` is empty or not finite, or `grad`
        returns a shape other than that of `w0`.

    References
    ----------
    .. [1] A. Cauchy, "Méthode générale pour la résolution des systèmes
       d'équations simultanées", C. R. Acad. Sci. Paris 25, 536-538 (1847).

    Examples
    --------
    >>> run = gradient_descent(lambda w: 2 * w, [8.0], lr=0.25, steps=3)
    >>> run.w.ravel().tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    check_positive("lr", lr)
    check_count("steps", steps, least=0)
    start = real_array("w0", w0)
    check_finite("w0", start)

    w = np.empty((steps + 1, *start.shape))
    g = np.empty_like(w)
    w[0] = start
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is data
        for k in range(len(w)):
            slope = real_array("what grad returns", grad(w[k].copy()))
            check_shape("what grad returns", slope.shape, start.shape)
            g[k] = slope
            if k + 1 < len(w):
                w[k + 1] = w[k] - lr * g[k]
    return Trajectory(w, g)


def regime(lr: float, curvature: float) -> str:
    """Name what a constant learning rate does on a parabola of that curvature.

    Every step multiplies the distance to the floor by ``1 - lr * curvature``. Below a
    product of 1 the walker "approaches" from one side; at 1 it "lands"; below 2 it
    "crosses" the floor and comes closer; at 2 it "bounces" for ever; above, it "flees".

    Parameters
    ----------
    lr, curvature : float
        Learning rate and curvature, finite and > 0.

    Returns
    -------
    str
        One of the five words.

    Examples
    --------
    >>> [regime(lr, 2.0) for lr in (0.1, 0.5, 0.9, 1.0, 1.1)]
    ['approaches', 'lands', 'crosses', 'bounces', 'flees']
    """
    check_positive("lr", lr)
    check_positive("curvature", curvature)
    product = lr * curvature
    if product in (1, 2):
        return "lands" if product == 1 else "bounces"
    return "approaches" if product < 1 else "crosses" if product < 2 else "flees"


def central_difference(
    loss: Callable[[Float64], ArrayLike], w: ArrayLike, *, h: float = 1e-5
) -> Float64:
    """Feel the slope along every coordinate with a foot on either side.

    Entry ``i`` is ``(loss(w + h e_i) - loss(w - h e_i)) / (2 h)``, which costs two
    evaluations per parameter. Its error is that of the parabola through the two
    feet, ``h**2 / 6`` times the third derivative, plus the rounding of the two
    losses divided by ``h``; it is smallest for ``h`` near the cube root of the
    rounding unit, about 6e-6 where w and the derivatives are of order one.

    Parameters
    ----------
    loss : callable
        Maps an array of the shape of `w` to one number.
    w : array-like
        Where to probe; any shape.
    h : float, optional
        Distance of each foot from `w`, in the unit of `w`; finite and > 0.

    Returns
    -------
    ndarray
        The slopes, in the shape of `w`.

    Raises
    ------
    ValueError
        If `h` is out of range or too small to move an entry of `w`, `w` is empty
        or not finite, or `loss` returns more than one number.

    Examples
    --------
    >>> central_difference(lambda w: (w**2).sum(), [3.0, -1.0]).round(6).tolist()
    [6.0, -2.0]
    """
    check_positive("h", h)
    here = real_array("w", w)
    check_finite("w", here)
    slope = np.empty_like(here)
    for i in np.ndindex(here.shape):
        feet, heights = [], []
        for side in (-h, h):
            foot = here.copy()
            foot[i] += side
            feet.append(foot[i])
            height = real_array("what loss returns", loss(foot))
            check_shape("what loss returns", height.shape, ())
            heights.append(height)
        if feet[0] == feet[1]:
            raise ValueError(f"h = {h} is too small to move w = {here[i]}")
        slope[i] = (heights[1] - heights[0]) / (feet[1] - feet[0])
    return slope
