"""The kinds of arrays in the book's signatures, and products of stacks of them.

Shapes stand in the docstrings. The products are those that NumPy has under these names
from 2.2 on; the Python in the browser carries an older one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 or float64 numbers; complex only in a complex step
Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Ids = NDArray[np.intp]  # token numbers, indices
Mask = NDArray[np.bool_]


def matvec(matrices: Array, vectors: Array) -> Array:
    """Multiply matrices of shape (..., m, n) by vectors of shape (..., n): (..., m)."""
    return (matrices @ vectors[..., None])[..., 0]


def vecmat(vectors: Array, matrices: Array) -> Array:
    """Multiply vectors of shape (..., m) by matrices of shape (..., m, n): (..., n)."""
    return (vectors[..., None, :] @ matrices)[..., 0, :]
