"""What of a page is prose: its passages, and the numbers that are not the page's own.

A passage is the part of a text cell that belongs to one section. Some of its numbers
say nothing that a run could contradict: those in code, in links, in names such as S0
or float32, dates, the data of an exercise. `exempt` tells the kind of each.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numerals import NUMERAL, SPELLED, WORDS, Numeral, find, spelled

Region = tuple[int, int, str]  # from, to, kind

HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
EXERCISE = re.compile(r"\{(exercise|solution)-(start|end)\}")
MEASURED = re.compile(r"\{measured\}`(?:([^`<]*?)\s*<([^`>]*)>|([^`]*))`")

# The kinds that a pattern tells, in the order in which they are asked.
KINDS = (
    ("label", r"\A---\n.*?^---$"),
    ("code", r"^(`{3,})[a-z]*\n.*?^\1`*$"),
    ("label", r"\{[\w:-]+\}`[^`]*`"),
    ("code", r"(`+)(?!`).+?(?<!`)\1(?!`)"),
    ("label", r"^[`:]{3,}.*$|^:[\w-]+:.*$|^\([\w-]+\)=$"),
    ("label", r"\]\([^)]*\)|https?://\S+|<[^<>\n]*>|\{[.#][^}]*\}"),
    ("formula", r"\$\$.*?\$\$|(?<!\$)\$[^$]+\$(?!\$)"),
    ("name", r"\b[A-Za-z_]+-?\d[\w.,-]*|\b\d+(?:-bit\b|[A-Za-z]+\b(?<![kKMGB]))"),
    ("name", r"\b(?:Python|version|NumPy)\s+\d[\d.]*(?:\s+(?:to|and)\s+\d[\d.]*)?"),
    (
        "date",
        r"\b\d{1,2}\s+(?:January|February|March|April|May|June|July|August"
        r"|September|October|November|December)\s+\d{4}"
        r"|\b(?:[Ii]n|[Oo]f|[Ss]ince|[Bb]y|[Ff]rom|[Uu]ntil|year)\s+(?:19|20)\d\d\b"
        r"|\((?:19|20)\d\d\)",
    ),
    (
        "index",
        r"\b(?:[Cc]hapters?|[Ss]ections?|[Ee]quations?|[Ff]igures?|[Tt]ables?"
        r"|[Ll]ines?|[Rr]ows?|[Rr]ules?|needs)\s+\d+(?:(?:,|\s+and|\s+to)\s+\d+)*"
        r"|^\s*\d+\.\s",
    ),
    ("time", r"\*Time:\*\s+\d+\s+minutes|^\d+ minutes ·"),
)
_PATTERNS = [(k, re.compile(p, re.MULTILINE | re.DOTALL)) for k, p in KINDS[:2]]
_PATTERNS += [(k, re.compile(p, re.MULTILINE)) for k, p in KINDS[2:]]

_NUMBER = rf"(?:{NUMERAL.pattern}|{SPELLED.pattern})"
_NUMBER = re.sub(r"\?P<\w+>", "?:", _NUMBER)
# A number as a word, or a small one, counts before these; "five of the time" is not.
CUE = re.compile(
    rf"""[\s-]+(?:
        (?:out\s+)?of\s+(?:the\s+|our\s+|all\s+|these\s+)?{_NUMBER}
      | in\s+(?:a\s+)?{_NUMBER}
      | (?:[a-z]+\s+)?
        (?:seeds?|runs?|times|steps|epochs|starts|nets|networks|per\s+cent|fold)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
PAIR = re.compile(r"\s+(?:out\s+)?(of|in)\s+(?:the\s+|our\s+|all\s+|these\s+|a\s+)?")
RELATION = re.compile(r"[=<>≤≥≈]|\\(?:approx|leq?|geq?|ll|gg|pm|to)\b")


@dataclass(frozen=True)
class Passage:
    """A part of a text cell, with the code cells that may bind its numbers."""

    cell: int
    start: int  # where it begins in the cell
    text: str
    near: tuple[int, ...]  # code cells of its section, and those just before it
    exercise: tuple[tuple[int, int], ...] = ()


def passages(cells: Sequence[Mapping[str, Any]]) -> Iterator[Passage]:
    """Yield the prose of a notebook section by section.

    A section goes from one heading to the next. To its code belong the code cells
    that stand directly before its heading.
    """
    parts: list[list[tuple[int, int, str]]] = [[]]
    codes: list[list[int]] = [[]]
    before: list[int] = []
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            codes[-1].append(number)
            before.append(number)
        elif cell["cell_type"] == "markdown":
            text = cell["source"]
            heads = [match.start() for match in HEADING.finditer(text)]
            cuts = sorted({0, *heads, len(text)})
            for start, end in zip(cuts, cuts[1:], strict=False):
                if start in heads:
                    parts.append([])
                    codes.append(list(before))
                parts[-1].append((number, start, text[start:end]))
            before = []
    inside = _exercises(cells)
    for section, near in zip(parts, codes, strict=True):
        for number, start, text in section:
            spans = tuple((a - start, b - start) for a, b in inside[number])
            yield Passage(number, start, text, tuple(near), spans)


def _exercises(cells: Sequence[Mapping[str, Any]]) -> list[list[tuple[int, int]]]:
    """Return for each cell the spans that lie inside an exercise or a solution."""
    spans: list[list[tuple[int, int]]] = []
    is_open = False
    for cell in cells:
        here, start = [], 0
        text = cell["source"]
        for match in EXERCISE.finditer(text) if cell["cell_type"] != "code" else ():
            if match[2] == "start":
                is_open, start = True, match.start()
            else:
                here.append((start, match.end()))
                is_open = False
        if is_open:
            here.append((start, len(text)))
        spans.append(here)
    return spans


def regions(passage: Passage) -> Iterator[Region]:
    """Yield the parts of a passage whose numbers need no run, first come first."""
    for start, end in passage.exercise:
        yield start, end, "exercise"
    for match in MEASURED.finditer(passage.text):
        yield *match.span(), "measured"
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(passage.text):
            if kind != "formula":
                yield *match.span(), kind
                continue
            for start, end in _terms(match):
                yield start, end, kind


def _terms(formula: re.Match[str]) -> Iterator[tuple[int, int]]:
    r"""Yield the parts of a formula that are not a mere number.

    In $x \approx 0.37$ the right side is one, which a run may have produced; the 2
    of $2\lambda$ is not.
    """
    inner = formula[0].strip("$")
    at = formula.start() + formula[0].index(inner)
    for side in re.finditer(rf"(?:(?!{RELATION.pattern}).)+", inner, re.DOTALL):
        bare = re.sub(r"\\[,;]|[~.,\s]+$|^[~\s]+", "", side[0])
        number = NUMERAL.fullmatch(bare)
        if not number or (bare.isdecimal() and int(bare) <= 10):
            yield at + side.start(), at + side.end()


def numbers(text: str) -> list[Numeral]:
    """Return the numbers of a text, those in words where a run may stand behind them.

    A word counts before "seeds", "runs", "times", "steps" and their like, and in "five
    of six" or "one in ten". It does not see "twice", "half", "a third", ordinals, nor a
    count of other things ("four letters").
    """
    found = list(find(text))
    words = [word for word in spelled(text) if CUE.match(text, word.end)]
    tails = {m.end() for n in [*found, *words] if (m := PAIR.match(text, n.end))}
    words += [w for w in spelled(text) if w.start in tails and w not in words]
    return sorted(found + words, key=lambda numeral: numeral.start)


def sentence(text: str, at: int) -> str:
    """Return the sentence, the item or the row of a table that holds a place."""
    ends = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.)\s)|(?<=[.?!:])[\"”)*]*\s+(?=\W*[A-Z])")
    start, stop = 0, len(text)
    for cut in ends.finditer(text):
        if cut.end() <= at:
            start = cut.end()
        else:
            stop = cut.start()
            break
    return " ".join(text[start:stop].split())


def small(numeral: Numeral, text: str) -> bool:
    """Return whether a number is a 0 or 1 that counts nothing."""
    plain = numeral.whole and numeral.value in (0, 1) and not numeral.percent
    return plain and not CUE.match(text, numeral.end)


__all__ = ["WORDS", "Passage", "numbers", "passages", "regions", "sentence", "small"]
