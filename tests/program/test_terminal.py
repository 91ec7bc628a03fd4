"""Tests for program.terminal: one line, an exit code, a stdout that nobody reads."""

import os
import subprocess
import sys

import pytest

from algollm_helpers.program.terminal import complain, without_stdout
from tests.support.program import PROGRAM, TRAIN, loaded


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
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        assert complaint(TRAIN, theirs) == (141, "")
    finally:
        os.close(theirs)


@pytest.mark.usefixtures("folder")
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_a_log_that_cannot_be_written_is_one_line():
    with open("/dev/full", "w") as log:
        assert complaint(TRAIN, log) == (2, "algollm: No space left on device\n")


# --- Streams that are not there or cannot show a character --------------------

CLOSED = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-", "all": "<&- >&- 2>&-"}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_a_stream_that_is_closed_leads_nowhere(closed):
    for line in (
        [*PROGRAM, *TRAIN],
        [*PROGRAM, "sample", "model.npz"],
        [*PROGRAM, "eval", "model.npz", "text.txt"],
    ):
        done = subprocess.run(
            ["sh", "-c", f'"$@" {closed}', "sh", *line],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0
        assert "Traceback" not in done.stderr
        assert bool(done.stdout) == (">&- " not in f"{closed} ".replace("2>&-", ""))
    assert loaded().state.updates == 20
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *PROGRAM, "eval", "none.npz"], check=False
    )
    assert done.returncode == 2


@pytest.mark.usefixtures("folder")
def test_a_character_that_cannot_be_shown_is_shown_as_its_code():
    done = subprocess.run(
        [*PROGRAM, *TRAIN, "--out=模型.npz"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"'\u6a21\u578b.npz' is saved" in done.stdout
    assert loaded("模型.npz").state.updates == 20


def test_a_complaint_that_nobody_can_read_is_no_error(monkeypatch):
    class Gone:
        def write(self, _):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    assert complain("hello", 129) == 129
