"""The rule of the clinic: from what instruments have shown to a diagnosis.

Chapter: ``chapters/clinic.ipynb``. The rule reads a table, ``clinic_table``, from the
top: the first sign that shows decides. It knows nothing of a run but its `Run`, and
passes over signs whose instruments are missing.
"""

from collections import Counter
from typing import NamedTuple

from algollm_helpers.clinic_run import Run
from algollm_helpers.clinic_signs import Sign
from algollm_helpers.clinic_table import SIGNS

HEALTHY = "healthy"
UNCLEAR = "unclear"


class Diagnosis(NamedTuple):
    """What the rule says of a run."""

    name: str  # of a fault, or `HEALTHY`, or `UNCLEAR`: one of several faults
    sign: str  # what showed, with the run's number and the threshold
    suspects: tuple[str, ...]  # other faults that it may be
    next: str  # what to measure next; "" where nothing would tell more
    row: Sign | None = None  # of the table; None where no sign shows
    missing: tuple[str, ...] = ()  # instruments, that of most faults' signs first


def diagnose(run: Run, *, over: bool = True) -> Diagnosis:
    """Return the first sign of the table that shows, and whose it is.

    With fewer instruments fewer faults can be named. Of a run without a sign `suspects`
    are the faults that could not have been seen, and `next` is the instrument for want
    of which most of them are hidden.

    Parameters
    ----------
    run : Run
        What was read.
    over : bool
        Whether the run has ended; as long as it goes on, signs that tell at the end
        only are passed over.
    """
    hidden = _hidden(run)
    wanted = Counter(name for names in hidden.values() for name in names)
    missing = tuple(sorted(wanted, key=wanted.__getitem__, reverse=True))
    for row in SIGNS:
        value = None if row.at_end and not over else row.value(run)
        if value is not None:
            known = len(row.faults) == 1
            return Diagnosis(
                row.faults[0] if known else UNCLEAR,
                row.found(value),
                row.suspects if known else row.faults,
                row.next,
                row,
                missing,
            )
    next_ = missing[0] if missing else ""
    sign = "no sign of the table shows"
    return Diagnosis(HEALTHY, sign, tuple(hidden), next_, missing=missing)


def _hidden(run: Run) -> dict[str, list[str]]:
    """Return the faults none of whose own signs can be read, and what that lacks."""
    hidden: dict[str, list[str]] = {}
    own = [row for row in SIGNS if len(row.faults) == 1]
    seen = {row.faults for row in own if not row.missing(run)}
    for row in own:
        if row.faults not in seen:
            hidden.setdefault(row.faults[0], row.missing(run))
    return hidden
