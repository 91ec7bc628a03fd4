"""Tests for program.progress: lines in a log, a bar on a terminal, silence."""

import os
import re
import termios
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from algollm_helpers.program.progress import Progress

LOSSES = np.linspace(3.0, 1.0, 11)  # falls by 0.2 a step


def shows(*, done=0, log_every=4, silent=False, losses=LOSSES):
    """Show the steps after `done`."""
    with Progress(
        steps=len(losses), done=done, log_every=log_every, silent=silent
    ) as progress:
        for made in range(done + 1, len(losses) + 1):
            progress.step(losses[:made])


@contextmanager
def terminal(monkeypatch, *streams):
    """Make streams of this process a terminal; give a list of all that it shows."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    shown = []

    def read():
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                return
            if not piece:
                return
            shown.append(piece.decode())

    reader = threading.Thread(target=read)
    reader.start()
    with open(theirs, "w") as screen, monkeypatch.context() as patch:
        for stream in streams:
            patch.setattr(f"sys.{stream}", screen)
        yield shown
    reader.join()
    os.close(ours)


# --- Lines --------------------------------------------------------------------


def test_a_line_tells_the_mean_of_the_last_steps(capsys):
    shows()
    out, err = capsys.readouterr()
    assert out.splitlines() == [  # means of 3.0 … 2.4, of 2.2 … 1.6, of 1.4 … 1.0
        "step  4 of 11  loss 2.7000",
        "step  8 of 11  loss 1.9000",
        "step 11 of 11  loss 1.2000",
    ]
    assert err == ""


def test_a_run_that_is_taken_up_shows_the_lines_that_are_left(capsys):
    shows(done=6)
    assert capsys.readouterr().out.splitlines() == [
        "step  8 of 11  loss 1.9000",  # the two steps before it was left count, too
        "step 11 of 11  loss 1.2000",
    ]
    shows(done=11)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("log_every", "lines"), [(1, 11), (10, 2), (11, 1), (12, 1)])
def test_the_last_step_is_always_shown(log_every, lines, capsys):
    shows(log_every=log_every)
    out = capsys.readouterr().out.splitlines()
    assert len(out) == lines
    assert out[-1].startswith("step 11 of 11")


def test_a_loss_that_is_no_number_is_shown_as_it_is(capsys):
    shows(losses=np.array([1.0, np.nan]))
    assert capsys.readouterr().out == "step 2 of 2  loss nan\n"


def test_a_line_is_there_at_once(tmp_path, monkeypatch):
    with open(tmp_path / "log", "w") as log:
        monkeypatch.setattr("sys.stdout", log)
        with Progress(steps=2, done=0, log_every=1, silent=False) as progress:
            progress.step(LOSSES[:1])
            assert (tmp_path / "log").read_text() == "step 1 of 2  loss 3.0000\n"


def test_a_warning_is_one_line_on_stderr(capsys):
    with Progress(steps=2, done=0, log_every=1, silent=False) as progress:
        progress.warn("no room; training goes on")
    assert capsys.readouterr() == ("", "algollm: no room; training goes on\n")


# --- A bar --------------------------------------------------------------------


def test_a_terminal_shows_a_bar_and_no_lines(monkeypatch):
    with terminal(monkeypatch, "stdout", "stderr") as shown:
        shows()
    seen = "".join(shown)
    assert re.search(r"100%\|.*11/11 .*loss 1\.2000", seen)
    assert not re.search(r"step +\d+ of", seen)


def test_lines_go_into_a_log_while_the_terminal_shows_the_bar(monkeypatch, capsys):
    with terminal(monkeypatch, "stderr") as shown:
        shows()
    assert re.search(r"100%\|.*11/11 .*loss 1\.2000", "".join(shown))
    assert capsys.readouterr().out.count("loss") == 3


def test_a_terminal_for_stdout_alone_shows_lines(monkeypatch, capsys):
    with terminal(monkeypatch, "stdout") as shown:
        shows()
    assert "".join(shown).count("loss") == 3
    assert capsys.readouterr().err == ""


def test_the_bar_starts_where_the_run_was_left(monkeypatch):
    with (
        terminal(monkeypatch, "stderr") as shown,
        Progress(steps=11, done=6, log_every=4, silent=False),
    ):
        pass
    assert "6/11" in "".join(shown)


# --- Silence ------------------------------------------------------------------


def test_who_is_silent_shows_nothing_on_any_stream(monkeypatch, capsys):
    shows(silent=True)
    assert capsys.readouterr() == ("", "")
    with terminal(monkeypatch, "stdout", "stderr") as shown:
        shows(silent=True)
    assert shown == []
