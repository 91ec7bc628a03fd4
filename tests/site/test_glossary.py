"""Tests for algollm_book.glossary: definitions where a word is used, and back."""

import json

import pytest

from tests.support.browser import PHONE
from tests.support.pages import page, site

ROOT = """# Root

{term}`slope`

```{toctree}
b/words
a
```
"""
WORDS = """# Words

```{glossary}
loss
  How wrong; see {term}`slope`.

slope
  How steep, $w$.

unused
  Nobody links it.

foot
feet
  What feels.
```
"""
FIRST = """# First

At the top {term}`loss`.

## A part

Twice {term}`Loss` and {term}`the loss <loss>`, {term}`feet`.

### Deeper

{term}`foot`

```{toctree}
b/second
```
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    pages = {
        "index.md": ROOT,
        "b/words.md": WORDS,
        "a.md": FIRST,
        "b/second.md": "# Second\n\n{term}`loss`\n",
    }
    with site(
        tmp_path_factory.mktemp("glossary"),
        pages,
        myst_enable_extensions=["dollarmath"],
    ) as app:
        yield app


def cards(app, name):
    found = page(app, name).select(".definitions[hidden] > *")
    by_id = {card["id"]: card for card in found}
    assert len(by_id) == len(found)
    return by_id


def test_a_page_carries_each_word_that_it_links_once_and_no_other(app):
    words = ("loss", "feet", "foot")
    assert list(cards(app, "a")) == [f"about-term-{word}" for word in words]
    assert list(cards(app, "b/second")) == ["about-term-loss"]
    assert list(cards(app, "index")) == ["about-term-slope"]


def test_a_card_is_the_word_its_definition_and_the_way_to_the_glossary(app):
    card = cards(app, "a")["about-term-loss"]
    word, definition, way = card.select("p")
    assert word.strong.string == "loss"
    assert definition.get_text() == "How wrong; see slope."
    assert way.a["href"] == "b/words.html#term-loss"
    assert cards(app, "b/second")["about-term-loss"].select("a")[-1]["href"] == (
        "words.html#term-loss"
    )


def test_a_word_in_a_definition_leads_to_the_glossary_from_where_it_is_read(app):
    for name, address in {"a": "b/words.html", "b/second": "words.html"}.items():
        inner = cards(app, name)["about-term-loss"].select_one("a:has(.std-term)")
        assert inner["href"] == f"{address}#term-slope"


def test_a_formula_in_a_definition_is_one_on_the_page_too(app):
    assert cards(app, "index")["about-term-slope"].select_one(".math, math")


def test_the_glossary_itself_repeats_nothing(app):
    assert not page(app, "b/words").select(".definitions")


def used_in(app, anchor):
    item = page(app, "b/words").find(id=anchor).find_next_sibling("dd")
    links = {a["href"]: a.string for a in item.select("details.used-in a")}
    if links:
        assert item.summary.string == f"Where it is used ({len(links)})"
    return links


def test_an_entry_lists_each_section_that_links_it_once_in_reading_order(app):
    assert list(used_in(app, "term-loss").items()) == [
        ("../a.html", "First"),
        ("../a.html#a-part", "First › A part"),
        ("second.html", "Second"),
    ]
    assert used_in(app, "term-slope") == {"../index.html": "Root"}


def test_two_words_with_one_definition_share_the_list(app):
    assert used_in(app, "term-feet") == {
        "../a.html#a-part": "First › A part",
        "../a.html#deeper": "First › Deeper",
    }


def test_an_entry_that_nobody_links_has_no_list(app):
    assert used_in(app, "term-unused") == {}


def test_what_is_added_is_not_found_by_search(app):
    text = (app.outdir / "searchindex.js").read_text("utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    glossary = index["docnames"].index("b/words")
    assert index["terms"]["wrong"] == glossary  # not where the word is linked
    assert index["terms"]["second"] != glossary  # which names it, in the entry of loss


# --- In a browser -------------------------------------------------------------


@pytest.fixture
def word(visit):
    """Return the first linked word of a chapter, and what is shown beside it."""
    page = visit("chapters/descent.html")
    link = page.locator("article section a:has(> .std-term)").first
    return page, link, page.locator(".definition:popover-open")


@pytest.mark.browser
def test_a_word_that_is_pointed_at_is_defined_until_one_turns_away(word):
    page, link, shown = word
    link.hover()
    shown.wait_for()
    assert shown.locator("strong").inner_text() == link.inner_text()
    shown.locator("a").last.hover()  # it can be reached, and stays
    page.wait_for_timeout(400)
    assert shown.is_visible()
    page.keyboard.press("Escape")
    assert shown.count() == 0
    link.hover()
    shown.wait_for()
    page.mouse.move(0, 0)
    shown.wait_for(state="detached")
    assert page.troubles == []


@pytest.mark.browser
def test_a_word_with_the_focus_is_defined_and_escape_leaves_the_focus_there(word):
    page, link, shown = word
    page.keyboard.press("Tab")  # this reader moves by keyboard
    link.focus()
    shown.wait_for()
    described = link.get_attribute("aria-describedby")
    assert shown.get_attribute("id") == described
    page.keyboard.press("Escape")
    assert shown.count() == 0
    assert link.evaluate("link => link === document.activeElement")


@pytest.mark.browser
def test_the_first_tap_defines_a_word_and_the_second_leads_on(context):
    page = context(has_touch=True, viewport=PHONE).new_page()
    page.goto("chapters/descent.html")
    links = page.locator("article section a:has(> .std-term)")
    shown = page.locator(".definition:popover-open")
    links.nth(0).tap()
    shown.wait_for()
    box = shown.bounding_box()
    assert 0 <= box["x"]
    assert box["x"] + box["width"] <= PHONE["width"]
    page.locator("h1").tap()
    assert shown.count() == 0
    links.nth(0).tap()
    links.nth(0).tap()
    page.wait_for_url("**/symbols.html#term-*")
    page.context.close()


@pytest.mark.browser
def test_without_javascript_a_word_is_a_link_and_no_definition_is_shown(visit):
    page = visit("chapters/descent.html", "no scripts")
    assert not page.locator(".definition").first.is_visible()
    link = page.locator("article section a:has(> .std-term)").first
    assert "symbols.html#term-" in link.get_attribute("href")
