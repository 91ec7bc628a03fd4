"""What the program's commands do.

They train a model, let it write, evaluate it; they say what a run suffers from, and
what the book found.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from algollm_helpers.clinic_rule import diagnose
from algollm_helpers.gpt.documents import Evaluation
from algollm_helpers.microgpt import Run, evaluate, samples
from algollm_helpers.parallel.data_parallel import DataParallel
from algollm_helpers.parallel.mpi import (
    MissingMPI,
    check_launched,
    from_rank_0,
    launched,
    leave,
    world,
)
from algollm_helpers.parallel.watch import Watched
from algollm_helpers.program.checkpoint import digest, load
from algollm_helpers.program.claims import tell
from algollm_helpers.program.diagnosing import drawn, summary, tell_diagnosis
from algollm_helpers.program.overview import counted
from algollm_helpers.program.paths import shown
from algollm_helpers.program.plans import (
    ClaimsPlan,
    DiagnosePlan,
    EvalPlan,
    Plan,
    SamplePlan,
    TrainPlan,
)
from algollm_helpers.program.progress import bar
from algollm_helpers.program.session import Diverged, Session
from algollm_helpers.program.sources import listed, read
from algollm_helpers.program.start import Files, Start, find_start
from algollm_helpers.program.terminal import DIVERGED, can_show, complain
from algollm_helpers.program.unknown import check_known, without_unknown


def carry_out(plan: Plan) -> int:
    """Do what `plan` asks for; return the exit code.

    Raises
    ------
    OSError, ValueError
        If that is impossible.
    """
    rank, ranks = launched()
    if ranks > 1 and not (isinstance(plan, TrainPlan) and plan.data_parallel):
        return 0 if rank else complain(_not_together(plan, ranks))
    match plan:
        case TrainPlan(data_parallel=True):
            return _train_together(plan)
        case TrainPlan():
            start, files = find_start(plan)
            return _train(plan, Session(files.model, start, log=files.log), files)
        case SamplePlan():
            return _sample(plan)
        case EvalPlan():
            return _evaluate(plan)
        case ClaimsPlan():
            tell(plan)
            return 0
        case DiagnosePlan():
            tell_diagnosis(plan)
            return 0


def _not_together(plan: Plan, ranks: int) -> str:
    """Return what to do about a plan that too many processes were started for."""
    if isinstance(plan, TrainPlan):
        return f"{ranks} processes were started; add --data-parallel to train together"
    return f"{ranks} processes were started for the work of one; leave mpiexec out"


def _train_together(plan: TrainPlan) -> int:
    """Train with all ranks; only the first one decides from where."""
    try:
        comm = world()
    except MissingMPI as error:
        return complain(str(error))

    with Watched(comm, complain) as ranks:
        code = _train_with(ranks, plan)
    sys.stdout.flush()
    leave()
    return code


def _train_with(ranks: Watched, plan: TrainPlan) -> int:
    files = Files()

    def launched_start() -> Start:
        nonlocal files
        check_launched(ranks)
        start, files = find_start(plan)
        return start

    start = from_rank_0(ranks, launched_start)
    kind = partial(DataParallel, ranks)
    session = Session(files.model, start, kind=kind, ranks=ranks, log=files.log)
    return _train(plan, session, files)


def _train(plan: TrainPlan, session: Session, files: Files) -> int:
    """Train, save, and say so, on the rank that speaks; return the exit code."""
    steps = len(session.losses)
    if session.speaks:
        _say_what_starts(session)
    session.save()  # what cannot be saved is better known before the work
    try:
        stopped = session.run(log_every=plan.log_every, save_every=plan.save_every)
    except Diverged as error:
        if session.speaks:
            complain(
                f"{error}; {session.saved_as} keeps step {session.saved}, the last "
                "save before it; a lower --lr may help"
            )
            _say_what_showed(files)
        return DIVERGED
    if session.done < steps:
        code = 128 + stopped
        if session.speaks:
            complain(
                f"stopped by {signal.Signals(stopped).name} at step {session.done} of "
                f"{steps}; {session.saved_as} is saved, --resume goes on",
                code,
            )
            _say_what_showed(files, over=False)
        return code
    if session.speaks:
        _say_how_it_ended(session)
        _say_what_showed(files)
        print(f"{session.saved_as} is saved: all {steps} steps are done")
    return 0


def _together(session: Session) -> str:
    """Return what the first line says of the ranks."""
    if session.ranks is None:
        return ""
    size = session.ranks.size
    return ", 1 rank" if size == 1 else f", {size} ranks"


def _say_what_starts(session: Session) -> None:
    """Print which text is read, what is cut, and what is special about the run."""
    start = session.start
    print(
        f"{start.summary}, {session.training.params.flat.size:,} parameters"
        f"{_together(session)}, from step {session.done}"
    )
    for note in (*start.notes, *_about_the_run(session)):
        print(note)
    sys.stdout.flush()


def _say_how_it_ended(session: Session) -> None:
    """Print the loss on all that was held out."""
    if held_out := session.start.held_out:
        result = _measured(session.model, held_out)
        print(
            f"held out: {counted(len(held_out), 'document')}, "
            f"{result.per_token:.4f} nats per token"
        )


def _say_what_showed(files: Files, *, over: bool = True) -> None:
    """Print what the log of a run tells, and draw it, as far as that is asked for."""
    if files.log is None or not files.log.rows:
        return
    table = files.log.table
    found = diagnose(table.run, over=over)
    steps = counted(len(table.steps), "step")
    print(f"{shown(files.log.out.path)} has {steps}: {summary(found)}")
    if files.figure is not None:
        print(drawn(files.figure, table, found))


def _about_the_run(session: Session) -> Iterator[str]:
    """Yield what is special about a run."""
    settings, held_out = session.start.settings, session.start.held_out
    if settings.first_step and session.done < settings.steps:
        yield (
            f"further: {settings.first_step:,} steps were made before; the learning "
            f"rate falls again, from {settings.lr:g} to 0 at step {settings.steps:,}"
        )
    if held_out:
        yield f"held out: {counted(len(held_out), 'document')}"


def _sample(plan: SamplePlan) -> int:
    run = load(plan.model).run()
    docs = samples(
        run,
        n=plan.n,
        temperature=plan.temperature,
        prefix=plan.prefix,
        seed=plan.seed,
    )
    block_size = run.config.block_size
    cut, odd = 0, False
    terminal = sys.stdout.isatty()
    between = "\n" if "\n" in run.tokenizer.alphabet else ""  # they span lines
    with (
        np.errstate(all="ignore"),
        bar("doc", total=plan.n, shown=not terminal) as progress,
    ):
        for doc in docs:
            print(doc + between, flush=terminal)
            progress.update()
            cut += len(doc) == block_size
            odd = odd or not can_show(doc)
    if cut:
        complain(
            f"{counted(cut, 'document')} of {plan.n:,} ended at the block of "
            f"{counted(block_size, 'character')}, after which the model sees no more"
        )
    if odd:
        complain(
            f"{sys.stdout.encoding} cannot show all letters; PYTHONIOENCODING=utf-8 "
            "shows them"
        )
    return 0


def _measured(run: Run, docs: Sequence[str]) -> Evaluation:
    """Evaluate a model; on a terminal, show how far that has come."""
    with np.errstate(all="ignore"), bar("doc", total=len(docs)) as progress:
        return evaluate(run, docs, on_pass=progress.update)


def _evaluate(plan: EvalPlan) -> int:
    saved = load(plan.model)
    run, settings = saved.run(), saved.settings
    documents = read(
        plan.files,
        listing := listed(plan.files),
        split=plan.split or settings.split,
        block_size=settings.block_size,
    )
    docs: list[str] = documents.docs
    left_out: list[str] = []
    if plan.skip_unknown:
        docs, left_out = without_unknown(documents, saved.alphabet)
    else:
        check_known(documents, saved.alphabet)
    result = _measured(run, docs)
    print(f"documents     {len(docs):,}, {result.tokens:,} tokens predicted")
    print(f"per token     {result.per_token:.4f} nats")
    print(f"per document  {result.per_document:.4f} nats, mean of the documents' means")
    if result.cut and documents.split != "block":
        print(
            f"cut           {counted(result.cut, 'document')} longer than the model's "
            "block"
        )
    for note in (*left_out, *listing.notes):
        print(note)
    if saved.docs_sha256 == digest(documents.docs):
        but = f", but for {settings.valid:g} of them" if settings.valid else ""
        print(f"These are the documents that the model was trained on{but}.")
    return 0
