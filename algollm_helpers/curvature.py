"""Curvature of a loss, taken from gradients and never stored as a matrix.

Chapter: ``chapters/closed_form.ipynb``. A row of the input is a point of its own, so
one call serves many seeds.

References
----------
.. [1] B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural
   Computation 6(1), 147-160 (1994).
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


class Eigenpair(NamedTuple):
    """The strongest curvature at each point and its direction."""

    value: Float64  # (...,): curvature along `vector`, with its sign
    vector: Float64  # (..., d): of length 1


def hessian_vector_product(
    grad: Callable[[Float64], ArrayLike],
    x: ArrayLike,
    v: ArrayLike,
    *,
    step: float | None = None,
) -> Float64:
    """Hessian times `v`, from two gradients and without forming the Hessian.

    ``(grad(x + h v) − grad(x − h v)) / 2h``: the cost is that of two gradients,
    whatever the number of parameters. It is exact for a quadratic up to rounding,
    else the error is O(h²); [1]_ gives an exact method of the same cost.

    Parameters
    ----------
    grad : callable
        Gradient of the function; maps shape (..., d) to shape (..., d), each row by
        itself.
    x, v : array-like of shape (..., d)
        Points and vectors.
    step : float, optional
        h > 0 as a distance, used along the unit vector of `v`; by default ε^(1/3)
        times the largest entry of the row, or 1 if that is more. A kink within it, such
        as that of a ReLU, counts as curvature: a smaller step may tell.

    Returns
    -------
    ndarray of shape (..., d)
        The products.

    Raises
    ------
    ValueError
        If the shapes differ, `x` is not finite, `grad` returns another shape, or
        `step` is not a positive finite number.
    """
    point, vector = real_array("x", x), real_array("v", v)
    if point.ndim < 1 or point.shape != vector.shape:
        raise ValueError(
            f"x and v must share a shape (..., d), got {point.shape} and {vector.shape}"
        )
    check_finite("x", point)
    if step is None:  # by the size of each row, if that is above 1
        size = np.abs(point).max(axis=-1, keepdims=True, initial=1.0)
        h = np.finfo(np.float64).eps ** (1 / 3) * size
    else:
        check_positive("step", step)
        h = np.array(float(step))
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    unit = vector / np.where(length == 0, 1.0, length)
    ahead, behind = (
        real_array("what grad returns", grad(foot)).copy()  # it may be used again
        for foot in (point + h * unit, point - h * unit)
    )
    for slope in (ahead, behind):
        check_shape("what grad returns", slope.shape, point.shape)
    product: Float64 = (ahead - behind) * (length / (2 * h))
    return product


def top_eigenvalue(
    grad: Callable[[Float64], ArrayLike],
    x: ArrayLike,
    *,
    rng: np.random.Generator,
    iterations: int = 40,
    step: float | None = None,
) -> Eigenpair:
    """Find the curvature of largest magnitude by power iteration.

    Each iteration multiplies by the Hessian and rescales. The error of the value
    falls by the factor (second/first eigenvalue)² an iteration, so two curvatures
    of nearly equal size need many; the value is then between them.

    Parameters
    ----------
    grad : callable
        Gradient of the function; maps shape (..., d) to shape (..., d).
    x : array-like of shape (..., d)
        Points.
    rng : numpy.random.Generator
        Draws the first directions.
    iterations : int
        How many multiplications, >= 1.
    step : float, optional
        The step of :func:`hessian_vector_product`; smaller near the kinks of a ReLU.

    Returns
    -------
    Eigenpair
        Value and direction for each point.

    Raises
    ------
    ValueError
        If `iterations` is below 1, or `step` is not a positive finite number.

    Examples
    --------
    >>> pair = top_eigenvalue(
    ...     lambda x: x * [1.0, -5.0], [0.0, 0.0], rng=np.random.default_rng(0)
    ... )
    >>> round(float(pair.value), 6)
    -5.0
    """
    check_count("iterations", iterations)
    point = real_array("x", x)
    product = rng.standard_normal(point.shape)
    for _ in range(iterations):
        length = np.linalg.norm(product, axis=-1, keepdims=True)
        vector = product / np.where(length == 0, 1.0, length)
        product = hessian_vector_product(grad, point, vector, step=step)
    return Eigenpair((vector * product).sum(axis=-1), vector)
