"""Ranks that see which of them does not come, and do not wait for it for ever.

Chapter: ``chapters/scale.ipynb``. MPI says when a rank ends, and nothing of one that
hangs: a process that is stopped, or a computer that is out of memory. So each rank has
a thread that counts on a board in shared memory, and looks whether the others do.
Looks are counted, not seconds: a job that is suspended as a whole misses none.
"""

import mmap
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

    from algollm_helpers.arrays import Array

LOOK = 0.5  # seconds between two looks
SAY_AFTER = 20  # looks without a sign of life, after which one is said to be missing
END_AFTER = 120  # and after which the job is ended
SLOWER = 10  # times longer to wait for a rank that lives, but does not come
PULSE, ARRIVED, PROCESS = range(3)  # columns of the board
LEFT = -1  # pulse of a rank that has nothing left to do
Counts = NDArray[np.int64]


class Missing(NamedTuple):
    """A rank that does not come."""

    rank: int
    looks: int  # for how long
    lives: bool  # it shows signs of life


class Patience:
    """For how many looks each rank has been missing.

    A rank is missing that shows no sign of life, or that others wait for: it has
    arrived at fewer meetings than the one that is furthest.
    """

    def __init__(self, size: int) -> None:
        self._before: Counts = np.full((size, 2), LEFT, dtype=np.int64)
        self._quiet: Counts = np.zeros(size, dtype=np.int64)
        self._late: Counts = np.zeros(size, dtype=np.int64)

    def look(self, board: Counts) -> list[Missing]:
        """Look once more at the board, shape (size, 3); return who is missing."""
        now = board[:, : ARRIVED + 1].copy()
        there = now[:, PULSE] != LEFT
        same = now == self._before
        behind = now[:, ARRIVED] < now[there, ARRIVED].max(initial=0)
        self._quiet = np.where(same[:, PULSE] & there, self._quiet + 1, 0)
        self._late = np.where(same[:, ARRIVED] & behind & there, self._late + 1, 0)
        self._before = now
        return [
            Missing(rank, int(max(quiet, late)), lives=bool(quiet < SAY_AFTER))
            for rank, (quiet, late) in enumerate(
                zip(self._quiet, self._late, strict=True)
            )
            if max(quiet, late) >= SAY_AFTER
        ]


class Watched:
    """A communicator whose ranks watch each other as long as it is entered.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm
        The ranks. If they do not share a computer, nobody watches.
    say : callable
        Called on one of the ranks with what there is to say.

    Attributes
    ----------
    rank, size : int
        As of `comm`.
    """

    def __init__(self, comm: "Intracomm", say: Callable[[str], object]) -> None:
        self._comm, self._say = comm, say
        self.rank, self.size = comm.rank, comm.size
        self._board = _shared_board(comm)
        self._patience, self._told = Patience(comm.size), set[int]()
        self._over = threading.Event()

    def __enter__(self) -> "Watched":
        self._board[self.rank] = (0, 0, os.getpid())
        if self.size > 1:
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._board[self.rank, PULSE] = LEFT

    def Allreduce(self, part: "Array", total: "Array") -> None:
        """Add up what all ranks send."""
        self._board[self.rank, ARRIVED] += 1
        self._comm.Allreduce(part, total)

    def allgather(self, mine: Any) -> list[Any]:
        """Return what each rank sends."""
        self._board[self.rank, ARRIVED] += 1
        return self._comm.allgather(mine)

    def bcast(self, value: Any) -> Any:
        """Hand on what rank 0 sends."""
        self._board[self.rank, ARRIVED] += 1
        return self._comm.bcast(value)

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            self._board[self.rank, PULSE] += 1
            self.look()

    def look(self) -> None:
        """Look who is missing; the first rank that lives says so, and ends the job."""
        missing = self._patience.look(self._board)
        dead = {rank for rank, _, lives in missing if not lives}
        self._told &= {rank for rank, *_ in missing}
        if self.rank != min(set(range(self.size)) - dead, default=self.rank):
            return
        for rank, looks, lives in missing:
            how = "which is at work" if lives else "which shows no sign of life"
            if rank not in self._told:
                self._told.add(rank)
                self._say(f"waiting for rank {rank}, {how}")
            if looks >= END_AFTER * (SLOWER if lives else 1):
                self._say(f"rank {rank}, {how}, is ended, and all with it")
                with suppress(ProcessLookupError):
                    os.kill(int(self._board[rank, PROCESS]), signal.SIGKILL)


def _shared_board(comm: "Intracomm") -> Counts:
    """Return numbers that all ranks see, shape (size, 3), or this one's alone."""
    size = comm.size * 3 * 8
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else None  # in memory
    path = ""
    if comm.rank == 0:
        number, path = tempfile.mkstemp(prefix="algollm-", dir=folder)
        os.truncate(number, size)
        os.close(number)
    path = comm.bcast(path)
    shared = None
    with suppress(OSError), open(path, "r+b") as file:
        shared = mmap.mmap(file.fileno(), size)
    together = all(comm.allgather(shared is not None))
    if comm.rank == 0:
        os.unlink(path)
    if shared is None or not together:  # on several computers
        return np.full((comm.size, 3), LEFT, dtype=np.int64)
    return np.frombuffer(shared, dtype=np.int64).reshape(comm.size, 3)
