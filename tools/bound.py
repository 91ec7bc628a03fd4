"""Say of every number in the prose what binds it, and list those that nothing binds.

usage: python tools/bound.py [--mutate] [PAGE ...]        (default: all pages)

With --mutate every digit that a notebook binds is changed in turn, and those are listed
whose change would go unseen. What binds a number is told in `binding`. A number that
nothing binds wants a role ({measured}`0.37 <C105.end>`), an assertion beside it, or one
that quotes it: assert won == 4, "four of the five seeds".
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "_ext"))  # not installed

import prose
from algollm_book.stored import notebook_at, states_of
from algollm_helpers.book import claims
from binding import BOUND, RUN, SET, Page

ROOT = Path(__file__).resolve().parents[1]


def pages(paths: Sequence[Path] = ()) -> Iterator[Page]:
    """Read pages, by default all: the chapters, what lies beside them, and README."""
    chapters = sorted(ROOT.glob("chapters/*.ipynb"))
    records = claims.collect((path.stem, notebook_at(path)) for path in chapters)
    texts = [*sorted(ROOT.glob("chapters/*.md")), ROOT / "index.md", ROOT / "README.md"]
    for path in paths or (*chapters, *texts):
        if path.suffix == ".ipynb":
            book = notebook_at(path)
            yield Page(path.stem, book["cells"], states_of(book), records)
        else:
            text = path.read_text("utf-8")
            cell = {"cell_type": "markdown", "id": path.name, "source": text}
            yield Page(path.stem, [cell], {}, records)


def table(counts: Mapping[str, Counter[str]]) -> str:
    """Return how many numbers there are of each kind, and of what sort on each page."""
    total = sum(counts.values(), Counter[str]())
    kinds = (*BOUND, "unbound", *prose.EXEMPT)
    lines = [f"{kind:10} {total[kind]:5}" for kind in kinds]
    sorts = {"run": RUN, **{kind: (kind,) for kind in SET}}
    sorts |= {"source": BOUND[len(RUN) + len(SET) :], "exempt": prose.EXEMPT}
    sorts["unbound"] = ("unbound",)
    lines += ["", f"{'page':17} " + " ".join(f"{sort:>7}" for sort in sorts)]
    for name, count in counts.items():
        sums = (sum(count[kind] for kind in kinds) for kinds in sorts.values())
        lines.append(f"{name:17} " + " ".join(f"{number:7}" for number in sums))
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Print lists and counts."""
    parser = argparse.ArgumentParser(
        "python tools/bound.py", description="List the numbers that nothing binds."
    )
    parser.add_argument("--mutate", action="store_true", help="change every digit")
    parser.add_argument("pages", metavar="PAGE", nargs="*", type=Path)
    asked = parser.parse_args(words)
    counts = {}
    seen, every = Counter[str](), Counter[str]()
    for page in pages(asked.pages):
        counts[page.name] = Counter(found.kind for found in page.found)
        mutants = page.mutants if asked.mutate else ()
        every.update(mutant.found.kind for mutant in mutants)
        seen.update(m.found.kind for m in mutants if m.kind == "unbound")
        print(f"{page.name}:")
        for line in (*page.loose(), *(page.unseen() if asked.mutate else ())):
            print(f"  {line}")
    print(f"\n{table(counts)}\n")
    for kind, number in every.items():
        share = seen[kind] / number
        print(f"{kind}: {seen[kind]} of {number} changed digits are seen, {share:.0%}")


if __name__ == "__main__":
    main()
