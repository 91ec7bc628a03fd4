"""How far a training run has come, for those who watch it."""

import sys
from typing import Any

from tqdm import tqdm

from algollm_helpers.arrays import Float64

WITHOUT = 2.0  # seconds that a piece of work may take without a bar


def bar(unit: str, *, total: int | None, shown: bool = True) -> Any:
    """Return a bar on a terminal for work that takes a while; elsewhere nothing."""
    return tqdm(
        total=total,
        unit=unit,
        unit_scale=total is None,
        delay=WITHOUT,
        leave=False,
        disable=not (shown and sys.stderr.isatty()),
    )


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

    def __exit__(self, *_raised: object) -> None:
        self._bar.close()

    def is_due(self, done: int) -> bool:
        """Tell whether a mean is shown after so many steps."""
        return done % self.log_every == 0 or done == self.steps

    def step(self, losses: Float64, held_out: float | None = None) -> None:
        """Show that one more step is made; `losses` are those of all so far.

        The loss on documents that are held out is shown beside theirs.

        Raises
        ------
        OSError
            If nobody can read what is shown.
        """
        self._bar.update()
        done, steps = len(losses), self.steps
        if not self.is_due(done):
            return
        recent = losses[(done - 1) // self.log_every * self.log_every :].mean()
        shown = f"loss {recent:.4f}"
        if held_out is not None:
            shown += f"  held-out {held_out:.4f}"
        self._bar.set_postfix_str(shown, refresh=False)
        if self._lines:
            print(f"step {done:{len(str(steps))}} of {steps}  {shown}", flush=True)

    def warn(self, message: str) -> None:
        """Print `message` on stderr, above the bar."""
        self._bar.write(f"algollm: {message}", file=sys.stderr)
