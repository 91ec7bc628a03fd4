"""What the tests of programs with several ranks share."""

import json
import subprocess
import time

from algollm_helpers.parallel import mpi

PATIENCE = 600  # seconds before a test gives up; a busy machine is no fault
DEMOS = "algollm_helpers.parallel.demos"


def demos(ranks, *args):
    """Return what demonstrations on `ranks` ranks print, by name."""
    job = mpi.run(ranks, DEMOS, args, timeout=PATIENCE)
    assert job.code == 0, job.stderr
    return {line["demo"]: line for line in map(json.loads, job.stdout.splitlines())}


def demo(ranks, name, *args):
    """Return what one demonstration prints."""
    return demos(ranks, name, *args)[name]


def until(condition):
    """Wait for `condition` to be true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(token):
    """Return the numbers of the processes that have `token` in their command line."""
    done = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    return [int(line.split()[0]) for line in lines if token in line]


def leftovers(token):
    """Return the same, but give those 5 seconds that are being ended."""
    end = time.monotonic() + 5
    while (pids := alive(token)) and time.monotonic() < end:
        time.sleep(0.05)
    return pids
