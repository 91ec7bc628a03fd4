"""Where a training run starts: at its first step, or where it was left.

Whatever speaks against it is said here, before anything is written.
"""

import os
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.gpt.training import State
from algollm_helpers.program.checkpoint import Checkpoint, digest, load
from algollm_helpers.program.options import TrainPlan
from algollm_helpers.program.settings import Settings


class Start(NamedTuple):
    """What is to be trained, from where."""

    settings: Settings
    docs: list[str]
    docs_sha256: str  # see `digest`
    state: State | None  # None before the first step
    losses: Float64  # (updates,): nats per token, of the steps already made


def find_start(plan: TrainPlan) -> Start:
    """Return the run that `plan` asks for, where it starts or where it was left.

    Raises
    ------
    OSError
        If a file is not there or cannot be read.
    ValueError
        If the text, the settings or the saved run are not what they should be, or a
        file would be lost that the plan does not give up.
    """
    docs, out = load_docs(plan.file), plan.out
    docs_sha256 = digest(docs)
    if plan.resume and os.path.lexists(out):
        saved = load(out)
        _check_same(saved, docs_sha256, plan)
        return Start(saved.settings, docs, docs_sha256, saved.state, saved.losses)
    settings = Settings(**plan.settings)
    if os.path.isdir(out):
        raise ValueError(f"{out!r} is a folder; --out expects the name of a file")
    if os.path.lexists(out) and not plan.overwrite:
        raise ValueError(
            f"{out!r} exists; --resume goes on with it, --overwrite replaces it"
        )
    if plan.file and os.path.exists(out) and os.path.samefile(plan.file, out):
        raise ValueError(f"{out!r} is the text itself; --out expects another file")
    return Start(settings, docs, docs_sha256, None, np.empty(0))


def _check_same(saved: Checkpoint, docs_sha256: str, plan: TrainPlan) -> None:
    """Refuse to go on with a run that is not the one asked for."""
    for name, value in plan.settings.items():
        before = getattr(saved.settings, name)
        if value != before:
            option = name.replace("_", "-")
            raise ValueError(
                f"{plan.out!r} was trained with --{option} {before}, not {value}; "
                "to go on with it, leave the option out"
            )
    if saved.docs_sha256 != docs_sha256:
        source = "the book's names" if plan.file is None else repr(plan.file)
        raise ValueError(
            f"{plan.out!r} was trained on documents with SHA-256 "
            f"{saved.docs_sha256[:12]}…, {source} has {docs_sha256[:12]}…"
        )
