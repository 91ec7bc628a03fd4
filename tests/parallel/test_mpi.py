"""Tests for parallel.mpi: output and exit codes, faults, open ports."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from algollm_helpers.parallel import mpi
from tests.support.jobs import PATIENCE, alive, leftovers, until

PROGRAM = """
import os, signal, sys, time
from mpi4py import MPI

comm, kind = MPI.COMM_WORLD, sys.argv[1]
if kind == "well":
    assert comm.allreduce(comm.rank) == sum(range(comm.size))
    if comm.rank == 0:
        print(comm.size, sys.argv[3:], os.getcwd(), "é", flush=True)
        print("second line")
        print("aside", file=sys.stderr)
elif kind == "once":
    if comm.rank == 0:
        print(os.environ["UCX_TLS"], os.environ["OPENBLAS_NUM_THREADS"], flush=True)
comm.Barrier()
if kind == "raise" and comm.rank == 1:
    raise ZeroDivisionError("a fault on rank 1")
if kind == "exit" and comm.rank == 1:
    sys.exit(7)
if kind == "kill" and comm.rank == 1:
    os.kill(os.getpid(), signal.SIGKILL)
if kind == "crash" and comm.rank == 0:
    os.kill(os.getpid(), signal.SIGSEGV)
if kind == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
if kind in ("stuck", "deaf", "once") and comm.rank == comm.size - 1:
    open("ready", "w").close()
    time.sleep(1000)
comm.Barrier()
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that runs PROGRAM; afterwards no process may be left."""
    (tmp_path / "job.py").write_text(PROGRAM, "utf-8")
    yield lambda kind, *args, ranks=3, timeout=PATIENCE: mpi.run(
        ranks, "job", [kind, tmp_path, *args], timeout=timeout, cwd=tmp_path
    )
    assert not leftovers(str(tmp_path))


@pytest.fixture(params=mpi.LAUNCHERS)
def each_launcher(request, monkeypatch):
    monkeypatch.setattr(mpi, "LAUNCHERS", [request.param])


def test_a_program_that_ends_well_returns_its_output(run, tmp_path):
    job = run("well", "a b", 1.5)
    expected = f"3 ['a b', '1.5'] {tmp_path.resolve()} \\xe9\nsecond line\n"
    assert job == mpi.Job(0, expected, "aside\n", timed_out=False)


def test_a_rank_that_raises_ends_all_with_its_traceback(run, each_launcher):
    job = run("raise")
    assert job.code == 1
    assert 'raise ZeroDivisionError("a fault on rank 1")' in job.stderr
    assert not job.timed_out


def test_a_rank_that_exits_with_a_code_ends_all_with_that_code(run, each_launcher):
    assert run("exit").code == 7


def test_a_rank_that_is_killed_ends_all_with_a_code(run, each_launcher):
    job = run("kill")
    assert job.code in {137, 9}  # gforker; Hydra
    assert not job.timed_out


def test_a_rank_that_crashes_ends_all_with_a_code(run):
    job = run("crash")
    assert job.code in {139, 11}


@pytest.mark.parametrize("kind", ["stuck", "deaf"])
def test_ranks_that_are_stuck_are_ended_at_the_timeout(
    kind, run, tmp_path, each_launcher
):
    for timeout in (1, PATIENCE / 4):
        start = time.monotonic()
        job = run(kind, timeout=timeout)
        assert (job.code, job.timed_out) == (124, True)
        assert time.monotonic() - start >= timeout
        if (tmp_path / "ready").exists():  # else the machine is too busy for 1 s
            return
    pytest.fail("the ranks did not start")


def test_an_interrupted_notebook_leaves_nothing_behind(run, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        until((tmp_path / "ready").exists)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("stuck")
    monkeypatch.undo()


def listening(pids):
    """Return the addresses, in hexadecimal, at which processes listen."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            inodes.update(re.findall(r"^socket:\[(\d+)\]$", os.readlink(link)))
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        state = "0A" if table.startswith("tcp") else "07"
        path = Path(f"/proc/{pids[0]}/net/{table}")
        lines = path.read_text().splitlines()[1:] if path.exists() else []
        rows = [line.split() for line in lines]
        found += [row[1] for row in rows if row[3] == state and row[9] in inodes]
    return found


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="needs Linux's /proc")
def test_nobody_else_on_the_network_can_reach_a_rank(tmp_path):
    (tmp_path / "job.py").write_text(PROGRAM)
    process = subprocess.Popen(
        mpi.command(3, "job", ["once", tmp_path]),
        env=os.environ | mpi.ENVIRONMENT,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        start_new_session=True,
    )
    try:
        until((tmp_path / "ready").exists)
        assert process.stdout.readline() == "self,sm 1\n"
        pids = alive(str(tmp_path))
        assert len(pids) >= 4  # the launcher and three ranks
        own = ("0100007F:", "0" * 24 + "01000000:", "0000000000000000FFFF00000100007F:")
        assert [a for a in listening(pids) if not a.startswith(own)] == []
    finally:
        mpi.end(process)
        process.stdout.close()
    assert not leftovers(str(tmp_path))


def test_the_check_of_ports_sees_an_open_one():
    code = (
        "import socket; s = socket.create_server(('', 0)); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        if os.path.exists("/proc/net/tcp"):
            (address,) = listening([process.pid])
            assert address.startswith("00000000:")
        process.communicate(b"\n")


# --- Exit codes, and what is missing ------------------------------------------

KILLED = """[0]0:Return code = 0, signaled with Quit
[0]1:Return code = 0, signaled with Killed
"""


@pytest.mark.parametrize(
    ("code", "stderr", "expected"),
    [
        (0, "", 0),
        (3, "", 3),
        (-9, "", 137),  # the launcher itself was killed
        (0, KILLED, 137),
        (5, KILLED, 5),
        (0, "[0]0:Return code = 0, signaled with Segmentation fault\n", 139),
        (0, "[0]0:Return code = 0, signaled with Quit\n", 131),
        (0, "[0]0:Return code = 0, signaled with Something new\n", 128),
        (0, "a rank may print [0]0:Return code = 0, signaled with Killed\n", 0),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="names of signals")
def test_the_exit_code_tells_of_signals(code, stderr, expected):
    assert mpi.exit_code(code, stderr) == expected


def test_without_a_launcher_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(mpi.shutil, "which", lambda *_, **__: None)
    with pytest.raises(mpi.MissingMPI, match="pip install mpi4py mpich"):
        mpi.run(2, "algollm_helpers")


def test_a_launcher_alone_is_not_enough(monkeypatch):
    monkeypatch.setattr(mpi.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(mpi.MissingMPI, match="pip install mpi4py mpich"):
        mpi.command(2, "algollm_helpers")


def test_without_mpi4py_there_is_no_world(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(mpi.MissingMPI, match="Windows: mpi4py impi-rt"):
        mpi.world()


def test_the_launcher_beside_this_python_is_preferred(monkeypatch, tmp_path):
    for folder in ("venv", "path"):
        (tmp_path / folder).mkdir()
        for name in mpi.LAUNCHERS:
            (tmp_path / folder / name).write_text("#!/bin/sh\n")
            (tmp_path / folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(mpi.sysconfig, "get_path", lambda _: str(tmp_path / "venv"))
    assert mpi.launcher() == str(tmp_path / "venv" / "mpiexec.gforker")
    (tmp_path / "venv" / "mpiexec.gforker").unlink()
    (tmp_path / "venv" / "mpiexec").unlink()
    assert mpi.launcher() == str(tmp_path / "path" / "mpiexec.gforker")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mpi.command(0, "m"), "ranks must be >= 1, got 0"),
        (lambda: mpi.run(1, "m", timeout=0), "finite and > 0, got 0"),
        (lambda: mpi.run(1, "m", timeout=float("nan")), "finite and > 0, got nan"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class Lonely:
    """A communicator of one rank, or of one that thinks it has others."""

    rank = 0

    def __init__(self, size=1):
        self.size = size

    def bcast(self, value):
        """Hand on what rank 0 sends."""
        return value


def test_rank_0_answers_for_all():
    assert mpi.from_rank_0(Lonely(), lambda: [1, 2]) == [1, 2]


def test_several_ranks_must_be_started_so_that_they_end_together(monkeypatch):
    monkeypatch.delitem(sys.modules, "mpi4py.run", raising=False)
    mpi.check_launched(Lonely())
    with pytest.raises(ValueError, match="mpiexec -n 3 python -m mpi4py -m"):
        mpi.check_launched(Lonely(3))
    monkeypatch.setitem(sys.modules, "mpi4py.run", signal)
    mpi.check_launched(Lonely(3))


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, (0, 1)),
        ({"PMI_RANK": "1", "PMI_SIZE": "3"}, (1, 3)),
        ({"OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"}, (2, 4)),
        ({"PMI_RANK": "?", "PMI_SIZE": "3"}, (0, 1)),
        ({"PMI_SIZE": "3"}, (0, 1)),
    ],
)
def test_a_launcher_is_known_by_what_it_tells_its_processes(
    variables, found, monkeypatch
):
    for pair in mpi.LAUNCHED:
        for name in pair:
            monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert mpi.launched() == found


FALTERING = """
import os, pathlib, sys
marks = pathlib.Path(sys.argv[1])
(marks / f"start{len(list(marks.glob('start*')))}").touch()
if len(list(marks.glob("start*"))) <= int(sys.argv[2]):
    print("Fatal error in " + sys.argv[3] + ": other", file=sys.stderr)
    sys.exit(15)
"""


@pytest.mark.parametrize(
    ("failures", "call", "code", "starts"),
    [
        (0, "internal_Init_thread", 0, 1),
        (1, "internal_Init_thread", 0, 2),
        (2, "internal_Init_thread", 15, 2),
        (1, "internal_Send", 15, 1),
    ],
)
def test_ranks_that_did_not_find_each_other_are_started_once_more(
    tmp_path, failures, call, code, starts
):
    (tmp_path / "falter.py").write_text(FALTERING)
    marks = tmp_path / "marks"
    marks.mkdir()
    job = mpi.run(1, "falter", [marks, failures, call], timeout=60, cwd=tmp_path)
    assert job.code == code
    assert len(list(marks.iterdir())) == starts
