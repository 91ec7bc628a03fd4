"""Checked ids, and the tables that operations look things up in, each made once.

Chapter: ``chapters/backprop.ipynb``. A step of training asks for the same masks,
ones and shares as the step before, so `memory` keeps them; nobody may write to them.
What is kept is bounded in bytes, whatever lengths and vocabularies a run meets.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array, Ids
from algollm_helpers.checks import check_shape, check_weights
from algollm_helpers.engine.memory import LARGE, kept
from algollm_helpers.engine.recorded import Recorded, beside
from algollm_helpers.engine.tape import Node

INDEX = np.dtype(np.intp)
FEW = 64  # whole numbers; Python is through so few before NumPy has started
ALPHABET = 128  # tokens; up to so many, a product with one-hot rows is the fastest sum


def checked_ids(ids: ArrayLike, n: int, name: str) -> Ids:
    """Return `ids`, of any shape, as indices, all known to lie in 0 … n − 1.

    Raises
    ------
    ValueError
        With `name`, if they are no integers, or one lies elsewhere.
    """
    array = np.asanyarray(ids)
    if array.dtype != INDEX:
        if array.dtype.kind not in "iu":
            raise ValueError(f"{name} must be integers, got dtype {array.dtype}")
        array = array.astype(INDEX)
    if isinstance(array, Recorded) and array.checked:
        return array
    low, high = _ends(array)
    if low < 0 or high >= n:
        raise ValueError(f"{name} must lie in 0 … {n - 1}, got {low} … {high}")
    return array


def _ends(ids: Ids) -> tuple[int, int]:
    """Return the smallest and the largest number, (0, 0) of none."""
    if 0 < ids.size < FEW:
        numbers = ids.tolist() if ids.ndim == 1 else ids.ravel().tolist()
        return min(numbers), max(numbers)
    return int(ids.min(initial=0)), int(ids.max(initial=0))


def one_hot(ids: Ids, n: int, dtype: np.dtype[Any]) -> Array:
    """Return for each of `ids`, shape (m,), a row with 1 at its place: shape (m, n)."""
    return beside(_identity(n, dtype), ids).take(ids, axis=0)


def receive_rows(table: Node, ids: Ids, g: Array) -> None:
    """Let each row of `table`, shape (n, C), receive the sum of its rows of `g`.

    Parameters
    ----------
    table : Node of shape (n, C)
        Whose gradient it is.
    ids : ndarray of int, shape (m,)
        Which row of `table` each row of `g` belongs to.
    g : ndarray of shape (m, C)
        The rows; those of one id are added up.
    """
    n = len(table.data)
    if n <= ALPHABET:
        table.receive_product(one_hot(ids, n, g.dtype).T, g)
    else:  # one-hot rows would take m n numbers, and the identity n²
        grad = np.zeros(table.data.shape, g.dtype)
        np.add.at(grad, ids, g)
        table.receive(grad)


@kept
def _identity(n: int, dtype: np.dtype[Any]) -> Array:
    """Return the identity matrix, shape (n, n), whose rows are one-hot vectors."""
    return np.eye(n, dtype=dtype)


def shares(weights: ArrayLike | None, n: int, dtype: np.dtype[Any]) -> Array:
    """Return what each of `n` rows contributes to a mean, shape (n,).

    That is 1 / n, or its share of `weights`, which hold n numbers, in any shape.
    """
    if weights is None:
        return even_shares(n, dtype)
    if isinstance(weights, Recorded) and weights.checked:
        return weights.ravel()
    array = np.asarray(weights, dtype=dtype).ravel()
    check_shape("weights", array.shape, (n,))
    check_weights("weights", array)
    shares: Array = array / array.sum()
    return shares


@kept
def even_shares(n: int, dtype: np.dtype[Any]) -> Array:
    """Return equal numbers that add up to 1, shape (n,)."""
    shares: Array = ones(n, dtype) / n
    return shares


@kept
def row_starts(n: int, width: int) -> Ids:
    """Return where in a flat array rows of `width` numbers start, shape (n,)."""
    return np.arange(0, n * width, width, dtype=np.intp)


@kept
def ones(n: int, dtype: np.dtype[Any]) -> Array:
    """Return ones, shape (n,): a product with them is faster than a sum of rows."""
    return np.ones(n, dtype=dtype)


def causal_bias(n_head: int, T: int, dtype: np.dtype[Any]) -> Array:
    """Return 0 where row t may look (columns 0 to t) and −∞ where it may not.

    Shape (1, H, T, T). NumPy adds arrays of equal shape without a look at the shape,
    so small ones are kept as they are. In a large one each row is a view of the same
    2 T − 1 numbers, zeros and then −∞, begun one place earlier than the row above.
    """
    if n_head * T * T < LARGE:
        return _small_bias(n_head, T, dtype)
    edge = np.full(2 * T - 1, -np.inf, dtype)
    edge[:T] = 0.0
    edge.flags.writeable = False
    last, size = (T - 1) * edge.itemsize, edge.itemsize
    strides = (0, 0, -size, size)
    return np.ndarray((1, n_head, T, T), dtype, edge, offset=last, strides=strides)


@kept
def _small_bias(n_head: int, T: int, dtype: np.dtype[Any]) -> Array:
    """Return `causal_bias` as an array of its own."""
    return np.triu(np.full((1, n_head, T, T), -np.inf, dtype=dtype), k=1)
