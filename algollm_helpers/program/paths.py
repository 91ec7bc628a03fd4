"""The words that name files, each decided once, at the door.

A word becomes one `Path`, and nobody behind the door sees the word: a check and a
write that read it differently could check one file and harm another.
"""

import os
from enum import Enum
from pathlib import Path


class Stream(Enum):
    """What is read though it has no name."""

    STDIN = "-"


Source = Path | Stream  # where a text comes from


def file_path(word: str) -> Path:
    """Return the file of that name, whether it is there or not.

    Raises
    ------
    ValueError
        If only a folder can have this name, or nothing.
    """
    if word == Stream.STDIN.value:
        raise ValueError(
            "expected the name of a file, got '-'; a file of that name is './-'"
        )
    path = _path(word)
    if _names_a_folder(word):
        raise ValueError(f"expected the name of a file, got that of a folder: {word!r}")
    return path


def source(word: str) -> Source:
    """Return the file or folder of that name, or stdin for ``-``.

    Raises
    ------
    ValueError
        If nothing can have this name, or it is a folder's name and a file has it.
    """
    if word == Stream.STDIN.value:
        return Stream.STDIN
    path = _path(word)
    if _names_a_folder(word) and path.exists() and not path.is_dir():
        raise ValueError(f"{word!r} is no folder but a file: {shown(path)}")
    return path


def shown(path: Source) -> str:
    """Return the name as messages show it."""
    return "stdin" if path is Stream.STDIN else repr(str(path))


def _path(word: str) -> Path:
    if not word:
        raise ValueError("expected the name of a file, got ''")
    if "\0" in word:
        raise ValueError(
            f"expected the name of a file, got {word!r}, which holds U+0000"
        )
    return Path(word)


def _names_a_folder(word: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    last = word
    for separator in separators:
        last = last.rpartition(separator)[2]
    return last in ("", ".", "..")
