"""What the program's commands do: train a model, let it write, evaluate it."""

import signal
import sys
from functools import partial

import numpy as np

from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.microgpt import evaluate, sample
from algollm_helpers.parallel.data_parallel import DataParallel
from algollm_helpers.parallel.mpi import (
    MissingMPI,
    check_launched,
    from_rank_0,
    leave,
    world,
)
from algollm_helpers.program.checkpoint import digest, load
from algollm_helpers.program.options import EvalPlan, Plan, SamplePlan, TrainPlan
from algollm_helpers.program.session import Session
from algollm_helpers.program.start import Start, find_start
from algollm_helpers.program.terminal import complain


def carry_out(plan: Plan) -> int:
    """Do what `plan` asks for; return the exit code.

    Raises
    ------
    OSError, ValueError
        If that is impossible.
    """
    match plan:
        case TrainPlan(data_parallel=True):
            return _train_together(plan)
        case TrainPlan():
            return _train(plan, Session(plan.out, find_start(plan)))
        case SamplePlan():
            return _sample(plan)
        case EvalPlan():
            return _evaluate(plan)


def _train_together(plan: TrainPlan) -> int:
    """Train with all ranks; only the first one decides from where."""
    try:
        comm = world()
    except MissingMPI as error:
        return complain(str(error))

    def launched_start() -> Start:
        check_launched(comm)
        return find_start(plan)

    start = from_rank_0(comm, launched_start)
    kind = partial(DataParallel, comm)
    code = _train(plan, Session(plan.out, start, kind=kind, ranks=comm))
    sys.stdout.flush()
    leave()
    return code


def _train(plan: TrainPlan, session: Session) -> int:
    """Train, save, and say so, on the rank that speaks; return the exit code."""
    training, steps = session.training, len(session.losses)
    if session.speaks:
        print(
            f"{len(session.start.docs):,} documents, "
            f"{training.tokenizer.vocab_size} tokens, "
            f"{training.params.flat.size:,} parameters{_together(session)}, "
            f"from step {session.done}",
            flush=True,
        )
    session.save()  # what cannot be saved is better known before the work
    stopped = session.run(log_every=plan.log_every, save_every=plan.save_every)
    if session.done < steps:
        code = 128 + stopped
        if session.speaks:
            complain(
                f"stopped by {signal.Signals(stopped).name} at step {session.done} of "
                f"{steps}; {plan.out!r} is saved, --resume goes on",
                code,
            )
        return code
    if session.speaks:
        print(f"{plan.out!r} is saved: all {steps} steps are done")
    return 0


def _together(session: Session) -> str:
    """Return what the first line says of the ranks."""
    if session.ranks is None:
        return ""
    size = session.ranks.size
    return ", 1 rank" if size == 1 else f", {size} ranks"


def _sample(plan: SamplePlan) -> int:
    run = load(plan.model).run()
    with np.errstate(all="ignore"):
        docs = sample(
            run,
            n=plan.n,
            temperature=plan.temperature,
            prefix=plan.prefix,
            seed=plan.seed,
        )
    for doc in docs:
        print(doc)
    return 0


def _evaluate(plan: EvalPlan) -> int:
    saved, docs = load(plan.model), load_docs(plan.file)
    with np.errstate(all="ignore"):
        result = evaluate(saved.run(), docs)
    trained_on = saved.docs_sha256 == digest(docs)
    print(f"documents     {len(docs):,}, {result.tokens:,} tokens predicted")
    print(f"per token     {result.per_token:.4f} nats")
    print(f"per document  {result.per_document:.4f} nats, mean of the documents' means")
    if result.cut:
        print(f"cut           {result.cut:,} documents longer than the model's block")
    if trained_on:
        print("These are the documents that the model was trained on.")
    return 0
