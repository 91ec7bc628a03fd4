"""A training run in the hands of the program: made step by step, saved, stopped.

Of several ranks that train together, the first one alone prints and saves.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from algollm_helpers.gpt.training import Training
from algollm_helpers.program.checkpoint import Checkpoint, save
from algollm_helpers.program.progress import Progress
from algollm_helpers.program.signals import signals_kept
from algollm_helpers.program.start import Start


class Ranks(Protocol):
    """What a session needs of the ranks that train together: an MPI communicator."""

    @property
    def rank(self) -> int:
        """Number of this rank, from 0."""

    @property
    def size(self) -> int:
        """How many there are."""

    def allgather(self, sendobj: Any) -> list[Any]:
        """Return what each rank sends."""


class Session:
    """A training run and the file that it is saved in.

    Parameters
    ----------
    out : str
        Where to save.
    start : Start
        What is trained, from where.
    kind : callable
        What makes the run: `Training`, or the same among `ranks`.
    ranks : Ranks, optional
        Those that train together.

    Attributes
    ----------
    training : Training
        The run.
    losses : ndarray of shape (steps,)
        Nats per token, before each update; filled up to where the run has come.
    speaks : bool
        Whether this process prints and saves.
    """

    def __init__(
        self,
        out: str,
        start: Start,
        *,
        kind: Callable[..., Training] = Training,
        ranks: Ranks | None = None,
    ) -> None:
        self.out, self.start, self.ranks = out, start, ranks
        self.training = start.settings.training(start.docs, start.state, kind=kind)
        self.losses = np.empty(start.settings.steps)
        self.losses[: len(start.losses)] = start.losses
        self.speaks = ranks is None or ranks.rank == 0

    @property
    def done(self) -> int:
        """Steps made so far."""
        return self.training.state.updates

    def run(self, *, log_every: int, save_every: int) -> int:
        """Train to the last step or to a signal, save; return the signal's number or 0.

        A run that cannot be saved on its way goes on; at its end that is an error.

        Raises
        ------
        OSError
            If nobody can read what is printed, after a save; or if the last save is
            impossible.
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
            np.errstate(all="ignore"),  # divergence is data
        ):
            stopped = 0
            while self.done < steps and not stopped:
                self._step(progress)
                stopped = self._agreed(kept.number)
                if self.done < steps and not stopped and self.done % save_every == 0:
                    self._save_or_warn(progress)
            self.save()
            return stopped

    def save(self) -> None:
        """Save the run as far as it has come, if this process is the one to do it.

        Raises
        ------
        OSError
            If that is impossible; the message is a sentence.
        """
        if not self.speaks:
            return
        state = self.training.state
        checkpoint = Checkpoint(
            self.start.settings,
            self.training.tokenizer.alphabet,
            self.start.docs_sha256,
            state,
            self.losses[: state.updates],
        )
        try:
            save(self.out, checkpoint)
        except OSError as error:
            message = f"cannot save {self.out!r}: {error.strerror or error}"
            raise OSError(error.errno, message) from error

    def _step(self, progress: Progress) -> None:
        """Make one update and show it; if that is impossible, save and give up."""
        step = self.done
        self.losses[step] = self.training.update()
        try:
            progress.step(self.losses[: step + 1])
        except OSError:
            self.save()
            raise

    def _agreed(self, number: int) -> int:
        """Return the signal that this or another rank has kept, or 0."""
        return number if self.ranks is None else max(self.ranks.allgather(number))

    def _save_or_warn(self, progress: Progress) -> None:
        """Save; if that is impossible, say so, but keep what has been learnt so far."""
        try:
            self.save()
        except OSError as error:
            progress.warn(f"{error.strerror}; training goes on")
