"""Memory for large results, used over and over.

Chapter: ``chapters/backprop.ipynb``. A step of training makes and drops the same
arrays as the step before. Memory that is new to the process is handed out by the
system page by page, each of them cleared first, and that takes longer than to fill
it with a sum. So large results are written where earlier ones lay.
"""

import math
import sys
import threading
from typing import Any

import numpy as np

from algollm_helpers.arrays import Array

LARGE = 16_384  # numbers; fewer are left to NumPy


class _Pieces(threading.local):
    """Pieces of memory by size in bytes, in use or not; each thread has its own."""

    def __init__(self) -> None:
        self.of_size: dict[int, list[Array]] = {}


_pieces = _Pieces()


def _free(pieces: list[Array], unused: int) -> Array | None:
    """Return a piece that only its list refers to, if there is one."""
    for piece in pieces:
        if sys.getrefcount(piece) == unused:
            return piece
    return None


# The references that `_free` counts of such a piece: its list's, and those of the loop
# and of the question, whose number differs between versions of Python.
UNUSED = next(n for n in range(9) if _free([np.empty(0)], n) is not None)


def room(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return an array to be overwritten, as ``np.empty`` does.

    A large one may lie where an earlier one lay that nobody holds any more, neither
    itself nor a view of it.
    """
    if math.prod(shape) < LARGE:
        return np.empty(shape, dtype)
    size = math.prod(shape) * dtype.itemsize
    rounded = 1 << (size - 1).bit_length()  # so that arrays of many sizes can share
    pieces = _pieces.of_size.setdefault(rounded, [])
    piece = _free(pieces, UNUSED)
    if piece is None:
        piece = np.empty(rounded, dtype=np.uint8)
        pieces.append(piece)
    return piece[:size].view(dtype).reshape(shape)


def room_like(x: Array) -> Array | None:
    """Return `room` for a large array like `x`; None for a small one.

    Meant for NumPy's ``out=``, to which None says: allocate.
    """
    return None if x.size < LARGE else room(x.shape, x.dtype)


def product(a: Array, b: Array) -> Array:
    """Multiply two matrices."""
    y: Array
    if a.size < LARGE > b.size:
        y = a.dot(b)
    else:
        y = a.dot(b, out=room((len(a), b.shape[1]), np.result_type(a, b)))
    return y
