"""Tests for algollm_book.predicting: the reading waits for a guess, if there is one."""

import pytest
from nbformat.v4 import new_markdown_cell

from tests.support.pages import book, cell, page, site

ASKED, READ = "**Predict.** How far?", "**Read the figure.** Three."


def code(source="pass"):
    made = cell({"text/plain": "shown"})
    made.source = source
    return made


def predicted(folder, *cells):
    """Return the page of some cells, of which texts are markdown."""
    made = [new_markdown_cell(c) if isinstance(c, str) else c for c in cells]
    pages = {"index.ipynb": book(new_markdown_cell("# Page"), *made)}
    with site(folder, pages) as app:
        assert app.warning.getvalue() == ""
        return page(app, "index")


def joined(html):
    """Return the questions of a page with what opens after each."""
    pairs = []
    for form in html.select("form.guess"):
        button = form.select_one("[aria-controls]")
        reading = button and html.find(id=button["aria-controls"])
        asked = form.find_previous_sibling(class_=False).get_text()
        pairs.append((asked, reading and reading.get_text()))
    assert sum(bool(reading) for _, reading in pairs) == len(html.select(".reading"))
    return pairs


def test_a_field_stands_after_the_question_and_is_joined_with_the_reading(tmp_path):
    html = predicted(tmp_path, ASKED, code(), code(), READ)
    assert joined(html) == [("Predict. How far?", "Read the figure. Three.")]
    label, field = html.select_one(".guess label"), html.select_one(".guess input")
    assert label["for"] == field["id"]


def test_the_mark_may_stand_within_the_paragraph_and_words_before_the_figure(tmp_path):
    html = predicted(tmp_path, f"Now. {ASKED}\n\n(In metres.)", code(), READ)
    assert joined(html) == [("Now. Predict. How far?", "Read the figure. Three.")]


@pytest.mark.parametrize(
    "cells",
    [
        (ASKED, READ),  # no figure between them
        (ASKED, code(), "Other words.", READ),
        (ASKED, code(), "## Next", code(), READ),
        (ASKED, code()),
    ],
)
def test_a_reading_of_another_figure_stays_open(tmp_path, cells):
    html = predicted(tmp_path, *cells)
    ((asked, reading),) = joined(html)
    assert (asked, reading) == ("Predict. How far?", None)


def test_each_question_has_its_own_reading_and_its_own_name(tmp_path):
    first, second = "**Predict.** One?", "**Predict.** Two?"
    html = predicted(tmp_path, first, code(), READ, second, code(), READ)
    assert [asked for asked, _ in joined(html)] == ["Predict. One?", "Predict. Two?"]
    names = [form["data-exercise"] for form in html.select("form.guess")]
    assert len(set(names)) == 2
    assert all(name.startswith("index#") for name in names)
    assert len(html.select(".answers-kept")) == 1


def test_a_reading_that_nothing_asks_for_and_plain_words_stay_as_they_are(tmp_path):
    html = predicted(tmp_path, "One can predict.", code(), READ)
    assert not html.select("form.guess, .reading, .answers-kept")


# --- On the built site ----------------------------------------------------------

CHAPTER = "chapters/loss.html"


def first_pair(page):
    form = page.locator("form.guess:has([aria-controls])").first
    shown = form.locator("[aria-controls]").get_attribute("aria-controls")
    return form, page.locator(f"[id='{shown}']")


@pytest.mark.browser
def test_a_guess_opens_its_own_reading_and_is_kept_until_it_is_forgotten(context):
    reader = context()
    page = reader.new_page()
    page.goto(CHAPTER)
    form, reading = first_pair(page)
    waiting = page.locator(".reading").count()
    assert page.locator(".reading:visible").count() == 0 < waiting
    form.locator("input").press("Enter")  # nothing was typed
    assert not reading.is_visible()
    form.locator("input").fill("50 times")
    form.locator("input").press("Enter")
    assert reading.is_visible()
    assert page.locator(".reading:visible").count() == 1
    assert form.get_by_role("status").text_content() == "Kept. Now look."
    page.reload()
    assert form.locator("input").input_value() == "50 times"
    assert reading.is_visible()
    page.get_by_role("button", name="Forget them all").click()
    assert form.locator("input").input_value() == ""
    page.reload()
    assert page.locator(".reading:visible").count() == 0
    reader.close()


def test_what_is_said_of_a_guess_promises_a_reading_only_where_one_opens(tmp_path):
    html = predicted(tmp_path, ASKED, code(), READ, "**Predict.** How long?", code())
    said = [form.output["data-kept"] for form in html.select("form.guess")]
    assert said == ["Kept. Now look.", "Kept."]


@pytest.mark.browser
def test_it_is_shown_to_those_who_ask_and_to_an_address(visit):
    page = visit(CHAPTER)
    form, reading = first_pair(page)
    form.get_by_role("button", name="Show me").focus()
    page.keyboard.press("Enter")
    assert reading.is_visible()
    assert reading.evaluate("r => r === document.activeElement")
    assert page.evaluate("localStorage.getItem('algollm-answers')") is None
    other = page.locator(".reading").nth(1)
    assert not other.is_visible()
    page.evaluate("id => (location.hash = id)", other.get_attribute("id"))
    assert other.is_visible()
    assert page.troubles == []


@pytest.mark.browser
def test_without_scripts_and_on_paper_all_is_open(visit):
    page = visit(CHAPTER)
    every = page.locator(".reading").count()
    page.emulate_media(media="print")
    assert page.locator(".reading:visible").count() == every > 0
    assert page.locator("form.guess:visible").count() == 0
    page = visit(CHAPTER, "no scripts")
    assert page.locator(".reading:visible").count() == every
    assert page.locator("form.guess:visible").count() == 0
