"""A file that one process at a time works on.

The lock belongs to the open file: it ends with the process, however that ends, and
nothing is left on the disk. Where the system has no such locks, all are granted.
"""

import os
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def locked(number: int) -> bool:
    """Lock the open file of this descriptor; tell whether nobody else has it.

    It stays locked until all descriptors of this opening are closed.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


class Lock:
    """The one file that this process has locked; the next one takes its place."""

    def __init__(self) -> None:
        self._number: int | None = None

    def hold(self, number: int) -> None:
        """Keep the lock on this open file, and let go of the one before."""
        new = None if fcntl is None else os.dup(number)  # else nobody could replace it
        self.release()
        self._number = new

    def release(self) -> None:
        """Let go of the file."""
        number, self._number = self._number, None
        if number is not None:
            os.close(number)

    __del__ = release
