"""How the program answers when something goes wrong: one line, an exit code."""

import os
import sys

FAILED, INTERRUPTED, PIPE_CLOSED = 2, 130, 141  # as shells count them


def complain(message: str, code: int = FAILED) -> int:
    """Print `message` on stderr; return `code`."""
    print(f"algollm: {message}", file=sys.stderr)
    return code


def without_stdout(code: int) -> int:
    """Return `code`, after which an unusable stdout is no trouble to Python's end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
