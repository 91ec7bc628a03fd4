"""Tests for parallel.segments: what is left behind, and what it does to others."""

import _posixshmem
import mmap
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from algollm_helpers.parallel import mpi, segments
from tests.support.jobs import PATIENCE, assert_all_ended, until

PROGRAM = """
import os, sys, time
from mpi4py import MPI

comm, kind = MPI.COMM_WORLD, sys.argv[1]
if comm.rank == 0:
    print(os.getppid(), flush=True)
comm.Barrier()
if comm.rank == 1 and kind == "wait":
    open("ready", "w").close()
    time.sleep(1000)
if comm.rank == 1 and kind == "leave":
    sys.exit(7)
comm.Barrier()
"""
STOPPED = 'read word; exec "$@"'  # has the process id of what it will become


@pytest.fixture
def folder(tmp_path):
    """Return a folder with PROGRAM; afterwards no process may be left."""
    (tmp_path / "job.py").write_text(PROGRAM)
    yield tmp_path
    assert_all_ended(str(tmp_path))


@contextmanager
def started(line, folder):
    """Start a launcher, which is ended afterwards, however that goes."""
    with subprocess.Popen(
        line,
        env=os.environ | mpi.ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            mpi.end(process)


def content(name, *, size=0, flags=0):
    """Return a segment's memory, or None if there is none of that name."""
    try:
        number = _posixshmem.shm_open(name, os.O_RDWR | flags, mode=0o600)
    except FileNotFoundError:
        return None
    with os.fdopen(number, "r+b", buffering=0):
        if size:
            os.ftruncate(number, size)
        return mmap.mmap(number, os.fstat(number).st_size)


@contextmanager
def waiting(folder):
    """Start ranks, and go on when they have met and are waiting."""
    with started(mpi.command(2, "job", ["wait", folder]), folder) as process:
        until((folder / "ready").exists)
        yield process


@pytest.mark.parametrize(
    ("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)]
)
def test_the_hash_has_the_values_that_its_authors_list(text, value):
    assert segments.fnv1a(text) == value


@pytest.mark.mpi
def test_ranks_meet_where_their_launcher_says_until_they_are_ended(folder):
    with waiting(folder) as process:
        met = content(segments.segment(process.pid))
    assert met is not None
    assert content(segments.segment(process.pid)) is None


@pytest.mark.mpi
def test_ranks_that_leave_without_a_good_bye_leave_no_segment(folder):
    job = mpi.run(2, "job", ["leave", folder], timeout=PATIENCE, cwd=folder)
    assert job.code == 7
    assert content(segments.segment(int(job.stdout))) is None


@pytest.mark.mpi
def test_ranks_do_not_take_an_old_segment_for_theirs(folder):
    with waiting(folder) as process:
        old = content(segments.segment(process.pid))[:]
    line = mpi.command(2, "job", ["leave", folder])
    with started([shutil.which("sh"), "-c", STOPPED, "sh", *line], folder) as process:
        left = content(
            segments.segment(process.pid), size=len(old), flags=os.O_CREAT | os.O_EXCL
        )
        left[:] = old
        error = process.communicate("go on\n", timeout=PATIENCE)[1]
    assert process.returncode == 7, error


def test_a_segment_that_is_not_there_or_not_ours_is_left_alone(monkeypatch):
    def forbidden(name):
        asked.append(name)
        raise PermissionError

    asked = []
    segments.remove(os.getpid())
    monkeypatch.setattr(_posixshmem, "shm_unlink", forbidden)
    segments.remove(os.getpid())
    assert asked == [segments.segment(os.getpid())]


def test_the_launcher_has_the_process_id_and_the_signals_of_any_other_program():
    line = [sys.executable, segments.__file__, shutil.which("sh")]
    script = "echo $$; kill -PIPE $$; echo Python ignores this signal"
    with subprocess.Popen(
        [*line, "-c", script], stdout=subprocess.PIPE, text=True
    ) as process:
        said = process.communicate(timeout=PATIENCE)[0]
    assert said == f"{process.pid}\n"
    assert process.returncode == -signal.SIGPIPE
