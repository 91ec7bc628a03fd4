"""A training run in the hands of the program: made step by step, saved, stopped.

Of several ranks that train together, the first one alone prints and saves.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np

from algollm_helpers.gpt.training import Training
from algollm_helpers.microgpt import Run
from algollm_helpers.program.checkpoint import Checkpoint, pack
from algollm_helpers.program.held_out import HeldOut
from algollm_helpers.program.output import Output
from algollm_helpers.program.paths import shown
from algollm_helpers.program.progress import Progress
from algollm_helpers.program.run_log import RunLog, measured
from algollm_helpers.program.signals import signals_kept
from algollm_helpers.program.signs import Signs
from algollm_helpers.program.start import Start
from algollm_helpers.program.terminal import complain


class Ranks(Protocol):
    """What a session needs of the ranks that train together: an MPI communicator."""

    @property
    def rank(self) -> int:
        """Number of this rank, from 0."""

    @property
    def size(self) -> int:
        """How many there are."""

    def allgather(self, mine: Any, /) -> list[Any]:
        """Return what each rank sends."""


class Diverged(Exception):
    """A run has come to numbers that are none; the message says at which step."""


class Session:
    """A training run and the file that it is saved in.

    Parameters
    ----------
    out : Output, optional
        Where to save; None if this process neither prints nor saves.
    start : Start
        What is trained, from where.
    kind : callable
        What makes the run: `Training`, or the same among `ranks`.
    ranks : Ranks, optional
        Those that train together.
    log : RunLog, optional
        What is measured at each step goes there, too; only with `out`.

    Attributes
    ----------
    training : Training
        The run.
    losses : ndarray of shape (steps,)
        Nats per token, before each update; filled up to where the run has come.
    saved : int
        Steps made before the last save.
    """

    def __init__(
        self,
        out: Output | None,
        start: Start,
        *,
        kind: Callable[..., Training] = Training,
        ranks: Ranks | None = None,
        log: RunLog | None = None,
    ) -> None:
        self.out, self.start, self.ranks, self.log = out, start, ranks, log
        self.training = start.settings.training(
            start.docs, start.state, tokenizer=start.tokenizer, kind=kind
        )
        self._held_out = HeldOut(start.held_out) if start.held_out else None
        self.losses = np.empty(start.settings.steps)
        self.losses[: len(start.losses)] = start.losses
        self.saved = self.done
        self._signs = Signs()
        self._say: Callable[[str], object] = complain

    @property
    def speaks(self) -> bool:
        """Whether this process prints and saves."""
        return self.out is not None

    @property
    def saved_as(self) -> str:
        """The file's name as messages show it."""
        return "" if self.out is None else shown(self.out.path)

    @property
    def done(self) -> int:
        """Steps made so far."""
        return self.training.state.updates

    @property
    def model(self) -> Run:
        """What has been learnt so far."""
        training = self.training
        losses = self.losses[: self.done]
        return Run(losses, training.params, training.config, training.tokenizer)

    def run(self, *, log_every: int, save_every: int) -> int:
        """Train to the last step or to a signal, save; return the signal's number or 0.

        A run that cannot be saved on its way goes on; at its end that is an error.

        Raises
        ------
        OSError
            If nobody can read what is printed, after a save; or if the last save is
            impossible.
        Diverged
            If the loss or the state is not finite after an update. It is not saved.
        """
        steps = len(self.losses)
        with (
            signals_kept() as kept,
            Progress(
                steps=steps,
                done=self.done,
                log_every=log_every,
                silent=not self.speaks,
            ) as progress,
            np.errstate(all="ignore"),  # a run that diverges is told below
        ):
            self._say, stopped = progress.warn, 0
            while self.done < steps and not stopped:
                self._step(progress)
                stopped = self._agreed(kept.number)
                if self.done < steps and not stopped and self.done % save_every == 0:
                    self._or_warn(progress, self.save)
            self.save()
            if self.out is not None:
                self.out.release()
            if self.log is not None:
                self.log.out.release()
            return stopped

    def save(self) -> None:
        """Save the run as far as it has come, if this process is the one to do it.

        Raises
        ------
        OSError
            If that is impossible; the message is a sentence.
        """
        if self.out is None:
            return
        if self.log is not None:  # first: it must never be behind the model
            try:
                self._save_log(self.log, forced=True)
            except OSError:
                if self.log.begun:
                    self._save_model(self.out)
                raise
        self._save_model(self.out)

    def _save_log(self, log: RunLog, *, forced: bool = False) -> None:
        self._write(log.out, lambda: log.save(forced=forced))

    def _save_model(self, out: Output) -> None:
        state = self.training.state
        checkpoint = Checkpoint(
            self.start.settings,
            self.training.tokenizer.alphabet,
            self.start.docs_sha256,
            self.start.valid_sha256,
            state,
            self.losses[: state.updates],
        )
        self._write(out, lambda: out.write(pack(checkpoint)))
        self.saved = state.updates

    def _write(self, out: Output, write: Callable[[], None]) -> None:
        """Write to a file, in whose place there may be another one now."""
        before = shown(out.path)
        try:
            write()
        except OSError as error:
            raise out.failed(error) from error
        if shown(out.path) != before:
            self._say(
                f"{before} was changed or replaced by somebody else and is left alone; "
                f"the {out.kind.holds} is saved as {shown(out.path)} from now on"
            )

    def _step(self, progress: Progress) -> None:
        """Make one update and show it; if that is impossible, save and give up."""
        step, training = self.done, self.training
        before = training.params.flat.copy() if self.log else None
        self.losses[step] = training.update()
        wrong = self._not_finite(self.losses[step])
        held_out = None
        if self._held_out and self.speaks and not wrong and progress.is_due(step + 1):
            held_out = self._held_out.measure(self.model)
        if self.log is not None and before is not None:
            self.log.add(measured(training, before, self.losses[step], held_out))
            if wrong or progress.is_due(step + 1):
                self._or_warn(progress, partial(self._save_log, self.log))
        if wrong:
            raise Diverged(f"the run diverged at step {step + 1}: {wrong}")
        try:
            progress.step(self.losses[: step + 1], held_out)
        except OSError:
            self.save()
            raise
        for word in filter(None, self._words(held_out, progress.is_due(step + 1))):
            progress.warn(word)

    def _words(self, held_out: float | None, due: bool) -> Iterator[str]:
        """Yield what there is to say of the run so far."""
        if self._held_out and held_out is not None:
            yield self._held_out.word(held_out, self.done)
        if self.log is not None and due and self._signs.is_due(self.done):
            yield self._signs.word(self.log.table)

    def _not_finite(self, loss: float) -> str:
        """Return what is not finite after an update, or nothing."""
        if not np.isfinite(loss):
            return f"its loss is {loss}"
        params, m, v, _ = self.training.state
        for array, name in ((params, "parameters"), (m, "means"), (v, "variances")):
            if not np.isfinite(array).all():
                return f"its {name} are not finite"
        return ""

    def _agreed(self, number: int) -> int:
        """Return the signal that this or another rank has kept, or 0."""
        return number if self.ranks is None else max(self.ranks.allgather(number))

    def _or_warn(self, progress: Progress, save: Callable[[], None]) -> None:
        """Save; if that is impossible, say so, but keep what has been learnt so far."""
        try:
            save()
        except OSError as error:
            progress.warn(f"{error.strerror}; training goes on")
