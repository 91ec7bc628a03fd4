"""The built site, read as files: whole, self-contained, light, and true."""

import gzip
import os
import re
from collections import Counter
from functools import cache
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from algollm_book.address import VARIABLE, checked
from algollm_book.stored import alt_text
from algollm_helpers.book.claims import collect
from algollm_helpers.book.judging import VERDICTS
from algollm_helpers.book.ledger import ledger
from tests.support.book import CLAIMED, NOTEBOOKS, ORDER, PAGES, ROOT, notebook

SITE = ROOT / "_build" / "html"
HTML = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if not {"_static", "_sources"} & set(path.parts)
)
BASE = urlsplit(checked(os.environ.get(VARIABLE) or "http://localhost")).path
STRAIGHT = str.maketrans("‘’“”", "''\"\"")  # Sphinx makes quotation marks curly
A_SECOND = 200_000  # bytes that a slow phone link, 1.6 Mbit/s, brings in one

pytestmark = pytest.mark.slow


@cache
def page(name):
    return BeautifulSoup((SITE / name).read_text("utf-8"), "html.parser")


@cache
def anchors(name):
    return {tag["id"] for tag in page(name).find_all(id=True)}


def test_the_site_is_built_and_newer_than_what_it_shows():
    # Without a built site every test below would have nothing to look at.
    assert {f"{name}.html" for name in ["index", *PAGES]} <= set(HTML), "make book"
    built = min((SITE / f"{name}.html").stat().st_mtime for name in PAGES)
    assert all(path.stat().st_mtime <= built for path in NOTEBOOKS), "make book"


def loads(name):
    """Yield the address of everything that a page loads by itself."""
    for tag in page(name).find_all(["script", "img", "iframe", "source", "video"]):
        if tag.get("src"):
            yield tag["src"]
    for tag in page(name).find_all("link", href=True):
        elsewhere = {"alternate", "canonical", "search", "index", "next", "prev"}
        if not elsewhere & set(tag["rel"]):
            yield tag["href"]


@pytest.mark.parametrize("name", HTML)
def test_a_page_loads_nothing_from_elsewhere(name):
    for address in loads(name):
        assert not urlsplit(address).netloc, f"{name} loads {address}"
    text = (SITE / name).read_text("utf-8")
    assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", text)
    assert "require.min.js" not in text
    assert "widget-state+json" not in text


@pytest.mark.parametrize("path", sorted(SITE.rglob("*.css")), ids=lambda p: p.name)
def test_style_sheets_load_nothing_from_elsewhere(path):
    text = path.read_text("utf-8")
    assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import\s+url\(http", text)


@pytest.mark.parametrize("name", HTML)
def test_internal_links_and_anchors_resolve(name):
    for tag in page(name).find_all("a", href=True):
        target = urlsplit(urljoin(name, tag["href"]))
        if target.scheme in {"http", "https", "mailto"}:
            continue
        # Only the page for wrong addresses starts from the server's root.
        path = unquote(target.path).removeprefix(BASE if name == "404.html" else "")
        path = path or name
        assert (SITE / path).is_file(), f"{name} links to {tag['href']}"
        if target.fragment and path.endswith(".html"):
            known = unquote(target.fragment) in anchors(path)
            assert known, f"{name} links to {tag['href']}, which has no such place"


@pytest.mark.parametrize("name", HTML)
def test_formulas_are_set_and_ask_for_their_font(name):
    for place in page(name).select(".math"):
        assert place.math, f"{name}: {place.get_text()} is no formula"
        (source,) = place.select("annotation")
        shown = place.math.get_text().removesuffix(source.get_text())
        assert shown.strip()
        assert not set(shown) & set("\\$"), f"{name}: {source.get_text()}"
    asked = any(address.endswith("formulas.css") for address in loads(name))
    assert asked == bool(page(name).select_one("main math"))


def test_every_formula_of_the_book_is_on_a_page():
    # Counted in the notebooks' own prose, where a dollar is nothing but a formula.
    for path in NOTEBOOKS:
        cells = [c for c in notebook(path)["cells"] if c["cell_type"] == "markdown"]
        prose = "\n".join(re.sub(r"`[^`]*`", "", c["source"]) for c in cells)
        prose = re.sub(r"\\\$", "", prose)
        sources = re.findall(r"(?<!\$)\$([^$]+)\$(?!\$)", prose)
        there = page(f"chapters/{path.stem}.html").select("article math annotation")
        written = {" ".join(source.split()) for source in sources}
        assert written <= {" ".join(tag.get_text().split()) for tag in there}


@pytest.mark.parametrize("name", HTML)
def test_what_a_page_and_its_style_sheets_ask_for_is_there(name):
    for address in loads(name):
        path = SITE / file_of(name, address)
        assert path.is_file(), f"{name} asks for {address}"
        if path.suffix == ".css":
            for url in re.findall(r"url\(['\"]?([^'\")]+)", path.read_text("utf-8")):
                if not url.startswith(("data:", "#", "%23")):
                    assert (path.parent / urlsplit(url).path).is_file(), url


@pytest.mark.parametrize("name", HTML)
def test_no_page_has_a_script_in_an_attribute(name):
    # The content security policy would refuse it.
    for tag in page(name).find_all(True):
        assert not [key for key in tag.attrs if key.startswith("on")], tag


@cache
def weight(name):
    return len(gzip.compress((SITE / name).read_bytes()))


def file_of(name, address):
    return unquote(urljoin(name, urlsplit(address).path))


@pytest.mark.parametrize("name", HTML)
def test_what_a_page_waits_for_before_it_shows_anything_is_light(name):
    scripts = page(name).select("script[src]:not([defer]):not([async])")
    sheets = page(name).select('link[rel="stylesheet"]')
    addresses = [t["src"] for t in scripts] + [t["href"] for t in sheets]
    total = sum(weight(file_of(name, address)) for address in addresses)
    assert total <= A_SECOND, f"{name} waits for {total} bytes gzipped"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_figure_and_explorer_of_a_notebook_is_on_its_page(path):
    html = page(f"chapters/{path.stem}.html")
    pictures = [tag["aria-label"] for tag in html.select(".picture[role=img]")]
    explorers = [
        html.find(id=tag["aria-describedby"]).string for tag in html.select(".explorer")
    ]
    for cell in notebook(path)["cells"]:
        alt = alt_text(cell["metadata"])
        kinds = {k for out in cell.get("outputs", ()) for k in out.get("data", {})}
        if "image/svg+xml" in kinds:
            assert alt in pictures
        elif alt and "remove-output" not in cell["metadata"].get("tags", ()):
            assert alt in explorers
    for frame in html.select(".explorer-stack [role=img]"):
        assert frame["aria-label"]


@pytest.mark.parametrize("name", HTML)
def test_ids_are_unique(name):
    seen = Counter(tag["id"] for tag in page(name).find_all(id=True))
    assert [i for i, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("name", HTML)
def test_each_word_that_is_linked_has_its_definition_on_the_page(name):
    there = {tag["id"] for tag in page(name).select(".definitions > .definition")}
    linked = {
        f"about-{target.fragment}"
        for tag in page(name).select("a:has(> .std-term)")
        if not tag.find_parent(class_="definitions")
        and (target := urlsplit(tag["href"])).path  # else it is the glossary
    }
    assert there == linked


@cache
def recorded():
    found = collect((path.stem, notebook(path)) for path in NOTEBOOKS)
    return {claim_id: read.record for claim_id, read in found.items()}


def test_the_scorecard_has_a_row_for_every_claim():
    rows = page("chapters/claims.html").select("table.scorecard tbody tr")
    ids = [row.td.get_text(strip=True) for row in rows]
    assert ids == [
        claim_id
        for chapter in CLAIMED
        for claim_id, claim in ledger().items()
        if claim.chapter == chapter
    ]


def test_the_scorecard_says_what_the_notebooks_computed():
    measured = recorded()
    for row in page("chapters/claims.html").select("table.scorecard tbody tr"):
        claim_id, _, verdict, finding = [
            " ".join(cell.get_text(" ").translate(STRAIGHT).split())
            for cell in row.select("td")
        ]
        record = measured[claim_id]
        assert verdict == record.headline
        for part in record.outcomes.values() or [record]:
            assert f"{part.finding} ".translate(STRAIGHT) in f"{finding} "


def test_a_verdict_in_the_scorecard_leads_to_its_box():
    html = page("chapters/claims.html")
    links = {a.get_text(): a["href"] for a in html.select("table.scorecard a")}
    assert set(links) == set(recorded())
    for claim_id, record in recorded().items():
        target, _, anchor = links[claim_id].partition("#")
        box = page(f"chapters/{target}").find(id=anchor).get_text()
        assert claim_id in box
        assert record.headline in box.translate(STRAIGHT)


def test_the_tally_counts_every_claim_once():
    items = page("index.html").select("ul.tally li")
    counts = [int(item.strong.get_text()) for item in items]
    verdicts = [record.verdict for record in recorded().values()]
    assert counts == [verdicts.count(verdict) for verdict in VERDICTS]
    assert sum(counts) == len(ledger())


def test_the_standings_add_up_to_the_tally_and_lead_to_their_tables():
    rows = page("chapters/claims.html").select("table.standings tbody tr")
    counts = [
        [int(td.get_text()) for td in row.select("td")[: len(VERDICTS)]] for row in rows
    ]
    tally = page("index.html").select("ul.tally strong")
    assert [sum(column) for column in zip(*counts, strict=True)] == [
        int(number.get_text()) for number in tally
    ]
    for stem, row, count in zip(CLAIMED, rows, counts, strict=True):
        table = page("chapters/claims.html").select_one(row.a["href"])
        first = table.select_one("tbody td").get_text(strip=True)
        assert ledger()[first].chapter == stem
        assert sum(count) == len(table.select("tbody tr"))


def test_the_landing_page_links_every_chapter():
    cards = page("index.html").select(".book-cards .sd-card")
    links = [[a["href"] for a in card.select("a[href]")] for card in cards]
    assert links == [[f"chapters/{stem}.html"] for stem in ORDER]
