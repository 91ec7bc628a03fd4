"""What of a page is prose: its passages, and which of their numbers need no run.

A passage is the part of a text cell that belongs to one section. Some of its numbers
say nothing that a run could contradict: those in code, in links, in names such as
GPT-2 or 16-bit, dates, the data of an exercise. `exempt` tells their kind.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from algollm_book.stored import alt_text
from numerals import NUMERAL, SPELLED, Numeral, find, spelled

EXEMPT = (
    "exercise",
    "formula",
    "code",
    "label",  # of links, roles and directives
    "name",
    "date",
    "index",  # of a chapter, an equation, an item
    "time",  # to read a page
    "definition",
    "small",
)

_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|"
    "December"
)
# What a pattern tells, in the order in which they are asked.
_REGIONS = [
    (kind, re.compile(pattern, re.MULTILINE))
    for kind, pattern in (
        ("label", r"\A---\n(?s:.*?)^---$"),
        ("label", r"^[`:]{3,}.*$|^:[\w-]+:.*$|^\([\w-]+\)=$"),
        ("label", r"(?<=[\w-]\})`[^`]*`"),
        ("code", r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)"),
        ("label", r"\]\([^)]*\)|https?://\S+|</?[a-z][^<>\n]*>|\{[.#][^}]*\}"),
        ("formula", r"(?s:\$\$.*?\$\$)|(?<![\\$])\$[^$]+\$(?!\$)"),
        ("name", r"(?<![\\\w])[A-Za-z_]+-?\d[\w.-]*|\b\d+(?:-bit|-?D|st|nd|rd|th)\b"),
        ("name", r"\b(?:Python|CC BY)\s+\d+\.\d+(?:\s+to\s+\d+\.\d+)?"),
        ("date", rf"\b\d{{1,2}}\s+(?:{_MONTHS})\s+\d{{4}}"),
        (
            "date",
            r"\b(?i:in|since|until)\s+(?:19|20)\d\d(?=[.,;:)]|\s+(?:\{|(?:that|and|by)\b))",
        ),
        ("date", r"\((?:19|20)\d\d\)"),
        (
            "index",
            r"(?:\b(?i:chapters?|sections?|equations?|figures?|tables?|parts?)|· needs)"
            r"\s+\d+(?:(?:,|\s+and|\s+to)\s+\d+)*\b(?!\.\d)",
        ),
        ("index", r"^\s*\d+\.\s|\(\d\)(?=:)"),
        ("time", r"\*Time:\*\s+\d+\s+minutes|^\d+ minutes ·"),
    )
]
_EXERCISE = re.compile(r"\{(?:exercise|solution)-(start|end)\}")
MEASURED = re.compile(r"\{measured\}`(?:([^`<]*?)\s*<([^`>]*)>|([^`<]*))`")
_QUESTION = re.compile(r"^:::\{dropdown\}(.*)$((?s:.*?))^:::$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|:{3,})(.*)$", re.MULTILINE)
_RELATION = re.compile(r"[=<>≤≥≈]|,\s|\\(?:approx|leq?|geq?|ll|gg|pm|to)(?![A-Za-z])")
_AROUND = re.compile(rf"^(?:{_RELATION.pattern}|\s|\\[,;!])+|(?:\s|[.,~]|\\[,;!])+$")
_TITLE = re.compile(r"^#{1,6} .*$", re.MULTILINE)
_SENTENCE = re.compile(
    r"\n\s*\n|(?<=\|)|\n(?=\s*(?:[-*|]|\d+\.)\s)|(?<=[.?!:])[\"”)*]*\s+(?=\W*[A-Z])"
)

# Small numbers count before these: five of six, one in ten, three seeds.
_ANY = re.sub(r"\?P<\w+>", "?:", rf"(?:{NUMERAL.pattern}|{SPELLED.pattern})")
_COUNTED = re.compile(
    rf"""
        (?:\s+times)?\s+(?:out\s+of|of|in)\s+(?:the\s+|our\s+|all\s+|a\s+)?{_ANY}
      | \s+per\s+cent\b
      | (?<!\bone)[\s-](?:[a-z]+\s+)?
        (?:seeds?|runs?|times|steps?|epochs|starts|nets|networks)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
PAIR = re.compile(
    r"(?:\s+times)?\s+(?:out\s+of|of|in)\s+(?:the\s+|our\s+|all\s+|a\s+)?"
)


@dataclass(frozen=True)
class Passage:
    """A part of a text cell, or what a code cell says of its figure to the blind."""

    cell: int
    text: str
    near: tuple[int, ...]  # code cells of its section, and those just before it
    exercises: tuple[tuple[int, int], ...] = ()  # from, to

    def changed(self, number: Numeral, text: str) -> "Passage":
        """Return the passage with another text in place of a number."""
        longer = len(text) - len(number.text)
        moved = (
            tuple(at + longer * (at > number.start) for at in span)
            for span in self.exercises
        )
        whole = self.text[: number.start] + text + self.text[number.end :]
        return replace(self, text=whole, exercises=tuple((a, b) for a, b in moved))


def passages(cells: Sequence[Mapping[str, Any]]) -> Iterator[Passage]:
    """Yield the prose of a notebook, section by section.

    A section goes from one heading to the next. To its code belong the code cells
    that stand directly before its heading.
    """
    sections: list[tuple[list[tuple[int, int, int]], list[int]]] = [([], [])]
    before: list[int] = []  # code cells since the last text
    for number, cell in enumerate(cells):
        text = _text(cell)
        heads = set()
        if cell["cell_type"] != "code":
            heads = {match.start() for match in _TITLE.finditer(text)}
        for start, end in pairwise(sorted(heads | {0, len(text)})):
            if start in heads:
                sections.append(([], [] if start else before))
            sections[-1][0].append((number, start, end))
        if cell["cell_type"] == "code":
            sections[-1][1].append(number)
            before = [*before, number]
        else:
            before = []
    exercises = _exercises(cells)
    for parts, near in sections:
        for number, start, end in parts:
            spans = tuple((a - start, b - start) for a, b in exercises[number])
            text = _text(cells[number])[start:end]
            yield Passage(number, text, tuple(near), spans)


def _text(cell: Mapping[str, Any]) -> str:
    is_code = cell["cell_type"] == "code"
    return alt_text(cell["metadata"]) if is_code else str(cell["source"])


def _exercises(cells: Sequence[Mapping[str, Any]]) -> list[list[tuple[int, int]]]:
    """Return for each cell the spans that lie inside an exercise or a solution."""
    spans: list[list[tuple[int, int]]] = []
    is_open = False
    for cell in cells:
        here, start, text = [], 0, _text(cell)
        for match in _EXERCISE.finditer(text):
            if match[1] == "start":
                start, is_open = match.start(), True
            else:
                here.append((start, match.end()))
                is_open = False
        spans.append([*here, (start, len(text))] if is_open else here)
    return spans


def regions(passage: Passage) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what needs no run; of two that overlap the first.

    The kind of a role that shows a number of a record is "measured".
    """
    yield from ((start, end, "exercise") for start, end in passage.exercises)
    for match in MEASURED.finditer(passage.text):
        if match[2] is not None:
            yield *match.span(2), "label"
        yield *match.span(), "measured"
    yield from _fenced(passage.text)
    yield from _posed(passage.text)
    for kind, pattern in _REGIONS:
        for match in pattern.finditer(passage.text):
            if kind == "formula":
                yield from ((a, b, kind) for a, b in _terms(match))
            else:
                yield *match.span(), kind


def _fenced(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the blocks between fences that are no prose."""
    kinds = {"{math}": "formula", "{glossary}": "definition"}
    opened: list[tuple[int, str, str]] = []  # where, fence, what it opens
    for match in _FENCE.finditer(text):
        fence, info = match[1], match[2].strip()
        if opened and not info and fence == opened[-1][1]:
            start, _, what = opened.pop()
            name = what.partition("}")[0] + "}"
            kind = kinds.get(name) if what.startswith("{") else "code"
            if kind:
                yield start, match.end(), kind
        elif not opened or opened[-1][2].startswith("{"):
            opened.append((match.start(), fence, info))


def _posed(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the numbers of an answer that its question has made up."""
    for block in _QUESTION.finditer(text):
        posed = {abs(number.value) for number in find(block[1])}
        for number in find(block[2]):
            if abs(number.value) in posed:
                at = block.start(2)
                yield at + number.start, at + number.end, "exercise"


def _terms(formula: re.Match[str]) -> Iterator[tuple[int, int]]:
    r"""Yield the parts of a formula that are not a mere number.

    In $x \approx 0.37$ the right side is one, which a run may have produced; the 2
    of $2\lambda$ is not, and neither is a small whole number, as in $x = 2$.
    """
    inner = formula[0].strip("$")
    at = formula.start() + formula[0].index(inner)
    start = 0
    for end in [*(match.start() for match in _RELATION.finditer(inner)), len(inner)]:
        side = _AROUND.sub("", inner[start:end])
        number = NUMERAL.fullmatch(side)
        if not number or (side.isdecimal() and int(side) <= 10):
            yield at + start, at + end
        start = end


def exempt(number: Numeral, text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Return why a number needs no run, "measured" if it is a role's, "" otherwise."""
    for start, end, kind in spans:
        if start <= number.start < end:
            return kind
    plain = number.whole and abs(number.value) in (0, 1) and not number.percent
    return "small" if plain and not _COUNTED.match(text, number.end) else ""


def numbers(text: str) -> list[Numeral]:
    """Return the numbers of a text, those in words where a run may stand behind them.

    A word is one before "seeds", "runs", "times", "steps" and their like, and in "five
    of six" or "one in ten". Not seen are "twice", "half", "a third", ordinals, and
    counts of other things ("four letters").
    """
    found = list(find(text))
    words = [word for word in spelled(text) if _COUNTED.match(text, word.end)]
    after = {m.end() for n in [*found, *words] if (m := PAIR.match(text, n.end))}
    words += [w for w in spelled(text) if w.start in after and w not in words]
    return sorted(found + words, key=lambda number: number.start)


def sentence(text: str, at: int) -> str:
    """Return the sentence, title, item, or cell of a table that holds a place."""
    start, stop = 0, len(text)
    for line in _TITLE.finditer(text):
        if line.start() <= at < line.end():
            return line[0]
        start = line.end() if line.end() <= at else start
    for cut in _SENTENCE.finditer(text):
        if cut.end() > at:
            stop = cut.start()
            break
        start = max(start, cut.end())
    return " ".join(text[start:stop].split())
