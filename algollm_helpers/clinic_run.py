"""What the instruments of a training run have shown.

Chapter: ``chapters/clinic.ipynb``.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from algollm_helpers.arrays import Array, Float64
from algollm_helpers.checks import check_count, check_positive, check_shape, real_array


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """The readings of a run, a row for each update that was logged.

    An instrument that was not there is None; NaN stands where one was not read, and
    infinities are readings, too.

    Parameters
    ----------
    step : array-like of int, shape (n,)
        Number of the update, counted from 0 and rising. Not every update need be there.
    loss : array-like, shape (n,)
        Nats per token on what was read, before the update. Here NaN is a reading.
    valid : array-like, shape (n,), optional
        Loss on held-out documents before the update.
    lr : array-like, shape (n,), optional
        Learning rate.
    grad_norm, used_norm : array-like, shape (n,), optional
        Length of the gradient as the backward passes left it, and as the optimiser
        got it, after clipping.
    update_ratio, least_ratio : array-like, shape (n,), optional
        Length of the update divided by that of the parameters: of all of them, and of
        the matrix for which this is least.
    agreement : array-like, shape (n,), optional
        Length of the workers' mean gradient divided by the mean of their lengths.
    leak : array-like, shape (n,), optional
        How far a later token moves earlier logits, at most.
    vocab_size : int, optional
        Number of tokens that the model chooses from.
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
        for name in INSTRUMENTS:
            readings = getattr(self, name)
            if readings is not None:
                array = real_array(name, readings)
                check_shape(name, array.shape, np.shape(self.step))
                object.__setattr__(self, name, array)
        if self.vocab_size is not None:
            check_count("vocab_size", self.vocab_size)
        if self.passes is not None:
            check_positive("passes", self.passes)
        if self.step.ndim != 1 or not self.step.size:
            raise ValueError(f"step must have shape (n,), n > 0, got {self.step.shape}")
        if not (np.diff(self.step) > 0).all() or not self.step[0] >= 0:
            raise ValueError(f"step must rise from 0 or above, got {self.step}")

    def has(self, instrument: str) -> bool:
        """Tell whether an instrument was there and has been read at least once."""
        shown = getattr(self, instrument)
        if shown is None or instrument in {"vocab_size", "passes"}:
            return shown is not None
        return instrument == "loss" or bool((~np.isnan(shown)).any())

    def all(self, instrument: str) -> Float64:
        """Return a row's readings, shape (n,), NaN where there is none."""
        shown = getattr(self, instrument)
        if shown is None:
            raise ValueError(f"the run must have {instrument}, it does not")
        return np.asarray(shown, np.float64)

    def read(self, instrument: str) -> Float64:
        """Return the readings that were taken, without the places between."""
        shown = self.all(instrument)
        return shown[~np.isnan(shown)]

    def until(self, rows: int) -> "Run":
        """Return what was known after so many rows."""
        check_count("rows", rows, most=len(self.step))
        known = {
            name: getattr(self, name)[:rows]
            for name in INSTRUMENTS
            if getattr(self, name) is not None
        }
        share = (known["step"][-1] + 1) / (self.step[-1] + 1)
        passes = None if self.passes is None else self.passes * share
        return replace(self, **known, passes=passes, sample=())

    def only(self, *instruments: str) -> "Run":
        """Return what somebody sees who has the loss and these instruments."""
        for name in instruments:
            if name not in OPTIONAL:
                known = ", ".join(OPTIONAL)
                raise ValueError(f"an instrument must be one of {known}, got {name!r}")
        kept = {name: getattr(self, name) for name in instruments}
        return Run(step=self.step, loss=self.loss, **kept)


OPTIONAL = tuple(field.name for field in fields(Run))[2:-1]
INSTRUMENTS = ("step", "loss", *OPTIONAL[:-2])
