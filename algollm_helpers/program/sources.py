"""Where texts come from: files, folders, stdin, or the book's own list of names."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO, NamedTuple

from algollm_helpers.gpt.texts import Documents, is_text
from algollm_helpers.program.paths import Source, Stream, shown
from algollm_helpers.program.progress import bar

FEW = 5  # names that a message lists


class Listing(NamedTuple):
    """The files that are to be read, and what of the folders is not."""

    files: list[Source]
    hidden: int  # files and folders whose names begin with a dot
    others: list[str]  # names of what is no text

    @property
    def paths(self) -> list[Path]:
        """The files that have a name."""
        return [file for file in self.files if isinstance(file, Path)]

    @property
    def notes(self) -> list[str]:
        """What was skipped, as messages say it."""
        parts = [f"{self.hidden:,} hidden"] if self.hidden else []
        if self.others:
            parts.append(f"{len(self.others):,} that are no text: {_few(self.others)}")
        return [f"skipped: {', '.join(parts)}"] if parts else []


def listed(sources: Sequence[Source]) -> Listing:
    """Return the files that `sources` stand for; those of folders in their order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    listing = Listing([], 0, [])
    for source in sources:
        if isinstance(source, Path) and source.is_dir():
            found = _in_folder(source)
            listing = Listing(
                listing.files + found.files,
                listing.hidden + found.hidden,
                listing.others + found.others,
            )
        elif source is Stream.STDIN or source.exists():
            listing.files.append(source)
        else:
            raise FileNotFoundError(
                f"no file {shown(source)}; expected a text file or a folder"
            )
    return listing


def _in_folder(folder: Path) -> Listing:
    """Return what a folder and its folders hold; no link to a folder is followed."""
    texts: list[Source] = []
    others, hidden = [], 0
    for here, folders, names in os.walk(folder):
        seen = sorted(name for name in names if not name.startswith("."))
        inner = sorted(name for name in folders if not name.startswith("."))
        hidden += len(names) - len(seen) + len(folders) - len(inner)
        folders[:] = inner
        for path in (Path(here, name) for name in seen):
            if path.is_file() and is_text(path):
                texts.append(path)
            else:
                others.append(shown(path))
    return Listing(texts, hidden, others)


def read(
    sources: Sequence[Source], listing: Listing, *, split: str, block_size: int
) -> Documents:
    """Return the documents of the files that are listed for `sources`.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If one is not UTF-8, or there is no document.
    """
    documents = Documents(split, block_size)
    with bar("byte", total=None) as progress:
        for file in listing.files if sources else [None]:
            with _opened(file) as (stream, name):
                documents.read(stream, name, progress.update)
    if not documents.docs:
        names = ", ".join(map(shown, sources)) or BOOK
        raise ValueError(f"{names} holds no document; expected text")
    return documents


BOOK = "the book's names"


@contextmanager
def _opened(file: Source | None) -> Iterator[tuple[IO[bytes], str]]:
    """Open a source, None for the book's names; give its name, too."""
    if file is Stream.STDIN:
        yield sys.stdin.buffer, shown(file)
    elif file is None:
        with (files("algollm_helpers") / "data" / "names.txt").open("rb") as stream:
            yield stream, BOOK
    else:
        with file.open("rb") as stream:
            yield stream, shown(file)


def _few(names: Sequence[str]) -> str:
    more = ", …" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
