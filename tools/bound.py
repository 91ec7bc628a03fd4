"""Say of every number in the prose what binds it, and list those that nothing binds.

usage: python tools/bound.py [--mutate] [PAGE ...]        (default: all pages)

With --mutate each digit that is bound by the page is changed in turn, and those whose
change nobody would notice are listed, too. A number is looked for in its own section
alone; it is bound by a role that shows a number of a record, by code that is set to
it, by an assertion, an output or an explorer that holds it, or by a source.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1] / "_ext"))  # not installed

import prose
from algollm_book.stored import States, notebook_at, states_of
from algollm_helpers.book import claims
from numerals import Numeral, agrees, changed, find, rounded, spelled
from prose import PAIR, Passage
from sources import Given, given

ROOT = Path(__file__).resolve().parents[1]
# Pages whose numbers are all bound, so that the tests hold them to it. The list grows
# as pages are mended, and goes, together with its option, once it has all of them.
DONE: frozenset[str] = frozenset()

RUN = ("measured", "assertion", "output", "explorer")  # what a run has produced
SET = ("setting", "count")  # a count is a setting up to ten, or a word: often a chance
BOUND = (*RUN, *SET, "ledger", "essay", "cited")
_ABOUT = re.compile(r"\b(?:about|almost|around|below|near|nearly|over|some|than)\s+$")
_ESSAY = re.compile(r"\b[Ee]ssay|\bS[0-4]\b|\{claim\}|^#+ C\d+")
Records = Mapping[str, claims.Found]


class Found(NamedTuple):
    """A number of the prose, and what binds it."""

    cell: str  # its id
    number: Numeral
    sentence: str
    kind: str  # one of BOUND, one of prose.EXEMPT, or "unbound"


class Unnoticed(NamedTuple):
    """A bound number, and a changed one that would pass for it."""

    found: Found
    text: str
    kind: str  # what would bind it


@dataclass(frozen=True)
class Page:
    """A page's cells, the state of its widgets, and the records of the whole book."""

    name: str
    cells: Sequence[Mapping[str, Any]]
    states: States
    records: Records

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
    def quoted(self) -> list[Numeral]:
        """The numbers in the essays' claims that this chapter settles."""
        stem = self.name.removesuffix("_lab")
        texts = [row.claim for row in claims.ledger().values() if row.chapter == stem]
        return [n for text in texts for n in (*find(text), *spelled(text))]

    def found(self) -> Iterator[Found]:
        """Yield every number of the prose."""
        for passage in self.passages:
            reading = Reading(self, passage)
            for at, number in enumerate(reading.numbers):
                yield reading.found(at, number)

    def unnoticed(self) -> Iterator[Unnoticed]:
        """Yield each change of a digit after which the page is as bound as before."""
        for found, text, kind in self.mutants():
            if kind != "unbound":
                yield Unnoticed(found, text, kind)

    def mutants(self) -> Iterator[tuple[Found, str, str]]:
        """Yield each bound number with one digit changed, and what binds it then."""
        for passage in self.passages:
            reading = Reading(self, passage)
            for at, number in enumerate(reading.numbers):
                found = reading.found(at, number)
                if found.kind not in (*RUN, *SET):
                    continue
                for text in changed(number):
                    other = Reading(self, passage.changed(number, text))
                    yield found, text, other.worst(number.start, len(text))

    def elsewhere(self, number: Numeral) -> str:
        """Return where else a number stands that nothing binds where it is."""
        telling = not number.whole or number.value > 10  # a 3 stands everywhere
        places = [
            f"{claim}.{name}"
            for claim, found in self.records.items()
            for name, text in found.record.numbers.items()
            if text == number.text.replace("−", "-") and telling
        ]
        places += [
            f"{one.kind} of cell {self.cells[n]['id']}"
            for n, all_given in self.given.items()
            for one in sorted(all_given, key=lambda one: one.kind)
            if agrees(number, one.number) and telling
        ]
        return ", ".join(list(dict.fromkeys(places))[:3])


class Reading:
    """One passage of a page, read number by number."""

    def __init__(self, page: Page, passage: Passage) -> None:
        self.page, self.passage, self.text = page, passage, passage.text
        self.numbers = prose.numbers(passage.text)
        self.spans = list(prose.regions(passage))

    @cached_property
    def near(self) -> list[Given]:
        """What the section gives: settings first, which a table may print as well."""
        order = ("setting", "assertion", "output", "explorer")
        every = set().union(*(self.page.given[n] for n in self.passage.near))
        return sorted(every, key=lambda one: order.index(one.kind))

    def found(self, at: int, number: Numeral) -> Found:
        """Return a number with its place and what binds it."""
        cell = self.page.cells[self.passage.cell]["id"]
        around = prose.sentence(self.text, number.start)
        return Found(cell, number, around, self.kind(at))

    def worst(self, start: int, length: int) -> str:
        """Return what binds the number at a place, "unbound" if its partner is."""
        here = [
            at
            for at, number in enumerate(self.numbers)
            if number.start < start + length and start < number.end
        ]
        pairs = [at - 1 for at in here if at and self.paired(at - 1)]
        kinds = [self.kind(at) for at in (*here, *pairs)]
        return "unbound" if "unbound" in kinds or not kinds else kinds[0]

    def paired(self, at: int) -> bool:
        """Return whether a number and the next one are as in "13 of 40"."""
        number, *after = self.numbers[at : at + 2]
        return bool(after and PAIR.fullmatch(self.text, number.end, after[0].start))

    def kind(self, at: int) -> str:
        """Return what binds a number, or why it needs nothing."""
        number = self.numbers[at]
        kind = prose.exempt(number, self.text, self.spans)
        if kind == "measured":
            return self._role(number)
        if kind:
            return kind
        return self._run(at) or self._source(number) or "unbound"

    def _role(self, number: Numeral) -> str:
        """Compare a role's text with the record that it names."""
        for role in prose.MEASURED.finditer(self.text):
            if role.start() <= number.start < role.end():
                said, name = role[1], role[2] or role[3]
                claim, _, field = name.partition(".")
                stored = claim in self.page.records and (
                    self.page.records[claim].record.numbers.get(field)
                )
                if stored and said in (None, stored, stored.replace("-", "−")):
                    return "measured"
        return "unbound"

    def _run(self, at: int) -> str:
        """Return which result or setting of the section binds a number, if any."""
        number = self.numbers[at]
        if self.paired(at):
            return self._pair(number, self.numbers[at + 1])
        said = rounded(number) if _ABOUT.search(self.text[: number.start]) else number
        printed = 0 < said.step < Fraction(1, 10) and said.value / said.step % 10 == 0
        for one in self.near:
            if one.kind == "setting" and printed:
                continue  # 2.00 is no setting but a result, and a literal is a 2
            if agrees(said, one.number):
                small = said.whole and abs(said.value) <= 10
                return "count" if small and one.kind == "setting" else one.kind
        return ""

    def _pair(self, number: Numeral, whole: Numeral) -> str:
        """Return what binds the 13 of "13 of 40": a print of both, or an assertion.

        "4 in 100" may also stand for a printed share. Settings are both in the code,
        and not small: a 3 stands in every cell.
        """
        share = replace(
            number,
            value=number.value / (whole.value or 1),
            step=1 / (whole.value or Fraction(1)),
            kind="digits",
        )
        rounds = whole.value in (10, 100, 1000)
        for one in self.near:
            if one.kind == "setting":
                continue
            same = agrees(number, one.number)
            both = same and one.partner and agrees(whole, one.partner)
            if both or (same and one.kind == "assertion"):
                return one.kind
            if rounds and 0 < one.number.step < 1 and agrees(share, one.number):
                return one.kind
        settings = [one.number for one in self.near if one.kind == "setting"]
        known = all(any(agrees(n, s) for s in settings) for n in (number, whole))
        return "setting" if known and number.value > 10 else ""

    def _source(self, number: Numeral) -> str:
        """Return what else vouches for a number: the ledger, an essay, a citation."""
        if re.match(r"\s+claims\b", self.text[number.end :]):
            return "ledger" if number.value == len(claims.ledger()) else ""
        around = prose.sentence(self.text, number.start)
        if _ESSAY.search(around) and any(agrees(number, n) for n in self.page.quoted):
            return "essay"
        return "cited" if "{cite" in around else ""


def page_at(path: Path, records: Records) -> Page:
    """Read a notebook, or a page that is text alone."""
    if path.suffix == ".ipynb":
        book = notebook_at(path)
        return Page(path.stem, book["cells"], states_of(book), records)
    text = path.read_text("utf-8")
    cell = {"cell_type": "markdown", "id": path.name, "source": text}
    return Page(path.stem, [cell], {}, records)


def pages(paths: Iterable[Path] = ()) -> list[Page]:
    """Read pages, by default all: the chapters, what lies beside them, and README."""
    chapters = sorted(ROOT.glob("chapters/*.ipynb"))
    every = [*chapters, *sorted(ROOT.glob("chapters/*.md"))]
    every += [ROOT / "intro.md", ROOT / "README.md"]
    records = claims.collect((path.stem, notebook_at(path)) for path in chapters)
    return [page_at(path, records) for path in paths or every]


def faults(page: Page) -> list[str]:
    """Return a line for each number that nothing binds, or whose change goes unseen.

    A setting may be changed unseen: another one of the same section was meant, perhaps.
    """
    lines = [_line(f) for f in page.found() if f.kind == "unbound"]
    return lines + [_unseen(u) for u in page.unnoticed() if u.found.kind in RUN]


def _line(found: Found) -> str:
    return f"{found.cell}  {found.number.text}  | {found.sentence}"


def _unseen(unnoticed: Unnoticed) -> str:
    found, text, kind = unnoticed
    return f"{found.cell}  {found.number.text} -> {text} ({kind})  | {found.sentence}"


def table(counts: Mapping[str, Counter[str]]) -> str:
    """Return how many numbers of each kind the pages have, a line a kind."""
    total = sum(counts.values(), Counter[str]())
    width = max(len(name) for name in counts)
    lines = []
    for group in (BOUND, ("unbound",), prose.EXEMPT):
        for kind in group:
            lines.append(f"{kind:10} {total[kind]:5}")
    lines.append("")
    head = ("page", "run", "setting", "count", "source", "exempt", "unbound")
    lines.append(f"{head[0]:{width}} " + " ".join(f"{h:>7}" for h in head[1:]))
    for name, count in counts.items():
        sums = [sum(count[k] for k in RUN), count["setting"], count["count"]]
        sums += [sum(count[k] for k in ("ledger", "essay", "cited"))]
        sums += [sum(count[k] for k in prose.EXEMPT), count["unbound"]]
        lines.append(f"{name:{width}} " + " ".join(f"{n:7}" for n in sums))
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Print counts and lists; exit with 1 if a page that is done has a fault."""
    parser = argparse.ArgumentParser(
        "python tools/bound.py", description="List the numbers that nothing binds."
    )
    parser.add_argument("--mutate", action="store_true", help="change each digit")
    parser.add_argument("pages", metavar="PAGE", nargs="*", type=Path)
    asked = parser.parse_args(words)
    counts, seen, every = {}, Counter[str](), Counter[str]()
    for page in pages(asked.pages):
        found = list(page.found())
        counts[page.name] = Counter(one.kind for one in found)
        print(f"\n{page.name}")
        for one in found:
            if one.kind == "unbound":
                where = page.elsewhere(one.number)
                print(f"  {_line(one)}{where and '  | ' + where}")
        for one, text, kind in page.mutants() if asked.mutate else ():
            every[one.kind] += 1
            seen[one.kind] += kind == "unbound"
            if kind != "unbound" and one.kind in RUN:
                print(f"  unnoticed: {_unseen(Unnoticed(one, text, kind))}")
    print(f"\n{table(counts)}")
    for kind, number in every.items():
        print(f"{kind}: {seen[kind]} of {number} changed digits are noticed")
    sys.exit(any(counts[name]["unbound"] for name in DONE & counts.keys()))


if __name__ == "__main__":
    main()
