"""What Python and NumPy may ask of a tensor beside arithmetic.

Chapter: ``chapters/backprop.ipynb``. Truth, length, comparisons and ``float(x)``
answer as those of an array do, in plain numbers, which have no slope. A function of
NumPy would lose the slope without a word, so it is refused, with a TypeError that says
what to write instead: ``np.exp(x)`` is ``x.exp()``. An array on the left of an
operator, ``array * x``, leaves the work to the tensor.
"""

from typing import Any, NoReturn

import numpy as np

from algollm_helpers.arrays import Array

OPERATORS = {  # NumPy's name -> the method if the tensor is on the left, on the right
    np.add: ("__add__", "__radd__"),
    np.subtract: ("__sub__", "__rsub__"),
    np.multiply: ("__mul__", "__rmul__"),
    np.true_divide: ("__truediv__", "__rtruediv__"),
    np.matmul: ("__matmul__", "__rmatmul__"),
    np.less: ("__lt__", "__gt__"),
    np.less_equal: ("__le__", "__ge__"),
    np.greater: ("__gt__", "__lt__"),
    np.greater_equal: ("__ge__", "__le__"),
    np.equal: ("__eq__", "__eq__"),
    np.not_equal: ("__ne__", "__ne__"),
}


class Interop:
    """The part of ``Tensor`` that is not differentiated."""

    __slots__ = ()
    data: Array

    def __bool__(self) -> bool:
        """Return the truth of a single number."""
        if self.data.size != 1:
            raise ValueError(
                f"the truth of {self!r} is not that of one number; use x.data.any() or "
                "x.data.all()"
            )
        return bool(self.data)

    def __float__(self) -> float:
        """Return a single number."""
        if self.data.size != 1:
            raise TypeError(f"float() takes one number, got {self!r}")
        return float(self.data.item())

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return len(self.data)

    def __getitem__(self, key: object) -> NoReturn:
        raise TypeError(
            "a Tensor can be neither indexed nor walked through: embedding(x, ids) "
            "takes rows, x.data[...] takes numbers without their slope"
        )

    # Comparisons, element by element, as arrays of bool.
    def __lt__(self, other: Any) -> Any:
        return self.data < other

    def __le__(self, other: Any) -> Any:
        return self.data <= other

    def __gt__(self, other: Any) -> Any:
        return self.data > other

    def __ge__(self, other: Any) -> Any:
        return self.data >= other

    def __eq__(self, other: object) -> Any:
        return self.data == other

    def __ne__(self, other: object) -> Any:
        return self.data != other

    __hash__ = object.__hash__  # by identity: the tape keeps nodes in sets

    # What NumPy asks.
    def __array__(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(
            f"an array would not know how {self!r} was made; its numbers are x.data"
        )

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
    ) -> Any:
        if ufunc not in OPERATORS or method != "__call__" or kwargs:
            how = "" if method == "__call__" else f".{method}"
            how += f" with {', '.join(kwargs)}" if kwargs else ""
            _refuse(self, ufunc.__name__, f"np.{ufunc.__name__}{how}")
        left, right = OPERATORS[ufunc]
        first, second = inputs
        if isinstance(first, Interop):
            return getattr(first, left)(second)
        return getattr(second, right)(first)

    def __array_function__(self, func: Any, *_: object) -> NoReturn:
        module = func.__module__.replace("numpy", "np", 1)
        _refuse(self, func.__name__, f"{module}.{func.__name__}")


def _refuse(x: Interop, name: str, asked: str) -> NoReturn:
    """Say which method of `x` has the name asked for, if one has."""
    method = getattr(x, name, None)
    call = f"x.{name}()" if callable(method) else f"x.{name}"
    instead = "its operators, or its numbers x.data" if method is None else call
    raise TypeError(f"{asked} does not take a Tensor; use {instead}")
