"""Tests for program.lock: one process at a time, and none after its death."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from algollm_helpers.program import lock
from algollm_helpers.program.lock import Lock, locked

HOLD = """
import os, sys
from algollm_helpers.program.lock import locked
number = os.open(sys.argv[1], os.O_RDONLY)
print(locked(number), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def opened(tmp_path):
    """Return what opens a file once more, and close all in the end."""
    (tmp_path / "file").touch()
    with ExitStack() as stack:
        yield lambda: stack.enter_context(open(tmp_path / "file"))


def test_a_file_is_locked_for_one_opening_until_it_lets_go(opened):
    lock = Lock()
    first, second = opened(), opened()
    assert locked(first.fileno())
    assert locked(first.fileno())
    lock.hold(first.fileno())
    first.close()
    assert not locked(second.fileno())
    lock.hold(opened().fileno())  # lets go of the first
    assert locked(second.fileno())


def test_a_lock_ends_with_its_process_however_that_ends(opened, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "file"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "True\n"
        assert not locked(opened().fileno())
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert locked(opened().fileno())
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("without", [True, False])
def test_where_there_are_no_locks_all_are_granted(opened, monkeypatch, without):
    if without:
        monkeypatch.setattr(lock, "fcntl", None)
    else:
        monkeypatch.setattr(lock.fcntl, "flock", unsupported)
    assert locked(opened().fileno())
    assert locked(opened().fileno())
    Lock().hold(opened().fileno())


def unsupported(*_):
    raise OSError(95, "Operation not supported")
