"""Reverse-mode differentiation on NumPy arrays, to be used.

Chapter: ``chapters/backprop.ipynb``, which builds the same method on single numbers
(``backprop.Value``) and then lets an array take the place of the number. Each
operation stands with its backward rule below it; the sweep that calls the rules is
in ``tape``, the fused operations of a transformer are in ``layers``.
"""

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array
from algollm_helpers.engine.interop import Interop
from algollm_helpers.engine.memory import room_like
from algollm_helpers.engine.tape import Node, result


class Tensor(Interop, Node):
    """An array that remembers how it was made.

    Parameters
    ----------
    data : array-like
        Numbers of any shape. A float array is used as it is, not copied; integers
        become float64.
    needs_grad : bool
        False makes it a constant. Plain arrays and numbers that meet a `Tensor` in
        an operation become constants.
    grad_buffer : array, optional
        Where this leaf's gradient is to be written, for example a view into one
        flat array that holds the gradients of a whole model.

    Attributes
    ----------
    grad : array or None
        Derivative of the root with respect to this leaf, same shape as `data`;
        None before the first backward pass. A second graph adds to it; set it to
        None to start afresh. Only leaves keep theirs.

    Notes
    -----
    The way back reads the arrays that the way forward has used, and they are not
    copied, for that would double the memory of a model. So between a forward pass and
    its ``backward()`` no array may be changed in place: after ``w.data *= 10`` the
    gradients would be those of a mixture of old and new numbers, without a word. Make
    a new one, ``w.data = w.data * 10``, which leaves the old graph as it was, or wait
    until ``backward()`` is over, as an optimiser does.

    Examples
    --------
    >>> w = Tensor([1.0, -2.0])
    >>> (w * w * 3.0).sum().backward()
    >>> w.grad.tolist()
    [6.0, -12.0]
    """

    __slots__ = ()

    # Arithmetic, with NumPy's broadcasting.
    def __add__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, as_tensor(other, like=self)

        def rule(g: Array) -> None:
            a.receive(unbroadcast(g, a.shape))
            b.receive(unbroadcast(g, b.shape))

        return result(a.data + b.data, (a, b), rule)

    def __mul__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, as_tensor(other, like=self)
        x, y = a.data, b.data

        def rule(g: Array) -> None:
            if a.needs_grad:
                a.receive(unbroadcast(g * y, x.shape))
            if b.needs_grad:
                b.receive(unbroadcast(g * x, y.shape))

        return result(x * y, (a, b), rule)

    def __truediv__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, as_tensor(other, like=self)
        below = b.data
        y = a.data / below

        def rule(g: Array) -> None:
            a.receive(unbroadcast(g / below, a.shape))
            if b.needs_grad:
                b.receive(unbroadcast(g * (-y / below), b.shape))

        return result(y, (a, b), rule)

    def __pow__(self, power: float) -> "Tensor":
        if not isinstance(power, (int, float, np.integer, np.floating)):
            raise TypeError(f"a power must be a plain number, got {power!r}")
        power = float(power)  # NumPy's own would make float32 wider
        x = self.data

        def rule(g: Array) -> None:
            if power:
                self.receive(g * (power * x ** (power - 1)))
            else:
                self.receive(np.zeros_like(g))

        return result(x**power, (self,), rule)

    def __matmul__(self, other: "Tensor | ArrayLike") -> "Tensor":
        """Matrix product of shapes (..., n, k) and (..., k, m); `...` broadcasts."""
        a, b = self, as_tensor(other, like=self)
        if a.data.ndim < 2 or b.data.ndim < 2:
            raise ValueError(f"@ needs at least two axes, got {a.shape} and {b.shape}")
        x, y = a.data, b.data

        def rule(g: Array) -> None:
            if a.needs_grad:
                a.receive(unbroadcast(g @ y.mT, x.shape))
            if b.needs_grad:
                b.receive(unbroadcast(x.mT @ g, y.shape))

        return result(x @ y, (a, b), rule)

    def __neg__(self) -> "Tensor":
        return self * -1.0

    def __sub__(self, other: "Tensor | ArrayLike") -> "Tensor":
        return self + as_tensor(other, like=self) * -1.0

    def __rsub__(self, other: ArrayLike) -> "Tensor":
        return self * -1.0 + other

    def __rtruediv__(self, other: ArrayLike) -> "Tensor":
        return as_tensor(other, like=self) / self

    def __rmatmul__(self, other: ArrayLike) -> "Tensor":
        return as_tensor(other, like=self) @ self

    __radd__ = __add__
    __rmul__ = __mul__

    # One function, element by element.
    def exp(self) -> "Tensor":
        """Exponential of each element; the shape stays."""
        y = np.exp(self.data)
        return result(y, (self,), lambda g: self.receive(g * y))

    def log(self) -> "Tensor":
        """Natural logarithm of each element; the shape stays."""
        x = self.data
        return result(np.log(x), (self,), lambda g: self.receive(g / x))

    def tanh(self) -> "Tensor":
        """Hyperbolic tangent of each element; the shape stays."""
        y = np.tanh(self.data)
        return result(y, (self,), lambda g: self.receive(g * (1.0 - y * y)))

    def relu(self) -> "Tensor":
        """max(x, 0) of each element; the slope at 0 is set to 0, that of nan is nan."""
        x = self.data
        y = np.maximum(x, 0, out=room_like(x))

        def rule(g: Array) -> None:
            slope = np.sign(y, out=room_like(y))  # 1 where x > 0, else 0
            self.receive(np.multiply(g, slope, out=room_like(g)))

        return result(y, (self,), rule)

    # Sums and shapes.
    def sum(self, axis: int | tuple[int, ...] | None = None) -> "Tensor":
        """Sum over `axis`, which disappears; over all by default, to shape ()."""
        y = np.asanyarray(self.data.sum(axis=axis))

        def rule(g: Array) -> None:
            g = g if axis is None else np.expand_dims(g, axis)
            self.receive(np.broadcast_to(g, self.shape))

        return result(y, (self,), rule)

    def mean(self, axis: int | tuple[int, ...] | None = None) -> "Tensor":
        """Mean over `axis`, which disappears; over all by default, to shape ()."""
        total = self.sum(axis)
        if not self.data.size:
            raise ValueError(f"mean of an empty array, shape {self.shape}")
        return total * (total.data.size / self.data.size)

    def reshape(self, *shape: int) -> "Tensor":
        """Give the same numbers the shape `shape`; -1 stands for what is left."""
        return result(
            self.data.reshape(shape),
            (self,),
            lambda g: self.receive(g.reshape(self.shape)),
        )

    def transpose(self, *axes: int) -> "Tensor":
        """Reorder all axes: axis ``axes[i]`` becomes axis ``i``; none is left out."""
        inverse = np.argsort([axis % self.data.ndim for axis in axes])
        return result(
            self.data.transpose(axes),
            (self,),
            lambda g: self.receive(g.transpose(inverse)),
        )


def as_tensor(x: "Tensor | ArrayLike", *, like: Tensor) -> Tensor:
    """Return `x` if it is a Tensor, else a constant, dtype that of `like`."""
    if isinstance(x, Tensor):
        return x
    constant = Tensor(x, needs_grad=False)
    dtype = like.data.dtype
    if constant.data.dtype.kind == "c" and dtype.kind != "c":
        raise TypeError(f"{like!r} takes real numbers, got {x!r}")
    constant.data = constant.data.astype(dtype, copy=False)
    return constant


def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sum `grad` over the axes along which an operand was repeated, to its `shape`."""
    if grad.shape == shape:
        return grad
    extra = grad.ndim - len(shape)
    repeated = tuple(i + extra for i, size in enumerate(shape) if size == 1)
    summed: Array = grad.sum(axis=(*range(extra), *repeated))
    return summed.reshape(shape)
