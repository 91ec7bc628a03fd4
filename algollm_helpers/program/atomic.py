"""Files that are written whole or not at all.

A new file is written beside the old one, forced onto the disk and only then given its
name, so at every moment the name stands for the old content or the new one in full.
"""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: bytes | memoryview) -> None:
    """Give the file `path` a new content in one go.

    A link goes on pointing to its file, which keeps its permissions. A process that is
    killed in between leaves a file behind whose name ends in its number and ``.part``;
    the next write to `path` deletes it.

    Raises
    ------
    OSError
        If the file cannot be written. What `path` held before is still there.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    _sweep(target)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            with suppress(FileNotFoundError):  # of the first write
                shutil.copymode(target, part)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    with suppress(OSError):  # not every system can force a folder onto the disk
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sweep(target: Path) -> None:
    """Delete what writers of `target` left behind that are no longer alive."""
    before, after = f"{target.name}.", ".part"
    with suppress(OSError):  # whoever may not look or delete can still write
        for name in os.listdir(target.parent):
            number = name.removeprefix(before).removesuffix(after)
            if name == f"{before}{number}{after}" and not _may_live(number):
                (target.parent / name).unlink()


def _may_live(number: str) -> bool:
    """Tell whether there may be a process of this number; if in doubt, there may."""
    if os.name != "posix" or not (number.isascii() and number.isdecimal()):
        return True
    try:
        os.kill(int(number), 0)  # asks, sends nothing
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
