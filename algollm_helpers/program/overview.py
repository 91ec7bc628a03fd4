"""What is said of a text before the work: what it holds, what is cut or dropped."""

import unicodedata
from collections.abc import Iterable

from algollm_helpers.gpt.texts import Documents

MOST_NAMED = 8  # letters that a note lists


def counted(number: int, noun: str) -> str:
    """Return a number and its noun, say "1 document"."""
    return f"{number:,} {noun}" + ("s" if number != 1 else "")


def code_point(char: str) -> str:
    """Return a character as messages name it, for those that cannot be told apart."""
    return f"{char!r} (U+{ord(char):04X})"


def summary(documents: Documents, alphabet: str) -> str:
    """Return which text it is, how many documents, how many characters."""
    names = [name for name, _ in documents.names]
    which = names[0] if len(names) == 1 else f"{len(names):,} texts"
    docs = counted(len(documents.docs), "document")
    return f"{which}: {docs}, {counted(len(alphabet), 'different character')}"


def notes(documents: Documents, alphabet: str, *, block_size: int) -> list[str]:
    """Return a line for each thing about a text that one may not expect."""
    return [
        *_cut(documents, block_size),
        *_dropped(documents),
        *_invisible(alphabet),
        *_twofold(alphabet),
    ]


def _cut(documents: Documents, block_size: int) -> Iterable[str]:
    if documents.split == "block":
        return
    # a document of as many characters as the block is read whole, but not its end
    cut = sum(len(doc) >= block_size for doc in documents.docs)
    if cut:
        unseen = sum(max(0, len(doc) - block_size) for doc in documents.docs)
        total = sum(map(len, documents.docs))
        yield (
            f"cut: {cut:,} of {counted(len(documents.docs), 'document')} at the block "
            f"of {counted(block_size, 'character')}; {unseen:,} of {total:,} "
            f"characters ({unseen / total:.0%}) are never seen; a larger --block-size "
            "sees more, --split block makes pieces of all"
        )


def _dropped(documents: Documents) -> Iterable[str]:
    parts = []
    if documents.empty and documents.split == "line":
        parts.append(counted(documents.empty, "empty line"))
    if documents.stripped:
        parts.append(
            f"the blanks around {counted(documents.stripped, 'line')} (--split blank, "
            "file and block keep indentation)"
        )
    if parts:
        yield f"dropped: {', '.join(parts)}"


def _invisible(alphabet: str) -> Iterable[str]:
    found = [
        f"U+{ord(char):04X}"
        for char in alphabet
        if unicodedata.category(char) in ("Cc", "Cf", "Zs", "Co", "Cn")
        and char not in " \n\t"
    ]
    if found:
        more = ", …" if len(found) > MOST_NAMED else ""
        yield (
            f"invisible: {', '.join(found[:MOST_NAMED])}{more} count as letters like "
            "any other"
        )


def _twofold(alphabet: str) -> Iterable[str]:
    """Yield a note if a letter may occur both composed and decomposed."""
    letters = set(alphabet)
    for char in alphabet:
        parts = unicodedata.normalize("NFD", char)
        if len(parts) > 1 and letters.issuperset(parts):
            spelt = " ".join(f"U+{ord(part):04X}" for part in parts)
            yield (
                f"twofold: {code_point(char)} can also be written as {spelt}, and both "
                "occur; they count as different letters unless the text is normalised"
            )
            return
