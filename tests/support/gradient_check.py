"""Gradients checked against differences.

Chapter: ``chapters/backprop.ipynb``. Nothing here knows how a gradient was made, so
it can judge: a central difference along a random direction, or a complex step,
against the slope that the gradient promises in that direction.

References
----------
.. [1] J. N. Lyness and C. B. Moler, "Numerical differentiation of analytic
   functions", SIAM J. Numer. Anal. 4, 202–210 (1967).
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import check_count, check_positive
from algollm_helpers.engine.tensor import Tensor

COMPLEX_STEP = 1e-30  # nothing is subtracted, so it may be as small as one likes


class GradientCheck(NamedTuple):
    """Slopes along random directions; entry ``i`` of each field is direction ``i``."""

    analytic: Float64  # (directions,): gradient · direction
    numeric: Float64  # (directions,): from values of the function alone


def check_gradient(
    f: Callable[..., Tensor],
    arrays: Sequence[ArrayLike],
    *,
    rng: np.random.Generator,
    directions: int = 3,
    method: Literal["central", "complex"] = "central",
    step: float | None = None,
) -> GradientCheck:
    """Slopes of `f` along random unit directions, by the graph and without it.

    It compares nothing and asserts nothing: the caller decides how close is close.

    Parameters
    ----------
    f : callable
        Takes one `Tensor` per array and returns a `Tensor` with one number.
    arrays : sequence of array-like
        The point; computed in float64. All are varied together, so a gradient that
        is missing for one of them shows.
    rng : numpy.random.Generator
        Draws the directions.
    directions : int
        How many, >= 1.
    method : {"central", "complex"}
        ``(f(x + hu) − f(x − hu)) / 2h``, or ``Im f(x + ihu) / h`` [1]_, which has
        no rounding error to speak of but needs every operation to be analytic
        (no ReLU, maximum or absolute value).
    step : float, optional
        h > 0. The central difference takes ε^(1/3) times the size of the point.

    Returns
    -------
    GradientCheck
        The two slopes for each direction.
    """
    check_count("directions", directions)
    if method not in ("central", "complex"):
        raise ValueError(f"method must be 'central' or 'complex', got {method!r}")
    point = [np.array(a, dtype=np.float64) for a in arrays]
    size = max((float(np.abs(a).max(initial=0.0)) for a in point), default=0.0)
    if step is None:
        central = np.finfo(np.float64).eps ** (1 / 3) * max(size, 1.0)
        step = COMPLEX_STEP if method == "complex" else central
    check_positive("step", step)

    leaves = [Tensor(a.copy()) for a in point]
    f(*leaves).backward()

    def at(shift: complex, u: list[Float64]) -> complex:
        moved = [a + shift * d for a, d in zip(point, u, strict=True)]
        return complex(f(*(Tensor(a, needs_grad=False) for a in moved)).data.item())

    analytic, numeric = [], []
    for _ in range(directions):
        u = _unit_direction(point, rng)
        analytic.append(
            sum(
                float((leaf.grad * d).sum())
                for leaf, d in zip(leaves, u, strict=True)
                if leaf.grad is not None
            )
        )
        if method == "complex":
            numeric.append(at(1j * step, u).imag / step)
        else:
            numeric.append((at(step, u) - at(-step, u)).real / (2 * step))
    return GradientCheck(np.array(analytic), np.array(numeric))


def _unit_direction(point: list[Float64], rng: np.random.Generator) -> list[Float64]:
    """Draw a direction, uniform on the sphere, in the shapes of `point`."""
    draws = [rng.standard_normal(a.shape) for a in point]
    length = np.sqrt(sum(float((d * d).sum()) for d in draws))
    return [d / length for d in draws]
