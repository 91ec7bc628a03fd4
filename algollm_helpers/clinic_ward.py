"""The ward: runs whose fault one is asked to name, in an order that hides it.

Chapter: ``chapters/clinic.ipynb``. Every fault of the clinic comes once, and some runs
with nothing wrong in them, of different settings.
"""

import random
from typing import NamedTuple

import numpy as np

from algollm_helpers import clinic
from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count

HEALTHY = "standard", "small batches", "a high rate"  # settings
TWIN = 999  # seed of the healthy run that others are seen beside
DIGITS = 4  # of what is shown


class Case(NamedTuple):
    """A run of the ward."""

    name: str  # of the fault, or `clinic.HEALTHY`
    setting: str
    seed: int

    def run(self) -> clinic.Run:
        """Make the run."""
        fault = None if self.name == clinic.HEALTHY else self.name
        return clinic.run(fault, seed=self.seed, setting=clinic.SETTINGS[self.setting])


def cases(seed: int = 0) -> list[Case]:
    """Return all cases, shuffled; each has a seed of its own.

    Parameters
    ----------
    seed : int, default: 0
        Of the order and, times 100, the first of those of the runs; >= 0.
    """
    check_count("seed", seed, least=0)
    kinds = [(name, "standard") for name in clinic.FAULTS]
    kinds += [(clinic.HEALTHY, setting) for setting in HEALTHY]
    random.Random(seed).shuffle(kinds)
    return [Case(*kind, 100 * seed + i) for i, kind in enumerate(kinds)]


def thinned(readings: Array, every: int) -> list[float | None]:
    """Return every so manieth reading and the last, rounded; None for no number.

    Parameters
    ----------
    readings : array, shape (n,)
        Of an instrument that was read at each step.
    every : int
        From one reading that is kept to the next; >= 1.

    Examples
    --------
    >>> thinned(np.array([3.29584, 2.0, np.nan, 1.0]), every=2)
    [3.296, None, 1.0]
    """
    check_count("every", every)
    kept = np.append(readings[:-1:every], readings[-1])
    return [float(f"{x:.{DIGITS}g}") if np.isfinite(x) else None for x in kept]
