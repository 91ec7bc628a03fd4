"""Where the program's tests run, and what its processes inherit."""

import signal

import pytest

from algollm_helpers.program.signals import ENDING
from tests.support.program import write_text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder that holds one text."""
    monkeypatch.chdir(tmp_path)
    write_text(tmp_path)
    return tmp_path


def fail(number, _):
    """Stand for the end of the process, which would end the tests."""
    raise RuntimeError(f"signal {number} would have ended this process")


@pytest.fixture(autouse=True)
def usual_signals():
    """Let signals act as usual, whatever the shell that started the tests ignores.

    To a process started from here a signal that has a handler is not an ignored one.
    """
    usual = dict.fromkeys(ENDING, signal.SIG_DFL)
    usual[signal.SIGINT] = signal.default_int_handler
    before = {number: signal.signal(number, usual[number]) for number in usual}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
