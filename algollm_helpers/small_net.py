"""Nets with one hidden layer, many copies of them trained side by side.

Chapter: ``chapters/closed_form.ipynb``. A net is one flat row of numbers, so the
copies are the rows of one array and an optimiser never asks what they mean. The
gradient is written out by hand; a test holds it to that of the engine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from algollm_helpers.arrays import Array, Float64
from algollm_helpers.checks import (
    check_count,
    check_lead,
    check_positive,
    check_shape,
)
from algollm_helpers.engine.lookup import ones

# Takes outputs (..., n, n_out), returns losses (...) and the slope of each copy's
# loss with respect to its own outputs (..., n, n_out).
Loss = Callable[[Array], tuple[Array, Array]]


class Layers(NamedTuple):
    """The flat row as matrices: views, so that a change in them changes the row."""

    w1: Array  # (..., n_in, n_hidden)
    b1: Array  # (..., 1, n_hidden)
    w2: Array  # (..., n_hidden, n_out)
    b2: Array  # (..., 1, n_out)


@dataclass(frozen=True, kw_only=True)
class SmallNet:
    """Sizes of a net ``activation(x w1 + b1) w2 + b2``.

    Examples
    --------
    >>> net = SmallNet(n_in=2, n_hidden=8)
    >>> params = net.init(rng=np.random.default_rng(0), copies=5)
    >>> params.shape, net.outputs(params, np.zeros((100, 2))).shape
    ((5, 33), (5, 100, 1))
    """

    n_in: int
    n_hidden: int
    n_out: int = 1
    activation: Literal["tanh", "relu"] = "tanh"

    def __post_init__(self) -> None:
        for name in ("n_in", "n_hidden", "n_out"):
            check_count(name, getattr(self, name))
        if self.activation not in ("tanh", "relu"):
            raise ValueError(f"activation is tanh or relu, got {self.activation!r}")

    @property
    def size(self) -> int:
        """Number of parameters of one copy."""
        return (self.n_in + 1) * self.n_hidden + (self.n_hidden + 1) * self.n_out

    def init(
        self, *, rng: np.random.Generator, copies: int, scale: float = 1.0
    ) -> Float64:
        """Draw the parameters of some copies, each copy a row.

        Weights and biases are uniform within ± `scale` / √(inputs of their layer).

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws the numbers; the first rows do not depend on `copies`.
        copies : int
            How many nets.
        scale : float
            Stretches all draws.

        Returns
        -------
        ndarray of shape (copies, size)
            The parameters.
        """
        check_count("copies", copies)
        check_positive("scale", scale, or_zero=True)
        params = rng.uniform(-scale, scale, (copies, self.size))
        hidden = (self.n_in + 1) * self.n_hidden
        params[:, :hidden] /= np.sqrt(self.n_in)
        params[:, hidden:] /= np.sqrt(self.n_hidden)
        return params

    def layers(self, params: Array) -> Layers:
        """Return views of `params`, shape (..., size), as the four arrays."""
        check_shape("the last axis of params", params.shape[-1:], (self.size,))
        parts, start = [], 0
        widths = (self.n_hidden, self.n_hidden, self.n_out, self.n_out)
        for rows, columns in zip((self.n_in, 1, self.n_hidden, 1), widths, strict=True):
            part = params[..., start : start + rows * columns]
            parts.append(part.reshape(*params.shape[:-1], rows, columns))
            start += rows * columns
        return Layers(*parts)

    def hidden(self, params: Array, x: Array) -> Array:
        """Return the hidden units, shape (..., n, n_hidden), for inputs `x`."""
        return self._hidden(self.layers(params), x)

    def _hidden(self, layers: Layers, x: Array) -> Array:
        check_shape("the last axis of x", x.shape[-1:], (self.n_in,))
        h: Array = x @ layers.w1
        h += layers.b1
        if self.activation == "tanh":
            np.tanh(h, out=h)
        else:
            np.maximum(h, 0, out=h)
        return h

    def outputs(self, params: Array, x: Array) -> Array:
        """Return what each copy says, shape (..., n, n_out).

        Parameters
        ----------
        params : ndarray of shape (..., size)
            The copies.
        x : ndarray of shape (n, n_in) or (..., n, n_in)
            The same inputs for all copies, or inputs of each copy's own.
        """
        layers = self.layers(params)
        return self._hidden(layers, x) @ layers.w2 + layers.b2

    def loss_and_grad(self, params: Array, x: Array, loss: Loss) -> tuple[Array, Array]:
        """Return each copy's loss and its gradient.

        Parameters
        ----------
        params : ndarray of shape (..., size)
            The copies.
        x : ndarray of shape (n, n_in) or (..., n, n_in)
            Inputs.
        loss : callable
            Such as :func:`mse`: from outputs to losses and their slopes.

        Returns
        -------
        tuple of ndarray
            Losses of shape (...) and gradients of shape (..., size).
        """
        if params.dtype.kind != "f":  # the gradient would be cut to whole numbers
            raise ValueError(f"params must hold floats, got dtype {params.dtype}")
        layers = self.layers(params)
        h = self._hidden(layers, x)
        value, slope = loss(h @ layers.w2 + layers.b2)
        grad = np.empty_like(params)
        g = self.layers(grad)
        g.w2[...] = h.mT @ slope
        g.b2[...] = slope.sum(axis=-2, keepdims=True)
        w2 = layers.w2.mT
        # From one output it is an outer product, at which NumPy is faster than BLAS.
        into = slope * w2 if self.n_out == 1 else slope @ w2  # (..., n, n_hidden)
        if self.activation == "tanh":  # 1 − h², in the place of h
            h *= h
            into *= np.subtract(1, h, out=h)
        else:
            into *= h > 0
        g.w1[...] = np.swapaxes(x, -1, -2) @ into
        g.b1[..., 0, :] = ones(x.shape[-2], into.dtype) @ into  # faster than a sum
        return value, grad

    def train(
        self, params: Array, x: Array, loss: Loss, *, lr: float, steps: int
    ) -> Array:
        """Return the copies after gradient descent on all examples at once.

        Repeats ``params − lr · gradient``, each copy by itself.

        Parameters
        ----------
        params : ndarray of shape (..., size)
            Where the copies start; it is left unchanged.
        x : ndarray of shape (n, n_in) or (..., n, n_in)
            Inputs.
        loss : callable
            As in :meth:`loss_and_grad`.
        lr : float
            Learning rate, finite and > 0.
        steps : int
            Number of updates, >= 0.

        Returns
        -------
        ndarray of shape (..., size)
            Where they end.

        Raises
        ------
        ValueError
            If `lr` or `steps` is out of range.
        """
        check_positive("lr", lr)
        check_count("steps", steps, least=0)
        trained = params.copy()
        for _ in range(steps):
            trained -= lr * self.loss_and_grad(trained, x, loss)[1]
        return trained


def mse(y: Array) -> Loss:
    """Return the mean squared error against `y`, a mean over examples and outputs.

    `y` has shape (n, n_out), or (..., n, n_out) for targets of each copy's own.
    """

    def loss(outputs: Array) -> tuple[Array, Array]:
        check_lead("outputs", outputs.shape, y.shape, own=2)
        gap = outputs - y
        count = gap.shape[-2] * gap.shape[-1]
        return (gap * gap).mean(axis=(-2, -1)), gap * (2 / count)

    return loss
