"""Tests for algollm_book.showcase: claims as cards, on a book of three."""

from unittest import mock

import pytest
from nbformat.v4 import new_markdown_cell
from sphinx.errors import ExtensionError

from algollm_helpers.book.box import Box
from algollm_helpers.book.judging import judge
from algollm_helpers.book.ledger import Claim, Part, ledger
from algollm_helpers.book.records import settle
from tests.support.pages import book, cell, page, site

FELL = "{fell:.1f} of 10 drops fell. The others hung."
ROWS = {
    "C01": Claim("rain", ("S1",), "Drops <fall>.", FELL),
    "C02": Claim(
        "rain",
        ("S1",),
        "Rain is wet and warm.",
        parts={"wet": Part("wet", "{wet} l."), "warm": Part("& warm", "At {low} °C.")},
    ),
    "C03": Claim(
        "rain",
        ("S1",),
        "Rain is dry and hot.",
        parts={"dry": Part("dry", "{wet} l."), "hot": Part("hot", "At {low} °C.")},
    ),
}
NUMBERS = {
    "C01": (judge(True), {"fell": 9.5}),
    "C02": ({"wet": judge(True), "warm": judge(False)}, {"wet": 3, "low": 4}),
    "C03": ({"dry": judge(False), "hot": judge(False)}, {"wet": 3, "low": 4}),
}
CATALOGUE = r"""
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

msgid "Drops <fall>."
msgstr "Gutoj falas."
"""


@pytest.fixture(scope="module", autouse=True)
def rows():
    with mock.patch.dict(ledger(), ROWS, clear=True):
        yield


def pages(asked):
    boxes = [Box(settle(name, *NUMBERS[name]))._repr_html_() for name in ROWS]
    shown = cell(*({"text/html": box, "text/plain": "a box"} for box in boxes))
    index = f"# Start\n\n```{{toctree}}\nchapters/rain\n```\n\n{asked}"
    return {
        "index.md": index,
        "chapters/rain.ipynb": book(new_markdown_cell("# Rain"), shown),
    }


def cards(app):
    return page(app, "index").select(".claim-cards > .claim-card")


def test_a_card_has_verdict_claim_first_sentence_and_the_way_to_the_box(tmp_path):
    with site(tmp_path, pages("```{claim-cards} C02 C01\n```")) as app:
        assert app.warning.getvalue() == ""
        second, first = cards(app)
    assert "verdict-holds" in first["class"]
    texts = [p.get_text() for p in first.find_all("p", recursive=False)]
    assert texts == ["holds", "Drops <fall>.", "9.5 of 10 drops fell.", texts[-1]]
    assert first.a["href"] == "chapters/rain.html#claim-c01"
    assert second.a["href"] == "chapters/rain.html#claim-c02"


def test_where_the_parts_differ_a_card_says_which_came_out_how(tmp_path):
    with site(tmp_path, pages("```{claim-cards} C02 C03\n```")) as app:
        mixed, both = cards(app)
    lines = mixed.select(".parts > li")
    assert [li.get_text(strip=True) for li in lines] == [
        "“wet”: holds",
        "“& warm”: false",
    ]
    assert [li["class"] for li in lines] == [["verdict-holds"], ["verdict-false"]]
    assert not both.select(".parts"), "the verdict above says it"


def test_the_sentences_of_a_card_are_translated(tmp_path):
    asked = pages("```{claim-cards} C01\n```")
    asked |= {"locale/eo/LC_MESSAGES/index.po": CATALOGUE}
    with site(tmp_path, asked, language="eo", locale_dirs=["locale"]) as app:
        (card,) = cards(app)
    assert card.select_one(".says").get_text() == "Gutoj falas."


def test_a_claim_that_nothing_has_settled_is_named(tmp_path):
    asked = pages("```{claim-cards} C01 C77\n```")
    with (
        pytest.raises(ExtensionError, match="index: no notebook has recorded 'C77'"),
        site(tmp_path, asked),
    ):
        pass
