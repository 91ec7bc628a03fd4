"""What binds a number of the prose, so that it cannot change by itself.

A number is looked for in its own section alone. It is bound by a role that shows a
number of a record, by an assertion, an output or an explorer that holds it, by code
that is set to it, or by a source. An assertion whose message quotes the prose binds
that phrase wherever it stands, once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import prose
from algollm_book.stored import States
from algollm_helpers.book import claims
from algollm_helpers.book.ledger import ledger
from algollm_helpers.book.records import same_number
from numerals import Numeral, agrees, changed, find, rounded, spelled
from prose import Passage
from sources import Given, given, quotes

RUN = ("measured", "quoted", "assertion", "output", "explorer")  # what a run produced
SET = ("setting", "count")  # a count is a setting up to ten, or a word: often a chance
BOUND = (*RUN, *SET, "ledger", "essay", "cited")
_ABOUT = re.compile(
    r"\b(?:about|almost|around|below|near|nearly|over|some|than)\s+$", re.IGNORECASE
)
_ESSAY = re.compile(r"\b[Ee]ssay|\bS[0-4]\b|\{claim\}|^#+ C\d+")


class Found(NamedTuple):
    """A number of the prose, and what binds it."""

    cell: str  # its id
    number: Numeral
    sentence: str
    kind: str  # one of BOUND, one of prose.EXEMPT, or "unbound"


class Mutant(NamedTuple):
    """A bound number with one digit changed, and what would bind it then."""

    found: Found
    text: str
    kind: str


class Quote(NamedTuple):
    """A phrase of the prose that an assertion proves."""

    cell: str
    words: str
    literals: list[Numeral]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the phrase stands in a text, broken into lines or not."""
        pattern = r"\s+".join(map(re.escape, self.words.split()))
        return [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text)]


@dataclass(frozen=True)
class Page:
    """A page's cells, the state of its widgets, and the records of the whole book."""

    name: str
    cells: Sequence[Mapping[str, Any]]
    states: States
    records: Mapping[str, claims.Found]

    @cached_property
    def passages(self) -> list[Passage]:
        """The prose, section by section."""
        return list(prose.passages(self.cells))

    @cached_property
    def given(self) -> dict[int, set[Given]]:
        """What each code cell gives."""
        code = (n for n, cell in enumerate(self.cells) if cell["cell_type"] == "code")
        return {n: given(self.cells[n], self.states) for n in code}

    @cached_property
    def quotes(self) -> list[Quote]:
        """What the assertions quote."""
        return [
            Quote(self.cells[n]["id"], words, literals)
            for n in self.given
            for words, literals in quotes(self.cells[n]["source"])
        ]

    @cached_property
    def of_essays(self) -> list[Numeral]:
        """The numbers in the essays' claims that this chapter settles."""
        stem = self.name.removesuffix("_lab")
        texts = [row.claim for row in ledger().values() if row.chapter == stem]
        return [n for text in texts for n in (*find(text), *spelled(text))]

    @cached_property
    def found(self) -> list[Found]:
        """Every number of the prose."""
        readings = (_Reading(self, passage) for passage in self.passages)
        return [r.found(at) for r in readings for at in range(len(r.numbers))]

    @cached_property
    def mutants(self) -> list[Mutant]:
        """Each change of a digit in a number that the notebook binds."""
        readings = (_Reading(self, passage) for passage in self.passages)
        return [mutant for reading in readings for mutant in reading.mutants()]

    def loose(self) -> Iterator[str]:
        """Yield a line for each number that nothing binds, and each idle quote."""
        for found in self.found:
            if found.kind == "unbound":
                places = " or ".join(self.elsewhere(found.number)[:3])
                line = f"{found.cell}  {found.number.text}  | {found.sentence}"
                yield f"{line}  | {places}" if places else line
        for quote in self.quotes:
            times = sum(len(quote.spans(passage.text)) for passage in self.passages)
            if times != 1:
                yield f"{quote.cell}  quotes what stands {times} times: {quote.words}"

    def unseen(self) -> Iterator[str]:
        """Yield a line for each digit of a run that could be another.

        Of settings it is not asked: one that is changed to another setting of its
        section passes.
        """
        for found, text, kind in self.mutants:
            if found.kind in RUN and kind != "unbound":
                change = f"{found.number.text} -> {text} passes ({kind})"
                yield f"{found.cell}  {change}  | {found.sentence}"

    def elsewhere(self, number: Numeral) -> list[str]:
        """Return where else a number stands that nothing binds in its section."""
        if number.whole and abs(number.value) <= 10:
            return []  # it stands everywhere
        places = [
            f"{claim}.{name}"
            for claim, found in self.records.items()
            for name, text in found.record.numbers.items()
            if text == number.text.replace("-", "−")
        ]
        for n, every in self.given.items():
            kinds = {one.kind for one in every if agrees(number, one.number)}
            places += [f"{kind} of {self.cells[n]['id']}" for kind in sorted(kinds)]
        return places


class _Reading:
    """One passage of a page, read number by number."""

    def __init__(self, page: Page, passage: Passage) -> None:
        self.page, self.passage, self.text = page, passage, passage.text
        self.numbers = prose.numbers(passage.text)
        self.regions = list(prose.regions(passage))
        self.quoted = [(q, *span) for q in page.quotes for span in q.spans(self.text)]

    @cached_property
    def near(self) -> list[Given]:
        """What the section gives: settings first, which a table may print as well."""
        order = ("setting", "assertion", "output", "explorer")
        every = set().union(*(self.page.given[n] for n in self.passage.near))
        return sorted(every, key=lambda one: order.index(one.kind))

    def found(self, at: int) -> Found:
        """Return a number with its place and what binds it."""
        number = self.numbers[at]
        cell = self.page.cells[self.passage.cell]["id"]
        around = prose.sentence(self.text, number.start)
        return Found(cell, number, around, self.kind(at))

    def mutants(self) -> Iterator[Mutant]:
        """Yield each change of a digit in a number that the notebook binds."""
        for at, number in enumerate(self.numbers):
            found = self.found(at)
            for text in changed(number) if found.kind in (*RUN, *SET) else ():
                other = _Reading(self.page, self.passage.changed(number, text))
                kind = other.worst(number.start, len(text))
                lost = len(other.quoted) < len(self.quoted)
                yield Mutant(found, text, "unbound" if lost else kind)

    def worst(self, start: int, length: int) -> str:
        """Return what binds the number at a place: nothing, if it or its pair is not.

        In "13 of 40" the 40 is bound together with the 13.
        """
        here = [
            at
            for at, number in enumerate(self.numbers)
            if number.start < start + length and start < number.end
        ]
        kinds = [self.kind(at) for at in here]
        kinds += [self.kind(at - 1) for at in here if at and self.paired(at - 1)]
        return "unbound" if "unbound" in kinds or not kinds else kinds[0]

    def paired(self, at: int) -> bool:
        """Return whether a number and the next one are as in "13 of 40"."""
        number, *after = self.numbers[at : at + 2]
        between = self.text[number.end : after[0].start] if after else ""
        return prose.PAIR.fullmatch(between) is not None

    def kind(self, at: int) -> str:
        """Return what binds a number, or why it needs nothing."""
        number = self.numbers[at]
        kind = prose.exempt(number, self.text, self.regions)
        if kind == "measured":
            return kind if self._recorded(number) else "unbound"
        for quote, start, end in self.quoted:
            if start <= number.start < end and not kind:
                if any(agrees(number, literal) for literal in quote.literals):
                    return "quoted"
        return kind or self._run(at) or self._source(number) or "unbound"

    def _recorded(self, number: Numeral) -> bool:
        """Compare a role's text with the record that it names."""
        for role in prose.MEASURED.finditer(self.text):
            if role.start() <= number.start < role.end():
                try:
                    stored = claims.number_of(self.page.records, role[2] or role[3])
                except LookupError:
                    return False
                return role[2] is None or same_number(role[1], stored)
        return False

    def _run(self, at: int) -> str:
        """Return which result or setting of the section binds a number, if any."""
        number = self.numbers[at]
        if self.paired(at):
            return self._pair(number, self.numbers[at + 1])
        if at and self.paired(at - 1):
            kind = self._pair(self.numbers[at - 1], number)
            if kind in ("output", "explorer"):
                return kind  # the 40 is printed with the 13
        said = rounded(number) if _ABOUT.search(self.text[: number.start]) else number
        exact = 0 < said.step < Fraction(1, 10) and said.value / said.step % 10 == 0
        small = said.whole and abs(said.value) <= 10
        for one in self.near:
            if one.kind == "setting" and exact:
                continue  # 2.00 is a result: as a setting it would be written 2
            if agrees(said, one.number):
                return "count" if small and one.kind == "setting" else one.kind
        return ""

    def _pair(self, number: Numeral, whole: Numeral) -> str:
        """Return what binds the 13 of "13 of 40": a print of both, or an assertion.

        "4 in 100" may also stand for a printed share. As settings both are in the code,
        and the first is not small.
        """
        unit = 1 / (whole.value or Fraction(1))
        share = replace(number, value=number.value * unit, step=unit, kind="digits")
        hundred = whole.value in (10, 100, 1000)
        for one in self.near:
            same = agrees(number, one.number) and one.kind != "setting"
            if same and one.partner and agrees(whole, one.partner):
                return one.kind
            if same and one.kind == "assertion":
                return one.kind
            if hundred and 0 < one.number.step < 1 and agrees(share, one.number):
                return one.kind
        settings = [one.number for one in self.near if one.kind == "setting"]
        known = all(any(agrees(n, s) for s in settings) for n in (number, whole))
        return "setting" if known and number.value > 10 else ""

    def _source(self, number: Numeral) -> str:
        """Return what else vouches for a number: the ledger, an essay, a citation."""
        if re.match(r"\s+claims\b", self.text[number.end :]):
            return "ledger" if number.value == len(ledger()) else ""
        around = prose.sentence(self.text, number.start)
        theirs = self.page.of_essays if _ESSAY.search(around) else ()
        if any(agrees(number, one) for one in theirs):
            return "essay"
        return "cited" if "{cite" in around else ""
