"""Tests for parallel.watch: who is missing, who says so, looks instead of seconds."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from algollm_helpers.parallel import watch
from algollm_helpers.parallel.watch import (
    END_AFTER,
    LEFT,
    SAY_AFTER,
    SLOWER,
    Missing,
    Patience,
    Watched,
)


def board(size=3):
    return np.zeros((size, 3), dtype=np.int64)


def looks(patience, shared, times, *, alive=(0, 1, 2)):
    """Look some times while ranks show signs of life; return the last answer."""
    for _ in range(times):
        shared[list(alive), watch.PULSE] += 1
        found = patience.look(shared)
    return found


def test_nobody_is_missing_as_long_as_all_show_signs_of_life():
    assert looks(Patience(3), board(), 10 * END_AFTER) == []


@pytest.mark.parametrize("rank", [0, 2])
def test_a_rank_without_signs_of_life_is_missing_after_some_looks(rank):
    alive = {0, 1, 2} - {rank}
    patience, shared = Patience(3), board()
    looks(patience, shared, 5)
    assert looks(patience, shared, SAY_AFTER - 1, alive=alive) == []
    found = looks(patience, shared, 1, alive=alive)
    assert found == [Missing(rank, SAY_AFTER, lives=False)]
    assert looks(patience, shared, 1) == []  # it is back


def test_a_rank_that_others_wait_for_is_missing_though_it_lives():
    patience, shared = Patience(3), board()
    looks(patience, shared, 5)
    shared[:, watch.ARRIVED] = [4, 4, 3]
    looks(patience, shared, 1)
    found = looks(patience, shared, SAY_AFTER)
    assert found == [Missing(2, SAY_AFTER, lives=True)]
    shared[2, watch.ARRIVED] = 4
    assert looks(patience, shared, END_AFTER) == []


def test_a_rank_that_has_left_is_not_missed():
    patience, shared = Patience(3), board()
    looks(patience, shared, 5)
    shared[1] = (LEFT, 7, 0)
    assert looks(patience, shared, END_AFTER, alive=(0, 2)) == []


def test_a_job_that_is_suspended_as_a_whole_misses_nobody():
    # Whoever wakes first looks once, finds the others as they were, and waits on.
    patience, shared = Patience(3), board()
    looks(patience, shared, 5)
    for _ in range(50):
        looks(patience, shared, 1, alive=(0,))
        assert looks(patience, shared, 1) == []


class Alone:
    """A communicator that says how many ranks it has, and reaches none of them."""

    def __init__(self, rank, size):
        self.rank, self.size = rank, size

    def bcast(self, value):
        """Hand on what rank 0 sends."""
        return value

    def allgather(self, mine):
        """Return what each rank sends."""
        return [mine] * self.size


def watched(rank=0, size=3):
    said = []
    ranks = Watched(Alone(0, size), said.append)
    ranks.rank = rank
    return ranks, said


def test_the_first_rank_that_lives_speaks_and_once():
    (first, said_first), (second, said_second) = watched(0), watched(1)
    for _ in range(END_AFTER - 5):
        for ranks in (first, second):
            ranks._board[1:, watch.PULSE] += 1
            ranks.look()
    assert said_first == []
    assert said_second == ["waiting for rank 0, which shows no sign of life"]


def test_a_rank_that_does_not_come_is_killed_and_the_board_is_gone(monkeypatch):
    before = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    ranks, said = watched(0, size=2)
    assert not before or set(os.listdir("/dev/shm")) <= before
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as process:
        process.send_signal(signal.SIGSTOP)
        ranks._board[1] = (1, 0, process.pid)
        for _ in range(END_AFTER + 1):
            ranks._board[0, watch.PULSE] += 1
            ranks.look()
        assert process.wait() == -signal.SIGKILL
    assert said[0] == "waiting for rank 1, which shows no sign of life"
    assert said[1].endswith("which shows no sign of life, is ended, and all with it")


def test_a_rank_that_is_at_work_gets_more_time(monkeypatch):
    killed = []
    monkeypatch.setattr(os, "kill", lambda number, _: killed.append(number))
    ranks, said = watched(0, size=2)
    ranks._board[1] = (0, 0, 4711)
    ranks._board[0, watch.ARRIVED] = 1
    for _ in range(END_AFTER * SLOWER):
        ranks._board[:, watch.PULSE] += 1
        ranks.look()
        assert killed == []
    ranks.look()
    assert said[0] == "waiting for rank 1, which is at work"
    assert killed == [4711]


def test_each_meeting_is_counted_and_handed_on():
    with Watched(Alone(0, 1), print) as ranks:
        assert ranks.bcast(5) == 5
        assert ranks.allgather(7) == [7]
        assert ranks._board.tolist() == [[0, 2, os.getpid()]]
    assert ranks._board[0, watch.PULSE] == LEFT


def test_ranks_on_several_computers_do_not_watch(monkeypatch):
    class Apart(Alone):
        def allgather(self, mine):
            return [mine, False]

    ranks = Watched(Apart(0, 2), print)
    assert (ranks._board == LEFT).all()
