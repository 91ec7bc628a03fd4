"""Documents and the tokens that a model reads them as.

Chapter: ``chapters/microgpt.ipynb``. A document is a string, for example a name. A
token is a character of the alphabet or the boundary, which stands before and after
each document.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Ids, Mask
from algollm_helpers.checks import check_count
from algollm_helpers.gpt.texts import Documents


class Evaluation(NamedTuple):
    """How well documents are predicted, in nats; two averages that differ."""

    per_token: float  # mean over all tokens: long documents count more
    per_document: float  # mean over documents of each one's mean over its tokens
    tokens: int  # predicted, the closing boundary included
    cut: int  # documents that were longer than the model's block, hence cut


def load_docs(path: str | PathLike[str] | None = None) -> list[str]:
    """Read documents, one a line; empty lines and outer blanks are dropped.

    Parameters
    ----------
    path : path, optional
        A text file in UTF-8. By default the book's own list of names.

    Returns
    -------
    list of str
        The documents in the order of the file, repeated ones included.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not UTF-8 or holds no document.
    """
    read = Documents()
    if path is None:
        with (files("algollm_helpers") / "data" / "names.txt").open("rb") as file:
            read.read(file, "the book's names")
    elif Path(path).exists() and not Path(path).is_dir():  # a pipe is welcome
        with open(path, "rb") as file:
            read.read(file, repr(str(path)))
    else:
        raise FileNotFoundError(f"no file {str(path)!r}; expected a text file")
    if not read.docs:
        raise ValueError(f"{str(path)!r} holds no document; expected one a line")
    return read.docs


@dataclass(frozen=True)
class Tokenizer:
    """Characters to numbers and back.

    Parameters
    ----------
    alphabet : str
        The characters; the token of a character is its place, 0, 1, …

    Examples
    --------
    >>> tokenizer = Tokenizer.of(["emma", "ava"])
    >>> tokenizer.alphabet, tokenizer.boundary
    ('aemv', 4)
    >>> tokenizer.encode("eva").tolist()
    [4, 1, 3, 0, 4]
    """

    alphabet: str
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = {char: i for i, char in enumerate(self.alphabet)}
        if len(ids) != len(self.alphabet):
            raise ValueError(f"the alphabet {self.alphabet!r} repeats a character")
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def of(cls, docs: Iterable[str]) -> "Tokenizer":
        """Return the tokenizer whose alphabet is all characters of `docs`, sorted."""
        chars: set[str] = set()
        chars.update(*docs)
        return cls("".join(sorted(chars)))

    @property
    def boundary(self) -> int:
        """The token before and after each document: the last number."""
        return len(self.alphabet)

    @property
    def vocab_size(self) -> int:
        """Number of tokens: the alphabet and the boundary."""
        return len(self.alphabet) + 1

    def encode(self, doc: str, *, close: bool = True) -> Ids:
        """Return boundary, characters, boundary, the last only if `close`.

        Shape (len(doc) + 2,), or (len(doc) + 1,).
        """
        end = self.boundary
        try:
            tokens = [end, *map(self._ids.__getitem__, doc)]
        except KeyError as error:
            raise ValueError(
                f"{_short(doc)} has the character {error.args[0]!r}, which is not in "
                f"the vocabulary {_short(self.alphabet)}"
            ) from None
        if close:
            tokens.append(end)
        return np.array(tokens, dtype=np.intp)

    def decode(self, token_ids: Iterable[int]) -> str:
        """Return the characters of `token_ids`, boundaries left out."""
        return "".join(self.alphabet[i] for i in token_ids if i != self.boundary)


def _short(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}…"


def check_docs(docs: Sequence[str]) -> None:
    """Refuse what is not a non-empty list of strings."""
    if isinstance(docs, str):
        raise ValueError(f"docs must be a list of strings, got the string {docs!r}")
    if not len(docs):
        raise ValueError("docs must hold at least one document, got none")
    for doc in docs:
        if not isinstance(doc, str):
            raise ValueError(f"docs must be a list of strings, it holds {doc!r}")


class Batch(NamedTuple):
    """Documents side by side, the shorter ones filled up with the boundary."""

    token_ids: Ids  # (B, T): what the model reads
    targets: Ids  # (B, T): the token after each
    mask: Mask | None  # (B, T): True where one is to be predicted; None: everywhere

    @property
    def predicted(self) -> Mask:
        """True where a token is to be predicted, shape (B, T) or (T,)."""
        return np.ones(self.targets.shape, bool) if self.mask is None else self.mask


def batch_tokens(
    docs: Iterable[str], tokenizer: Tokenizer, *, block_size: int
) -> Batch:
    """Return `docs` as one batch, each cut to its first `block_size` predictions.

    One document comes back as shapes (T,), without a mask. Of several, T is the
    length of the longest.

    Raises
    ------
    ValueError
        If there is no document, one has a character that is not in the alphabet, or
        `block_size` is below 1.
    """
    check_count("block_size", block_size)
    # what is cut is not read: the cost of a step does not depend on it
    rows = [tokenizer.encode(doc[:block_size])[: block_size + 1] for doc in docs]
    if not rows:
        raise ValueError("expected at least one document, got none")
    if len(rows) == 1:
        return Batch(rows[0][:-1], rows[0][1:], None)
    lengths = np.array([len(row) - 1 for row in rows])
    tokens = np.full((len(rows), lengths.max() + 1), tokenizer.boundary, dtype=np.intp)
    for line, row in zip(tokens, rows, strict=True):
        line[: len(row)] = row
    mask = np.arange(lengths.max()) < lengths[:, None]
    return Batch(tokens[:, :-1], tokens[:, 1:], mask)


def token_share(part: Iterable[str], docs: Iterable[str], *, block_size: int) -> float:
    """Return which part of the tokens predicted of `docs` are those of `part`.

    Of a document these are its characters and its end, but at most `block_size`.
    """

    def tokens(some: Iterable[str]) -> int:
        return sum(min(len(doc) + 1, block_size) for doc in some)

    return tokens(part) / tokens(docs)
