"""Adam and AdamW, the optimisers that most language models are trained with.

Chapter: ``chapters/learning_rate.ipynb``. The others are in ``learning_rate``.

References
----------
.. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
   (2015), arXiv:1412.6980.
.. [2] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR
   (2019), arXiv:1711.05101.
"""

from dataclasses import KW_ONLY, dataclass, field
from functools import cache, partial

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.checks import (
    check_count,
    check_positive,
    check_share,
    check_update,
)
from algollm_helpers.engine.threads import at_once

LIMIT = 2.0**-16  # of the root of the largest number: 2³² squares of it add up
FOR_TWO = 2**18  # numbers; so many are updated in two threads
CHUNK = 16_384  # numbers updated at a time, so that they stay in the cache


def squarable(grad: Array, dtype: type[np.floating]) -> Array:
    """Return a gradient as an array of `dtype` whose squares can be added up.

    A number beyond `LIMIT` times the root of the largest one, which is 2.8e14 in
    float32 and 2e149 in float64, counts as that. Infinities and nan stay what they are.

    Parameters
    ----------
    grad : ndarray of float, shape (d,)
        It is left unchanged, and returned itself where nothing is to be done.
    dtype : float type
        In which the squares are to be added up.
    """
    top = _top(np.dtype(dtype))
    square = float(np.vdot(grad, grad))  # which, unlike dot, does not warn
    if not square < top * top:
        tamed = grad.astype(np.result_type(grad, dtype))
        np.clip(tamed, -top, top, out=tamed, where=np.isfinite(tamed))
        grad = tamed
    return grad if grad.dtype == dtype else grad.astype(dtype)


@cache
def _top(dtype: np.dtype[np.floating]) -> float:
    top: float = LIMIT * float(np.finfo(dtype).max) ** 0.5
    return top


@dataclass(eq=False)
class Adam:
    """Adam: steps of about `lr`, whatever the scale of the gradient [1]_.

    Whatever the scale between two ends: a gradient far below ε takes smaller steps, and
    one that is too large for its square counts as the largest that is not; see
    `squarable`. So no finite gradient freezes a parameter.

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

    size: int
    _: KW_ONLY
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    dtype: type[np.floating] = np.float64
    m: Array = field(init=False, repr=False)
    v: Array = field(init=False, repr=False)
    updates: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        check_count("size", self.size, least=0)
        check_share("beta1", self.beta1, or_zero=True)
        check_share("beta2", self.beta2, or_zero=True)
        check_positive("eps", self.eps)
        self.m, self.v = (np.zeros(self.size, self.dtype) for _ in range(2))
        self._scratch = np.empty((2, min(self.size, CHUNK)), self.dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr, self.m)
        self.updates += 1
        # lr m̂ / (√v̂ + ε) = size m / (√v + eps), as m̂ = m / Σ β1ʲ and v̂ = v / Σ β2ʲ
        shrink = ((1 - self.beta2**self.updates) / (1 - self.beta2)) ** 0.5
        size = lr * shrink * (1 - self.beta1) / (1 - self.beta1**self.updates)
        eps = self.eps * shrink
        if params.size <= CHUNK:
            g, scratch = squarable(grad, self.dtype), self._scratch
            self._apply(params, g, self.m, self.v, scratch, size=size, eps=eps)
            return

        def through(start: int, stop: int) -> None:
            scratch = np.empty((2, CHUNK), self.dtype)
            for i in range(start, stop, CHUNK):
                part = slice(i, min(i + CHUNK, stop))
                p, m, v = params[part], self.m[part], self.v[part]
                g = squarable(grad[part], self.dtype)
                self._apply(p, g, m, v, scratch, size=size, eps=eps)

        if params.size < FOR_TWO:
            through(0, params.size)
        else:  # element by element, so the same wherever it is cut
            middle = params.size // 2
            at_once(partial(through, 0, middle), partial(through, middle, params.size))

    def _apply(
        self,
        p: Array,
        g: Array,
        m: Array,
        v: Array,
        scratch: Array,
        *,
        size: float,
        eps: float,
    ) -> None:
        a, b = scratch[:, : g.size]
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


@dataclass(eq=False)
class AdamW(Adam):
    """Adam after a decay of the weights that its division does not touch [2]_.

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

    _: KW_ONLY
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive("weight_decay", self.weight_decay, or_zero=True)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update `params`, shape (d,), in place by their gradient, same shape."""
        check_update(params, grad, lr, self.m)
        params *= 1 - lr * self.weight_decay
        super().step(params, grad, lr=lr)
