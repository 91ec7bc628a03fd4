"""Least squares on random features: too few, just enough, and far too many of them.

Lab: ``chapters/after.ipynb``. With the singular value decomposition ``X = U S Vᵀ``
every fit here is ``w = V (f / S) Uᵀ y``: f is the share of each direction of the data
that the fit takes over. The shortest solution takes all of it, ridge S² / (S² + λ), and
gradient flow from 0, stopped at the time t, 1 − exp(−t S²).

References
----------
.. [1] M. Belkin, D. Hsu, S. Ma and S. Mandal, "Reconciling modern machine-learning
   practice and the classical bias-variance trade-off", PNAS 116(32) (2019),
   arXiv:1812.11118.
.. [2] T. Hastie, A. Montanari, S. Rosset and R. J. Tibshirani, "Surprises in
   high-dimensional ridgeless least squares interpolation", arXiv:1903.08560 (2019).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import (
    check_count,
    check_positive,
    check_shape,
    real_array,
)

RANK_TOLERANCE = 1e-12  # of the largest singular value: below, a direction is none


class Fits:
    """Fits of ``X w ≈ y``, all from one decomposition of X.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, as many as one likes.
    y : array-like of shape (n_samples,)
        Targets.

    Attributes
    ----------
    curvatures : ndarray of shape (r,)
        S², of each direction in which X is not 0, falling: those of ½ ‖X w − y‖².

    Examples
    --------
    >>> fits = Fits([[3.0, 4.0]], [50.0])
    >>> fits.shortest().round(12).tolist(), fits.ridge(25.0).round(12).tolist()
    ([6.0, 8.0], [3.0, 4.0])
    """

    def __init__(self, X: ArrayLike, y: ArrayLike) -> None:
        features, targets = real_array("X", X), real_array("y", y)
        if features.ndim != 2:
            raise ValueError(f"X must be a matrix, got shape {features.shape}")
        check_shape("y", targets.shape, features.shape[:1])
        u, s, vt = np.linalg.svd(features, full_matrices=False)
        there = s > RANK_TOLERANCE * s.max(initial=0.0)
        self._along = (u[:, there].T @ targets) / s[there]
        self._directions: Float64 = vt[there]
        self.curvatures: Float64 = s[there] ** 2

    def shortest(self) -> Float64:
        """Return the solution of least squares, the shortest if there are many."""
        return self._taking(np.ones_like(self.curvatures))

    def ridge(self, penalty: float) -> Float64:
        """Return the minimum of ‖X w − y‖² + λ ‖w‖², with `penalty` for λ."""
        check_positive("penalty", penalty)
        return self._taking(self.curvatures / (self.curvatures + penalty))

    def stopped(self, time: float) -> Float64:
        """Return where gradient flow on ½ ‖X w − y‖² from 0 is at a time.

        Time is rate times steps, of steps so small that their length does not matter.
        """
        check_positive("time", time, or_zero=True)
        return self._taking(-np.expm1(-time * self.curvatures))

    def _taking(self, shares: Float64) -> Float64:
        w: Float64 = (shares * self._along) @ self._directions
        return w


class Task(NamedTuple):
    """Inputs, what is to be learnt from, and what is true."""

    x: Float64  # (n, d)
    y: Float64  # (n,): with noise
    truth: Float64  # (n,): without


def random_task(
    n: int, *, direction: Float64, bend: float, noise: float, rng: np.random.Generator
) -> Task:
    """Draw x from N(0, I), and z + bend · sin(2 z), where z = x · direction.

    The length of `direction`, shape (d,), is the spread of z.
    """
    check_count("n", n)
    check_positive("noise", noise, or_zero=True)
    x = rng.normal(size=(n, direction.size))
    z = x @ direction
    truth = z + bend * np.sin(2 * z)
    return Task(x, truth + noise * rng.normal(size=n), truth)


def relu_features(x: Float64, weights: Float64) -> Float64:
    """Return √(2 / p) · max(0, x w) for each of the p columns w of `weights`.

    The factor keeps the mean square of a row's sum the same, however many there are.
    """
    features: Float64 = np.maximum(x @ weights, 0.0)
    features *= np.sqrt(2 / weights.shape[1])
    return features
