"""The rule of the clinic: from what instruments showed to a diagnosis.

Chapter: ``chapters/clinic.ipynb``. The rule is a table, `SIGNS`, read from top to
bottom: the first sign that shows decides. It knows nothing of a run but what its
instruments showed, and passes over the signs whose instruments are missing.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Array, Float64
from algollm_helpers.checks import check_shape

HEALTHY = "healthy"
UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What instruments showed; one that was not there is None.

    Parameters
    ----------
    step : array of int, shape (n,)
        Number of the update, rising. Not every update need be there.
    loss : array, shape (n,)
        Nats per token on what was read, before the update; NaN and infinities are
        readings, too.
    valid : array, shape (n,), optional
        Loss on held-out documents before the update; NaN where it was not measured.
    lr : array, shape (n,), optional
        Learning rate.
    grad_norm, used_norm : array, shape (n,), optional
        Length of the gradient as the backward pass left it, and as the optimiser got
        it, after clipping.
    update_ratio, least_ratio : array, shape (n,), optional
        Length of the update divided by that of the parameters: of all of them, and of
        the matrix for which this is least.
    agreement : array, shape (n,), optional
        Length of the workers' mean gradient divided by the mean of their lengths.
    leak : array, shape (n,), optional
        How far a later token moves earlier logits; NaN where it was not measured.
    vocab_size : int, optional
        Number of tokens of the alphabet.
    passes : float, optional
        How often the run read its text.
    sample : tuple of str
        Documents that the model wrote at the end.
    """

    step: Array
    loss: Array
    valid: Array | None = None
    lr: Array | None = None
    grad_norm: Array | None = None
    used_norm: Array | None = None
    update_ratio: Array | None = None
    least_ratio: Array | None = None
    agreement: Array | None = None
    leak: Array | None = None
    vocab_size: int | None = None
    passes: float | None = None
    sample: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.step) == 0:
            raise ValueError("a run must hold at least one step, got none")
        for field in fields(self)[1:10]:
            array = getattr(self, field.name)
            if array is not None:
                check_shape(field.name, np.shape(array), np.shape(self.step))

    def has(self, instrument: str) -> bool:
        """Tell whether an instrument was there and has shown at least one number."""
        shown = getattr(self, instrument)
        if shown is None:
            return False
        return instrument == "loss" or not np.isnan(shown).all()


class Diagnosis(NamedTuple):
    """What the rule says of a run."""

    name: str  # of the fault, `HEALTHY` or `UNCLEAR`
    sign: str  # what showed, with its numbers
    suspects: tuple[str, ...]  # other faults that may look like this
    next: str  # what to measure next; "" if nothing would tell more


class Sign(NamedTuple):
    """A row of the decision table."""

    fault: str  # what the sign is of; UNCLEAR if it is of several
    reads: tuple[str, ...]  # instruments, and numbers of the run
    sign: str  # in words, threshold included
    reason: str  # why the threshold lies there
    shows: Callable[[Run], bool]
    suspects: tuple[str, ...] = ()
    next: str = ""


def diagnose(run: Run) -> Diagnosis:
    """Return the first sign of the table that shows, and whose it is.

    With fewer instruments fewer faults can be named; ``next`` then says which
    instrument would tell more.
    """
    for row in SIGNS:
        if all(run.has(name) for name in row.reads) and row.shows(run):
            return Diagnosis(row.fault, row.sign, row.suspects, row.next)
    unseen = {
        row.fault: [name for name in row.reads if not run.has(name)]
        for row in SIGNS
        if row.fault != UNCLEAR
    }
    seen = {row.fault for row in SIGNS if all(map(run.has, row.reads))}
    blind = {fault: names for fault, names in unseen.items() if fault not in seen}
    return Diagnosis(HEALTHY, "no sign of the table shows", tuple(blind), _most(blind))


def _most(blind: dict[str, list[str]]) -> str:
    """Return the instrument for want of which most faults can't be seen."""
    wanted = [name for names in blind.values() for name in names]
    return max(dict.fromkeys(wanted), key=wanted.count) if wanted else ""


# What the signs read off a run.


def _known(readings: Array | None) -> Float64:
    """The readings that were taken."""
    array = np.asarray(readings, float)
    return array[~np.isnan(array)]


def _tenth(run: Run) -> int:
    return max(1, len(run.step) // 10)


def _start(run: Run) -> float:
    return float(run.loss[0])


def _end(run: Run) -> float:
    return float(np.mean(run.loss[-_tenth(run) :]))


def _highest(run: Run) -> float:
    return float(np.max(run.loss) / _start(run))


def _lost(run: Run) -> bool:
    return not np.isfinite(run.loss).all()


def _calm(run: Run) -> bool:
    """Tell whether neither loss nor gradient had grown when the loss was lost."""
    last = int(np.flatnonzero(~np.isfinite(run.loss))[0])
    grown = np.asarray(run.grad_norm)[:last] > 10 * np.asarray(run.grad_norm)[0]
    return (
        last > 0 and not grown.any() and bool((run.loss[:last] < 2 * _start(run)).all())
    )


def _leaps(run: Run) -> int:
    """How many updates were longer than a quarter of the parameters."""
    return int((_known(run.update_ratio) > 0.25).sum())


def _moves(run: Run) -> Array:
    """Where the parameters moved at all."""
    return np.asarray(run.update_ratio) > 0


def _first_pass(run: Run) -> float:
    """The training loss by the held-out loss, over most of the first pass."""
    done = np.asarray(run.step) * (run.passes or 0.0) / (run.step[-1] + 1)
    first = (done >= 0.25) & (done <= 1)
    held = _known(np.asarray(run.valid)[first])
    return float(np.mean(run.loss[first]) / held.mean()) if held.size else 1.0


def _gap(run: Run) -> float:
    return float(_known(run.valid)[-1] - _end(run))


def _norm_grows(run: Run) -> bool:
    norm = np.asarray(run.grad_norm)
    return bool(np.median(norm[_tenth(run) : 3 * _tenth(run)]) > 3 * norm[0])


def _lr_share(run: Run) -> Float64:
    """Each learning rate by the highest."""
    lr = np.asarray(run.lr)
    return np.asarray(lr / lr.max())


SIGNS = [
    Sign(
        "Adam's sums in float16",
        ("loss", "grad_norm"),
        "the loss is NaN, and neither it nor the gradient had grown before",
        "a run that comes apart by too long steps grows first",
        lambda run: _lost(run) and _calm(run),
        ("rate too high",),
        "the smallest square that the number format holds",
    ),
    Sign(
        "rate too high",
        ("loss", "grad_norm"),
        "the loss is NaN, after it or the gradient had grown",
        "ten times the first gradient, twice the first loss",
        _lost,
        ("uphill",),
        "the first ten updates, at a tenth of the rate",
    ),
    Sign(
        UNCLEAR,
        ("loss",),
        "the loss is NaN",
        "",
        _lost,
        ("Adam's sums in float16", "rate too high"),
        "grad_norm",
    ),
    Sign(
        "update of a copy",
        ("update_ratio",),
        "no update has moved a parameter",
        "0 is exact: nothing was rounded",
        lambda run: not _moves(run).any(),
    ),
    Sign(
        "accumulation not divided",
        ("loss", "valid"),
        "before any update the training loss is more than 1.5 times the held-out loss",
        "both are means over documents the model does not know",
        lambda run: _start(run) > 1.5 * run.valid[0],
    ),
    Sign(
        "start too wide",
        ("loss", "vocab_size"),
        "the first loss is above 1.2 ln V",
        "to guess evenly costs ln V; a start may be surer only if it is wrongly sure",
        lambda run: _start(run) > 1.2 * np.log(run.vocab_size),
        ("accumulation not divided",),
        "valid",
    ),
    Sign(
        "rate too high",
        ("loss", "update_ratio"),
        "the loss passes twice its start, and more than four updates were longer than a "
        "quarter of the parameters",
        "",
        lambda run: _highest(run) > 2 and _leaps(run) > 4,
    ),
    Sign(
        "uphill",
        ("loss", "update_ratio"),
        "the loss ends above twice its start, by updates of ordinary length",
        "",
        lambda run: _end(run) > 2 * _start(run),
    ),
    Sign(
        UNCLEAR,
        ("loss",),
        "the loss ends above its start",
        "",
        lambda run: _end(run) > 1.1 * _start(run),
        ("rate too high", "uphill"),
        "update_ratio",
    ),
    Sign(
        "targets not shifted",
        ("loss", "valid"),
        "the training loss halves, and the held-out loss never falls below its start by "
        "a tenth",
        "",
        lambda run: (
            _end(run) < 0.5 * _start(run)
            and bool(_known(run.valid).min() > 0.9 * run.valid[0])
        ),
    ),
    Sign(
        "text too small",
        ("loss", "valid"),
        "the held-out loss ends a fifth above its lowest",
        "",
        lambda run: (
            bool(_known(run.valid)[-1] > 1.2 * _known(run.valid).min())
            and _end(run) < 0.9 * _start(run)
            and not (run.has("leak") and np.nanmax(run.leak) > 1e-6)
        ),
    ),
    Sign(
        "no causal mask",
        ("leak",),
        "a later token moves earlier logits",
        "with the mask they are the same numbers, up to rounding",
        lambda run: bool(_known(run.leak).max() > 1e-6),
    ),
    Sign(
        "same seed on every worker",
        ("agreement",),
        "the workers' gradients are one and the same",
        "",
        lambda run: bool((np.abs(_known(run.agreement) - 1) < 1e-6).all()),
    ),
    Sign(
        "gradients not cleared",
        ("agreement",),
        "the mean of the workers' gradients is longer than the mean of their lengths",
        "the triangle inequality",
        lambda run: bool((_known(run.agreement) > 1 + 1e-6).any()),
    ),
    Sign(
        "gradients not cleared",
        ("grad_norm",),
        "in the second and third tenth the gradient is three times as long as at the start",
        "",
        _norm_grows,
    ),
    Sign(
        "one matrix frozen",
        ("update_ratio", "least_ratio"),
        "one matrix has not moved while others did",
        "",
        lambda run: (
            _moves(run).any() and not np.asarray(run.least_ratio)[_moves(run)].any()
        ),
    ),
    Sign(
        "schedule ends at once",
        ("lr",),
        "for half of the run the rate is below a hundredth of its highest",
        "",
        lambda run: bool((_lr_share(run) < 0.01).mean() > 0.5),
    ),
    Sign(
        "schedule never decays",
        ("lr",),
        "the last rate is more than half of the highest",
        "",
        lambda run: bool(_lr_share(run)[-1] > 0.5),
    ),
    Sign(
        "warm-up missing",
        ("update_ratio",),
        "the first update is longer than a quarter of the parameters",
        "",
        lambda run: bool(_known(run.update_ratio)[0] > 0.25),
    ),
    Sign(
        "every step clipped",
        ("grad_norm", "used_norm"),
        "nine steps of ten were clipped",
        "",
        lambda run: bool((run.used_norm < 0.999 * run.grad_norm).mean() > 0.9),
    ),
    Sign(
        "rate too low",
        ("update_ratio",),
        "all updates together are shorter than 0.7 of the parameters",
        "",
        lambda run: bool(_known(run.update_ratio).sum() < 0.7),
    ),
    Sign(
        "padding counted",
        ("loss", "valid", "passes"),
        "in the first pass the training loss is below 0.9 of the held-out loss",
        "",
        lambda run: _first_pass(run) < 0.9,
    ),
    Sign(
        "evaluated on the training text",
        ("loss", "valid", "passes"),
        "after three passes the held-out loss is not 0.05 above the training loss",
        "",
        lambda run: (run.passes or 0) > 3 and _gap(run) < 0.05,
    ),
    Sign(
        UNCLEAR,
        ("loss",),
        "the loss hardly moves",
        "",
        lambda run: _end(run) > 0.95 * _start(run),
        ("rate too low", "update of a copy", "schedule ends at once"),
        "update_ratio",
    ),
]
