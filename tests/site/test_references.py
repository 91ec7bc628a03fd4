"""Tests for algollm_book.references: a source has one name in text and list."""

import pytest
from pybtex.database import parse_string

from algollm_book.references import AuthorYearList
from tests.support.book import ROOT
from tests.support.pages import page, site

ENTRY = "@misc{{{key}, author = {{{who}}}, title = {{{title}}}, year = {{{year}}}}}\n"
BOOKS = [
    ("one", "Goh, Gabriel", "Momentum", 2017),
    ("two", "Baur, Walter and Strassen, Volker", "Bounds", 1983),
    ("many", "Lee, Jason and Jordan, Michael and Recht, Ben", "Minimizers", 2016),
    ("firm", "{Hugging Face}", "Losses", 2024),
    ("umlaut", "P{\\'o}czos, Barnab{\\'a}s", "Saddles", 2017),
    ("spaces", "Di Rossi Verdi, Anna", "Ridges", 2022),
    ("later", "Goh, Gabriel", "Zeal", 2018),
    ("twin", "Goh, Gabriel", "Zeal, again", 2018),
]
BIB = "".join(
    ENTRY.format(key=key, who=who, title=title, year=year)
    for key, who, title, year in BOOKS
)
LABELS = {
    "one": "Goh, 2017",
    "two": "Baur and Strassen, 1983",
    "many": "Lee et al., 2016",
    "firm": "Hugging Face, 2024",
    "umlaut": "Póczos, 2017",
    "spaces": "Di Rossi Verdi, 2022",
    "later": "Goh, 2018a",
    "twin": "Goh, 2018b",
}


def test_a_source_is_named_by_authors_and_year_and_twins_by_a_letter():
    listed = AuthorYearList().format_bibliography(parse_string(BIB, "bibtex"))
    assert {source.key: source.label for source in listed} == LABELS


def test_the_text_says_what_the_list_says(tmp_path):
    cited = " ".join(f"{{cite}}`{key}`" for key in LABELS)
    pages = {
        "index.md": f"# A\n\n{cited}\n\n```{{bibliography}}\n```\n",
        "all.bib": BIB,
    }
    settings = {
        "extensions": ["myst_nb", "sphinxcontrib.bibtex", "algollm_book"],
        "bibtex_bibfiles": ["all.bib"],
        "bibtex_default_style": "author_year",
        "bibtex_reference_style": "label",
    }
    with site(tmp_path, pages, **settings) as app:
        assert app.warning.getvalue() == ""
        html = page(app, "index")
    for link in html.select(".bibtex-citation a"):
        entry = html.find(id=link["href"].lstrip("#"))
        assert entry.select_one(".label").get_text() == f"[{link.get_text()}]"
    said = {link.get_text() for link in html.select(".bibtex-citation a")}
    assert said == set(LABELS.values())


@pytest.mark.parametrize(
    "line", ["default_style: author_year", "reference_style: label"]
)
def test_the_book_asks_for_it(line):
    assert f"bibtex_{line}" in (ROOT / "_config.yml").read_text("utf-8")
