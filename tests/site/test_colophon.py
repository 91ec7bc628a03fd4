"""Tests for algollm_book.colophon: how to cite, and the foot of the built pages."""

from datetime import date

import pytest
import yaml
from bs4 import BeautifulSoup

from algollm_book.colophon import bibtex
from algollm_book.edition import Edition
from tests.support.book import PAGES, ROOT
from tests.support.browser import SITE
from tests.support.pages import page, site

SAID = Edition("A Book: on LLMs", ["We", "You"], "0.2.0", date(2026, 3, 1), True)
FILES = {
    "CITATION.cff": 'title: "A book"\nauthors:\n  - name: We\nversion: 0.2.0\n',
    "CHANGELOG.md": "# Changelog\n\n## 0.2.0, 2025-03-01\n\n- b\n",
}
ABOUT = """# About

```{citation}
```
"""


def test_an_entry_keeps_capitals_and_whole_names():
    assert bibtex(SAID, year="1999", address="https://book.example/") == (
        "@misc{algollm,\n"
        "  title = {{A Book: on LLMs}},\n"
        "  author = {{We} and {You}},\n"
        "  year = {2026},\n"
        "  note = {Version 0.2.0},\n"
        "  url = {https://book.example/}\n"
        "}"
    )


def test_an_entry_without_a_day_or_an_address():
    entry = bibtex(SAID._replace(day=None), year="1999", address="")
    assert "year = {1999}" in entry
    assert "url" not in entry
    assert entry.endswith("Version 0.2.0}\n}")


def test_a_page_cites_the_edition_with_the_year_of_its_release(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    settings = {"html_theme": "sphinx_book_theme", "copyright": "1999"}
    with site(tmp_path, {"index.md": ABOUT} | FILES, **settings) as app:
        text = page(app, "index").select_one("article").get_text()
    assert "year = {2025}" in text
    assert "{{A book}}" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["index", *PAGES])
def test_each_page_of_the_book_has_a_foot_that_leads_to_the_rest(name):
    text = (SITE / f"{name}.html").read_text("utf-8")
    (foot,) = BeautifulSoup(text, "html.parser").select("footer .book-footer")
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"]
    assert f"Version {version}" in foot.get_text()
    anchors = [link["href"].partition("#")[2] for link in foot.select("a")]
    assert anchors[:2] == ["licence", "cite"]
    assert anchors[2] in {"mistakes", ""}  # or the form of a repository
