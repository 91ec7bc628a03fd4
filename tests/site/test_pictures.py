"""Tests for algollm_book.pictures: where figures are put, with their descriptions."""

import pytest
from nbformat.v4 import new_markdown_cell

from tests.support.pages import book, cell, page, site

DRAWN = '<svg width="100pt" height="50pt"><path style="stroke: #1f2933"/></svg>'


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    html = {"text/html": "<p>a table</p>", "text/plain": "a table"}
    pages = {
        "index.ipynb": book(
            new_markdown_cell("# Title\n\n![own](own.svg)\n\n![photo](own.png)"),
            cell({"image/svg+xml": DRAWN}, alt='One "line" <down> & up'),
            cell({"image/svg+xml": DRAWN.replace("100", "200")}, html),
        ),
        "own.svg": DRAWN,
        "own.png": "",
    }
    with site(tmp_path_factory.mktemp("pictures"), pages) as app:
        yield app


def test_what_a_notebook_drew_stands_in_the_page_with_its_description(app):
    first, second = page(app, "index").select("div.picture")
    assert first["role"] == second["role"] == "img"
    assert first["aria-label"] == 'One "line" <down> & up'
    assert second["aria-label"] == ""
    assert [p.svg["width"] for p in (first, second)] == ["150", "300"]
    assert first.path["style"] == "stroke: var(--book-ink)"
    around = [o.get_text().strip() for o in page(app, "index").select(".cell_output")]
    assert around == ["", "a table"]


def test_images_that_are_no_figures_of_a_notebook_stay_images(app):
    images = page(app, "index").select("img")
    assert [image["alt"] for image in images] == ["own", "photo"]
    assert app.warning.getvalue() == ""
