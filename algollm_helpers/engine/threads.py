"""Two calls at once, each in a thread, with the same results one after the other.

Chapter: ``chapters/scale.ipynb``. NumPy lets go of the interpreter while it computes,
so two threads of one process use two cores. One worker thread waits for second calls;
where it cannot start, or has not begun, the caller does both. Who does what changes no
result, because nobody asks how many cores there are before the work is cut.

While the two run, the library below NumPy's products (BLAS) is held to one thread: two
threads that each ask for two would wait for each other. How many it has otherwise, by
``OPENBLAS_NUM_THREADS`` for instance, is how many are wanted here.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from algollm_helpers.engine.memory import when_forgetting

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

A = TypeVar("A")
B = TypeVar("B")

_inside = ContextVar("_inside", default=False)  # one of two calls


class _Worker:
    """The thread for second calls, and whose turn it is to use it."""

    def __init__(self) -> None:
        self.turn = Lock()
        self._thread: ThreadPoolExecutor | None = None

    def offer(self, call: Callable[[], B]) -> "Future[B] | None":
        """Hand over a call, with NumPy's settings; None where no thread can start."""
        thread = self._thread or ThreadPoolExecutor(1, "algollm")
        self._thread = thread
        try:
            return thread.submit(copy_context().run, _alone, call)
        except RuntimeError:  # no thread to be had, in a browser for example
            self._thread = None  # with it goes the call, which must not run later
            return None

    def stop(self) -> None:
        """End the thread, and with it the memory that it keeps."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()


_worker = _Worker()


def _renew() -> None:
    """Start anew, as a child process must: its parent's other threads are not there."""
    global _worker
    _worker = _Worker()


when_forgetting(lambda: _worker.stop())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def at_once(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Carry out two calls that do not need each other, and return both results.

    Threads that come here at the same time take turns. Calls within one of the two
    calls are carried out one after the other.

    Parameters
    ----------
    first, second : callable
        Without arguments. Neither may write where the other reads or writes.

    Returns
    -------
    tuple
        What `first` and what `second` returned.

    Raises
    ------
    BaseException
        What one of them raised, as it is; that of `first` if both did. Neither is
        running any more.
    """
    if _inside.get():
        return first(), second()
    with _worker.turn:
        wanted = threads_wanted()
        token = _inside.set(True)
        try:
            return _alone(lambda: _shared(first, second, wanted))
        finally:
            _inside.reset(token)


def _shared(
    first: Callable[[], A], second: Callable[[], B], wanted: int
) -> tuple[A, B]:
    """Let the worker do `second` meanwhile if two threads are wanted."""
    future = _worker.offer(second) if wanted > 1 else None
    if future is None:
        return first(), second()
    try:
        mine = first()
        return mine, second() if future.cancel() else future.result()
    finally:
        if not future.cancel():
            wait([future])


def _alone(call: Callable[[], A]) -> A:
    """Carry out a call while BLAS has one thread, which some have for each caller."""
    with _blas().limit(limits=1):
        return call()


def threads_wanted() -> int:
    """Return how many threads BLAS may use, or this process cores if that is less."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    allowed: list[int] = [library["num_threads"] for library in _blas().info()]
    return min(cores, *allowed) if allowed else cores


@cache
def _blas() -> "ThreadpoolController":
    """Return the handle of what computes NumPy's products, found at the first use."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
