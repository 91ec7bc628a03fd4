"""Standard output and error of a page: told in pieces, and not without end."""

import io
import sys
import time

from inpage.telling import is_quiet, tell

EVERY = 0.1  # seconds between two pieces
MOST = 100_000  # characters of one cell, more than anyone reads


class Stream(io.TextIOBase):
    """Collects what is printed, and tells it now and then."""

    encoding = "utf-8"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.held: list[str] = []
        self.begin()

    def begin(self) -> None:
        """Count anew: another cell runs."""
        self.written, self.cut, self.told = 0, False, time.monotonic()

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, text: str) -> int:
        """Take a text; what comes after the first 100,000 characters is dropped."""
        if not is_quiet() and not self.cut:
            kept = text[: MOST - self.written]
            self.written += len(kept)
            self.held.append(kept)
            self.cut = kept != text
            if self.cut or time.monotonic() - self.told > EVERY:
                self.flush()
            if self.cut:
                tell("cut")
        return len(text)

    def flush(self) -> None:
        """Tell what is held."""
        if self.held:
            tell(self.kind, text="".join(self.held))
            self.held, self.told = [], time.monotonic()


OUT, ERR = Stream("stdout"), Stream("stderr")


def begin() -> None:
    """Let Python print to the page."""
    sys.stdout, sys.stderr = OUT, ERR


def flush() -> None:
    """Tell all that was printed so far."""
    OUT.flush()
    ERR.flush()
