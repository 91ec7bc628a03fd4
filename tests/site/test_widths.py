"""Figures and tables as wide as there is room, and words as large as words are."""

import pytest

from tests.support.browser import DESK, PHONE

pytestmark = pytest.mark.browser

FIGURES = """() =>
  [...document.querySelectorAll(".picture, .explorer > .explorer-stack")]
  .map((place) => [...place.querySelectorAll("svg")].find((s) => s.checkVisibility()))
  .map((svg) => ({
    width: svg.getBoundingClientRect().width,
    high: svg.getBoundingClientRect().height > 570, // 36rem, the most there is
    sizes: [...svg.querySelectorAll("text[style]")].map((text) =>
      parseFloat(getComputedStyle(text).fontSize) * Math.abs(svg.getScreenCTM().a)),
  }))"""
CHAPTER = "chapters/descent.html"


@pytest.fixture
def at(context):
    readers = []

    def opened(name, size):
        readers.append(context(viewport=size))
        page = readers[-1].new_page()
        page.goto(name)
        return page

    yield opened
    for reader in readers:
        reader.close()


@pytest.mark.parametrize(
    ("size", "least", "largest"), [(DESK, 640, 18), (PHONE, 380, 14)], ids=str
)
def test_figures_fill_their_column_and_their_words_do_not_grow(
    at, size, least, largest
):
    page = at(CHAPTER, size)
    page.evaluate(
        "for (const p of document.querySelectorAll('.picture'))"
        " p.style.contentVisibility = 'visible'"
    )
    figures = page.evaluate(FIGURES)
    assert len(figures) > 6
    for figure in figures:
        assert figure["width"] >= least
        if not figure["high"]:
            assert all(12 <= words <= largest for words in figure["sizes"]), figure
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_on_a_phone_the_table_of_symbols_has_room_for_what_they_mean(at):
    page = at("chapters/symbols.html", PHONE)
    table = page.locator("table").first
    assert table.evaluate("t => t.offsetWidth <= t.closest('section').offsetWidth")
    shares = table.locator("th").evaluate_all("c => c.map((e) => e.offsetWidth)")
    assert max(shares) == shares[1]
