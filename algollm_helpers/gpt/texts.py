"""Texts: what ends a line, what makes a document, and where each one stands.

Chapter: ``chapters/microgpt.ipynb``. A text is UTF-8. Its lines end as Unicode says
[1]_: with LF, CR, CR LF, NEL, vertical tab, form feed, U+2028 or U+2029. A byte order
mark at the start of a line is no letter.

References
----------
.. [1] The Unicode Consortium, "The Unicode Standard", section 5.8, "Newline
   Guidelines".
"""

import codecs
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

LINE_END = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
MARK = "\ufeff"  # byte order mark
CHUNK = 2**16  # bytes that are read at a time
SPLITS = ("line", "blank", "file", "block")


class Place(NamedTuple):
    """Where a character stands, counted from 1."""

    line: int
    column: int


def check_split(split: str) -> None:
    """Refuse what is no way to make documents of a text."""
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")


class Documents:
    """Documents of one or several texts, where each begins, and what was dropped.

    Parameters
    ----------
    split : str
        ``line``: a document is a line, outer blanks dropped. ``blank``: what stands
        between empty lines. ``file``: a whole text. ``block``: `block_size`
        characters of a text, whatever they are.
    block_size : int
        For the last of them.

    Attributes
    ----------
    docs : list of str
        The documents. In those of several lines each line ends with LF.
    names : list of (str, int)
        Name of each text, and how many documents there were after it.
    empty, stripped : int
        Lines that were dropped as empty, documents that lost outer blanks.
    """

    def __init__(self, split: str = "line", block_size: int = 1) -> None:
        check_split(split)
        self.split, self._block_size = split, block_size
        self.docs: list[str] = []
        self.names: list[tuple[str, int]] = []
        self.empty = self.stripped = 0
        self._lines, self._columns = array("Q"), array("Q")

    def read(
        self,
        file: IO[bytes],
        name: str,
        on_bytes: Callable[[int], object] | None = None,
    ) -> None:
        """Add the documents of an open file.

        Raises
        ------
        ValueError
            If it is not UTF-8; the message holds `name` and the place.
        """
        lines = _lines(_characters(file, name, on_bytes))
        if self.split == "line":
            self._add_lines(lines)
        elif self.split == "blank":
            self._add_paragraphs(lines)
        else:
            self._add_whole(lines)
        self.names.append((name, len(self.docs)))

    def place(self, i: int, offset: int) -> tuple[str, Place]:
        """Return where character `offset` of document `i` stands: text, place."""
        name = next(name for name, end in self.names if i < end)
        before = self.docs[i][:offset]
        line = self._lines[i] + before.count("\n")
        if "\n" in before:
            return name, Place(line, offset - before.rindex("\n"))
        return name, Place(line, self._columns[i] + offset)

    def _add(self, doc: str, line: int, column: int = 1) -> None:
        self.docs.append(doc)
        self._lines.append(line)
        self._columns.append(column)

    def _add_lines(self, lines: Iterable[str]) -> None:
        for number, line in enumerate(lines, 1):
            doc = line.strip()
            if doc:
                self.stripped += len(doc) < len(line)
                self._add(doc, number, line.index(doc) + 1)
            else:
                self.empty += 1

    def _add_paragraphs(self, lines: Iterable[str]) -> None:
        kept: list[str] = []
        number = 0
        for number, line in enumerate(lines, 1):
            if line.strip():
                kept.append(line)
                continue
            self.empty += 1
            if kept:
                self._add("\n".join(kept).rstrip(), number - len(kept))
                kept = []
        if kept:
            self._add("\n".join(kept).rstrip(), number + 1 - len(kept))

    def _add_whole(self, lines: Iterable[str]) -> None:
        text = "\n".join(lines)
        start = len(text) - len(text.lstrip())
        start = text.rfind("\n", 0, start) + 1  # empty lines go, indentation stays
        doc, line = text[start:].rstrip(), text.count("\n", 0, start) + 1
        if self.split == "file":
            if doc:
                self._add(doc, line)
            return
        column = 1
        for first in range(0, len(doc), self._block_size):
            piece = doc[first : first + self._block_size]
            self._add(piece, line, column)
            line += piece.count("\n")
            end = piece.rfind("\n")
            column = len(piece) - end if end >= 0 else column + len(piece)


def is_text(path: Path) -> bool:
    """Tell whether a file is UTF-8 and free of U+0000.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        try:
            return not any("\0" in piece for piece in _characters(file, "it", None))
        except ValueError:
            return False


def _characters(
    file: IO[bytes], name: str, on_bytes: Callable[[int], object] | None
) -> Iterator[str]:
    """Yield a file's characters, some at a time."""
    decoder, done, raw = codecs.getincrementaldecoder("utf-8")(), 0, b" "
    while raw:
        raw = file.read(CHUNK)
        pending = len(decoder.getstate()[0])  # bytes of a character that is cut
        try:
            yield decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{name} is not UTF-8: byte {done - pending + error.start} is "
                f"0x{error.object[error.start]:02x}; save it as UTF-8"
            ) from error
        done += len(raw)
        if on_bytes is not None:
            on_bytes(len(raw))


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in pieces."""
    begun: list[str] = []  # pieces of a line whose end has not come
    half = ""  # a CR whose LF may come
    for piece in pieces:
        piece = half + piece
        half = "\r" if piece.endswith("\r") else ""
        first, *others = LINE_END.split(piece.removesuffix(half))
        begun.append(first)
        for other in others:
            yield "".join(begun).removeprefix(MARK)
            begun = [other]
    last = "".join(begun).removeprefix(MARK)
    if last or half:
        yield last
