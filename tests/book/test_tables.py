"""Tests for algollm_helpers.book.tables: what a table says, on a page and in print."""

import pytest
from bs4 import BeautifulSoup

from algollm_helpers.book.tables import Table

HEAD, ROWS = ("sign", "next"), [("a < b", "ask & look"), ("“c”", "–")]


def test_each_word_stands_in_its_row_and_column():
    page = BeautifulSoup(Table(HEAD, ROWS)._repr_html_(), "html.parser")
    assert [th.get_text() for th in page.select("thead th[scope=col]")] == list(HEAD)
    rows = [tuple(td.get_text() for td in tr.select("td")) for tr in page.select("tr")]
    assert rows[1:] == ROWS


def test_in_print_it_is_a_line_for_each_row():
    assert repr(Table(HEAD, ROWS)).splitlines() == [
        "sign | next",
        "a < b | ask & look",
        "“c” | –",
    ]


@pytest.mark.parametrize("row", [("one",), ("one", "two", "three"), ()])
def test_a_row_of_another_length_is_refused(row):
    with pytest.raises(ValueError, match="a row must have 2 entries"):
        Table(HEAD, [ROWS[0], row])
