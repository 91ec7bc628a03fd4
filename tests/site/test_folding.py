"""Tests for algollm_book.folding: one line for the code, nothing else put away."""

import pytest
from nbformat.v4 import new_markdown_cell
from sphinx.errors import ExtensionError

from algollm_book import folding
from algollm_book.folding import KINDS, fold_of
from tests.support.browser import REFUSALS
from tests.support.pages import book, cell, page, site

SHOWN = {"text/plain": "shown"}


def code(source, *tags, shows=False):
    made = cell(*[SHOWN] * shows)
    made.source = source
    made.metadata.tags = list(tags)
    return made


def folded(tmp_path, *cells):
    """Return the page that these cells make."""
    text = new_markdown_cell("# Page")
    with site(tmp_path, {"index.ipynb": book(text, *cells)}) as app:
        assert app.warning.getvalue() == ""
        return page(app, "index")


def lines(html):
    return [tag.get_text() for tag in html.select("details.fold.code > summary")]


def test_each_kind_has_its_line_and_the_switch_stands_before_the_first(tmp_path):
    cells = [code(f"a{i}", kind, shows=True) for i, kind in enumerate(KINDS)]
    html = folded(tmp_path, code("open", shows=True), *cells)
    assert lines(html) == list(KINDS.values())
    (switch,) = html.select("label.fold-switch")
    assert switch.get_text() == "Show all code"
    assert switch.select_one("input[type=checkbox]")
    assert switch.find_next("details") == html.select("details.fold")[0]
    assert switch.find_previous(class_="cell_input").get_text().strip() == "open"


def test_the_code_is_in_the_fold_and_what_the_cell_shows_is_not(tmp_path):
    html = folded(tmp_path, code("secret", "fold-figure", shows=True))
    (fold,) = html.select(".cell > details.fold")
    assert not fold.has_attr("open")
    assert "secret" in fold.get_text()
    assert "shown" not in fold.get_text()
    assert "shown" in fold.find_next_sibling(class_="cell_output").get_text()


def test_cells_without_a_fold_and_solutions_stay_as_they_are(tmp_path):
    html = folded(tmp_path, code("a", "once"), code("b", "fold-solution"))
    assert not html.select("details, .fold-switch")
    assert len(html.select(".cell > .cell_input")) == 2


def test_what_others_hide_by_is_no_second_fold(tmp_path):
    html = folded(
        tmp_path,
        code("a", "fold-figure", "hide-input", shows=True),
        code("b", "fold-solution", "hide-input"),
        code("c", "hide-input"),
    )
    first, second, third = html.select(".cell")
    assert [tag["class"] for tag in first.select("details")] == [["fold", "code"]]
    assert not second.select("details")
    assert third.select("details")  # without a tag of ours it is MyST-NB's


def test_cells_that_show_nothing_join_the_line_of_the_next_in_their_order(tmp_path):
    html = folded(
        tmp_path,
        code("one", "fold-measure"),
        code("two", "fold-measure"),
        code("three", "fold-figure", shows=True),
    )
    assert lines(html) == [f"{KINDS['fold-measure']} · {KINDS['fold-figure']}"]
    (fold,) = html.select("details.fold")
    sources = [tag.get_text().strip() for tag in fold.select(".cell_input")]
    assert sources == ["one", "two", "three"]
    assert len(html.select(".cell")) == 3  # each keeps what marks it as a cell


@pytest.mark.parametrize(
    "between",
    [
        new_markdown_cell("Words."),
        code("open"),
        code("a", "fold-solution"),
        code("measured", "fold-measure", shows=True),
    ],
)
def test_what_can_be_seen_between_two_cells_keeps_their_lines_apart(tmp_path, between):
    first, last = code("one", "fold-figure"), code("two", "fold-check")
    html = folded(tmp_path, first, between, last)
    assert lines(html)[0].startswith(KINDS["fold-figure"])
    assert lines(html)[-1] == KINDS["fold-check"]


def test_the_lines_are_translated_and_safe(tmp_path, monkeypatch):
    monkeypatch.setattr(folding, "_", lambda words: f"<{words.upper()}>")
    html = folded(tmp_path, code("a", "fold-check"))
    assert lines(html) == ["<HOW THIS IS CHECKED>"]
    assert html.select_one(".fold-switch").get_text() == "<SHOW ALL CODE>"


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["fold-drawing"], "expected one of fold-imports, .* got fold-drawing"),
        (["fold-check", "fold-figure"], "got fold-check, fold-figure"),
    ],
)
def test_a_fold_of_no_kind_or_of_two_is_refused_with_its_place(tmp_path, tags, said):
    with pytest.raises(ValueError, match=said):
        fold_of({"tags": tags})
    with pytest.raises(ExtensionError, match=rf"^index, cell 2: .*{said}"):
        folded(tmp_path, code("a", *tags))


# --- On the built site --------------------------------------------------------

CHAPTER = "chapters/descent.html"


def code_shown(page):
    return page.locator(".fold .cell_input:visible").count()


@pytest.mark.browser
def test_the_switch_opens_all_code_and_is_remembered(visit):
    page = visit(CHAPTER)
    all_code = page.locator(".fold .cell_input").count()
    switch = page.get_by_role("switch", name="Show all code")
    assert code_shown(page) == 0 < all_code
    switch.focus()
    page.keyboard.press("Space")
    assert code_shown(page) == all_code
    page.reload()
    assert switch.is_checked()
    assert code_shown(page) == all_code
    switch.uncheck()
    assert code_shown(page) == 0
    page.reload()
    assert not switch.is_checked()
    assert code_shown(page) == 0
    assert page.troubles == []


@pytest.mark.browser
@pytest.mark.parametrize("refused", REFUSALS)
def test_the_switch_works_where_nothing_is_kept(refused, context):
    reader = context()
    reader.add_init_script(REFUSALS[refused])
    page = reader.new_page()
    page.goto(CHAPTER)
    page.get_by_role("switch", name="Show all code").check()
    assert code_shown(page) == page.locator(".fold .cell_input").count()
    reader.close()


@pytest.mark.browser
def test_what_is_remembered_as_open_is_open_before_the_page_is_whole(context):
    # else what was painted jumps; "interactive" comes before "DOMContentLoaded"
    reader = context()
    page = reader.new_page()
    page.add_init_script(
        "document.addEventListener('readystatechange', () => window.atFirst ??= "
        "document.querySelectorAll('details.fold.code:not([open])').length)"
    )
    page.goto(CHAPTER)
    assert page.evaluate("atFirst") == page.locator("details.fold.code").count() > 0
    page.get_by_role("switch", name="Show all code").check()
    page.reload()
    assert page.evaluate("atFirst") == 0
    reader.close()


@pytest.mark.browser
def test_a_line_opens_by_keyboard_and_is_on_paper_only_if_it_is_open(visit):
    page = visit(CHAPTER)
    line = page.locator(".fold.code > summary").nth(1)
    line.focus()
    page.keyboard.press("Enter")
    assert code_shown(page) == line.locator("xpath=..").locator(".cell_input").count()
    page.emulate_media(media="print")
    assert page.locator(".fold.code > summary:visible").count() == 1
    assert code_shown(page) > 0
    assert not page.locator(".fold-switch").is_visible()


@pytest.mark.browser
def test_an_address_within_folded_code_opens_it(visit):
    page = visit(CHAPTER)
    inside = page.locator(".fold pre").first
    page.evaluate("id => (location.hash = id)", inside.get_attribute("id"))
    inside.wait_for(state="visible")


@pytest.mark.browser
def test_without_javascript_each_line_opens_and_there_is_no_switch(visit):
    page = visit(CHAPTER, "no scripts")
    assert not page.locator(".fold-switch").is_visible()
    assert code_shown(page) == 0
    page.locator(".fold.code > summary").first.click()
    assert code_shown(page) == 1


@pytest.mark.browser
def test_code_can_be_copied_and_what_it_printed_has_no_button(visit):
    page = visit(CHAPTER)
    inputs = page.locator(".cell_input pre").count()
    assert page.locator(".cell_input .copybtn").count() == inputs
    assert page.locator(".cell_output .copybtn").count() == 0
