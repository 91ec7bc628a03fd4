"""Programs of several processes: how they are started, watched and ended.

Chapter: ``chapters/scale.ipynb``. The processes, called ranks, talk through MPI
[1]_: `run` starts them from a notebook or a test, `world` connects a rank with the
others. Everything stays on this computer and in its memory; no port is opened.

References
----------
.. [1] Message Passing Interface Forum, "MPI: a message-passing interface standard,
   version 4.1" (2023).
.. [2] L. Dalcin and Y.-L. L. Fang, "mpi4py: status update after 12 years of
   development", Computing in Science & Engineering 23(4), 47-54 (2021).
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from algollm_helpers.checks import check_count, check_positive
from algollm_helpers.parallel import segments

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

    from algollm_helpers.parallel.watch import Watched

Answer = TypeVar("Answer")

HOW_TO_GET_IT = (
    "several processes need MPI, which is not here: pip install mpi4py mpich"
)
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # a rank is one thread
    "UCX_TLS": "self,sm",  # shared memory only, no network
    "MPIR_CVAR_ENABLE_HEAVY_YIELD": "1",  # ranks that wait leave the core to others
}
GFORKER = "mpiexec.gforker"  # MPICH's for one computer: its pipes need no open port
LAUNCHERS = (GFORKER, "mpiexec")  # the first that is there
LAUNCHED = (  # variables in which launchers tell a process its rank and their number
    ("PMI_RANK", "PMI_SIZE"),  # MPICH, Intel MPI
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),  # Open MPI
)
# gforker drops output after a byte that is not ASCII, so ranks write escapes. And it
# says in words alone that a signal ended a rank; its exit code is then 0.
SIGNALED = re.compile(r"^\[\d+\]\d+:Return code = \d+, signaled with (.+)$", re.M)
NOT_BEGUN = "Fatal error in internal_Init_thread"  # the ranks could not meet
CLEARED_AWAY = {"Quit", "Interrupt"}  # what it sends to the ranks that are left
# The first of the two is kept from them: a rank that is in Python would answer it with
# a traceback and a code of its own, in place of what the rank that failed left behind.
DEAF = ("/bin/sh", "-c", 'trap "" INT; exec "$@"', "rank")


class MissingMPI(ImportError):
    """MPI is not installed; the message says how to get it."""


class Job(NamedTuple):
    """How a program of several ranks ended."""

    code: int  # 0 if every rank ended well
    stdout: str
    stderr: str
    timed_out: bool


def launcher() -> str:
    """Return the path of the program that starts ranks.

    It is looked for beside this Python first, where pip puts it, then on PATH.
    """
    beside = sysconfig.get_path("scripts")
    for name in LAUNCHERS:
        found = shutil.which(name, path=beside) or shutil.which(name)
        if found and importlib.util.find_spec("mpi4py"):
            return found
    raise MissingMPI(HOW_TO_GET_IT)


def command(ranks: int, module: str, args: Sequence[object] = ()) -> list[str]:
    """Return the command line that runs `module` on `ranks` ranks.

    ``-m mpi4py`` makes a rank that fails end the others, which would wait for it; by
    way of `segments`, gforker's ranks meet in memory that nobody has used before them.
    """
    check_count("ranks", ranks)
    start = [launcher(), "-n", str(ranks)]
    if os.path.basename(start[0]) == GFORKER:
        start = [sys.executable, "-I", "-S", segments.__file__, *start, *DEAF]
    program = [sys.executable, "-m", "mpi4py", "-m", module]
    return [*start, *program, *map(str, args)]


def run(
    ranks: int,
    module: str,
    args: Sequence[object] = (),
    *,
    timeout: float = 300.0,
    cwd: str | os.PathLike[str] | None = None,
) -> Job:
    """Run ``python -m module args`` on `ranks` ranks and wait for the end.

    Ranks that find an old segment of another user in their way, which `segments` cannot
    remove, end before MPI has begun. They are then started once more, by a launcher
    that has another process id; a time-out is final.

    Parameters
    ----------
    ranks : int
        Number of processes, >= 1.
    module : str
        What each of them runs, as after ``python -m``.
    args : sequence
        Its command line; each is turned into a string.
    timeout : float
        Seconds, > 0, after which all ranks are killed.
    cwd : path, optional
        Folder to run in.

    Returns
    -------
    Job
        Exit code and output, in which characters beyond ASCII are escaped. A rank
        that is killed by a signal makes the code 128 plus its number, a time-out
        124, as in shells. Where gforker is missing, Hydra returns the bare number,
        or that of the signal by which it ended the other ranks.

    Raises
    ------
    MissingMPI
        If MPI is not installed.
    """
    check_positive("timeout", timeout)
    job = _run_once(command(ranks, module, args), timeout=timeout, cwd=cwd)
    if job.code and NOT_BEGUN in job.stderr and not job.timed_out:
        job = _run_once(command(ranks, module, args), timeout=timeout, cwd=cwd)
    return job


def _run_once(
    line: list[str], *, timeout: float, cwd: str | os.PathLike[str] | None
) -> Job:
    timed_out = False
    with subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=cwd,
        env=os.environ | ENVIRONMENT | {"PYTHONIOENCODING": "ascii:backslashreplace"},
        start_new_session=True,  # a process group of its own, so that it can be ended
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
            end(process)
            stdout, stderr = process.communicate()
        finally:  # Ctrl-C in the notebook, too, leaves nothing behind
            end(process)
    code = 124 if timed_out else exit_code(process.returncode, stderr)
    return Job(code, stdout, stderr, timed_out)


def end(process: "subprocess.Popen[str]") -> None:
    """Kill a launcher and its ranks, if they are there, and clear away their memory."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
    else:
        process.kill()
    process.wait()
    segments.remove(process.pid)


def exit_code(code: int, stderr: str) -> int:
    """Return the launcher's exit `code`, or 128 + n if signal n ended a rank."""
    names = SIGNALED.findall(stderr)
    if code or not names:
        return code if code >= 0 else 128 - code
    name = next((name for name in names if name not in CLEARED_AWAY), names[0])
    numbers = {signal.strsignal(n): int(n) for n in signal.valid_signals()}
    return 128 + numbers.get(name, 0)


def world() -> "Intracomm":
    """Return the communicator of all ranks; there is one if nobody started more.

    Raises
    ------
    MissingMPI
        If MPI is not installed.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:  # no mpi4py, or no library below it
        raise MissingMPI(HOW_TO_GET_IT) from error
    return MPI.COMM_WORLD


def launched() -> tuple[int, int]:
    """Return this process's rank and the number of ranks, as the launcher says them.

    MPI need not be installed for that; a process that none has started is rank 0 of 1.
    """
    for rank, size in LAUNCHED:
        with suppress(KeyError, ValueError):
            return int(os.environ[rank]), int(os.environ[size])
    return 0, 1


def check_launched(comm: "Intracomm | Watched") -> None:
    """Refuse several ranks without ``-m mpi4py``: one that fails would hang the rest.

    Raises
    ------
    ValueError
        With the command line that is right.
    """
    if comm.size > 1 and "mpi4py.run" not in sys.modules:
        raise ValueError(
            f"start {comm.size} ranks with: mpiexec -n {comm.size} python -m mpi4py -m "
            "algollm_helpers …; without it, the others would wait for a rank that fails"
        )


def from_rank_0(comm: "Intracomm | Watched", call: Callable[[], Answer]) -> Answer:
    """Return on all ranks what `call` returns on rank 0, the only one to call it.

    If it raises, rank 0 raises that, and the others leave without a word with exit
    code 2, after all have said good-bye to MPI.
    """
    answer, failure = None, None
    if comm.rank == 0:
        try:
            answer = call()
        except Exception as error:
            failure = error
    if comm.bcast(failure is not None):
        leave()
        raise failure or SystemExit(2)
    return comm.bcast(answer)  # type: ignore[no-any-return]


def leave() -> None:
    """End this rank's part in MPI; all must come here, after which any may exit.

    A rank that exits with a code other than 0 without this ends the others.
    """
    from mpi4py import MPI

    MPI.Finalize()
