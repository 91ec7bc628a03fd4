"""Tests for algollm_book.bookmark: where one stopped, kept by the browser alone."""

import json

import pytest
from nbformat.v4 import new_markdown_cell
from playwright.sync_api import expect

from tests.support.browser import REFUSALS
from tests.support.pages import book, page, site

KEY = "algollm-bookmark"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    text = "# One </script> & *two*\n\n## Part\n\n### Deep\n\n## Part"
    pages = {
        "index.md": "# Root\n\n```{bookmark}\n```\n\n```{toctree}\nc/one\nwords\n```",
        "c/one.ipynb": book(new_markdown_cell(text)),
        "words.md": "# Words\n\n## Some\n",
    }
    with site(tmp_path_factory.mktemp("bookmark"), pages) as app:
        yield app


def test_the_landing_page_knows_each_notebook_with_its_sections_and_no_other(app):
    data = json.loads(page(app, "index").select_one(".bookmark script").string)
    (name,) = data
    assert name == "c/one"
    assert data[name]["address"] == "c/one.html"
    assert data[name]["title"] == "One </script> & two"
    assert list(data[name]["sections"].values()) == ["Part", "Deep", "Part"]
    there = {tag["id"] for tag in page(app, "c/one").select("section[id]")}
    assert set(data[name]["sections"]) < there


def test_a_notebook_is_named_for_the_script_and_other_pages_are_not(app):
    names = {
        name: [tag["content"] for tag in page(app, name).select("meta[name=bookmark]")]
        for name in ("index", "c/one", "words", "genindex")
    }
    assert names == {"index": [], "c/one": ["c/one"], "words": [], "genindex": []}


# --- In a browser -------------------------------------------------------------


@pytest.fixture
def reader(context):
    made = context()
    yield made.new_page()
    made.close()


def stopped_at(page, name, section=None):
    page.goto(f"chapters/{name}.html")
    if section:
        page.locator(f"#{section}").evaluate("e => e.scrollIntoView()")
    page.goto("index.html")


@pytest.mark.browser
def test_the_landing_page_offers_to_go_on_and_can_forget(reader):
    offer = reader.locator(".bookmark")
    reader.goto("index.html")
    assert not offer.is_visible()
    top = reader.locator("#is-that-so").bounding_box()["y"]
    stopped_at(reader, "descent", "why-the-walker-slows-down")
    expect(offer.locator("a")).to_have_text("Blind descent › Why the walker slows down")
    assert reader.evaluate("Object.entries(localStorage).flat()").count(KEY) == 1
    assert reader.locator("#is-that-so").bounding_box()["y"] == top  # nothing moved
    offer.locator("a").click()
    reader.wait_for_url("**/chapters/descent.html#why-the-walker-slows-down")
    stopped_at(reader, "loss_lab")
    expect(offer.locator("a")).to_have_text("Lab: Loss, the only interface")
    offer.locator("button").click()
    assert offer.inner_text() == "Forgotten."
    assert reader.evaluate(f"localStorage.getItem('{KEY}')") is None
    reader.reload()
    assert not offer.is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    "kept",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "javascript:alert(1)",
        "<img src=x onerror=alert(1)>",
        "chapters/none#the-foot",
        "__proto__",
        "constructor#name",
        "",
    ],
)
def test_what_the_book_does_not_know_is_neither_shown_nor_followed(reader, kept):
    reader.goto("index.html")
    reader.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    reader.reload()
    offer = reader.locator(".bookmark")
    assert not offer.is_visible()
    assert offer.locator("a").get_attribute("href") == "#"


@pytest.mark.browser
@pytest.mark.parametrize("section", ["gone", "__proto__", "toString"])
def test_of_an_unknown_section_the_page_remains(reader, section):
    reader.goto("index.html")
    kept = f"chapters/loss#{section}"
    reader.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    reader.reload()
    link = reader.locator(".bookmark a")
    assert link.inner_text() == "Loss, the only interface"
    assert link.get_attribute("href") == "chapters/loss.html"


@pytest.mark.browser
def test_a_browser_that_keeps_nothing_shows_every_page_as_it_is(reader):
    errors = []
    reader.on("pageerror", lambda error: errors.append(str(error)))
    reader.add_init_script(REFUSALS["what is asked of it"])
    stopped_at(reader, "descent")
    assert not reader.locator(".bookmark").is_visible()
    assert errors == []
