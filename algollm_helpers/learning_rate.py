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
.. [2] B. T. Polyak, "Some methods of speeding up the convergence of iteration
   methods", USSR Computational Mathematics and Mathematical Physics 4(5), 1-17
   (1964).
.. [3] Y. Nesterov, "A method for solving the convex programming problem with
   convergence rate O(1/k²)", Soviet Mathematics Doklady 27, 372-376 (1983).
.. [4] I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of
   initialization and momentum in deep learning", ICML (2013), PMLR 28(3),
   1139-1147.
.. [5] J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
   learning and stochastic optimization", JMLR 12, 2121-2159 (2011).
.. [6] T. Tieleman and G. Hinton, "Lecture 6.5-rmsprop: divide the gradient by a
   running average of its recent magnitude", COURSERA: Neural Networks for Machine
   Learning (2012).
"""

from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from algollm_helpers.adam import Adam as Adam
from algollm_helpers.adam import AdamW as AdamW
from algollm_helpers.adam import squarable
from algollm_helpers.arrays import Array
from algollm_helpers.checks import (
    check_count,
    check_positive,
    check_share,
    check_update,
)


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
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr)
        params -= lr * grad


@dataclass(eq=False)
class Momentum:
    """Gradient descent with the momentum of a heavy ball [2]_.

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

    size: int
    _: KW_ONLY
    beta: float = 0.9
    dtype: type[np.floating] = np.float64
    v: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_count("size", self.size, least=0)
        check_share("beta", self.beta, or_zero=True)
        self.v = np.zeros(self.size, self.dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr, self.v)
        self.v *= self.beta
        self.v += grad
        params -= lr * self.v


class Nesterov(Momentum):
    """Momentum that steps as if the velocity were already renewed [3]_, [4]_.

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
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr, self.v)
        self.v *= self.beta
        self.v += grad
        params -= lr * (grad + self.beta * self.v)


@dataclass(eq=False)
class AdaGrad:
    """AdaGrad: divides by the root of all squared gradients so far [5]_.

    ``s = s + g²``, then ``θ = θ − lr g / (√s + ε)``, element by element. The sum
    only grows, so the steps shrink about like 1/√t. A gradient too large for its square
    counts as in `Adam`.

    Parameters
    ----------
    size, dtype
        As for `Momentum`.
    eps : float
        Keeps the division finite, > 0.

    Examples
    --------
    >>> w, adagrad = np.array([0.0]), AdaGrad(size=1)
    >>> for _ in range(4):
    ...     adagrad.step(w, np.array([-100.0]), lr=1.0)
    >>> w.round(4).tolist()  # 1 + 1/√2 + 1/√3 + 1/2
    [2.7845]
    """

    size: int
    _: KW_ONLY
    eps: float = 1e-10
    dtype: type[np.floating] = np.float64
    s: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_count("size", self.size, least=0)
        check_positive("eps", self.eps)
        self.s = np.zeros(self.size, self.dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr, self.s)
        grad = squarable(grad, self.dtype)
        self.s += grad * grad
        params -= lr * grad / (np.sqrt(self.s) + self.eps)


@dataclass(eq=False)
class RMSProp:
    """RMSProp: divides by the root of a running mean of squared gradients [6]_.

    ``v = β v + (1 − β) g²``, then ``θ = θ − lr g / (√v + ε)``, element by element.
    The mean starts at 0 and nothing corrects for that, so the first step has the
    length lr / √(1 − β). A gradient too large for its square counts as in `Adam`.

    Parameters
    ----------
    size, dtype
        As for `Momentum`.
    beta : float
        Memory of the running mean, in [0, 1).
    eps : float
        As for `AdaGrad`.

    Examples
    --------
    >>> w = np.array([0.0, 0.0])
    >>> RMSProp(size=2, beta=0.75).step(w, np.array([-100.0, 0.1]), lr=1.0)
    >>> w.round(4).tolist()
    [2.0, -2.0]
    """

    size: int
    _: KW_ONLY
    beta: float = 0.99
    eps: float = 1e-8
    dtype: type[np.floating] = np.float64
    v: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_count("size", self.size, least=0)
        check_share("beta", self.beta, or_zero=True)
        check_positive("eps", self.eps)
        self.v = np.zeros(self.size, self.dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr, self.v)
        grad = squarable(grad, self.dtype)
        self.v *= self.beta
        self.v += (1 - self.beta) * (grad * grad)
        params -= lr * grad / (np.sqrt(self.v) + self.eps)
