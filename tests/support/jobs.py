"""What the tests of programs that run beside them share.

A busy machine is no fault: they wait for events, and give up only after so long that
something must be broken.
"""

import subprocess
import time

import psutil

PATIENCE = 300  # seconds


def until(condition):
    """Wait for `condition` to be true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(token):
    """Return the processes that have `token` in their command line."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if token in " ".join(process.info["cmdline"] or [])
    ]


def assert_all_ended(token):
    """Wait until no process is left that has `token` in its command line."""
    until(lambda: not alive(token))


def time_is_up(monkeypatch, condition):
    """Let programs reach their timeout when `condition` is true, not before.

    Return the list to which the timeouts will be added, in seconds.
    """
    communicate, asked = subprocess.Popen.communicate, []

    def patient(process, *args, timeout=None):
        if timeout is None:
            return communicate(process, *args)
        until(condition)
        asked.append(timeout)
        raise subprocess.TimeoutExpired(process.args, timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", patient)
    return asked
