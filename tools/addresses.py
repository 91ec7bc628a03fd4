"""Add what is new on the built site to the list of addresses that must keep working.

usage: python tools/addresses.py        (after make book; done at each release)

The list, tests/site/addresses.txt, holds every page and, below it, every place on it
that a reader may have linked: sections, claims, exercises, equations, words of the
glossary, labels. Nothing is ever taken off it: what moves is written into _moved.toml.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
LIST = ROOT / "tests" / "site" / "addresses.txt"
# Not meant to be linked, and different after the next edit: ids that count citations
# and equal headings, solutions numbered by their place, parts inside an exercise, and
# the letters of the index.
_NOT_MEANT = re.compile(
    r"id\d+|.*-solution-\d+|(exercise|solution)-content|index|[A-Z]"
)

Addresses = dict[str, set[str]]  # anchors by page


def pages(site: Path) -> Addresses:
    """Return what can be linked on the pages of a site."""
    found = {}
    for path in site.rglob("*.html"):
        name = path.relative_to(site)
        if not name.parts[0].startswith("_"):
            found[name.as_posix()] = anchors(path.read_text("utf-8"))
    return found


def anchors(text: str) -> set[str]:
    """Return the places on a page that can be linked; those of drawings cannot."""
    article = BeautifulSoup(text, "html.parser").select_one(".bd-article")
    if article is None:
        return set()
    for drawing in article.find_all("svg"):
        drawing.decompose()
    found = {str(tag["id"]) for tag in article.find_all(id=True)}
    return {anchor for anchor in found if not _NOT_MEANT.fullmatch(anchor)}


def read(text: str) -> Addresses:
    """Return the list: pages at the margin, their places indented below them."""
    listed: Addresses = {}
    page = ""
    for line in text.splitlines():
        if line.startswith(" "):
            listed[page].add(line.strip())
        else:
            page = line
            listed[page] = set()
    return listed


def written(addresses: Addresses) -> str:
    """Return the list as text."""
    lines = []
    for page in sorted(addresses):
        lines += [page, *(f"  {anchor}" for anchor in sorted(addresses[page]))]
    return "\n".join(lines) + "\n"


def missing(listed: Addresses, site: Path) -> list[str]:
    """Return the addresses of a list that lead nowhere on a site."""
    found = []
    for page, places in listed.items():
        if not (site / page).is_file():
            found.append(page)
            continue
        known = _ids(site / page)
        found += [f"{page}#{place}" for place in sorted(places - known)]
    return found


def _ids(path: Path) -> set[str]:
    """Return every id of a page, and of the page to which it sends on."""
    soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    known = {str(tag["id"]) for tag in soup.find_all(id=True)}
    moved = soup.select_one("a.moved-page")
    if moved is not None:
        known |= _ids(path.parent / str(moved["href"]).partition("#")[0])
    return known


def main() -> None:
    """Add what is new, and say how much that is."""
    listed = read(LIST.read_text("utf-8")) if LIST.exists() else {}
    there = pages(SITE)
    both = {
        page: listed.get(page, set()) | there.get(page, set())
        for page in listed | there
    }
    LIST.write_text(written(both), "utf-8")
    before, after = (sum(map(len, each.values())) for each in (listed, both))
    print(f"{len(both) - len(listed)} new pages, {after - before} new places")


if __name__ == "__main__":
    main()
