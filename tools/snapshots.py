"""A notebook run in this process, and copies of it that stand between two cells.

Cells run without a kernel: figures and widgets are thrown away, printed text too, and
each verdict is noted instead of shown. A snapshot is a fork of the process. It waits
just before a cell, and on request runs sources of one's choice from there, each time in
a fresh fork with a limit of CPU time; so a changed cell costs what follows from it, and
not the notebook.
"""

import hashlib
import math
import multiprocessing
import os
import pickle
import resource
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from algollm_helpers.book import claims, explorers
from execute import QUIET, ROOT

FORK = multiprocessing.get_context("fork")
Result = TypeVar("Result")


class Noted(NamedTuple):
    """A call of `record`."""

    claim: str
    verdict: Any  # a word, or words by part
    numbers: dict[str, Any]


class Player:
    """What runs the cells of one notebook, one after the other, in this process.

    A process has one: IPython, the figures and the notes are shared by all.
    """

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False  # its thread would not survive a fork
        self.shell = InteractiveShell.instance(config=config)
        self.notes: list[Noted] = []
        plt.switch_backend("agg")
        plt.show = _close
        claims.record = self._note
        explorers.explore = explorers.live = _close  # type: ignore[assignment]
        warnings.simplefilter("ignore")

    @property
    def values(self) -> dict[str, Any]:
        """What the names of the notebook stand for now."""
        values: dict[str, Any] = self.shell.user_ns
        return values

    def _note(self, claim_id: str, verdict: Any, /, **numbers: Any) -> None:
        self.notes.append(Noted(claim_id, verdict, numbers))

    def run(self, source: str) -> None:
        """Run a cell or a part of one; what it raises is raised."""
        name = self.shell.compile.cache(source)  # for those who read their own source
        with capture_output():
            exec(compile(source, name, "exec"), self.values)
        plt.close("all")


def _close(*_: Any, **__: Any) -> None:
    plt.close("all")


class Request(NamedTuple):
    """Sources to run one after the other, and the claim that the last one records."""

    sources: Sequence[str]
    claim: str
    evidence: Sequence[str]  # names whose values the verdict is made from
    seconds: float = math.inf  # of CPU


class Reply(NamedTuple):
    """What came of a request."""

    ended: str  # "recorded", "assertion", "crash" or "endless"
    verdict: Any = None
    mark: str = ""  # a fingerprint of the numbers and of the evidence
    seconds: float = 0.0
    message: str = ""  # of what was raised


class Snapshot:
    """A copy of the player as it is now.

    Parameters
    ----------
    player : Player
        It goes on, and the copy does not notice.
    """

    def __init__(self, player: Player) -> None:
        self._connection, there = FORK.Pipe()
        self._process = FORK.Process(target=_serve, args=(player, there))
        self._process.start()
        there.close()

    def ask(self, request: Request) -> Reply:
        """Run some sources from here on in a copy of the copy."""
        self._connection.send(request)
        reply: Reply = self._connection.recv()
        return reply

    def close(self) -> None:
        """End the copy."""
        self._connection.send(None)
        self._process.join()


def _serve(player: Player, requests: Connection) -> None:
    while (request := requests.recv()) is not None:
        try:
            reply = forked(_outcome, player, request)
        except Died as death:
            ended = "endless" if death.code == -signal.SIGXCPU else "crash"
            reply = Reply(ended, message=f"exit code {death.code}")
        requests.send(reply)


class Died(Exception):
    """A fork ended without a result; the exit code says how."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


def forked(work: Callable[..., Result], *given: Any) -> Result:
    """Return what some work gives in a fork of this process, which stays as it is.

    Raises
    ------
    Died
        If it gives nothing.
    """
    here, there = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_give, args=(there, work, given))
    process.start()
    there.close()
    assert process.pid is not None
    try:
        result: Result = here.recv()
    except EOFError:
        process.join()
        raise Died(process.exitcode) from None
    finally:
        process.join()
        with suppress(ProcessLookupError):  # what it may have started itself
            os.killpg(process.pid, signal.SIGKILL)
    return result


def _give(there: Connection, work: Callable[..., Any], given: Sequence[Any]) -> None:
    os.setsid()
    there.send(work(*given))


def _outcome(player: Player, request: Request) -> Reply:
    if math.isfinite(request.seconds):
        most = math.ceil(request.seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    player.notes.clear()
    start = time.process_time()
    try:
        for source in request.sources:
            player.run(source)
    except AssertionError as error:
        return Reply("assertion", message=str(error))
    except BaseException as error:  # whatever a broken program may do
        return Reply("crash", message=f"{type(error).__name__}: {error}")
    seconds = time.process_time() - start
    noted = [note for note in player.notes if note.claim == request.claim]
    if not noted:
        return Reply("crash", message=f"{request.claim} was not recorded")
    (note,) = noted
    seen = [player.values.get(name) for name in request.evidence]
    mark = fingerprint([note.numbers, seen])
    return Reply("recorded", note.verdict, mark, seconds)


def fingerprint(value: Any) -> str:
    """Return a digest of a value, the same for equal values; functions add none."""
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(part + b"\0")
    return digest.hexdigest()


def _parts(value: Any) -> Iterable[bytes]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield repr(key).encode()
            yield from _parts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item)
    elif not callable(value):
        try:
            yield pickle.dumps(value)
        except (TypeError, AttributeError, pickle.PicklingError):
            yield repr(type(value)).encode()


def alone(jobs: int) -> ProcessPoolExecutor:
    """Return a pool whose processes run one notebook each, as quiet as `execute`."""
    os.environ.update(QUIET)
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=os.chdir,
        initargs=(ROOT / "chapters",),
        max_tasks_per_child=1,
    )
