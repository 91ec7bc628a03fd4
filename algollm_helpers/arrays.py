"""The kinds of arrays in the book's signatures; shapes stand in the docstrings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 or float64 numbers; complex only in a complex step
Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Ids = NDArray[np.intp]  # token numbers, indices
Mask = NDArray[np.bool_]
