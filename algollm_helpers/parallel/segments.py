"""Shared memory that ranks leave behind when they end without a good-bye to MPI.

MPICH's ranks meet in a segment of shared memory. Under gforker its name follows from
the launcher's process id alone [1]_, where Hydra's holds the time as well, and ranks
that abort or are killed do not remove it. Process ids come round again: ranks whose
launcher has the id of an old one take its segment for theirs, full of what others said.
Nearly all such starts (39 of 40 that were made so, with MPICH 5.0.2) then fail inside
``MPI_Init``, each in another way [2]_: an address that cannot be read, a message that
is too long, a failed assertion, a segmentation fault, or ranks that wait for ever.

So a segment is removed when its launcher has ended, by `remove`, and, since others may
have left some, before a launcher starts. For that this file is a program, ``python
segments.py launcher …``: it has the process id that the launcher will have, because the
launcher takes its place.

References
----------
.. [1] pmodels/mpich 5.0: ``src/pm/util/pmiserv.c`` names a job after its launcher,
   ``src/util/mpir_pmi.c`` hashes that, ``MPIDI_POSIX_comm_bootstrap`` opens what is
   called so.
.. [2] pmodels/mpich, issue 7417, "mpi4py: UCX failure at MPI_Init_thread" (2025).
.. [3] G. Fowler, L. Noll, K.-P. Vo, D. Eastlake and T. Hansen, "The FNV
   non-cryptographic hash algorithm", RFC 9923 (2026).
"""

import os
import signal
import sys
from contextlib import suppress


def fnv1a(text: str) -> int:
    """Return the 32-bit FNV-1a hash [3]_ of a text in ASCII."""
    value = 0x811C9DC5
    for byte in text.encode("ascii"):
        value = (value ^ byte) * 0x01000193 % 2**32
    return value


def segment(launcher: int) -> str:
    """Return the name of the segment in which the ranks of a gforker meet.

    Parameters
    ----------
    launcher : int
        Its process id.
    """
    return f"/mpich_shm_{fnv1a(f'kvs_{launcher}_0'):x}_0"


def remove(launcher: int) -> None:
    """Remove the segment of a gforker that has ended, or not yet begun.

    One that belongs to another user stays; ranks that meet it end inside ``MPI_Init``.
    """
    with suppress(ModuleNotFoundError, FileNotFoundError, PermissionError):
        from _posixshmem import shm_unlink  # of multiprocessing; Windows has none

        shm_unlink(segment(launcher))


def become(line: list[str]) -> None:
    """Remove what an earlier launcher with this process id left, and run a launcher."""
    remove(os.getpid())
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores
        signal.signal(number, signal.SIG_DFL)
    os.execv(line[0], line)


if __name__ == "__main__":
    become(sys.argv[1:])
