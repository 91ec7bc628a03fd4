"""Adam and AdamW, the optimisers that most language models are trained with.

Chapter: ``chapters/learning_rate.ipynb``. The others are in ``learning_rate``.

References
----------
.. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
   (2015), arXiv:1412.6980.
.. [2] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR
   (2019), arXiv:1711.05101.
"""

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.optimiser import check_beta, check_eps, check_step, zeros

CHUNK = 16_384  # numbers updated at a time, so that they stay in the cache


class Adam:
    """Adam: steps of about `lr`, whatever the scale of the gradient [1]_.

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
        check_beta("beta1", beta1)
        check_beta("beta2", beta2)
        check_eps(eps)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m, self.v = zeros(size, dtype), zeros(size, dtype)
        self.updates = 0
        self._a, self._b = np.empty((2, min(size, CHUNK)), dtype=dtype)

    def step(self, params: Array, grad: Array, *, lr: float) -> None:
        """Update the flat array `params` in place."""
        check_step(params, grad, lr, self.m)
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
        check_step(params, grad, lr, self.m)
        params *= 1 - lr * self.weight_decay
        super().step(params, grad, lr=lr)
