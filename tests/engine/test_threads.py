"""Tests for engine.threads: two calls at once, and what no thread may change."""

import os
import subprocess
import sys
import threading
import time
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from algollm_helpers.engine import memory, threads
from algollm_helpers.engine.memory import LARGE, room
from algollm_helpers.engine.threads import at_once
from tests.engine.test_memory import SLACK, UNIT, traced
from tests.support.small import on

PATIENCE = 60.0  # seconds; a thread that does not come fails a test instead of hanging


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    """Two threads are wanted, whatever this machine has; none is left afterwards."""
    memory.forget()
    on(2, monkeypatch)
    yield
    memory.forget()


def workers():
    return [t for t in threading.enumerate() if t.name.startswith("algollm")]


def test_the_two_run_at_the_same_time_in_two_threads():
    meet = threading.Barrier(2)

    def call():
        meet.wait(PATIENCE)  # nobody passes alone
        return threading.current_thread()

    first, second = at_once(call, call)
    assert first is threading.current_thread()
    assert [second] == workers()
    assert at_once(call, call) == (first, second)  # the thread is kept


@pytest.mark.parametrize("cores", [0, 1])
def test_on_one_core_the_caller_does_both_in_order(cores, monkeypatch):
    on(cores, monkeypatch)
    order = []
    assert at_once(lambda: order.append(1) or 3, lambda: order.append(2) or 4) == (3, 4)
    assert order == [1, 2]
    assert not workers()


def test_a_thread_that_cannot_start_is_done_without(monkeypatch):
    counts = [0, 0]

    def call(i):
        counts[i] += 1
        return threading.current_thread()

    def refuse(_):
        raise RuntimeError("can't start new thread")

    both = partial(call, 0), partial(call, 1)
    with monkeypatch.context() as browser:
        browser.setattr(threading.Thread, "start", refuse)
        assert set(at_once(*both)) == {threading.current_thread()}
    assert counts == [1, 1]
    at_once(*both)  # the call that was refused does not come a second time
    memory.forget()  # waits for the worker
    assert counts == [2, 2]


class Own(BaseException):
    """An error that no library raises."""


def test_an_error_reaches_the_caller_as_it_is():
    error = Own("mine")

    def fail():
        raise error

    for calls in [(fail, int), (int, fail)]:
        with pytest.raises(Own) as caught:
            at_once(*calls)
        assert caught.value is error
    assert at_once(int, float) == (0, 0.0)  # and the worker is still there


@pytest.mark.parametrize("cores", [1, 2])
def test_of_two_errors_it_is_the_first_call_whose_error_is_raised(cores, monkeypatch):
    on(cores, monkeypatch)
    begun = threading.Event()

    def first():
        if cores == 2:
            assert begun.wait(PATIENCE)
        raise Own("first")

    def second():
        begun.set()
        raise Own("second")

    with pytest.raises(Own, match="first"):
        at_once(first, second)


def test_after_ctrl_c_nothing_is_running_any_more():
    begun, over = threading.Event(), threading.Event()

    def first():
        assert begun.wait(PATIENCE)
        raise KeyboardInterrupt

    def second():
        begun.set()
        time.sleep(0.05)
        over.set()

    with pytest.raises(KeyboardInterrupt):
        at_once(first, second)
    assert over.is_set()


def test_a_call_within_a_call_does_not_wait_for_the_worker():
    inner = partial(at_once, lambda: 1, lambda: 2)
    assert at_once(inner, inner) == ((1, 2), (1, 2))
    assert at_once(lambda: 1, lambda: 2) == (1, 2)


def test_a_call_that_the_worker_has_not_begun_is_done_by_the_caller():
    late = threading.Event()
    threads._worker.offer(partial(late.wait, PATIENCE))  # keeps it busy
    try:
        ran = at_once(threading.current_thread, threading.current_thread)
    finally:
        late.set()
    assert set(ran) == {threading.current_thread()}


def test_two_who_come_at_the_same_time_take_turns():
    within, most = [], []

    def call():
        within.append(0)
        most.append(len(within))
        time.sleep(0.001)
        within.pop()

    def come():
        for _ in range(20):
            at_once(call, call)

    both = [threading.Thread(target=come) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert len(most) == 80
    assert max(most) <= 2


def test_what_numpy_is_told_about_errors_holds_in_both_threads():
    meet = threading.Barrier(2)

    def divide():
        meet.wait(PATIENCE)
        return np.float64(1.0) / np.zeros(3)

    with np.errstate(divide="ignore"):  # a warning would be an error in a test
        assert np.isinf(at_once(divide, divide)).all()
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        at_once(lambda: meet.wait(PATIENCE), divide)


def blas_threads():
    return {n["num_threads"] for n in threadpool_info() if n["user_api"] == "blas"}


@pytest.mark.skipif(not blas_threads(), reason="threadpoolctl knows no such BLAS")
def test_blas_has_one_thread_inside_and_what_it_had_outside():
    meet = threading.Barrier(2)

    def call():
        meet.wait(PATIENCE)
        return blas_threads()

    with threadpool_limits(limits=2, user_api="blas"):
        for _ in range(2):
            assert at_once(call, call) == ({1}, {1})
            assert blas_threads() == {2}
        with pytest.raises(ZeroDivisionError):
            at_once(blas_threads, lambda: 1 / 0)
        assert blas_threads() == {2}


@pytest.mark.skipif(not blas_threads(), reason="threadpoolctl knows no such BLAS")
@pytest.mark.parametrize(("limit", "cores"), [(1, 2), (2, 1), (2, 2), (2, 3)])
def test_blas_says_how_many_threads_are_wanted(limit, cores, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores), raising=False)
    with threadpool_limits(limits=limit, user_api="blas"):
        assert threads.threads_wanted() == min(limit, cores)
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    with threadpool_limits(limits=limit, user_api="blas"):
        assert threads.threads_wanted() == min(limit, cores)


def test_without_a_word_from_blas_it_is_the_cores_that_count(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(os, "cpu_count", lambda: None)  # and Python may not know
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert threads.threads_wanted() == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_process_starts_a_thread_of_its_own():
    code = """if True:
        import os, threading
        from algollm_helpers.engine import threads
        threads.threads_wanted = lambda: 2
        def both():
            meet = threading.Barrier(2)
            threads.at_once(lambda: meet.wait(60), lambda: meet.wait(60))
        both()
        child = os.fork()
        if not child:
            both()
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    """
    command = [sys.executable, "-W", "ignore", "-c", code]
    subprocess.run(command, check=True, timeout=2 * PATIENCE)


def test_forget_ends_the_thread_and_gives_its_memory_back():
    meet = threading.Barrier(2)

    def use():
        meet.wait(PATIENCE)
        room((8 * LARGE,), np.zeros(1)).fill(0)

    with traced() as held:
        at_once(use, use)
        assert held() > 16 * UNIT
        memory.forget()
        assert held() < SLACK
    assert not workers()


def test_each_of_the_two_keeps_no_more_than_the_cap(monkeypatch):
    monkeypatch.setattr(memory, "CAP", 6 * UNIT)
    meet = threading.Barrier(2)

    def use():
        meet.wait(PATIENCE)
        for n in (1, 2, 3, 5, 1, 2):
            held = [room((n * LARGE,), np.zeros(1)) for _ in range(3)]
            del held

    with traced() as held:
        for _ in range(3):
            at_once(use, use)
            assert 6 * UNIT < held() <= 12 * UNIT + SLACK
