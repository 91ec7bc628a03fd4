"""Memory that is used over and over, for large results and for small tables.

Chapter: ``chapters/backprop.ipynb``. A step of training makes and drops the same
arrays as the step before. Memory that is new to the process is handed out by the
system page by page, each of them cleared first, and that takes longer than to fill
it with a sum. So large results are written where earlier ones lay: a thread keeps up
to `CAP` bytes for that. Tables of ones, masks and the like are made once and kept, up
to `TABLE` bytes of each kind. `forget` gives all of it back.
"""

import math
import sys
import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, cast

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.engine.recorded import beside

LARGE = 16_384  # numbers; fewer are left to NumPy
CAP = 2**28  # bytes (256 MiB) that a thread keeps at the most, in use or not
TABLE = 2**20  # bytes (1 MiB) that each function whose results are kept may hold
ENTRY = 512  # bytes of an array beside its numbers, and of the note of where it is

P = ParamSpec("P")


class _Pieces(threading.local):
    """Pieces of memory, in use or not, by the power of two that holds their bytes.

    Each thread has its own.
    """

    def __init__(self) -> None:
        self.groups: dict[int, list[Array]] = {}  # what was asked for last comes last
        self.nbytes = 0  # of all of them

    def keep(self, piece: Array, group: int) -> None:
        """Keep a piece if the cap allows it, rather than what was not asked for."""
        while self.nbytes + piece.nbytes > CAP:
            oldest = next(iter(self.groups))
            if oldest == group:
                return
            self.nbytes -= sum(old.nbytes for old in self.groups.pop(oldest))
        self.groups[group].append(piece)
        self.nbytes += piece.nbytes


_pieces = _Pieces()
_tables: list[Callable[[], None]] = []  # what empties each of them


def _free(pieces: list[Array], size: int, unused: int) -> int | None:
    """Return the place of a piece that only its list refers to, if there is one.

    One of at least `size` bytes comes before one that is too small.
    """
    small = None
    for i in range(len(pieces)):
        if sys.getrefcount(pieces[i]) == unused:
            if pieces[i].nbytes >= size:
                return i
            small = i
    return small


def _references_of_unused() -> int | None:
    """Return how many references `_free` counts of a piece that nobody holds.

    They are its list's and that of the question, which some versions of Python do not
    count. None if this Python does not count in a way that tells what is held from
    what is not: then nothing is used again.
    """
    if not hasattr(sys, "getrefcount"):
        return None
    held = np.empty(0)
    for n in range(9):
        if _free([np.empty(0)], 0, n) is not None:
            return n if _free([held], 0, n) is None else None
    return None


UNUSED = _references_of_unused()


def room(shape: tuple[int, ...], like: Array) -> Array:
    """Return an array to be overwritten, as ``np.empty`` does.

    A large one may lie where an earlier one lay that nobody holds any more, neither
    itself nor a view of it.

    Parameters
    ----------
    shape, dtype
        Of the array.

    Returns
    -------
    ndarray of that shape and dtype
        Contiguous, its numbers are arbitrary.
    """
    numbers = math.prod(shape)
    size = numbers * like.itemsize
    if numbers < LARGE or UNUSED is None or size > CAP or type(like) is not np.ndarray:
        return np.empty_like(like, order="C", shape=shape)
    group = size.bit_length()
    pieces = _pieces.groups.pop(group, [])
    _pieces.groups[group] = pieces  # now the last
    place = _free(pieces, size, UNUSED)
    if place is not None and pieces[place].nbytes >= size:
        piece = pieces[place]
    else:
        if place is not None:  # too small: a larger one takes its place
            _pieces.nbytes -= pieces.pop(place).nbytes
        piece = np.empty(size, dtype=np.uint8)
        _pieces.keep(piece, group)
    return piece[:size].view(like.dtype).reshape(shape)


def room_like(x: Array) -> Array | None:
    """Return `room` of the shape and dtype of `x` if that is large, else None.

    Meant for NumPy's ``out=``, to which None says: allocate.
    """
    return None if x.size < LARGE else room(x.shape, x)


def product(a: Array, b: Array) -> Array:
    """Multiply the matrices `a`, shape (n, k), and `b`, (k, m); a large result in room.

    The result has shape (n, m) and the dtype that NumPy gives it.
    """
    y: Array
    a = beside(a, b)
    if a.size < LARGE > b.size or a.dtype != b.dtype:
        y = a.dot(b)
    else:
        y = a.dot(b, out=room((len(a), b.shape[1]), a))
    return y


def kept(make: Callable[P, Array]) -> Callable[P, Array]:
    """Keep a function's results, arrays that nobody may write to, up to `TABLE` bytes.

    What would lead beyond that drives all the others out; a single array that is larger
    is kept alone.
    """
    held = 0

    @cache
    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Array:
        nonlocal held
        array = make(*args, **kwargs)
        array.flags.writeable = False
        held += array.nbytes + ENTRY
        if held > TABLE:
            made.cache_clear()
            held = array.nbytes + ENTRY
        return array

    _tables.append(made.cache_clear)
    return cast(Callable[P, Array], made)


def when_forgetting(empty: Callable[[], None]) -> None:
    """Let `forget` call `empty`, too."""
    _tables.append(empty)


def forget() -> None:
    """Give back all memory that this thread keeps, and all tables.

    Arrays that are in use stay as they are; their memory goes with them.
    """
    _pieces.groups.clear()
    _pieces.nbytes = 0
    for empty in _tables:
        empty()
