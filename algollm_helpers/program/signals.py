"""Signals that ask a program to end, kept until it has come to a good place."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ENDING = tuple(
    getattr(signal, name)
    for name in (
        "SIGINT",  # Ctrl-C
        "SIGTERM",  # kill, and a computer that is shut down
        "SIGHUP",  # the terminal is closed
        "SIGXCPU",  # the time that was granted is used up
        "SIGBREAK",  # Ctrl-Break on Windows
    )
    if hasattr(signal, name)
)


@dataclass
class Kept:
    """The signal that has come."""

    number: int = 0  # 0 as long as none has


@contextmanager
def signals_kept() -> Iterator[Kept]:
    """Keep the first signal of `ENDING` for whoever asks; the second acts as usual.

    An update that is interrupted half way would leave a state that no run has.
    """
    kept = Kept()

    def keep(number: int, _: object) -> None:
        kept.number = number
        put_back()

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)

    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        if before[number] == signal.SIG_IGN:
            del before[number]  # whoever started us, say a script with &, wants that
    for number in before:
        signal.signal(number, keep)
    try:
        yield kept
    finally:
        put_back()
