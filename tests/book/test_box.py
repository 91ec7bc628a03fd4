"""Tests for book.box: what a notebook shows of a record, and what is read back."""

import pytest
from bs4 import BeautifulSoup

from algollm_helpers.book.box import Box, from_html
from algollm_helpers.book.judging import judge
from algollm_helpers.book.records import settle

pytestmark = pytest.mark.usefixtures("rows")
SAID = {"share": 0.25, "n": 8}
RECORDS = {
    "plain": ("C01", judge(True), SAID),
    "condition": ("C02", judge(True, False), SAID),
    "parts": ("C03", {"wet": judge(False), "cold": judge(True, False)}, SAID),
    "table": ("C04", judge(True), SAID | {"lake": 0.5, "sand": '"&<'}),
}


def box(name):
    return Box(settle(*RECORDS[name]))


def parsed(name):
    return BeautifulSoup(box(name)._repr_html_(), "html.parser").div


def texts(tags):
    return [tag.get_text() for tag in tags]


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_shown_is_read_back(name):
    shown = box(name)
    assert from_html(f"before {shown._repr_html_()} after") == shown.record
    assert from_html("<div class='claim'>none</div>") is None


def test_a_box_of_one_finding_is_two_lines_and_stores_no_parts():
    # This is what the notebooks hold; another byte would be another output.
    assert box("plain")._repr_html_() == (
        '<div class="claim" data-claim="{&quot;id&quot;: &quot;C01&quot;, '
        "&quot;verdict&quot;: &quot;holds&quot;, &quot;numbers&quot;: "
        '{&quot;share&quot;: &quot;25%&quot;, &quot;n&quot;: &quot;8&quot;}}" '
        'style="border-left: 4px solid; padding: 0.3em 1em">'
        "<p><strong>C01</strong> Water is wet.</p>"
        "<p><strong>holds.</strong> 25% of 8 drops.</p></div>"
    )


def test_a_box_of_parts_shows_each_with_its_words_verdict_and_finding():
    shown = parsed("parts")
    assert texts(shown("p")) == ["C03 Water is wet.", "in part."]
    assert texts(shown.select("li > em")) == ["“is <wet>”", "“and cold”"]
    assert texts(shown.select("li > strong")) == [
        "false.",
        "holds if it is winter & night.",
    ]
    assert texts(shown("li")) == [
        "“is <wet>”false. 25% of 8 drops.",
        "“and cold”holds if it is winter & night. 8 drops.",
    ]


def test_a_box_shows_its_table_and_what_was_tried_after_the_finding():
    shown = parsed("table")
    assert [tag.name for tag in shown.find_all(recursive=False)] == [
        "p",
        "p",
        "table",
        "p",
    ]
    assert texts(shown("th")) == ["<place>", "share"]
    cells = [texts(row("td")) for row in shown.select("tbody tr")]
    assert cells == [["sea", "25%"], ["<a> & b", "0.50"]]
    assert texts(shown("small")) == [
        'Tried: 8 seeds; rates 0.1 and 0.2; against dry <sand>: "&<.'
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_nothing_that_is_text_becomes_a_tag(name):
    known = {"div", "p", "strong", "small", "ul", "li", "em", "br"}
    known |= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {tag.name for tag in parsed(name)(True)} <= known


def test_as_text_a_box_is_a_line_or_one_for_each_part():
    assert repr(box("condition")) == "C02 holds if the drops are cold: 25% of 8 drops."
    assert repr(box("parts")).splitlines() == [
        "C03 in part:",
        "  “is <wet>” false: 25% of 8 drops.",
        "  “and cold” holds if it is winter & night: 8 drops.",
    ]
