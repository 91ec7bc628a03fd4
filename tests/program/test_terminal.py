"""Tests for program.terminal: one line, an exit code, a stdout that nobody reads."""

import os
import subprocess
import sys

import pytest

from algollm_helpers.program.terminal import complain, without_stdout
from tests.support.program import PROGRAM, TRAIN, trains


@pytest.mark.parametrize(("codes", "code"), [((), 2), ((130,), 130)])
def test_a_complaint_is_one_line_on_stderr_and_a_code(codes, code, capsys):
    assert complain("no file 'none.txt'", *codes) == code
    assert capsys.readouterr() == ("", "algollm: no file 'none.txt'\n")


def test_a_stdout_that_can_be_used_stays_as_it_is(capsys):
    assert without_stdout(7) == 7
    sys.stdout.write("still here\n")
    assert capsys.readouterr().out == "still here\n"


def complaint(words, stdout):
    """Run the program with an unusable stdout; return exit code and stderr."""
    done = subprocess.run(
        [*PROGRAM, *words],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": ""},
    )
    return done.returncode, done.stderr


@pytest.mark.usefixtures("folder")
def test_a_reader_who_has_left_is_no_error():
    assert trains() == 0
    ours, theirs = os.pipe()
    os.close(ours)
    try:  # the few lines are written at the end
        assert complaint(["sample", "model.npz"], theirs) == (141, "")
    finally:
        os.close(theirs)


@pytest.mark.usefixtures("folder")
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_a_log_that_cannot_be_written_is_one_line():
    with open("/dev/full", "w") as log:
        message = "algollm: No space left on device\n"
        assert complaint(TRAIN, log) == (2, message)
