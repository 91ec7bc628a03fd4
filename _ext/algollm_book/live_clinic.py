"""The live object "clinic": its words, and the runs that one is asked to name."""

import json
import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sphinx.locale import _

from algollm_helpers import clinic, clinic_ward

SEED = 3  # of the ward that the page shows; the chapter's own figures show another
DENSE = (
    "loss",
    "grad_norm",
    "used_norm",
    "update_ratio",
    "least_ratio",
    "lr",
    "agreement",
)
SPARSE = "valid", "leak"  # which are measured now and then
EVERY = 2  # steps between two readings that are drawn


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
            "{first} at first, {last} at step {step}; the healthy run ends at "
            "{healthy}."
        ),
        "nothing": _("It writes nothing."),
        "even": _("even guess"),
        "suspects": _("What is wrong?"),
        "names": {name: _(name) for name in clinic.FAULTS}
        | {clinic.HEALTHY: _("nothing is wrong")},
        "signs": _signs(),
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


def _signs() -> dict[str, str]:
    """Return by what one knows each fault, in words."""
    return {
        clinic.HEALTHY: _("no instrument shows anything that it should not"),
        "gradients not cleared": _(
            "the gradient grows and grows, and is longer than what any worker has found"
        ),
        "accumulation not divided": _(
            "before the first update training pays a multiple of the held-out loss, "
            "though it knows neither text"
        ),
        "targets not shifted": _(
            "the training loss sinks to nothing while the held-out loss rises: the "
            "model copies the letter that it has just read"
        ),
        "padding counted": _(
            "the training loss is below the held-out loss from the first pass on, "
            "before anything can be known by heart"
        ),
        "no causal mask": _(
            "a later letter changes what was thought of earlier ones, and even the "
            "held-out loss sinks to nothing"
        ),
        "rate too high": _(
            "the loss leaps far above its start, after updates about as long as the "
            "weights"
        ),
        "rate too low": _(
            "all is calm, the loss sinks slowly, and the updates are a small part of "
            "what they are in a healthy run"
        ),
        "schedule never decays": _("the learning rate ends where it began to be high"),
        "schedule ends at once": _(
            "the loss stops early, and from there on the learning rate is 0"
        ),
        "warm-up missing": _(
            "the first updates are the longest, about as long as the weights"
        ),
        "every step clipped": _(
            "the gradient has the same length after clipping at every step"
        ),
        "one matrix frozen": _("one matrix does not move at all while the others do"),
        "evaluated on the training text": _(
            "the held-out loss keeps up with the training loss to the end, though the "
            "text has been read several times"
        ),
        "same seed on every worker": _(
            "the workers agree entirely, as no two draws of names do"
        ),
        "Adam's sums in float16": _(
            "the first update is enormous while the gradient is ordinary: squares too "
            "small for the format became 0, and Adam divided by next to nothing"
        ),
        "start too wide": _("the first loss is far above that of an even guess"),
        "update of a copy": _(
            "the loss stays where it began, and no update has moved a weight"
        ),
        "text too small": _(
            "the training loss goes on sinking while the held-out loss turns and rises"
        ),
        "uphill": _(
            "the loss rises without end, though the updates are of ordinary length"
        ),
    }


@cache
def runs() -> str:
    """Make the runs and return as JSON what is shown of them.

    Numbers are rounded; null stands for what is no number.
    """
    twin = clinic.run(seed=clinic_ward.TWIN)
    read = np.isfinite(twin.all("valid"))
    shown = {
        "steps": clinic_ward.thinned(twin.all("step"), EVERY),
        "measured": clinic_ward.thinned(twin.all("step")[read], 1),
        "even": math.log(twin.vocab_size or 1),
        "healthy": _shown(twin, read),
        "runs": [
            {"name": case.name, "seed": case.seed} | _shown(case.run(), read)
            for case in clinic_ward.cases(SEED)
        ],
    }
    return json.dumps(shown)


def _shown(run: clinic.Run, read: NDArray[np.bool_]) -> dict[str, Any]:
    every = {name: clinic_ward.thinned(run.all(name), EVERY) for name in DENSE}
    some = {name: clinic_ward.thinned(run.all(name)[read], 1) for name in SPARSE}
    return {**every, **some, "sample": list(run.sample)}
