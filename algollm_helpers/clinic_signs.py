"""Signs: one number that is read off a run, and the threshold where it tells.

Chapter: ``chapters/clinic.ipynb``. The table of them is in ``clinic_rule``.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from algollm_helpers.clinic_run import Run

LEAP = 0.25  # of the parameters' length; few of them survive longer updates
ROWS = 20  # that the end of a run takes at least; fewer are no run
NEAR = 11  # rows, a spike and its neighbours
MANY = 60  # rows, before a usual distance from them is known


class Sign(NamedTuple):
    """A row of the decision table: a number read off a run, and where it tells."""

    faults: tuple[str, ...]  # whose sign it is; several where it can't part them
    reads: tuple[str, ...]  # the instruments that it needs
    number: str  # what is read, in words
    read: Callable[[Run], float]  # the number; NaN where it does not apply
    reason: str  # why the threshold lies where it does
    above: float = math.inf  # the threshold, where the sign shows above it,
    below: float = -math.inf  # or below
    suspects: tuple[str, ...] = ()  # other faults that may show it
    next: str = ""  # what to measure next
    at_end: bool = False  # whether it tells at the end of a run only
    general: bool = True  # whether the threshold holds beyond the runs it was set on

    @property
    def words(self) -> str:
        """The sign in words."""
        return f"{self.number}, is {self._side}"

    @property
    def _side(self) -> str:
        above = math.isfinite(self.above)
        return f"above {self.above:g}" if above else f"below {self.below:g}"

    def missing(self, run: Run) -> list[str]:
        """Return the instruments that it needs and the run does not have."""
        return [name for name in self.reads if not run.has(name)]

    def value(self, run: Run) -> float | None:
        """Return the number if the sign shows, and None if it does not."""
        if self.missing(run) or (self.at_end and len(run.step) < ROWS):
            return None
        with np.errstate(all="ignore"):  # infinities are readings, too
            number = self.read(run)
        return number if number > self.above or number < self.below else None

    def found(self, value: float) -> str:
        """Return what was found, in words."""
        return f"{self.number}, is {value:.3g}: {self._side}"


def _first(run: Run) -> float:
    """Return the loss at the start; NaN if the log begins later, or a ratio is none."""
    fits = run.step[0] <= 1 and run.loss[0] > 0 and _is_ratio_scale(run)
    return float(run.loss[0]) if fits else math.nan


def _is_ratio_scale(run: Run) -> bool:
    """Tell whether losses can be divided: one below 0 is counted from nowhere."""
    return not (run.loss < 0).any()


def lost(run: Run) -> float:
    """Return how many losses are no finite numbers."""
    return float((~np.isfinite(run.loss)).sum())


def growth_before_lost(run: Run) -> float:
    """Return how far the gradient had grown when the loss was first NaN or infinite."""
    row = int(np.argmin(np.isfinite(run.loss)))
    norm = run.all("grad_norm")
    if not lost(run) or row == 0 or not norm[0] > 0:
        return math.nan
    return float(np.nanmax(norm[:row]) / norm[0])


def calm_before_lost(run: Run) -> float:
    """Return the same, if the five updates before were logged; NaN otherwise.

    Growth may hide between two rows, and what breaks at once had no time to grow.
    """
    row = int(np.argmin(np.isfinite(run.loss)))
    seen = row >= 5 and run.step[row] - run.step[row - 5] == 5
    return growth_before_lost(run) if seen else math.nan


def longest_update(run: Run) -> float:
    """Return the longest update, in lengths of the parameters."""
    return float(run.read("update_ratio").max())


def first_update(run: Run) -> float:
    """Return the first update, in lengths of the parameters."""
    return float(run.all("update_ratio")[0]) if run.step[0] <= 1 else math.nan


def first_update_by_rate(run: Run) -> float:
    """Return the first update, in lengths of the parameters, by its rate."""
    lr = float(run.all("lr")[0])
    return first_update(run) / lr if lr > 0 else math.nan


def path(run: Run) -> float:
    """Return all updates' lengths together, unless the loss has fallen by half."""
    if not fall(run) > 0.5:
        return math.nan
    updates = run.step[-1] - run.step[0] + 1
    return float(run.read("update_ratio").mean() * updates)


def first_by_held_out(run: Run) -> float:
    """Return the first training loss by the held-out loss of the same parameters."""
    return float(_first(run) / run.all("valid")[0])


def first_by_even_guess(run: Run) -> float:
    """Return the first loss by ln V, what it costs to guess evenly."""
    return float(_first(run) / np.log(run.vocab_size or 1))


def last(run: Run) -> float:
    """Return the mean loss of the last tenth by the first loss."""
    tenth = max(1, len(run.loss) // 10)
    return float(run.loss[-tenth:].mean()) / _first(run)


def fall(run: Run) -> float:
    """Return the mean loss of the last tenth by that of the first tenth."""
    tenth = max(1, len(run.loss) // 10)
    first = float(run.loss[:tenth].mean())
    fits = first > 0 and _is_ratio_scale(run)
    return float(run.loss[-tenth:].mean()) / first if fits else math.nan


def highest(run: Run) -> float:
    """Return the highest loss by the first."""
    return float(run.loss.max()) / _first(run)


def highest_after_leap(run: Run) -> float:
    """Return the highest loss by the first, if an update was a leap."""
    return highest(run) if longest_update(run) > LEAP else math.nan


def last_without_leap(run: Run) -> float:
    """Return the last losses by the first, if no update was a leap."""
    return last(run) if longest_update(run) <= LEAP else math.nan


def held_out_when_halved(run: Run) -> float:
    """Return the held-out loss by its first, as soon as the training loss has halved.

    The training loss is the mean of three rows.
    """
    valid = run.all("valid")
    if len(valid) < 3:
        return math.nan
    smooth = np.convolve(run.loss, np.ones(3) / 3, "valid")
    halved = np.flatnonzero(smooth < 0.5 * _first(run))
    after = valid[halved[0] + 1 :] if halved.size else valid[:0]
    after = after[~np.isnan(after)]
    return float(after[0] / valid[0]) if after.size else math.nan


def turn(run: Run) -> float:
    """Return the last held-out loss by the lowest, if the training loss has fallen.

    Not if that loss rose to three times its first between; then nothing was learnt.
    """
    valid, fallen = run.read("valid"), fall(run) < 0.95
    learnt = fallen and valid.min() > 0 and run.loss.max() <= 3 * run.loss[0]
    return float(valid[-1] / valid.min()) if learnt else math.nan


def lowest_held_out(run: Run) -> float:
    """Return the lowest held-out loss by the first."""
    valid = run.all("valid")
    return float(np.nanmin(valid) / valid[0]) if run.step[0] <= 1 else math.nan


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
    """Return the gradient's length in the second and third tenth by the first.

    Only if the loss stayed within ten times its start, else it is no surprise; and not
    where `agreement` was read, which tells the same exactly.
    """
    if run.has("agreement"):
        return math.nan
    tenth, norm = max(1, len(run.step) // 10), run.all("grad_norm")
    early = norm[tenth : 3 * tenth]
    early = early[~np.isnan(early)]
    starts = highest(run) <= 10 and norm[0] > 0 and early.size > 0
    return float(np.median(early) / norm[0]) if starts else math.nan


def least_moved(run: Run) -> float:
    """Return the longest update of the matrix that moves least, where others moved."""
    moved = run.all("least_ratio")[run.all("update_ratio") > 0]
    moved = moved[~np.isnan(moved)]
    return float(moved.max()) if moved.size else math.nan


def rate_gone(run: Run) -> float:
    """Return the share of updates at less than a hundredth of the highest rate."""
    lr = run.read("lr")
    return float((lr < 0.01 * lr.max()).mean())


def last_rate(run: Run) -> float:
    """Return the last learning rate by the highest."""
    lr = run.read("lr")
    return float(lr[-1] / lr.max()) if lr.max() > 0 else math.nan


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


def spike(run: Run) -> float:
    """Return the highest spike, in its distances that rows usually keep.

    The distance of a row is that from the median of the eleven around it; a spike is
    above, and the loss comes back.
    """
    if len(run.loss) < MANY:
        return math.nan
    windows = np.lib.stride_tricks.sliding_window_view(run.loss, NEAR)
    away = run.loss[NEAR // 2 : -(NEAR // 2)] - np.median(windows, axis=-1)
    usual = float(np.median(np.abs(away)))
    return float(away.max() / usual) if usual > 0 else math.nan
