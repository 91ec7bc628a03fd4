"""Optimisers that treat a matrix as a matrix: Muon and Shampoo.

Lab: ``chapters/after.ipynb``. Both turn a gradient G = U S V' into one whose directions
U and V are kept and whose sizes S are made alike, Shampoo by what it has seen so far
[2]_, Muon for each step by itself [1]_; without memory they are the same step [3]_.

References
----------
.. [1] K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks",
   kellerjordan.github.io/posts/muon (2024).
.. [2] V. Gupta, T. Koren and Y. Singer, "Shampoo: preconditioned stochastic tensor
   optimization", ICML (2018), arXiv:1802.09568.
.. [3] J. Bernstein and L. Newhouse, "Old optimizer, new norm: an anthology",
   arXiv:2409.20325 (2024).
"""

from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count, check_positive, check_shape, check_share

QUINTIC = 3.4445, -4.7750, 2.0315  # of [1]_: the slope at 0 is large, 1 is met roughly
CUBIC = 1.5, -0.5, 0.0  # 1 is met exactly, in the end


def newton_schulz(
    g: Array, *, steps: int = 5, coefficients: tuple[float, float, float] = QUINTIC
) -> Array:
    """Return a matrix with the directions of `g` and singular values near 1.

    Each step takes every singular value s to ``a s + b s³ + c s⁵``, by products of
    matrices alone. With the coefficients of [1]_ five steps bring all that are not tiny
    into 0.7 to 1.2; with `CUBIC` they go to 1.

    Parameters
    ----------
    g : ndarray of shape (..., m, n)
        The gradient, or what momentum has made of it. A zero matrix stays zero.
    steps : int
        How many, >= 0.
    coefficients : (a, b, c)
        Of the polynomial.

    Returns
    -------
    ndarray of shape (..., m, n)
    """
    check_count("steps", steps, least=0)
    a, b, c = coefficients
    tall = g.shape[-2] > g.shape[-1]
    x = np.swapaxes(g, -2, -1) if tall else g
    length = np.sqrt((x * x).sum(axis=(-2, -1), keepdims=True))
    x = x / np.where(length > 0, length, 1.0)  # no singular value is above 1
    for _ in range(steps):
        square = x @ np.swapaxes(x, -2, -1)
        x = a * x + (b * square + c * square @ square) @ x
    return np.swapaxes(x, -2, -1) if tall else x


@dataclass(eq=False)
class Muon:
    """Momentum, made orthogonal before each step [1]_.

    ``M = μ M + G``, then ``W = W − lr · newton_schulz(G + μ M)``, the look-ahead of
    Nesterov. A step's largest singular value is about lr, whatever the gradient's size.

    Parameters
    ----------
    shape : tuple of int
        Of the parameters, (..., m, n).
    momentum : float
        The μ of the paper, in [0, 1).
    """

    shape: tuple[int, ...]
    _: KW_ONLY
    momentum: float = 0.95
    m: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_share("momentum", self.momentum, or_zero=True)
        self.m = np.zeros(self.shape)

    def step(self, w: Array, grad: Array, *, lr: float | Array) -> None:
        """Update `w` in place by its gradient, both of the shape."""
        check_shape("w", w.shape, self.shape)
        check_shape("grad", grad.shape, self.shape)
        self.m *= self.momentum
        self.m += grad
        w -= lr * newton_schulz(grad + self.momentum * self.m)


@dataclass(eq=False)
class Shampoo:
    """Divides a gradient from both sides by the roots of what was seen [2]_.

    ``L = L + G G'`` and ``R = R + G' G``, then ``W = W − lr · L^(−1/4) G R^(−1/4)``.

    Parameters
    ----------
    shape : tuple of int
        Of the parameters, (..., m, n).
    eps : float
        L and R start at this times the identity, > 0.
    """

    shape: tuple[int, ...]
    _: KW_ONLY
    eps: float = 1e-4
    left: Array = field(init=False, repr=False)
    right: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_positive("eps", self.eps)
        *lead, m, n = self.shape
        self.left = np.zeros((*lead, m, m)) + self.eps * np.eye(m)
        self.right = np.zeros((*lead, n, n)) + self.eps * np.eye(n)

    def step(self, w: Array, grad: Array, *, lr: float | Array) -> None:
        """Update `w` in place by its gradient, both of the shape."""
        check_shape("w", w.shape, self.shape)
        check_shape("grad", grad.shape, self.shape)
        turned = np.swapaxes(grad, -2, -1)
        self.left += grad @ turned
        self.right += turned @ grad
        w -= lr * (root(self.left) @ grad @ root(self.right))


def root(square: Array, power: float = -0.25) -> Array:
    """Return a power of symmetric positive matrices, shape (..., m, m)."""
    values, vectors = np.linalg.eigh(square)
    if not (values > 0).all():
        raise ValueError(f"expected positive eigenvalues, got {values.min()}")
    scaled = vectors * values[..., None, :] ** power
    return np.asarray(scaled @ np.swapaxes(vectors, -2, -1))
