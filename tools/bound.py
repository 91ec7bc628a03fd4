"""Say of every number in the prose what binds it, and list those that nothing binds.

usage: python tools/bound.py [--mutate] [PAGE ...]     (default: all pages)
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numerals
import prose
from algollm_book.stored import notebook_at, states_of
from algollm_helpers.book import claims
from numerals import Numeral, agrees
from sources import Given, given

ROOT = Path(__file__).resolve().parents[1]
BOUND = ("measured", "output", "explorer", "assertion", "code", "claims", "essay", "cited")
EXEMPT = ("exercise", "label", "code span", "formula", "name", "date", "index", "time", "small")
ABOUT = re.compile(r"\b(?:about|nearly|almost|some|around|roughly|over|under|than|of|near)\s+$")


@dataclass(frozen=True)
class Page:
    name: str
    cells: Sequence[Mapping[str, Any]]
    passages: Sequence[prose.Passage]
    given: Mapping[int, frozenset[Given]]


@dataclass(frozen=True)
class Found:
    cell: str
    number: Numeral
    kind: str
    sentence: str


def page_at(path: Path) -> Page:
    if path.suffix == ".ipynb":
        notebook = notebook_at(path)
        cells, states = notebook["cells"], states_of(notebook)
    else:
        cells = [{"cell_type": "markdown", "id": "", "source": path.read_text("utf-8")}]
        states = {}
    results = {
        n: frozenset(given(cell, states))
        for n, cell in enumerate(cells)
        if cell["cell_type"] == "code"
    }
    return Page(path.stem, cells, list(prose.passages(cells)), results)


class Checker:
    def __init__(self, page: Page, records) -> None:
        self.page, self.records = page, records
        self._near: dict[tuple[int, ...], list[Given]] = {}
        self.ledger = claims.ledger()
        self.quoted = [
            n for c in self.ledger.values() for n in numerals.find(c.claim)
        ]
        self.totals = {len(self.ledger)}

    def near(self, passage) -> list[Given]:
        if passage.near not in self._near:
            order = ("output", "explorer", "assertion", "code")
            union = set().union(*(self.page.given[n] for n in passage.near))
            self._near[passage.near] = sorted(union, key=lambda g: order.index(g.kind))
        return self._near[passage.near]

    def check(self, passage) -> Iterator[Found]:
        text = passage.text
        regions = list(prose.regions(passage))
        found = prose.numbers(text)
        after = {}
        before = {}
        for n, m in zip(found, found[1:], strict=False):
            if prose.PAIR.fullmatch(text[n.end : m.start]):
                after[n], before[m] = m, n
        cell = self.page.cells[passage.cell]["id"]
        for n in found:
            kind = self.exempt(n, text, regions) or self.binds(n, passage, after.get(n), before.get(n))
            yield Found(cell, n, kind, prose.sentence(text, n.start))

    def exempt(self, n, text, regions):
        for start, end, kind in regions:
            if start <= n.start < end:
                if kind == "measured":
                    return self.role(text[start:end])
                return kind if kind != "code" else "code span"
        if prose.small(n, text):
            return "small"
        return None

    def role(self, text):
        m = prose.MEASURED.fullmatch(text)
        claim, _, name = (m[2] or m[3]).partition(".")
        if claim not in self.records:
            return "unbound"
        stored = self.records[claim].record.numbers.get(name)
        if stored is None or (m[1] and m[1].replace("−", "-") != stored.replace("−", "-")):
            return "unbound"
        return "measured"

    def binds(self, n, passage, after, before):
        text = passage.text
        said = numerals.rounded(n) if ABOUT.search(text[: n.start]) else n
        near = self.near(passage)
        for g in near:
            if after and not self.paired(said, after, g, near):
                continue
            if before and g.partner and not agrees(n, g.number) and agrees(n, g.partner):
                return g.kind
            if agrees(said, g.number) or (after and self.ratio(n, after, g)):
                return g.kind
        around = prose.sentence(text, n.start)
        if re.match(r"\s+claims\b", text[n.end :]) and n.value in self.totals:
            return "claims"
        if re.search(r"[Ee]ssay|\bS[0-4]\b|\{claim\}|^#+ C\d+", around):
            if any(agrees(n, q) for q in self.quoted):
                return "essay"
        if "{cite" in around:
            return "cited"
        return "unbound"

    def ratio(self, n, after, g):
        if after.value not in (10, 100, 1000) or g.kind not in ("output", "explorer"):
            return False
        share = replace(n, value=n.value / after.value, step=1 / after.value, word=False)
        return g.number.step <= 1 and agrees(share, g.number)

    def paired(self, said, after, g, near):
        if g.kind in ("output", "explorer"):
            if g.partner:
                return agrees(after, g.partner)
            return self.ratio(said, after, g)
        if g.kind == "assertion":
            return True
        return any(agrees(after, o.number) for o in near if o.kind == "code")

    def mutants(self, passage):
        for f in list(self.check(passage)):
            if f.kind not in ("measured", "output", "explorer", "assertion", "code"):
                continue
            for text in numerals.changed(f.number):
                n = f.number
                changed = passage.text[: n.start] + text + passage.text[n.end :]
                d = len(changed) - len(passage.text)
                other = replace(passage, text=changed, exercise=tuple((a, b+d) for a, b in passage.exercise))
                kinds = [o.kind for o in self.check(other) if o.number.start <= n.start < o.number.end or n.start <= o.number.start < n.start+len(text)]
                yield f, text, "unbound" in kinds, kinds


def main(words=None):
    parser = argparse.ArgumentParser("python tools/bound.py")
    parser.add_argument("--mutate", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("pages", nargs="*", type=Path)
    args = parser.parse_args(words)
    paths = args.pages or [*sorted(ROOT.glob("chapters/*.ipynb")), *sorted(ROOT.glob("chapters/*.md")), ROOT / "intro.md", ROOT / "README.md"]
    records = claims.collect((p.stem, notebook_at(p)) for p in sorted(ROOT.glob("chapters/*.ipynb")))
    total = Counter()
    for path in paths:
        page = page_at(path)
        checker = Checker(page, records)
        founds = [f for p in page.passages for f in checker.check(p)]
        counts = Counter(f.kind for f in founds)
        total += counts
        print(page.name, dict(counts.most_common()))
        if args.list:
            for f in founds:
                if f.kind == "unbound":
                    print("   ", f.cell, repr(f.number.text), "|", f.sentence[:150])
        if args.mutate:
            seen = Counter(); n = Counter()
            for p in page.passages:
                for f, text, red, kinds in checker.mutants(p):
                    n[f.kind] += 1; seen[f.kind] += red
                    MUT[f.kind, min(len(f.number.text),4), red] += 1
                    if args.list and not red: print("    ~", f.cell, f.kind, f.number.text, "->", text, kinds, "|", f.sentence[:100])
            print("    noticed", {k: f"{seen[k]}/{n[k]}" for k in n})
    print(dict(total.most_common()))
MUT = Counter()
if __name__ == "__main__":
    main()
    for k in sorted({k[:2] for k in MUT}):
        print(k, MUT[*k, True], MUT[*k, False])
