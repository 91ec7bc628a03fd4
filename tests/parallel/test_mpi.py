"""Tests for parallel.mpi: output and exit codes, faults, open ports."""

import os
import signal
import socket
import subprocess
import sys
from ipaddress import ip_address

import psutil
import pytest

from algollm_helpers.parallel import mpi
from tests.support.jobs import PATIENCE, alive, assert_all_ended, time_is_up, until

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
if kind in signal.Signals.__members__ and comm.rank == int(sys.argv[3]):
    os.kill(os.getpid(), signal.Signals[kind])
if "in Python" in sys.argv:
    while True:
        time.sleep(0.01)
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
    yield lambda kind, *args, ranks=2, timeout=PATIENCE: mpi.run(
        ranks, "job", [kind, tmp_path, *args], timeout=timeout, cwd=tmp_path
    )
    assert_all_ended(str(tmp_path))


@pytest.fixture(params=mpi.LAUNCHERS)
def each_launcher(request, monkeypatch):
    monkeypatch.setattr(mpi, "LAUNCHERS", [request.param])


@pytest.mark.mpi
def test_a_program_that_ends_well_returns_its_output(run, tmp_path):
    job = run("well", "a b", 1.5, ranks=3)
    expected = f"3 ['a b', '1.5'] {tmp_path.resolve()} \\xe9\nsecond line\n"
    assert job == mpi.Job(0, expected, "aside\n", timed_out=False)


@pytest.mark.mpi
def test_a_rank_that_raises_ends_all_with_its_traceback(run, each_launcher):
    job = run("raise")
    assert job.code == 1
    assert 'raise ZeroDivisionError("a fault on rank 1")' in job.stderr
    assert not job.timed_out


@pytest.mark.mpi
def test_a_rank_that_exits_with_a_code_ends_all_with_that_code(run, each_launcher):
    assert run("exit").code == 7


@pytest.mark.mpi
@pytest.mark.parametrize("others", ["in MPI", "in Python"])
@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_signal_ends_all_with_its_code(name, rank, others, run):
    job = run(name, rank, others)
    assert job.code == 128 + signal.Signals[name]
    assert "Traceback" not in job.stderr
    assert not job.timed_out


@pytest.mark.mpi
@pytest.mark.parametrize("name", ["SIGKILL", "SIGABRT"])
def test_hydra_too_ends_all_with_a_code(name, run, monkeypatch):
    monkeypatch.setattr(mpi, "LAUNCHERS", ["mpiexec"])
    job = run(name, 1, "in MPI")
    assert job.code in {signal.Signals[name], signal.SIGTERM}  # the rank's; the others'
    assert not job.timed_out


@pytest.mark.mpi
@pytest.mark.parametrize("kind", ["stuck", "deaf"])
def test_ranks_that_are_stuck_are_ended_at_the_timeout(
    kind, run, tmp_path, each_launcher, monkeypatch
):
    asked = time_is_up(monkeypatch, (tmp_path / "ready").exists)
    job = run(kind, timeout=7.5)
    assert (job.code, job.timed_out) == (124, True)
    assert asked == [7.5]


@pytest.mark.mpi
def test_a_timeout_may_come_before_the_ranks_have_begun(run):
    job = run("stuck", timeout=1e-6)
    assert (job.code, job.timed_out) == (124, True)


@pytest.mark.mpi
def test_an_interrupted_notebook_leaves_nothing_behind(run, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        until((tmp_path / "ready").exists)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("stuck")
    monkeypatch.undo()


def open_to_others(process):
    """Return the addresses beyond this computer's own at which a process listens."""
    found = []
    for connection in process.net_connections("inet"):
        if (
            connection.status == psutil.CONN_LISTEN
            or connection.type == socket.SOCK_DGRAM
        ):
            address = ip_address(connection.laddr.ip)
            address = getattr(address, "ipv4_mapped", None) or address
            if not address.is_loopback:
                found.append(str(address))
    return found


@pytest.mark.mpi
def test_nobody_else_on_the_network_can_reach_a_rank(tmp_path):
    (tmp_path / "job.py").write_text(PROGRAM)
    process = subprocess.Popen(
        mpi.command(2, "job", ["once", tmp_path]),
        env=os.environ | mpi.ENVIRONMENT,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        start_new_session=True,
    )
    try:
        until((tmp_path / "ready").exists)
        assert process.stdout.readline() == "self,sm 1\n"
        found = alive(str(tmp_path))
        assert len(found) >= 3  # the launcher and two ranks
        assert [open_to_others(one) for one in found] == [[]] * len(found)
    finally:
        mpi.end(process)
        process.stdout.close()
    assert_all_ended(str(tmp_path))


@pytest.mark.parametrize(
    ("kind", "host", "found"),
    [
        (socket.SOCK_STREAM, "", ["0.0.0.0"]),
        (socket.SOCK_DGRAM, "", ["0.0.0.0"]),
        (socket.SOCK_STREAM, "127.0.0.1", []),
    ],
)
def test_the_check_of_ports_sees_an_open_one(kind, host, found):
    with socket.socket(socket.AF_INET, kind) as here:
        here.bind((host, 0))
        if kind == socket.SOCK_STREAM:
            here.listen()
        assert open_to_others(psutil.Process()) == found


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


def test_gforker_is_started_where_old_segments_are_removed_and_its_ranks_are_deaf(
    monkeypatch,
):
    monkeypatch.setattr(mpi, "launcher", lambda: "/bin/mpiexec.gforker")
    cleared = [sys.executable, "-I", "-S", mpi.segments.__file__]
    launched = ["/bin/mpiexec.gforker", "-n", "3", *mpi.DEAF]
    program = [sys.executable, "-m", "mpi4py", "-m", "it", "1"]
    assert mpi.command(3, "it", [1]) == [*cleared, *launched, *program]


def test_any_other_launcher_starts_the_ranks_itself(monkeypatch):
    monkeypatch.setattr(mpi, "launcher", lambda: "/bin/mpiexec")
    line = ["/bin/mpiexec", "-n", "3", sys.executable, "-m", "mpi4py", "-m", "it", "1"]
    assert mpi.command(3, "it", [1]) == line


def test_without_mpi4py_there_is_no_world(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(mpi.MissingMPI, match="pip install mpi4py mpich"):
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
import pathlib, sys, time
marks, failures, call = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
starts = len(list(marks.iterdir())) + 1
if starts <= failures:
    print("Fatal error in", call + ": other", file=sys.stderr, flush=True)
(marks / str(starts)).touch()
if starts <= failures:
    time.sleep(float(sys.argv[4]))
    sys.exit(1)
"""


@pytest.fixture
def falter(monkeypatch, tmp_path):
    """Return a function that runs a launcher of one rank; its first starts fail.

    The function returns how the last one ended, and the number of starts.
    """
    alone = [sys.executable, "-S", "-c", FALTERING]
    monkeypatch.setattr(mpi, "command", lambda *job: [*alone, *map(str, job[2])])

    def falter(failures, call, stay=0, timeout=PATIENCE):
        job = mpi.run(1, "it", [tmp_path, failures, call, stay], timeout=timeout)
        return job, len(list(tmp_path.iterdir()))

    return falter


@pytest.mark.parametrize(
    ("failures", "call", "code", "starts"),
    [
        (0, "internal_Init_thread", 0, 1),
        (1, "internal_Init_thread", 0, 2),
        (2, "internal_Init_thread", 1, 2),
        (1, "internal_Send", 1, 1),
    ],
)
def test_ranks_that_could_not_meet_are_started_once_more(
    failures, call, code, starts, falter
):
    job, done = falter(failures, call)
    assert (job.code, done) == (code, starts)


def test_ranks_that_could_not_meet_in_time_are_not_started_again(
    falter, tmp_path, monkeypatch
):
    asked = time_is_up(monkeypatch, lambda: any(tmp_path.iterdir()))
    job, done = falter(1, "internal_Init_thread", stay=1000, timeout=7.5)
    assert "internal_Init_thread" in job.stderr
    assert (job.code, job.timed_out, done) == (124, True, 1)
    assert asked == [7.5]
