"""What the program can be asked for: a plan for each command, and what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algollm_helpers.program.paths import Source


@dataclass(frozen=True, kw_only=True)
class TrainPlan:
    """A model is to be trained, or trained further."""

    files: tuple[Source, ...]  # the text; none stands for the book's names
    valid_file: Path | None  # a text that is measured and not trained on
    settings: Mapping[str, Any]  # those that were named, of `Settings`
    out: Path  # where the model is saved
    resume: bool  # if it is there: go on with it
    overwrite: bool  # if it is there: replace it; never together with `resume`
    log_every: int  # steps, >= 1
    save_every: int  # steps, >= 1
    data_parallel: bool  # by all ranks that mpiexec started
    watch: Path | None  # where what is measured goes
    figure: Path | None  # where that is drawn; never without `watch`


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    """A model is to write documents."""

    model: Path
    prefix: str
    temperature: float
    n: int  # documents
    seed: int


@dataclass(frozen=True, kw_only=True)
class EvalPlan:
    """A model is to be measured on a text."""

    model: Path
    files: tuple[Source, ...]  # none stands for the book's names
    split: str | None  # None: as for the model
    skip_unknown: bool  # leave out letters that the model does not know


@dataclass(frozen=True, kw_only=True)
class ClaimsPlan:
    """What the book found about claims is to be printed."""

    ids: tuple[str, ...]  # none stands for all
    chapter: str | None  # those of one chapter, by its stem
    verdict: str | None  # those with one verdict
    json: bool


@dataclass(frozen=True, kw_only=True)
class DiagnosePlan:
    """It is to be said what a run suffers from."""

    log: Source  # a CSV file
    figure: Path | None  # where it is drawn
    json: bool


Plan = TrainPlan | SamplePlan | EvalPlan | ClaimsPlan | DiagnosePlan
