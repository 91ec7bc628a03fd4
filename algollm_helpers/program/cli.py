"""The program ``algollm``: train a small GPT on a text, let it write, evaluate it.

It answers what it cannot do with one line on stderr and exit code 2. Ctrl-C ends a
training run with exit code 130, after the update at hand and a save. Of several
processes that train together, the first one alone reads, prints and saves.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tqdm import tqdm

from algollm_helpers.arrays import Float64
from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.gpt.training import State
from algollm_helpers.microgpt import evaluate, sample
from algollm_helpers.parallel.mpi import (
    MissingMPI,
    check_launched,
    from_rank_0,
    leave,
    world,
)
from algollm_helpers.program.checkpoint import Checkpoint, Settings, digest, load, save
from algollm_helpers.program.options import FAILED, SETTINGS, parser

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

INTERRUPTED, PIPE_CLOSED = 130, 141  # as shells count them


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with `argv`, by default the command line; return its exit code.

    Wrong use of an option leaves by SystemExit, as argparse does.
    """
    arguments = parser().parse_args(argv)
    try:
        run = {"train": _train, "sample": _sample, "eval": _eval}[arguments.command]
        code = run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, say `head`, has left
        return _without_stdout(PIPE_CLOSED)
    except MemoryError as error:
        return _complain(f"out of memory: {error}")
    except OSError as error:
        reason = error.strerror or str(error)
        where = f"{os.fspath(error.filename)!r}: " if error.filename else ""
        return _without_stdout(_complain(where + reason))
    except (ValueError, MissingMPI) as error:
        return _complain(str(error))


class _Plan(NamedTuple):
    """What is to be trained, from where."""

    settings: Settings
    docs: list[str]
    docs_sha256: str
    state: State | None
    losses: Float64  # of the steps already made


class _Session:
    """A training run and the file that it is saved in."""

    def __init__(self, out: str, plan: _Plan, comm: "Intracomm | None") -> None:
        self.out, self.settings, self.docs_sha256 = out, plan.settings, plan.docs_sha256
        self.documents = len(plan.docs)  # how many
        self.training = plan.settings.training(plan.docs, plan.state, comm)
        self.losses = np.empty(plan.settings.steps)  # filled up to where it has come
        self.losses[: len(plan.losses)] = plan.losses
        self._comm = comm
        self.speaks = comm is None or comm.rank == 0  # prints and saves

    @property
    def done(self) -> int:
        return self.training.state.updates

    @property
    def ranks(self) -> int:
        return 1 if self._comm is None else self._comm.size

    def agreed(self, caught: list[int]) -> int:
        """Return the signal that this or another rank has caught, or 0."""
        mine = caught[0] if caught else 0
        return mine if self._comm is None else max(self._comm.allgather(mine))

    def save(self) -> None:
        if not self.speaks:
            return
        alphabet, state = self.training.tokenizer.alphabet, self.training.state
        losses = self.losses[: state.updates]
        try:
            save(
                self.out,
                Checkpoint(self.settings, alphabet, self.docs_sha256, state, losses),
            )
        except OSError as error:
            message = f"cannot save {self.out!r}: {error.strerror or error}"
            raise OSError(error.errno, message) from error


def _train(arguments: argparse.Namespace) -> int:
    if not arguments.data_parallel:
        return _run(_Session(arguments.out, _plan(arguments), None), arguments)
    comm = world()

    def plan() -> _Plan:
        check_launched(comm)
        return _plan(arguments)

    session = _Session(arguments.out, from_rank_0(comm, plan), comm)
    code = _run(session, arguments)
    sys.stdout.flush()
    leave()
    return code


def _run(session: _Session, arguments: argparse.Namespace) -> int:
    """Train, save, and say so, on the rank that speaks; return the exit code."""
    training, steps = session.training, session.settings.steps
    if session.speaks:
        ranks = "1 rank" if session.ranks == 1 else f"{session.ranks} ranks"
        together = f", {ranks}" if arguments.data_parallel else ""
        print(
            f"{session.documents:,} documents, {training.tokenizer.vocab_size} tokens, "
            f"{training.params.flat.size:,} parameters{together}, from step "
            f"{session.done}",
            flush=True,
        )
    session.save()  # what cannot be saved is better known before the work
    caught = _work(session, arguments.log_every, arguments.save_every)
    if not session.speaks:
        return 128 + caught if session.done < steps else 0
    if session.done < steps:
        return _complain(
            f"stopped by {signal.Signals(caught).name} at step {session.done} of "
            f"{steps}; {session.out!r} is saved, --resume goes on",
            128 + caught,
        )
    print(f"{session.out!r} is saved: all {steps} steps are done")
    return 0


def _plan(arguments: argparse.Namespace) -> _Plan:
    """Return the run asked for, where it starts or where it was left."""
    docs, out = load_docs(arguments.file), arguments.out
    docs_sha256 = digest(docs)
    given = {n: v for n in SETTINGS if (v := getattr(arguments, n)) is not None}
    if arguments.resume and os.path.lexists(out):
        saved = load(out)
        _check_same(saved, given, docs_sha256, arguments)
        return _Plan(saved.settings, docs, docs_sha256, saved.state, saved.losses)
    settings = Settings(**given)
    if os.path.isdir(out):
        raise ValueError(f"{out!r} is a folder; --out expects the name of a file")
    if os.path.lexists(out) and not arguments.overwrite:
        raise ValueError(
            f"{out!r} exists; --resume goes on with it, --overwrite replaces it"
        )
    if arguments.file and os.path.exists(out) and os.path.samefile(arguments.file, out):
        raise ValueError(f"{out!r} is the text itself; --out expects another file")
    return _Plan(settings, docs, docs_sha256, None, np.empty(0))


def _check_same(
    saved: Checkpoint,
    given: dict[str, Any],
    docs_sha256: str,
    arguments: argparse.Namespace,
) -> None:
    """Refuse to go on with a run that is not the one asked for."""
    for name, value in given.items():
        before = getattr(saved.settings, name)
        if value != before:
            option = name.replace("_", "-")
            raise ValueError(
                f"{arguments.out!r} was trained with --{option} {before}, not {value}; "
                "to go on with it, leave the option out"
            )
    if saved.docs_sha256 != docs_sha256:
        source = "the book's names" if arguments.file is None else repr(arguments.file)
        raise ValueError(
            f"{arguments.out!r} was trained on documents with SHA-256 "
            f"{saved.docs_sha256[:12]}…, {source} has {docs_sha256[:12]}…"
        )


def _work(session: _Session, log_every: int, save_every: int) -> int:
    """Train to the last step or to a signal, save; return the signal's number or 0."""
    training, losses, steps = session.training, session.losses, len(session.losses)
    terminal = sys.stderr.isatty() and session.speaks
    lines = session.speaks and not (terminal and sys.stdout.isatty())
    with (
        _signals_kept() as caught,
        tqdm(
            total=steps, initial=session.done, unit="step", disable=not terminal
        ) as bar,
        np.errstate(all="ignore"),  # divergence is data
    ):
        stopped = 0
        for step in range(session.done, steps):
            losses[step] = training.update()
            bar.update()
            done = step + 1
            if done % log_every == 0 or done == steps:
                recent = losses[step - step % log_every : done].mean()
                bar.set_postfix_str(f"loss {recent:.4f}", refresh=False)
                if lines:
                    line = (
                        f"step {done:{len(str(steps))}} of {steps}  loss {recent:.4f}"
                    )
                    _print_or_save(line, session)
            stopped = session.agreed(caught)
            if stopped or done == steps:
                break
            if done % save_every == 0:
                _save_or_warn(session, bar)
        session.save()
        return stopped


def _print_or_save(line: str, session: _Session) -> None:
    """Print `line`; if that is impossible, save before giving up."""
    try:
        print(line, flush=True)
    except OSError:
        session.save()
        raise


def _save_or_warn(session: _Session, bar: Any) -> None:
    """Save; if that is impossible, say so, but keep what has been learnt so far."""
    try:
        session.save()
    except OSError as error:
        bar.write(f"algollm: {error.strerror}; training goes on", file=sys.stderr)


@contextmanager
def _signals_kept() -> Iterator[list[int]]:
    """Collect the first Ctrl-C or SIGTERM in a list; the second acts as usual.

    An update that is interrupted half way would leave a state that no run has.
    """
    caught: list[int] = []

    def keep(number: int, _: object) -> None:
        caught.append(number)
        put_back()

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)

    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    for number in [n for n in before if before[n] == signal.SIG_IGN]:
        del before[number]  # whoever started us, say a script with &, wants it ignored
    for number in before:
        signal.signal(number, keep)
    try:
        yield caught
    finally:
        put_back()


def _sample(arguments: argparse.Namespace) -> int:
    run = load(arguments.model).run()
    with np.errstate(all="ignore"):
        docs = sample(
            run,
            n=arguments.n,
            temperature=arguments.temperature,
            prefix=arguments.prefix,
            seed=arguments.seed,
        )
    for doc in docs:
        print(doc)
    return 0


def _eval(arguments: argparse.Namespace) -> int:
    saved, docs = load(arguments.model), load_docs(arguments.file)
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


def _complain(message: str, code: int = FAILED) -> int:
    print(f"algollm: {message}", file=sys.stderr)
    return code


def _without_stdout(code: int) -> int:
    """Keep Python from stumbling over an unusable stdout again when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
