"""Files that are written whole or not at all, and over nothing that is not known.

A new file is written beside the old one, forced onto the disk and only then given its
name, so at every moment the name stands for the old content or the new one in full.
What it may replace is the file that the caller has seen there, and no other. A file
that grows line by line is added to in one go, and is as before if that fails.
"""

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from algollm_helpers.program.lock import Lock, locked

OURS = b"PK", b"step,loss,", b"<svg class="  # how a file of this program begins


class Mark(NamedTuple):
    """By which a file is known again, and whether it is still as it was."""

    device: int
    inode: int
    size: int
    changed: int  # ns

    @classmethod
    def of(cls, about: os.stat_result) -> "Mark":
        """Return the mark in what the system says about a file."""
        return cls(about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


def mark(path: Path) -> Mark | None:
    """Return the mark of what has the name `path`, a link itself; None of nothing."""
    try:
        return Mark.of(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_atomically(
    target: Path, content: bytes | memoryview, lock: Lock, *, over: Mark | None
) -> Mark:
    """Give the name `target` to a file of this content in one go; return its mark.

    The new file is locked by `lock` before it has its name, and takes over the
    permissions of the old one. A process that is killed in between leaves a file
    behind whose name ends in its number and ``.part``; the next write deletes it.

    Parameters
    ----------
    target : Path
        The name, resolved: what is there must be no link.
    content : bytes
        All that the file holds.
    lock : Lock
        Holds the file of the write before.
    over : Mark or None
        The one file that may be replaced; None: there must be none.

    Raises
    ------
    FileExistsError
        If something else is there.
    OSError
        If the file cannot be written. What `target` held before is still there.
    """
    _sweep(target)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with open(part, "xb") as file:
        try:
            locked(file.fileno())
            with suppress(FileNotFoundError):  # of the first write
                shutil.copymode(target, part)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            _rename(part, target, over)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        lock.hold(file.fileno())
        written = Mark.of(os.fstat(file.fileno()))
    with suppress(OSError):  # not every system can force a folder onto the disk
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return written


def append_whole(target: Path, content: bytes, *, over: Mark, forced: bool) -> Mark:
    """Add `content` to the end of the file `target`; return its new mark.

    What a full disk has taken of it is taken back. A computer that dies meanwhile may
    leave half of it.

    Parameters
    ----------
    target : Path
        The file, resolved.
    content : bytes
        What is added.
    over : Mark
        Of the one file that may be added to.
    forced : bool
        Whether it must be on the disk when this returns.

    Raises
    ------
    FileExistsError
        If another file is there, or it has changed.
    OSError
        If the file cannot be written. It is as before.
    """
    with open(target, "r+b", buffering=0) as file:
        number = file.fileno()
        about = os.fstat(number)
        if Mark.of(about) != over:
            raise _another(target)
        try:
            os.lseek(number, 0, os.SEEK_END)
            left = memoryview(content)
            while left:
                left = left[os.write(number, left) :]
            if forced:
                os.fsync(number)
        except BaseException:
            os.ftruncate(number, over.size)
            # So that its mark is as before.
            os.utime(number, ns=(about.st_atime_ns, over.changed))
            raise
        return Mark.of(os.fstat(number))


def _another(target: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "there is another file now", str(target))


def _rename(part: Path, target: Path, over: Mark | None) -> None:
    """Call `part` by the name `target`, if what has it is what may be replaced."""
    if over is not None and mark(target) == over:
        os.replace(part, target)
        return
    try:
        os.link(part, target)  # fails if there is anything
    except FileExistsError:
        raise _another(target) from None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENOSPC, errno.EROFS):
            raise
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))  # a disk without hard links
        os.replace(part, target)
    else:
        with suppress(OSError):
            part.unlink()


def _sweep(target: Path) -> None:
    """Delete what writers of `target` left behind that are no longer alive."""
    before, after = f"{target.name}.", ".part"
    with suppress(OSError):  # whoever may not look or delete can still write
        for name in os.listdir(target.parent):
            number = name.removeprefix(before).removesuffix(after)
            if name == f"{before}{number}{after}" and not _may_live(number):
                _discard(target.parent / name)


def _discard(part: Path) -> None:
    """Delete a file that a writer of ours may have left; anything else stays."""
    if stat.S_ISREG(os.lstat(part).st_mode):
        with open(part, "rb") as file:
            begin = file.read(max(map(len, OURS)))
        if not begin or begin.startswith(OURS):
            part.unlink()


def _may_live(number: str) -> bool:
    """Tell whether there may be a process of this number; if in doubt, there may."""
    if os.name != "posix" or not (number.isascii() and number.isdecimal()):
        return True
    if number == str(os.getpid()):
        return False  # a namesake: this process has nothing half written now
    try:
        os.kill(int(number), 0)  # asks, sends nothing
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
