"""Signs: one number that is read off a run, and the threshold where it tells.

Chapter: ``chapters/clinic.ipynb``. The table of them is in ``clinic_rule``.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from algollm_helpers.clinic_run import Run

LEAP = 0.5  # of the parameters' length; a longer update leaves little of them


class Sign(NamedTuple):
    """A row of the decision table: a number read off a run, and where it tells."""

    faults: tuple[str, ...]  # whose sign it is; several where it can't part them
    reads: tuple[str, ...]  # the instruments that it needs
    number: str  # what is read, in words
    read: Callable[[Run], float]  # the number; NaN where it does not apply
    above: bool  # whether it tells above the threshold, or below
    threshold: float
    reason: str  # why it lies there
    suspects: tuple[str, ...] = ()  # other faults that may show it
    next: str = ""  # what to measure next
    at_end: bool = False  # whether it can be read at the end of a run only

    @property
    def words(self) -> str:
        """The sign in words."""
        return f"{self.number} {self._relation} {self.threshold:g}"

    @property
    def _relation(self) -> str:
        return "is above" if self.above else "is below"

    def missing(self, run: Run) -> list[str]:
        """Return the instruments that it needs and the run does not have."""
        return [name for name in self.reads if not run.has(name)]

    def value(self, run: Run) -> float | None:
        """Return the number if the sign shows, and None if it does not."""
        if self.missing(run):
            return None
        number = self.read(run)
        shows = number > self.threshold if self.above else number < self.threshold
        return number if shows else None

    def found(self, value: float) -> str:
        """Return what was found, in words."""
        return f"{self.number} is {value:.3g}, {self._relation[3:]} {self.threshold:g}"


def _lost(run: Run) -> int:
    """Return the first row whose loss is no finite number, or -1."""
    rows = np.flatnonzero(~np.isfinite(run.loss))
    return int(rows[0]) if rows.size else -1


def lost(run: Run) -> float:
    """Return how many losses are no finite numbers."""
    return float((~np.isfinite(run.loss)).sum())


def growth_before_lost(run: Run) -> float:
    """Return how far the gradient's length had grown when the loss was lost."""
    row = _lost(run)
    if row < 1:
        return math.nan
    norm = run.all("grad_norm")[:row]
    return float(np.nanmax(norm) / norm[0])


def longest_update(run: Run) -> float:
    """Return the longest update, in lengths of the parameters."""
    return float(run.read("update_ratio").max())


def first_update(run: Run) -> float:
    """Return the first update, in lengths of the parameters."""
    return float(run.read("update_ratio")[0])


def path(run: Run) -> float:
    """Return the length of all updates together, in lengths of the parameters."""
    updates = run.step[-1] - run.step[0] + 1
    return float(run.read("update_ratio").mean() * updates)


def first_by_held_out(run: Run) -> float:
    """Return the first training loss by the held-out loss of the same parameters."""
    return float(run.loss[0] / run.all("valid")[0])


def first_by_even_guess(run: Run) -> float:
    """Return the first loss by ln V, what it costs to guess evenly."""
    return float(run.loss[0] / math.log(run.vocab_size or 1))


def last(run: Run) -> float:
    """Return the mean loss of the last tenth by the first loss."""
    tenth = max(1, len(run.loss) // 10)
    return float(run.loss[-tenth:].mean() / run.loss[0])


def highest(run: Run) -> float:
    """Return the highest loss by the first."""
    return float(run.loss.max() / run.loss[0])


def highest_after_leap(run: Run) -> float:
    """Return the highest loss by the first, if an update was a leap before."""
    return highest(run) if longest_update(run) > LEAP else math.nan


def last_without_leap(run: Run) -> float:
    """Return the last losses by the first, if no update was a leap."""
    return last(run) if longest_update(run) <= LEAP else math.nan


def lowest_held_out(run: Run) -> float:
    """Return the lowest held-out loss by the first, if the training loss halved."""
    valid = run.read("valid")
    return float(valid.min() / valid[0]) if last(run) < 0.5 else math.nan


def turn(run: Run) -> float:
    """Return the last held-out loss by the lowest."""
    valid = run.read("valid")
    return float(valid[-1] / valid.min())


def leak(run: Run) -> float:
    """Return how far a later token moves earlier logits, at most."""
    return float(run.read("leak").max())


def disagreement(run: Run) -> float:
    """Return how far the workers' gradients are from one and the same, at most."""
    return float(np.abs(run.read("agreement") - 1).max())


def agreement(run: Run) -> float:
    """Return the mean gradient's length by the mean of the lengths, at most."""
    return float(run.read("agreement").max())


def norm_grows(run: Run) -> float:
    """Return the gradient's length in the second and third tenth by the first."""
    tenth = max(1, len(run.step) // 10)
    early = run.all("grad_norm")[tenth : 3 * tenth]
    return (
        float(np.nanmedian(early) / run.all("grad_norm")[0]) if early.size else math.nan
    )


def least_moved(run: Run) -> float:
    """Return the longest update of the matrix that moves least, where others moved."""
    moved = run.all("least_ratio")[run.all("update_ratio") > 0]
    return float(np.nanmax(moved)) if moved.size else math.nan


def rate_gone(run: Run) -> float:
    """Return the share of updates at less than a hundredth of the highest rate."""
    return float((run.all("lr") < 0.01 * np.nanmax(run.all("lr"))).mean())


def last_rate(run: Run) -> float:
    """Return the last learning rate by the highest."""
    lr = run.read("lr")
    return float(lr[-1] / lr.max())


def clipped(run: Run) -> float:
    """Return the share of updates for which the gradient was shortened."""
    return float((run.all("used_norm") < 0.999 * run.all("grad_norm")).mean())


def while_new(run: Run) -> float:
    """Return the training by the held-out loss, from half a pass to two."""
    done = run.step * (run.passes or 0) / (run.step[-1] + 1)
    new = (done >= 0.5) & (done <= 2)
    held = run.all("valid")[new]
    held = held[~np.isnan(held)]
    return float(run.loss[new].mean() / held.mean()) if held.size else math.nan


def gap(run: Run) -> float:
    """Return how far the held-out loss ends above the training loss, after 3 passes."""
    if (run.passes or 0) < 3:
        return math.nan
    tenth = max(1, len(run.loss) // 10)
    return float(run.read("valid")[-1] - run.loss[-tenth:].mean())
