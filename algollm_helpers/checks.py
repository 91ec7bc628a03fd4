"""The checks of arguments, each written once: what is refused, and in which words.

A refusal is a ValueError that says the argument's name, what was expected and what
came. A whole number is Python's int or NumPy's; a float is none, not even 3.0. A bool
is no number at all, and NaN lies in no range. An array may hold floats, whole numbers
or bools, which count as 0 and 1; strings, objects and complex numbers are refused.

A learning rate that somebody sets is > 0. One that a schedule gives may be 0, since a
schedule that falls and falls ends there: an optimiser then makes a step of length 0.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from algollm_helpers.arrays import Array

WHOLE = int, np.integer
REAL = float, int, np.floating, np.integer
MOST = 2**31 - 1  # of what is counted one by one; more is a slip of the hand


def check_count(name: str, number: object, *, least: int = 1, most: int = MOST) -> None:
    """Refuse what is not a whole number of at least `least`, and at most `most`."""
    whole = number if type(number) is int else _whole(name, number)
    if whole < least:
        raise ValueError(f"{name} must be >= {least}, got {whole}")
    if whole > most:
        raise ValueError(f"{name} must be at most {most:,}, got {whole:,}")


def check_within(name: str, number: object, first: int, last: int) -> None:
    """Refuse what is not one of the whole numbers from `first` to `last`."""
    whole = number if type(number) is int else _whole(name, number)
    if not first <= whole <= last:
        raise ValueError(f"{name} must lie in {first} … {last}, got {number}")


def check_positive(name: str, number: object, *, or_zero: bool = False) -> None:
    """Refuse what is not a finite number > 0, or >= 0 if `or_zero`."""
    real = number if type(number) is float else _real(name, number)
    if not (0 < real < math.inf or (or_zero and real == 0)):
        sign = ">=" if or_zero else ">"
        raise ValueError(f"{name} must be finite and {sign} 0, got {number}")


def check_all_positive(name: str, array: Array, *, or_zero: bool = False) -> None:
    """Refuse an array that holds what `check_positive` refuses."""
    low = array >= 0 if or_zero else array > 0
    if not (low & (array < np.inf)).all():
        sign = ">=" if or_zero else ">"
        raise ValueError(f"{name} must be finite and {sign} 0, got {array}")


def check_number(name: str, number: object) -> None:
    """Refuse what is not a finite number."""
    if not math.isfinite(_real(name, number)):
        raise ValueError(f"{name} must be finite, got {number}")


def check_share(name: str, number: object, *, or_zero: bool = False) -> None:
    """Refuse what is not a number between 0 and 1, or 0 itself if `or_zero`."""
    real = number if type(number) is float else _real(name, number)
    if not (0 < real < 1 or (or_zero and real == 0)):
        start = "[" if or_zero else "("
        raise ValueError(f"{name} must be in {start}0, 1), got {number}")


def _whole(name: str, number: object) -> int:  # the usual int does not come here
    if not isinstance(number, WHOLE) or isinstance(number, bool):
        raise ValueError(f"{name} must be a whole number, got {number!r}")
    return int(number)


def _real(name: str, number: object) -> float:
    if not isinstance(number, REAL) or isinstance(number, bool):
        raise ValueError(f"{name} must be a number, got {number!r}")
    try:
        return float(number)
    except OverflowError:  # a whole number beyond all floats
        return math.inf if number > 0 else -math.inf


def real_array(name: str, numbers: ArrayLike, dtype: DTypeLike = np.float64) -> Array:
    """Return an array of that float type, or refuse what holds no real numbers.

    A float array of the type is returned as it is, not copied.
    """
    array = np.asarray(numbers)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got {numbers!r}")
    return array.astype(dtype, copy=False)


def check_finite(name: str, array: Array) -> None:
    """Refuse an array that is empty or holds NaN or an infinity."""
    if array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers, got {array}")


def check_shape(name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    """Refuse a `shape` that is not the one `expected`."""
    if shape != expected:
        raise ValueError(f"{name} must have shape {expected}, got {shape}")


def check_lead(
    name: str, shape: tuple[int, ...], expected: tuple[int, ...], *, own: int
) -> None:
    """Refuse a `shape` that no array of the shape `expected` belongs to.

    The last `own` axes are those of one thing, and must be the same. The axes before
    them count things: `expected` has the same, or 1, or none.
    """
    check_shape(f"the last axes of {name}", shape[-own:], expected[-own:])
    lead, given = shape[:-own], expected[:-own]
    if len(given) > len(lead) or any(
        theirs not in (1, ours)
        for ours, theirs in zip(reversed(lead), reversed(given), strict=False)
    ):
        raise ValueError(f"{name} of shape {shape} do not go with {expected}")


def check_weights(name: str, array: Array) -> None:
    """Refuse weights of which no mean can be taken."""
    if not (array >= 0).all() or not 0 < array.sum() < np.inf:
        raise ValueError(f"{name} must be finite, >= 0 and not all 0, got {array}")


def check_update(
    params: Array, grad: Array, lr: float, state: Array | None = None
) -> None:
    """Refuse what makes no update of flat arrays: a rate, or shapes that differ.

    The arrays hold floats, since the square of a short integer wraps.
    """
    check_positive("lr", lr, or_zero=True)
    if params.ndim != 1 or params.shape != grad.shape:
        raise ValueError(
            f"params and grad must share a shape (d,), got {params.shape} and "
            f"{grad.shape}"
        )
    if not params.dtype.kind == grad.dtype.kind == "f":
        name, array = ("grad", grad) if params.dtype.kind == "f" else ("params", params)
        raise ValueError(f"{name} must hold floats, got dtype {array.dtype}")
    if state is not None:
        check_shape("params", params.shape, state.shape)
