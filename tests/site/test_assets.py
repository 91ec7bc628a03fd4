"""Tests for algollm_book.assets: what a page loads."""

from types import SimpleNamespace

import pytest

from algollm_book.assets import _tidy
from tests.support.pages import page, site


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    pages = {
        "index.md": "# Words\n\n```{toctree}\nmaths\n```",
        "maths.md": "# Maths\n\n$$x^2$$",
    }
    with site(
        tmp_path_factory.mktemp("assets"),
        pages,
        myst_enable_extensions=["dollarmath"],
        html_js_files=["https://elsewhere.example/thebe.js", "own.js"],
    ) as app:
        yield app


@pytest.mark.parametrize("name", ["index", "maths"])
def test_what_would_load_from_elsewhere_is_left_out_and_own_scripts_stay(app, name):
    scripts = [tag.get("src", "") for tag in page(app, name).select("script")]
    assert not [src for src in scripts if "thebe" in src]
    assert len([src for src in scripts if "own.js" in src]) == 1


def tidied(scripts, body=None, sheets=()):
    """Return the context of a page after `_tidy`."""
    context = {"script_files": scripts, "css_files": sheets}
    context |= {} if body is None else {"body": body}
    _tidy(SimpleNamespace(), "a", "page.html", context, None)
    return context


def script(filename=None, body=None):
    return SimpleNamespace(filename=filename, attributes={"body": body} if body else {})


def test_of_a_script_that_stands_twice_the_first_stays():
    files = [script("a.js"), script("b.js"), script("a.js")]
    assert tidied(files)["script_files"] == files[:2]


def test_inline_scripts_that_set_the_same_variable_are_the_same():
    files = [
        script(body="let a = 1"),
        script(body="let a = 2"),
        script(body="let b = 1"),
    ]
    assert tidied(files)["script_files"] == [files[0], files[2]]


def test_thebe_is_left_out_as_a_file_and_as_a_setting():
    files = [script("https://x/THEBE.js"), script(body="const thebe_selector = 1")]
    assert tidied(files)["script_files"] == []
    assert tidied([], sheets=[script("sphinx-thebe.css")])["css_files"] == []


@pytest.mark.parametrize(
    ("body", "styled", "tabbed"),
    [
        ('<p class="a">no sd-card here</p>', False, False),
        ('<p class="std-term">', False, False),
        ('<div class="docutils sd-card">', True, False),
        ('<details class="sd-dropdown">', True, False),
        ('<div class="sd-tab-set docutils">', True, True),
    ],
)
def test_what_cards_and_tabs_need_is_on_pages_that_have_some(body, styled, tabbed):
    sheet, tabs = script("_static/sphinx-design.min.css"), script("design-tabs.js")
    context = tidied([tabs], body, [sheet])
    assert context["css_files"] == [sheet] * styled
    assert context["script_files"] == [tabs] * tabbed


def test_a_role_that_aria_has_withdrawn_becomes_the_one_that_replaced_it():
    body = '<div role="doc-biblioentry">a</div><div role="doc-biblioentry">b</div>'
    expected = '<div role="listitem">a</div><div role="listitem">b</div>'
    assert tidied([], body)["body"] == expected


@pytest.mark.parametrize(
    ("body", "style", "switch"),
    [
        ('<p>Words</p><details class="fold code">', 1, 1),
        ('<details class="fold evidence">', 1, 0),  # what the switch does not open
        ("", 0, 0),
    ],
)
def test_what_folded_code_needs_is_on_pages_that_have_some(body, style, switch):
    sheets = [script("_static/book.css"), script("_static/folding.css")]
    scripts = [script("_static/own.js"), script("_static/folding.js")]
    context = tidied(scripts, body, sheets)
    assert len(context["css_files"]) == 1 + style
    assert len(context["script_files"]) == 1 + switch
