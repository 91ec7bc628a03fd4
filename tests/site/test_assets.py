"""Tests for algollm_book.assets: what a page loads."""

import json
from types import SimpleNamespace

import pytest

from algollm_book.assets import _copy, _tidy
from tests.support.pages import page, site

MATHJAX = "_static/mathjax/tex-svg.js"


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
        mathjax3_config={"tex": {"tags": "ams"}},
        html_js_files=["https://elsewhere.example/thebe.js", "own.js"],
    ) as app:
        yield app


def test_mathjax_is_a_copy_on_this_site(app):
    copied = (app.outdir / MATHJAX).read_text("utf-8")
    assert "MathJax" in copied
    assert len(copied) > 1_000_000


def test_a_page_with_maths_loads_that_copy_and_no_other(app):
    scripts = page(app, "maths").select("script[src]")
    loaded = [tag["src"].partition("?")[0] for tag in scripts]
    assert loaded.count(MATHJAX) == 1
    assert not [src for src in loaded if "//" in src]


def test_its_menu_which_would_load_more_is_off_and_other_settings_stay(app):
    inline = [tag.string or "" for tag in page(app, "maths").select("script")]
    (script,) = [text for text in inline if text.startswith("window.MathJax = ")]
    settings = json.loads(script.partition(" = ")[2])
    assert settings["options"]["enableMenu"] is False
    assert settings["tex"] == {"tags": "ams"}


@pytest.mark.parametrize("name", ["index", "search", "genindex"])
def test_a_page_without_maths_loads_none_of_it(app, name):
    text = str(page(app, name))
    assert "MathJax" not in text
    assert "tex-svg" not in text


@pytest.mark.parametrize("name", ["index", "maths"])
def test_what_would_load_from_elsewhere_is_left_out_and_own_scripts_stay(app, name):
    scripts = [tag.get("src", "") for tag in page(app, name).select("script")]
    assert not [src for src in scripts if "thebe" in src]
    assert len([src for src in scripts if "own.js" in src]) == 1


def tidied(scripts, body=None, maths=True):
    """Return the context of a page after `_tidy`."""
    app = SimpleNamespace(
        env=SimpleNamespace(
            domaindata={"math": {"has_equations": {"a": maths, "b": not maths}}}
        )
    )
    context = {"script_files": scripts} | ({} if body is None else {"body": body})
    _tidy(app, "a", "page.html", context, None)
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


@pytest.mark.parametrize("maths", [True, False])
def test_mathjax_and_its_settings_stay_where_the_page_itself_has_maths(maths):
    files = [script(MATHJAX), script(body='window.MathJax = {"a": 1}'), script("a.js")]
    kept = files if maths else files[2:]
    assert tidied(files, maths=maths)["script_files"] == kept


def test_a_role_that_aria_has_withdrawn_becomes_the_one_that_replaced_it():
    body = '<div role="doc-biblioentry">a</div><div role="doc-biblioentry">b</div>'
    expected = '<div role="listitem">a</div><div role="listitem">b</div>'
    assert tidied([], body)["body"] == expected


def test_nothing_is_copied_for_a_builder_that_makes_no_pages(tmp_path):
    _copy(SimpleNamespace(builder=SimpleNamespace(format=""), outdir=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("fold", "loaded"), [('<details class="fold">', 2), ("", 1)])
def test_a_page_without_folds_does_not_load_what_they_need(fold, loaded):
    app = SimpleNamespace(
        env=SimpleNamespace(domaindata={"math": {"has_equations": {}}})
    )
    context = {
        "css_files": [script("_static/book.css"), script("_static/folding.css")],
        "script_files": [script("_static/own.js"), script("_static/folding.js")],
        "body": f"<p>Words</p>{fold}",
    }
    _tidy(app, "a", "page.html", context, None)
    assert len(context["css_files"]) == len(context["script_files"]) == loaded
