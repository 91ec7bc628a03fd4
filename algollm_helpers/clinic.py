"""The clinic: runs with one wrong line, their instruments, and a rule that reads them.

Chapter: ``chapters/clinic.ipynb``. The faults are in ``clinic_faults``, the loop that
they are planted in, in ``clinic_loop``, the decision table in ``clinic_rule``; what the
chapter needs of them can be imported from here.
"""

from algollm_helpers.clinic_faults import FAULTS, Fault, planted
from algollm_helpers.clinic_loop import Loop, Setting, observed
from algollm_helpers.clinic_rule import HEALTHY, UNCLEAR, Diagnosis, diagnose
from algollm_helpers.clinic_run import Run
from algollm_helpers.clinic_signs import Sign
from algollm_helpers.clinic_table import SIGNS

__all__ = [
    "FAULTS",
    "HEALTHY",
    "SETTINGS",
    "SIGNS",
    "STEPS",
    "UNCLEAR",
    "Diagnosis",
    "Fault",
    "Loop",
    "Run",
    "Setting",
    "Sign",
    "diagnose",
    "planted",
    "run",
]

STEPS = 120  # updates; enough for every sign
SETTINGS = {
    setting.name: setting
    for setting in [
        Setting(),
        Setting("the book's rate, no warm-up", rate=0.01, warm=1),
        Setting("half the book's rate", rate=0.006, warm=1),
        Setting("a high rate", rate=0.08, warm=20),
        Setting("cosine", rate=0.02, decay="cosine"),
        Setting("small batches", rate=0.03, documents=2),
        Setting("large batches", rate=0.015, documents=8),
    ]
}


def run(
    fault: str | Fault | None = None,
    seed: int = 0,
    steps: int = STEPS,
    *,
    setting: Setting = SETTINGS["standard"],
) -> Run:
    """Train with one wrong line, or with none, and return the instruments.

    Parameters
    ----------
    fault : str or Fault, optional
        A name of `FAULTS`, or a fault of your own; None trains without one.
    seed : int
        Of the text, the parameters and the order.
    steps : int
        Updates.
    setting : Setting
        What one may choose freely.
    """
    if isinstance(fault, str):
        if fault not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)}, got {fault!r}")
        fault = FAULTS[fault]
    with planted(fault):
        return observed(setting, seed, steps)
