"""The log of a run: a CSV file with a line for each step, which grows with the run.

It is saved before the model, so a kill in between leaves it ahead: a run that is taken
up again goes on from the model's step, and makes what is below that in the log anew.
Lines that are missing, say of a run that was not watched at first or of a disk that was
full, have the losses that the model keeps.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64
from algollm_helpers.gpt.training import Training
from algollm_helpers.program.output import Kind, Output
from algollm_helpers.program.paths import shown
from algollm_helpers.program.run_table import Table, parsed


class Row(NamedTuple):
    """What was measured in one step; None where it was not."""

    step: int  # updates made
    loss: float  # nats per token, before the update
    valid: float | None = None  # on what is held out, after it
    lr: float | None = None
    grad_norm: float | None = None
    update_ratio: float | None = None  # length of the update over that of the weights


HEAD = ",".join(Row._fields).encode() + b"\n"


def _is_log(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HEAD)) == HEAD


RUN_LOG = Kind("--watch", "run log", _is_log, "log", "writing")


def measured(
    training: Training, before: Float64, loss: float, valid: float | None
) -> Row:
    """Return what there is to say of the update that `training` has just made.

    Parameters
    ----------
    training : Training
        The run.
    before : ndarray of shape (N,)
        The parameters before the update.
    loss, valid : float
        Loss before it, and on what is held out after it, or None.
    """
    params, updates = training.params, training.state.updates
    length = np.linalg.norm(before)
    return Row(
        updates,
        float(loss),
        valid,
        float(training.schedule(updates - 1)),
        float(np.linalg.norm(params.grad)),
        float(np.linalg.norm(params.flat - before) / length) if length else None,
    )


class RunLog:
    """The log of a run and the file that it is saved in.

    Parameters
    ----------
    out : Output
        Where to save.
    rows : sequence of Row
        Those of the steps that are made already.
    dropped : int
        How many more there were, past the steps that the model has made.
    """

    def __init__(self, out: Output, rows: Sequence[Row] = (), dropped: int = 0) -> None:
        self.out, self.rows, self.dropped = out, list(rows), dropped
        self._saved: int | None = None  # rows in the file; None: it is not begun

    @property
    def begun(self) -> bool:
        """Whether this process has saved anything."""
        return self._saved is not None

    def add(self, row: Row) -> None:
        """Take the next row; it is in the file after the next save."""
        self.rows.append(row)

    def save(self, *, forced: bool = False) -> None:
        """Add the rows to the file that are not there yet, all of them or none.

        They are on the disk afterwards if `forced`.

        Raises
        ------
        OSError
            If that is impossible. The next save adds them.
        """
        if self._saved is None:
            self.out.write(self._whole())
        elif tail := b"".join(map(_line, self.rows[self._saved :])):
            self.out.extend(tail, self._whole, forced=forced)
        self._saved = len(self.rows)

    def _whole(self) -> bytes:
        return HEAD + b"".join(map(_line, self.rows))

    @property
    def table(self) -> Table:
        """The rows, as they would be read from the file."""
        columns = zip(*self.rows, strict=True)
        return Table(
            {
                name: np.array(values, np.float64)  # NaN for None
                for name, values in zip(Row._fields, columns, strict=True)
            },
            (),
        )


def _line(row: Row) -> bytes:
    words = ("" if value is None else repr(value) for value in row)
    return ",".join(words).encode() + b"\n"


def taken_up(out: Output, losses: Float64, model: str) -> RunLog:
    """Return the log that goes on in `out`, up to where the run has come.

    Parameters
    ----------
    out : Output
        Where the log is, if it has been begun.
    losses : ndarray of shape (steps,)
        Those of the steps that are made, as the model keeps them.
    model : str
        How messages call the model.

    Raises
    ------
    OSError
        If the log cannot be read.
    ValueError
        If it is no log, or that of another run.
    """
    there = list(_read(out.path)) if out.exists else []
    rows = there[: len(losses)]
    for i, row in enumerate(rows):
        if (row.step, row.loss) != (i + 1, losses[i]):
            raise ValueError(
                f"{shown(out.path)} is the log of another run: its line {i + 2} has "
                f"step {row.step} with loss {row.loss}, {model} step {i + 1} with loss "
                f"{losses[i]}; choose another name with --watch"
            )
    rows += [Row(i + 1, float(losses[i])) for i in range(len(rows), len(losses))]
    return RunLog(out, rows, len(there[len(losses) :]))


def _read(path: Path) -> Iterator[Row]:
    """Yield the rows of a log."""
    raw = path.read_bytes()
    if not raw.startswith(HEAD):
        first = raw.partition(b"\n")[0][: len(HEAD)].decode("utf-8", "backslashreplace")
        raise ValueError(
            f"{shown(path)} is no run log: it begins with {first!r}, expected "
            f"{HEAD.decode().strip()!r}; choose another name with --watch"
        )
    whole = raw[: raw.rindex(b"\n") + 1]  # a computer that died may leave half a line
    if whole == HEAD:
        return
    columns = parsed(whole, shown(path)).columns
    for step, loss, *others in zip(
        *(c.tolist() for c in columns.values()), strict=True
    ):
        yield Row(int(step), loss, *(None if np.isnan(x) else x for x in others))
