"""How the program answers when something goes wrong: one line, an exit code."""

import io
import os
import sys
from contextlib import suppress

# As shells count them; DIVERGED is a run that came to numbers that are none.
DIVERGED, FAILED, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141


def ready_streams() -> None:
    """Make the three streams usable, however the program was started.

    One that was closed leads nowhere: else the next file to be opened would get its
    number, and what is written to the stream. A character that the terminal cannot
    show is shown as its code.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: str, code: int = FAILED) -> int:
    """Print `message` on stderr, if that is possible; return `code`."""
    with suppress(OSError):  # a terminal that has gone
        print(f"algollm: {message}", file=sys.stderr)
    return code


def without_stdout(code: int) -> int:
    """Return `code`, after which an unusable stdout is no trouble to Python's end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def can_show(text: str) -> bool:
    """Tell whether stdout can show all characters of `text` as they are."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
