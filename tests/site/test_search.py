"""Tests for algollm_book.search: the index is a script, and one page loads it."""

import json
import tomllib

import pytest

from algollm_book.search import FILES
from tests.support.pages import page, site

PAGES = {
    "rain.md": "# Rain\n\nIt falls.\n\n```{toctree}\nchapters/hail\n```",
    "chapters/hail.md": "# Hail\n\n## Ice\n\nIt falls </script> faster.",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    # In a language for which nobody has written down what people type
    with site(tmp_path_factory.mktemp("search"), PAGES, language="eo") as app:
        yield app


@pytest.fixture(scope="module")
def index(app):
    text = (app.outdir / "_static" / "search" / "index.js").read_text("utf-8")
    start, _, rest = text.partition(" = ")
    assert start == "const SEARCH_INDEX"
    return json.loads(rest.removesuffix(";\n"))


def test_the_index_names_every_page_and_lists_its_entries(index):
    assert index["pages"] == [["chapters/hail.html", "Hail"], ["rain.html", "Rain"]]
    entries = [dict(zip(index["fields"], e, strict=True)) for e in index["entries"]]
    assert [(e["page"], e["anchor"], e["text"]) for e in entries] == [
        (0, "", ""),
        (0, "ice", "It falls </script> faster."),
        (1, "", "It falls."),
    ]


def test_where_a_language_has_no_list_of_what_people_type_the_english_one_serves(index):
    words = tomllib.loads((FILES / "words.en.toml").read_text("utf-8"))
    assert index["synonyms"] == words["synonyms"]
    assert index["ignored"] == words["ignored"]


def test_only_the_search_page_loads_the_search_and_knows_its_index(app):
    scripts = {
        name: [tag.get("src", "") for tag in page(app, name).select("script")]
        for name in ("search", "rain", "chapters/hail")
    }
    loaded = [src.partition("?")[0] for src in scripts.pop("search")]
    ours = ["words.js", "query.js", "ranking.js", "page.js"]
    expected = ["_static/language_data.js", *(f"_static/search/{n}" for n in ours)]
    assert list(dict.fromkeys(src for src in loaded if src in expected)) == expected
    for name in (*ours, "index.js"):
        assert (app.outdir / "_static" / "search" / name).exists()
    for others in scripts.values():
        assert not [src for src in others if "_static/search/" in src]
