"""The words and the runs of the live object "clinic": which line of a run is wrong?"""

import json
import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sphinx.locale import _

from algollm_helpers import clinic, clinic_ward

SEED = 1  # of the ward that the page shows; the chapter's own figures show another
DENSE = "loss", "grad_norm", "used_norm", "update_ratio", "least_ratio", "lr", "agreement"
SPARSE = "valid", "leak"  # which are measured now and then
EVERY = 4  # steps between two readings that are drawn


def given() -> dict[str, Any]:
    """Return its words."""
    words = {
        "wait": _("The runs are on their way."),
        "failed": _("The runs did not come: {why}"),
        "heading": _("Run {run} of {runs}"),
        "score": _(
            "Named at the first try: {right} of {seen}. Instruments asked for: {used}."
        ),
        "step": _("step"),
        "ask": _("Ask for"),
        "none": _(
            "So far you know the loss alone. Ask for an instrument, if you need one."
        ),
        "instruments": {
            "valid": _("held-out loss"),
            "grad_norm": _("gradient norm"),
            "update_ratio": _("update / weights"),
            "lr": _("learning rate"),
            "agreement": _("agreement"),
            "leak": _("leak"),
            "sample": _("a sample"),
        },
        "axes": {
            "loss": _("loss, nats per token"),
            "valid": _("held-out loss"),
            "grad_norm": _("gradient norm"),
            "update_ratio": _("update / weights"),
            "lr": _("learning rate"),
            "agreement": _("agreement of the workers"),
            "leak": _("change of earlier logits"),
        },
        "key": _("Firm: this run. Dotted: a healthy one."),
        "beside": {
            "valid": _("Dashed: its loss in training."),
            "grad_norm": _("Dashed: after clipping."),
            "update_ratio": _("Dashed: of the matrix that moves least."),
        },
        "described": _(
            "{first} at first, {last} at step {step}; the healthy run ends at {healthy}."
        ),
        "nothing": _("It writes nothing."),
        "even": _("even guess"),
        "suspects": _("What is wrong?"),
        "names": {name: _(name) for name in clinic.FAULTS}
        | {clinic.HEALTHY: _("nothing is wrong")},
        "signs": {name: _said(name) for name in (*clinic.FAULTS, clinic.HEALTHY)},
        "lines": {
            name: {
                "place": fault.place.__qualname__,
                "wrong": fault.wrong,
                "right": fault.right,
            }
            for name, fault in clinic.FAULTS.items()
        },
        "rest": _("Choose a suspect, with as few instruments as you can, and name it."),
        "judge": _("Name it"),
        "reveal": _("Show me"),
        "next": _("Next run"),
        "again": _("Shuffle"),
        "choose": _("Choose one of the suspects first."),
        "right": _("Yes: {name}. The sign: {sign}."),
        "shown": _("It is this: {name}. The sign: {sign}."),
        "wrong": _("Not that. With “{name}” the sign would be: {sign}."),
        "ran": _("The line that ran, in {place}"),
        "should": _("The line that belongs there"),
    }
    return {"words": words}


def _said(name: str) -> str:
    """Return all signs of a fault, in a row."""
    if name == clinic.HEALTHY:
        return str(_("no sign of the table shows"))
    signs = [str(_(row.sign)) for row in clinic.SIGNS if row.fault == name]
    return str(_("; or ")).join(signs)


@cache
def _ran() -> dict[str, Any]:
    """Make the runs; what is shown of them."""
    twin = clinic.run(seed=clinic_ward.TWIN)
    read = np.isfinite(twin.valid)
    runs = []
    for case in clinic_ward.cases(SEED):
        run = case.run()
        runs.append({"name": case.name, "seed": case.seed} | _shown(run, read))
        if case.name != clinic.HEALTHY:
            runs[-1]["sign"] = clinic_ward.sign_of(case.name, run)
    return {
        "steps": clinic_ward.thinned(twin.step, EVERY),
        "measured": clinic_ward.thinned(twin.step[read], 1),
        "even": math.log(twin.vocab_size),
        "healthy": _shown(twin, read),
        "runs": runs,
    }


def _shown(run: clinic.Run, read: NDArray[np.bool_]) -> dict[str, Any]:
    every = {name: clinic_ward.thinned(getattr(run, name), EVERY) for name in DENSE}
    some = {name: clinic_ward.thinned(getattr(run, name)[read], 1) for name in SPARSE}
    return {**every, **some, "sample": list(run.sample)}


def runs() -> str:
    """Return the runs as JSON, each with the sign that it shows."""
    made = _ran()
    said = [
        run | {"sign": str(_(run["sign"])) if "sign" in run else _said(clinic.HEALTHY)}
        for run in made["runs"]
    ]
    return json.dumps(made | {"runs": said}, ensure_ascii=False)
