"""Optimisers, which turn a gradient into a step.

Chapter: ``chapters/learning_rate.ipynb``. Every optimiser has the same ``step``:
it changes one flat array of parameters in place, and what it does depends on its
arguments and on its own state alone. All work element by element, so the rows of
many runs may lie in one array. Where the rate comes from is the matter of
``schedules``.

References
----------
.. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
   Mathematical Statistics 22(3), 400-407 (1951).
.. [2] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
   (2015), arXiv:1412.6980.
.. [3] B. T. Polyak, "Some methods of speeding up the convergence of iteration
   methods", USSR Computational Mathematics and Mathematical Physics 4(5), 1-17
   (1964).
.. [4] Y. Nesterov, "A method for solving the convex programming problem with
   convergence rate O(1/k²)", Soviet Mathematics Doklady 27, 372-376 (1983).
.. [5] I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of
   initialization and momentum in deep learning", ICML (2013).
.. [6] J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
   learning and stochastic optimization", JMLR 12, 2121-2159 (2011).
.. [7] T. Tieleman and G. Hinton, "Lecture 6.5: RMSProp", COURSERA: Neural Networks
   for Machine Learning (2012).
.. [8] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR
   (2019), arXiv:1711.05101.
"""

from typing import Protocol

import numpy as np

from algollm_helpers.tensor import Array

CHUNK = 16_384  # numbers updated at a time, so that they stay in the cache


class Optimiser(Protocol):
    """What the training loops of the book ask of an optimiser."""

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""


class SGD:
    """Gradient descent on a noisy gradient: ``params −= lr · grad`` [1]_.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> SGD().step(w, np.array([10.0, -10.0]), lr=0.1)
    >>> w.tolist()
    [0.0, 3.0]
    """

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr)
        params -= lr * grad


class Momentum:
    """Gradient descent with the momentum of a heavy ball [3]_.

    ``v = β v + g``, then ``θ = θ − lr v``. Under a constant gradient the steps grow
    to lr g / (1 − β).

    Parameters
    ----------
    size : int
        Number of parameters.
    beta : float
        Share of the velocity that is kept, in [0, 1); 0 is SGD.
    dtype : dtype
        float32 or float64, as the parameters.

    Examples
    --------
    >>> w, ball = np.array([0.0]), Momentum(size=1, beta=0.5)
    >>> for _ in range(3):
    ...     ball.step(w, np.array([-1.0]), lr=1.0)
    >>> w.tolist()  # 1, then 1.5, then 1.75
    [4.25]
    """

    def __init__(
        self, size: int, *, beta: float = 0.9, dtype: type[np.floating] = np.float64
    ) -> None:
        _check_beta("beta", beta)
        self.beta = beta
        self.v = _zeros(size, dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr, self.v)
        self.v *= self.beta
        self.v += grad
        params -= lr * self.v


class Nesterov(Momentum):
    """Momentum that steps as if the velocity were already renewed [4]_, [5]_.

    ``v = β v + g``, then ``θ = θ − lr (g + β v)``. These are Nesterov's look-ahead
    points, at which the gradient is taken, with a constant β.

    Examples
    --------
    >>> w, ball = np.array([0.0]), Nesterov(size=1, beta=0.5)
    >>> ball.step(w, np.array([-1.0]), lr=1.0)
    >>> w.tolist()
    [1.5]
    """

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr, self.v)
        self.v *= self.beta
        self.v += grad
        params -= lr * (grad + self.beta * self.v)


class AdaGrad:
    """AdaGrad: divides by the root of all squared gradients so far [6]_.

    ``s = s + g²``, then ``θ = θ − lr g / (√s + ε)``, element by element. The sum
    only grows, so the steps shrink about like 1/√t.

    Parameters
    ----------
    size : int
        Number of parameters.
    eps : float
        Keeps the division finite, > 0.
    dtype : dtype
        float32 or float64, as the parameters.

    Examples
    --------
    >>> w, adagrad = np.array([0.0]), AdaGrad(size=1)
    >>> for _ in range(4):
    ...     adagrad.step(w, np.array([-100.0]), lr=1.0)
    >>> w.round(4).tolist()  # 1 + 1/√2 + 1/√3 + 1/2
    [2.7845]
    """

    def __init__(
        self, size: int, *, eps: float = 1e-10, dtype: type[np.floating] = np.float64
    ) -> None:
        _check_eps(eps)
        self.eps = eps
        self.s = _zeros(size, dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr, self.s)
        self.s += grad * grad
        params -= lr * grad / (np.sqrt(self.s) + self.eps)


class RMSProp:
    """RMSProp: divides by the root of a running mean of squared gradients [7]_.

    ``v = β v + (1 − β) g²``, then ``θ = θ − lr g / (√v + ε)``, element by element.
    The mean starts at 0 and nothing corrects for that, so the first step has the
    length lr / √(1 − β).

    Parameters
    ----------
    size : int
        Number of parameters.
    beta : float
        Memory of the running mean, in [0, 1).
    eps : float
        Keeps the division finite, > 0.
    dtype : dtype
        float32 or float64, as the parameters.

    Examples
    --------
    >>> w = np.array([0.0, 0.0])
    >>> RMSProp(size=2, beta=0.75).step(w, np.array([-100.0, 0.1]), lr=1.0)
    >>> w.round(4).tolist()
    [2.0, -2.0]
    """

    def __init__(
        self,
        size: int,
        *,
        beta: float = 0.99,
        eps: float = 1e-8,
        dtype: type[np.floating] = np.float64,
    ) -> None:
        _check_beta("beta", beta)
        _check_eps(eps)
        self.beta, self.eps = beta, eps
        self.v = _zeros(size, dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr, self.v)
        self.v *= self.beta
        self.v += (1 - self.beta) * (grad * grad)
        params -= lr * grad / (np.sqrt(self.v) + self.eps)


class Adam:
    """Adam: steps of about `lr`, whatever the scale of the gradient [2]_.

    With the paper's letters, and all operations element by element::

        m = β1 m + (1 − β1) g         running mean of the gradient
        v = β2 v + (1 − β2) g²        and of its square
        m̂ = m / (1 − β1ᵗ)             both start at 0, which biases them low;
        v̂ = v / (1 − β2ᵗ)             this takes the bias out
        θ = θ − lr m̂ / (√v̂ + ε)

    Parameters
    ----------
    size : int
        Number of parameters.
    beta1, beta2 : float
        Memory of the two running means, in [0, 1).
    eps : float
        The paper's ε, > 0.
    dtype : dtype
        float32 or float64, as the parameters.

    Attributes
    ----------
    m, v : ndarray of shape (size,)
        The sums ``Σ β1^(t−k) g_k`` and ``Σ β2^(t−k) g_k²`` over the steps k = 1 … t:
        the paper's means without their factors 1 − β, which `step` puts into the
        rate, and saves two passes over the parameters.
    updates : int
        Steps made so far; the paper's t.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> Adam(size=2).step(w, np.array([1000.0, -0.001]), lr=0.5)
    >>> w.round(4).tolist()
    [0.5, 2.5]
    """

    def __init__(
        self,
        size: int,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        dtype: type[np.floating] = np.float64,
    ) -> None:
        _check_beta("beta1", beta1)
        _check_beta("beta2", beta2)
        _check_eps(eps)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m, self.v = _zeros(size, dtype), _zeros(size, dtype)
        self.updates = 0
        self._a, self._b = np.empty((2, min(size, CHUNK)), dtype=dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr, self.m)
        self.updates += 1
        # lr m̂ / (√v̂ + ε) = size m / (√v + eps), as m̂ = m / Σ β1ʲ and v̂ = v / Σ β2ʲ
        shrink = ((1 - self.beta2**self.updates) / (1 - self.beta2)) ** 0.5
        size = lr * shrink * (1 - self.beta1) / (1 - self.beta1**self.updates)
        eps = self.eps * shrink
        if params.size <= CHUNK:
            self._apply(params, grad, self.m, self.v, size=size, eps=eps)
            return
        for start in range(0, params.size, CHUNK):
            part = slice(start, start + CHUNK)
            p, g, m, v = params[part], grad[part], self.m[part], self.v[part]
            self._apply(p, g, m, v, size=size, eps=eps)

    def _apply(
        self, p: Array, g: Array, m: Array, v: Array, *, size: float, eps: float
    ) -> None:
        a, b = self._a, self._b
        if g.size < a.size:  # the last part
            a, b = a[: g.size], b[: g.size]
        m *= self.beta1
        m += g
        np.multiply(g, g, out=b)
        v *= self.beta2
        v += b
        np.sqrt(v, out=b)
        b += eps
        np.divide(m, b, out=a)
        a *= size
        p -= a


class AdamW(Adam):
    """Adam after a decay of the weights that its division does not touch [8]_.

    ``θ = θ − lr · weight_decay · θ``, then Adam's step. An L2 penalty would add its
    pull to the gradient instead, and Adam would divide it by the gradient's size.

    Parameters
    ----------
    size, beta1, beta2, eps, dtype
        As for `Adam`.
    weight_decay : float
        Pull towards 0, finite and >= 0.

    Examples
    --------
    >>> w = np.array([2.0])
    >>> AdamW(size=1, weight_decay=0.1).step(w, np.array([0.0]), lr=0.5)
    >>> w.round(4).tolist()
    [1.9]
    """

    def __init__(
        self,
        size: int,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        dtype: type[np.floating] = np.float64,
    ) -> None:
        super().__init__(size, beta1=beta1, beta2=beta2, eps=eps, dtype=dtype)
        if not 0 <= weight_decay < np.inf:
            raise ValueError(
                f"weight_decay must be finite and >= 0, got {weight_decay}"
            )
        self.weight_decay = weight_decay

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        _check_step(params, grad, lr, self.m)
        params *= 1 - lr * self.weight_decay
        super().step(params, grad, lr=lr)


def _zeros(size: int, dtype: type[np.floating]) -> Array:
    if size < 0:
        raise ValueError(f"size must be >= 0, got {size}")
    return np.zeros(size, dtype=dtype)


def _check_beta(name: str, beta: float) -> None:
    if not 0 <= beta < 1:
        raise ValueError(f"{name} must be in [0, 1), got {beta}")


def _check_eps(eps: float) -> None:
    if not 0 < eps < np.inf:
        raise ValueError(f"eps must be finite and > 0, got {eps}")


def _check_step(
    params: Array, grad: Array, lr: float, state: Array | None = None
) -> None:
    if not 0 < lr < np.inf:
        raise ValueError(f"lr must be finite and > 0, got {lr}")
    if params.ndim != 1 or params.shape != grad.shape:
        raise ValueError(
            f"params and grad must share a shape (d,), got {params.shape} and "
            f"{grad.shape}"
        )
    if state is not None and params.shape != state.shape:
        raise ValueError(f"params must have shape {state.shape}: {params.shape}")
