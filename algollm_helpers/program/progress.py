"""How far a training run has come, for those who watch it."""

import sys
from types import TracebackType

from tqdm import tqdm

from algollm_helpers.arrays import Float64


class Progress:
    """A bar on a terminal; elsewhere a line now and then.

    The bar is drawn on stderr. If that is a terminal and stdout is not, say a log,
    there are both.

    Parameters
    ----------
    steps, done : int
        How many there are to make, and how many are made already.
    log_every : int
        Steps, >= 1, after which the mean of their losses is shown.
    silent : bool
        True shows nothing.
    """

    def __init__(self, *, steps: int, done: int, log_every: int, silent: bool) -> None:
        terminal = sys.stderr.isatty() and not silent
        self.steps, self.log_every = steps, log_every
        self._lines = not silent and not (terminal and sys.stdout.isatty())
        self._bar = tqdm(total=steps, initial=done, unit="step", disable=not terminal)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def step(self, losses: Float64) -> None:
        """Show that one more step is made; `losses` are those of all so far.

        Raises
        ------
        OSError
            If nobody can read what is shown.
        """
        self._bar.update()
        done, steps = len(losses), self.steps
        if done % self.log_every and done != steps:
            return
        recent = losses[(done - 1) // self.log_every * self.log_every :].mean()
        self._bar.set_postfix_str(f"loss {recent:.4f}", refresh=False)
        if self._lines:
            line = f"step {done:{len(str(steps))}} of {steps}  loss {recent:.4f}"
            print(line, flush=True)

    def warn(self, message: str) -> None:
        """Print `message` on stderr, above the bar."""
        self._bar.write(f"algollm: {message}", file=sys.stderr)
