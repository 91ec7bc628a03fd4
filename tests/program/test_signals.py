"""Tests for program.signals: the first is kept, the second acts, handlers come back."""

import signal

import pytest

from algollm_helpers.program.signals import ENDING, signals_kept


def handlers():
    return [signal.getsignal(number) for number in ENDING]


@pytest.fixture
def heard():
    """Have SIGTERM noted instead of ending the tests; return what is noted."""
    noted = []
    signal.signal(signal.SIGTERM, lambda number, _: noted.append(number))
    return noted


def test_without_a_signal_there_is_0_and_handlers_come_back():
    before = handlers()
    with signals_kept() as kept:
        assert kept.number == 0
        assert not set(handlers()) & set(before)
    assert handlers() == before


@pytest.mark.parametrize("number", ENDING)
def test_the_first_signal_is_kept_and_does_nothing_else(number, heard):
    with signals_kept() as kept:
        signal.raise_signal(number)
        assert kept.number == number
    assert heard == []


@pytest.mark.parametrize("first", ENDING)
def test_the_second_signal_acts_as_usual(first, heard):
    before = handlers()
    with signals_kept() as kept:
        signal.raise_signal(first)
        assert handlers() == before
        signal.raise_signal(signal.SIGTERM)
        assert heard == [signal.SIGTERM]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert kept.number == first


def test_handlers_come_back_after_an_error():
    before = handlers()
    with pytest.raises(ZeroDivisionError), signals_kept():
        raise ZeroDivisionError
    assert handlers() == before


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_that_is_ignored_at_the_start_stays_so(number):
    # As SIGINT is in the job that a shell script starts with &.
    signal.signal(number, signal.SIG_IGN)
    with signals_kept() as kept:
        signal.raise_signal(number)
        assert kept.number == 0
    assert signal.getsignal(number) == signal.SIG_IGN
