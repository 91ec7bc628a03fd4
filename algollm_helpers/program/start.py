"""Where a training run starts: at its first step, or where it was left.

Whatever speaks against it is said here, before anything is written.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.training import State
from algollm_helpers.program import overview
from algollm_helpers.program.checkpoint import Checkpoint, digest, load
from algollm_helpers.program.held_out import divided
from algollm_helpers.program.output import Output
from algollm_helpers.program.overview import counted
from algollm_helpers.program.paths import shown
from algollm_helpers.program.plans import (
    TrainPlan,
)
from algollm_helpers.program.run_figure import RunFigure
from algollm_helpers.program.run_log import RUN_LOG, RunLog, taken_up
from algollm_helpers.program.settings import Settings
from algollm_helpers.program.sources import BOOK, listed, read


class Start(NamedTuple):
    """What is to be trained, from where."""

    settings: Settings
    docs: list[str]  # to train on
    docs_sha256: str  # of these and what is held out of them, see `digest`
    state: State | None = None  # None before the first step
    losses: Float64 = np.empty(0)  # (updates,): nats per token, of the steps made
    held_out: Sequence[str] = ()
    valid_sha256: str = ""  # see `Checkpoint`
    tokenizer: Tokenizer | None = None  # None: of `docs`
    summary: str = ""  # which text it is, in words
    notes: tuple[str, ...] = ()  # what one may not expect of it


class Files(NamedTuple):
    """Where a run is saved."""

    model: Output | None = None
    log: RunLog | None = None
    figure: RunFigure | None = None


def find_start(plan: TrainPlan) -> tuple[Start, Files]:
    """Return the run that `plan` asks for, and the files that it may be saved in.

    It starts at its first step, or where it was left.

    Raises
    ------
    OSError
        If a file is not there or cannot be read.
    ValueError
        If the text, the settings or the saved run are not what they should be, or a
        file would be lost that the plan does not give up, or a figure is asked for and
        there is nothing to draw with.
    """
    _check_apart(plan)
    settings = None if plan.resume else Settings(**plan.settings)
    listing = listed(plan.files)
    valid_files = [] if plan.valid_file is None else [plan.valid_file]
    valid_listing = listed(valid_files)
    texts = listing.paths + valid_listing.paths
    out = Output(
        plan.out,
        texts=texts,
        resume=plan.resume,
        overwrite=plan.overwrite,
    )
    saved = load(plan.out) if plan.resume and out.exists else None
    settings = _taken_up(saved, plan) if saved else settings
    settings = settings or Settings(**plan.settings)
    if settings.valid and valid_files:
        raise ValueError("--valid and --valid-file exclude each other")
    reading = partial(read, split=settings.split, block_size=settings.block_size)
    documents = reading(plan.files, listing)
    docs_sha256, valid_sha256 = digest(documents.docs), ""
    docs, held_out = divided(documents.docs, settings.valid, settings.seed)
    if valid_files:
        held_out = reading(valid_files, valid_listing).docs
        valid_sha256 = digest(held_out)
    if saved is not None:
        _check_texts(saved, docs_sha256, valid_sha256, plan)
    tokenizer = Tokenizer.of([*docs, *held_out])
    about = overview.notes(
        documents, tokenizer.alphabet, block_size=settings.block_size
    )
    start = Start(
        settings,
        docs,
        docs_sha256,
        held_out=held_out,
        valid_sha256=valid_sha256,
        tokenizer=tokenizer,
        summary=overview.summary(documents, tokenizer.alphabet),
        notes=(*listing.notes, *about),
    )
    if saved is not None:
        start = start._replace(state=saved.state, losses=saved.losses)
    log = _find_log(plan, texts, start.losses, new=saved is None)
    figure = None if plan.figure is None else RunFigure(plan.figure, texts)
    return start, Files(out, log, figure)


def _check_apart(plan: TrainPlan) -> None:
    """Refuse one name for two of the files that are written."""
    named = {"--out": plan.out, "--watch": plan.watch, "--figure": plan.figure}
    taken: dict[str, str] = {}
    for option, path in named.items():
        if path is not None:
            other = taken.setdefault(os.path.realpath(path), option)
            if other != option:
                raise ValueError(
                    f"{other} and {option} name the same file, {shown(path)}; expected "
                    "two"
                )


def _find_log(
    plan: TrainPlan, texts: Sequence[Path], losses: Float64, *, new: bool
) -> RunLog | None:
    """Return the log that the run goes on in, or begins."""
    if plan.watch is None:
        return None
    out = Output(
        plan.watch, RUN_LOG, texts=texts, resume=plan.resume, overwrite=plan.overwrite
    )
    if not plan.resume:
        return RunLog(out)
    log = taken_up(out, losses, shown(plan.out))
    if new and log.dropped:
        raise ValueError(
            f"{shown(plan.watch)} has {counted(log.dropped, 'step')}, and "
            f"{shown(plan.out)}, which they would be of, is not there; choose another "
            "name with --watch"
        )
    return log


def _taken_up(saved: Checkpoint, plan: TrainPlan) -> Settings:
    """Return the settings that a saved run goes on with.

    A run that is finished can be given more steps. The learning rate then falls anew,
    from what is named or from where it fell before; Adam's means are kept.

    Raises
    ------
    ValueError
        If they are not those asked for.
    """
    settings, done = saved.settings, saved.state.updates
    asked = dict(plan.settings)
    steps = asked.pop("steps", settings.steps)
    if steps != settings.steps:
        if done < settings.steps:
            raise ValueError(
                f"{shown(plan.out)} is at step {done} of {settings.steps}; --resume "
                "without --steps finishes it, then --resume --steps trains it further"
            )
        if steps < done:
            raise ValueError(
                f"{shown(plan.out)} has made {done} steps; --steps expects more to "
                f"train it further, got {steps}"
            )
        lr = asked.pop("lr", settings.lr)
        settings = replace(settings, steps=steps, lr=lr, first_step=done)
    for name, value in asked.items():
        before = getattr(settings, name)
        if value != before:
            option = name.replace("_", "-")
            raise ValueError(
                f"{shown(plan.out)} was trained with --{option} {before}, not {value}; "
                "to go on with it, leave the option out"
            )
    return settings


def _check_texts(
    saved: Checkpoint, docs_sha256: str, valid_sha256: str, plan: TrainPlan
) -> None:
    """Refuse to go on with other documents than those that a run began with."""
    if saved.docs_sha256 != docs_sha256:
        source = ", ".join(map(shown, plan.files)) or BOOK
        raise ValueError(
            f"{shown(plan.out)} was trained on documents with SHA-256 "
            f"{saved.docs_sha256[:12]}…, {source} has {docs_sha256[:12]}…"
        )
    if saved.valid_sha256 != valid_sha256:
        before, now = (
            f"the --valid-file {sha256[:12]}…" if sha256 else "no --valid-file"
            for sha256 in (saved.valid_sha256, valid_sha256)
        )
        raise ValueError(
            f"{shown(plan.out)} was trained with {before} (SHA-256), now there is {now}"
        )
