"""Two calls at once, each in a thread, with the same results one after the other.

Chapter: ``chapters/scale.ipynb``. NumPy lets go of the interpreter while it computes,
so two threads of one process use two cores. One worker thread waits for a second call;
if it is busy, or there is none, the caller does both. Who does what changes no result,
because nobody asks how many cores there are before the work is cut.

While the two run, the library below NumPy's products (BLAS) is held to one thread: two
threads that each ask for two would wait for each other. The number of threads that it
has otherwise, by ``OPENBLAS_NUM_THREADS`` for instance, is how many are wanted here.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from algollm_helpers.engine import memory

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

A = TypeVar("A")
B = TypeVar("B")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _libraries() -> "ThreadpoolController":
    """Return the handle of the libraries below NumPy, found at the first use."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _OneThread:
    """Holds BLAS to one thread while anybody is inside; the last one gives it back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> int:
        """Return how many threads BLAS has outside, or cores if it does not say."""
        with self._lock:
            if not self._inside:
                self._limit = _libraries().limit(limits=1, user_api="blas")
            self._inside += 1
            outside = self._limit.get_original_num_threads()["blas"]
        return cores() if outside is None else min(outside, cores())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limit.restore_original_limits()


class _Worker:
    """The thread that takes second calls, started when the first of them comes."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    def offer(self, call: Callable[[], B]) -> "Future[B] | None":
        """Hand over a call, with NumPy's settings; None where no thread can start."""
        thread = self._thread or ThreadPoolExecutor(1, "algollm")
        self._thread = thread
        try:
            return thread.submit(copy_context().run, call)
        except RuntimeError:  # no thread to be had, in a browser for example
            self._thread = None  # with it goes the call, which must not run later
            return None

    def stop(self) -> None:
        """End the thread, and with it the memory that it keeps."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()


_one_thread = _OneThread()
_worker = _Worker()


def at_once(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Carry out two calls that do not need each other, and return both results.

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
    with _one_thread as threads:
        future = _worker.offer(second) if threads > 1 else None
        if future is None:
            return first(), second()
        try:
            mine = first()
            if future.cancel():  # nobody has begun with it
                return mine, second()
            return mine, future.result()
        finally:
            if not future.cancel():
                wait([future])


def _after_fork() -> None:
    """Start anew in a child process: it has none of its parent's other threads."""
    global _one_thread, _worker
    _one_thread, _worker = _OneThread(), _Worker()


memory.when_forgetting(lambda: _worker.stop())  # the one of then
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
