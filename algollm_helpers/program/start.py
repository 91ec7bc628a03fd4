"""Where a training run starts: at its first step, or where it was left.

Whatever speaks against it is said here, before anything is written.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.gpt.training import State
from algollm_helpers.program.checkpoint import Checkpoint, digest, load
from algollm_helpers.program.options import TrainPlan
from algollm_helpers.program.output import Output
from algollm_helpers.program.paths import shown
from algollm_helpers.program.settings import Settings


class Start(NamedTuple):
    """What is to be trained, from where."""

    settings: Settings
    docs: list[str]
    docs_sha256: str  # see `digest`
    state: State | None  # None before the first step
    losses: Float64  # (updates,): nats per token, of the steps already made


def find_start(plan: TrainPlan) -> tuple[Start, Output]:
    """Return the run that `plan` asks for, and the file that it may be saved in.

    It starts at its first step, or where it was left.

    Raises
    ------
    OSError
        If a file is not there or cannot be read.
    ValueError
        If the text, the settings or the saved run are not what they should be, or a
        file would be lost that the plan does not give up.
    """
    settings = None if plan.resume else Settings(**plan.settings)
    docs = load_docs(plan.file)
    docs_sha256 = digest(docs)
    out = Output(
        plan.out,
        texts=[plan.file] if isinstance(plan.file, Path) else [],
        resume=plan.resume,
        overwrite=plan.overwrite,
    )
    if plan.resume and out.exists:
        saved = load(plan.out)
        _check_same(saved, docs_sha256, plan)
        start = Start(saved.settings, docs, docs_sha256, saved.state, saved.losses)
    else:
        settings = settings or Settings(**plan.settings)
        start = Start(settings, docs, docs_sha256, None, np.empty(0))
    return start, out


def _check_same(saved: Checkpoint, docs_sha256: str, plan: TrainPlan) -> None:
    """Refuse to go on with a run that is not the one asked for."""
    for name, value in plan.settings.items():
        before = getattr(saved.settings, name)
        if value != before:
            option = name.replace("_", "-")
            raise ValueError(
                f"{shown(plan.out)} was trained with --{option} {before}, not {value}; "
                "to go on with it, leave the option out"
            )
    if saved.docs_sha256 != docs_sha256:
        source = "the book's names" if plan.file is None else shown(plan.file)
        raise ValueError(
            f"{shown(plan.out)} was trained on documents with SHA-256 "
            f"{saved.docs_sha256[:12]}…, {source} has {docs_sha256[:12]}…"
        )
