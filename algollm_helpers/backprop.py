"""Reverse-mode differentiation, on single numbers, to be read.

Chapter: ``chapters/backprop.ipynb``. A ``Value`` is one number that remembers how
it was made; the whole method fits on a page. The forward pass computes a number
and writes down, for each operation, its inputs and the slope of the result with
respect to each. The backward pass visits the operations in reverse and *adds up*
what arrives at each value, since one value may be used in several places.

Numbers are those of NumPy's float64: what has no answer, such as 0/0 or the root of
−8, is nan, what is too large is inf, and neither stops the forward pass or warns. So
Python's own arithmetic is used, and where that raises, NumPy is asked instead.

``Tensor``, in the module ``tensor`` and importable from here, is the same method
with a NumPy array in each node, so that one Python call does the work of thousands.
"""

import math

import numpy as np

from algollm_helpers.engine.tensor import Tensor as Tensor  # the engine, to be used


def topological_order(root: "Value") -> list["Value"]:
    """List `root` and all it was made from, each value after its parents.

    It keeps its own stack, so the depth of the graph is limited by memory and not
    by Python's recursion limit.
    """
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(root, False)]
    while stack:
        node, parents_are_listed = stack.pop()
        if parents_are_listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def _number(x: object) -> float:
    """Return a number of Python or NumPy as a float; a float32 stays what it is."""
    if isinstance(x, (float, int, np.integer, np.bool_)):
        return float(x)
    if isinstance(x, np.floating):
        return x  # type: ignore[return-value]
    raise TypeError(f"a Value is made of one real number, got {x!r}")


def _divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        with np.errstate(all="ignore"):
            return float(np.divide(a, b))


def _power(x: float, power: float) -> float:
    try:
        y = x**power
    except (ZeroDivisionError, OverflowError):
        with np.errstate(all="ignore"):
            return float(np.float64(x) ** power)
    return math.nan if isinstance(y, complex) else y


class Value:
    """One number, the numbers it was made from, and the slope along each edge.

    Parameters
    ----------
    data : float
        The number. A number of Python or NumPy, or a bool, becomes a float; a float32
        stays one, and is calculated with as NumPy does.
    parents, slopes : tuple, optional
        What it was made from, and the derivative of `data` with respect to each
        of them. The operations below fill them in; a leaf has none.

    Attributes
    ----------
    grad : float
        After ``root.backward()``: derivative of `root` with respect to this value. The
        slopes are those of the forward pass, whatever becomes of `data` afterwards.

    Examples
    --------
    >>> a = Value(3.0)
    >>> (a * a + a).backward()  # a is used three times: 2a + 1
    >>> a.grad
    7.0
    """

    __slots__ = ("data", "grad", "parents", "slopes")

    def __init__(
        self,
        data: float,
        parents: tuple["Value", ...] = (),
        slopes: tuple[float, ...] = (),
    ) -> None:
        self.data = data if type(data) is float else _number(data)
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        return f"Value({self.data:g}, grad={self.grad:g})"

    def __add__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        y = _divide(self.data, other.data)
        slopes = _divide(1.0, other.data), _divide(-y, other.data)
        return Value(y, (self, other), slopes)

    def __pow__(self, power: float) -> "Value":
        """Raise to a plain number; the slope of power 0 is 0 everywhere."""
        if not isinstance(power, (int, float, np.integer, np.floating)):
            raise TypeError(
                f"a power must be a plain number, got {power!r}; of two values it is "
                "(b * a.log()).exp()"
            )
        power = float(power)
        slope = power * _power(self.data, power - 1) if power else 0.0
        return Value(_power(self.data, power), (self,), (slope,))

    def exp(self) -> "Value":
        """Exponential; the slope is the result itself."""
        try:
            y = math.exp(self.data)
        except OverflowError:
            y = math.inf
        return Value(y, (self,), (y,))

    def log(self) -> "Value":
        """Natural logarithm; the slope is 1 / x, also where the logarithm is nan."""
        x = self.data
        y = math.log(x) if x > 0 else -math.inf if x == 0 else math.nan
        return Value(y, (self,), (_divide(1.0, x),))

    def tanh(self) -> "Value":
        """Hyperbolic tangent; the slope is 1 - tanh²."""
        y = math.tanh(self.data)
        return Value(y, (self,), (1.0 - y * y,))

    def relu(self) -> "Value":
        """max(x, 0); the slope at 0, where there is none, is set to 0; of nan, nan."""
        y = 0.0 if self.data <= 0 else self.data
        return Value(y, (self,), (1.0 if y > 0 else y,))

    def backward(self) -> None:
        """Give each value of this graph its `grad`.

        Leaves *add* to the `grad` that they have (set it to 0 to start afresh);
        inner values start from 0, so that calling this twice doubles the leaves
        and nothing worse.
        """
        order = topological_order(self)
        for node in order:
            if node.parents:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += slope * node.grad

    # The rest is made of the operations above.
    def __neg__(self) -> "Value":
        return self * -1.0

    def __sub__(self, other: "Value | float") -> "Value":
        return self + other * -1.0

    def __rsub__(self, other: float) -> "Value":
        return self * -1.0 + other

    def __rtruediv__(self, other: float) -> "Value":
        return Value(other) / self

    __radd__ = __add__
    __rmul__ = __mul__
