"""Models whose training can be written down, and what their start decides.

Chapter: ``chapters/closed_form.ipynb``. Two layers of matrices, whose whole learning
curve has a formula; a linear model with fewer data than parameters; and a linear
model that is spelled as a difference of squares, in which the start chooses the norm.

References
----------
.. [1] A. M. Saxe, J. L. McClelland and S. Ganguli, "Exact solutions to the nonlinear
   dynamics of learning in deep linear neural networks", ICLR (2014),
   arXiv:1312.6120.
"""

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64, matvec, vecmat
from algollm_helpers.checks import (
    check_all_positive,
    check_count,
    check_positive,
    check_shape,
    real_array,
)


def mode_strength(singular_value: ArrayLike, start: float, time: ArrayLike) -> Float64:
    """Strength of one mode of a two-layer linear net at some time of training [1]_.

    With target strength s, the product of the two layers obeys ``da/dt = 2 a (s − a)``
    under gradient flow from a small start u, both layers equal and aligned with the
    target's singular vectors, so
    ``a(t) = s / (1 + (s/u − 1) exp(−2 s t))``, and ``u / (1 + 2 u t)`` where s is 0.

    Parameters
    ----------
    singular_value : array-like
        s >= 0; broadcasts with `time`.
    start : float
        u > 0: the strength at time 0.
    time : array-like
        Learning rate times number of steps, >= 0.

    Returns
    -------
    ndarray
        The strengths.

    Examples
    --------
    >>> mode_strength([3.0, 0.0], 0.001, [0.0]).tolist()
    [0.001, 0.001]
    """
    check_positive("start", start)
    s, t = np.broadcast_arrays(
        real_array("singular_value", singular_value), real_array("time", time)
    )
    check_all_positive("singular_value", s, or_zero=True)
    check_all_positive("time", t, or_zero=True)
    left = np.exp(-2 * s * t)
    safe = np.where(s == 0, 1.0, s)
    share = np.where(
        s == 0, 2 * t, -np.expm1(-2 * s * t) / safe
    )  # its limit where s is 0
    strength: Float64 = start / (left + start * share)
    return strength


def train_two_layers(
    target: ArrayLike, w1: ArrayLike, w2: ArrayLike, *, lr: float, steps: int
) -> Float64:
    """Train ``w2 w1`` towards `target` by gradient descent on ½ ‖target − w2 w1‖².

    Parameters
    ----------
    target : array-like of shape (m, n)
        What the product should become.
    w1, w2 : array-like of shape (h, n) and (m, h)
        The layers at the start; left unchanged.
    lr : float
        Learning rate, > 0.
    steps : int
        Number of updates, >= 0.

    Returns
    -------
    ndarray of shape (steps + 1, m, n)
        The product at the start and after each update.
    """
    check_positive("lr", lr)
    check_count("steps", steps, least=0)
    goal, first, second = (
        real_array(name, a) for name, a in (("target", target), ("w1", w1), ("w2", w2))
    )
    for name, a in (("target", goal), ("w1", first), ("w2", second)):
        if a.ndim != 2:
            raise ValueError(f"{name} must be a matrix, got shape {a.shape}")
    check_shape("the last axis of w2", second.shape[1:], first.shape[:1])
    if (second @ first).shape != goal.shape:
        raise ValueError(
            f"w2 w1 has shape {(second @ first).shape}, target {goal.shape}"
        )
    products = np.empty((steps + 1, *goal.shape))
    products[0] = second @ first
    for k in range(steps):
        miss = goal - products[k]
        first, second = first + lr * second.T @ miss, second + lr * miss @ first.T
        products[k + 1] = second @ first
    return products


def shortest_solution(X: ArrayLike, y: ArrayLike) -> Float64:
    """Return the solution of ``X w = y`` with the smallest length, X⁺ y.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        With independent rows, n_samples <= n_features.
    y : array-like of shape (n_samples,)
        Right-hand sides.

    Returns
    -------
    ndarray of shape (n_features,)
        The solution, a combination of the rows of `X`.

    Examples
    --------
    >>> shortest_solution([[3.0, 4.0]], [50.0]).round(12).tolist()
    [6.0, 8.0]
    """
    rows, goal = real_array("X", X), real_array("y", y)
    if rows.ndim != 2 or rows.shape[0] > rows.shape[1]:
        raise ValueError(f"X must have no more rows than columns, got {rows.shape}")
    check_shape("y", goal.shape, rows.shape[:1])
    solution: Float64 = rows.T @ np.linalg.solve(rows @ rows.T, goal)
    return solution


def train_diagonal(
    X: ArrayLike,
    y: ArrayLike,
    *,
    start: ArrayLike,
    lr: ArrayLike,
    steps: int,
    tolerance: float = 1e-6,
) -> Float64:
    """Train the linear model ``w = u² − v²`` on ½ ‖X w − y‖² from u = v = `start`.

    Parameters
    ----------
    X : array-like of shape (..., n_samples, n_features)
        Inputs; leading axes are tasks of their own.
    y : array-like of shape (..., n_samples)
        Targets.
    start : array-like
        Every entry of u and v at the start, > 0; one number, or one for each task.
    lr : array-like
        Learning rate, > 0; one number, or one for each task.
    steps : int
        Most updates that are made.
    tolerance : float
        Training ends when no residual of any task is larger.

    Returns
    -------
    ndarray of shape (..., n_features)
        The weights w.
    """
    check_count("steps", steps, least=0)
    check_positive("tolerance", tolerance, or_zero=True)
    rows, goal = real_array("X", X), real_array("y", y)
    scale, rate = real_array("start", start), real_array("lr", lr)
    if rows.ndim < 2 or goal.ndim < 1:
        raise ValueError(
            f"X and y need two axes and one, got shapes {rows.shape} and {goal.shape}"
        )
    check_shape("the last axis of y", goal.shape[-1:], rows.shape[-2:-1])
    check_all_positive("start", scale)
    check_all_positive("lr", rate)
    shape = np.broadcast_shapes((*goal.shape[:-1], 1), (*scale.shape, 1))
    u = np.empty((*shape[:-1], rows.shape[-1]))
    u[...] = scale[..., None]
    v = u.copy()
    for _ in range(steps):
        miss = matvec(rows, u * u - v * v) - goal
        if np.abs(miss).max() <= tolerance:
            break
        slope = 2 * rate[..., None] * vecmat(miss, rows)
        u, v = u - slope * u, v + slope * v
    weights: Float64 = u * u - v * v
    return weights
