"""A mean with its standard deviation: one value, which prints as "2.30 ± 0.04"."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# What a format says of the mean alone: fill and alignment, sign, width.
_MEAN_ALONE = re.compile(r"^(?:.?[<>=^])?[-+ ]?(z?#?)\d*", re.DOTALL)


class MeanStd(NamedTuple):
    """A mean and a standard deviation in one unit, formatted together.

    Precision, grouping and type of a format such as ``,.2f`` serve both numbers. Sign
    and width are the mean's alone, so that a column of them lines up at the ±. What
    stands for a unit stands behind both: the type ``%``, or a ``°`` behind the type.

    Examples
    --------
    >>> f"{MeanStd(2.3012, 0.0417):.2f}", f"{MeanStd(0.382, 0.041):.0%}"
    ('2.30 ± 0.04', '38% ± 4%')
    >>> f"{MeanStd(38.2, 4.1):.0f°}", f"{MeanStd(0.052, 0.011):+6.2f}"
    ('38° ± 4°', ' +0.05 ± 0.01')
    """

    mean: float
    std: float

    def __format__(self, spec: str) -> str:
        unit = "°" if spec.endswith("°") else ""
        spec = spec.removesuffix(unit)
        shared = _MEAN_ALONE.sub(r"\1", spec)
        return f"{self.mean:{spec}}{unit} ± {self.std:{shared}}{unit}"

    def __str__(self) -> str:
        return format(self)


def mean_std(values: ArrayLike) -> MeanStd:
    """Return the mean of some values and their standard deviation.

    The deviation is that of a sample: the squares are divided by n − 1 and not by n
    (NumPy's ``ddof=1``), since the mean was fitted to the same values.

    Parameters
    ----------
    values : array-like of shape (n,)
        Finite real numbers, one for each seed or run; n >= 2, for a single one says
        nothing about how others would lie.

    Returns
    -------
    MeanStd
        Both, in the unit of the values.

    Raises
    ------
    ValueError
        If `values` has another shape, or holds anything but finite real numbers.

    Examples
    --------
    >>> mean_std([1, 2, 3])
    MeanStd(mean=2.0, std=1.0)
    """
    given = np.asarray(values)
    if given.ndim != 1 or given.size < 2:
        raise ValueError(f"values must have shape (n,), n >= 2, got {given.shape}")
    if given.dtype.kind not in "iuf":
        raise ValueError(f"values must be real numbers, got {values!r}")
    if not np.isfinite(given).all():
        raise ValueError(f"values must be finite, got {given}")
    numbers = given.astype(np.float64)
    return MeanStd(float(numbers.mean()), float(numbers.std(ddof=1)))
