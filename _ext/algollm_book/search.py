"""Search: an index of what each section says, and the page that looks it up.

Sphinx's index knows which words a page has, not where: its results are whole pages, and
their excerpts are fetched, which a browser refuses to pages opened from a disk. This
index holds the text, as a script. In `search_files`, `words.js` and `query.js` read
what was typed, `ranking.js` ranks the entries and `page.js` shows them. The stemmer of
the book's language is that of Sphinx's search.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

from sphinx.application import Sphinx
from sphinx.locale import _

from .sections import Entry, entries

FILES = Path(__file__).parent / "search_files"
SCRIPTS = ("words.js", "query.js", "ranking.js", "page.js")
INDEX = "search/index.js"  # these below _static
ELSEWHERE = ("chapters/symbols", "chapters/claims")  # where one looks instead


def _words_of(language: str) -> dict[str, Any]:
    """Return what people type, in the book's language or in English."""
    path = FILES / f"words.{language}.toml"
    path = path if path.exists() else FILES / "words.en.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _write(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the index. It is called when all pages are read, before that of search."""
    if app.builder.format == "html":
        env = app.env
        found = sorted(env.found_docs)
        pages = [
            [app.builder.get_target_uri(name), env.titles[name].astext()]
            for name in found
        ]
        index = {
            "pages": pages,
            "fields": ["page", *Entry._fields],
            "entries": [
                [i, *entry]
                for i, name in enumerate(found)
                for entry in entries(env, name)
            ],
            **_words_of(app.config.language),
        }
        text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
        target = Path(app.outdir, "_static", INDEX)
        target.write_text(f"const SEARCH_INDEX = {text};\n", encoding="utf-8")
    yield from ()


def _copy(app: Sphinx) -> None:
    # Not by html_static_path: Jupyter Book puts each script found there on each page.
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", INDEX).parent
        target.mkdir(parents=True, exist_ok=True)
        for name in (*SCRIPTS, "search.css"):
            copyfile(FILES / name, target / name)


def _load(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the search page its scripts and the words that they say."""
    if page != "search":
        return
    context["search_says"] = {
        "none": _("Nothing found for “{query}”."),
        "one": _("One section found."),
        "page": _("{sections} sections found on one page."),
        "many": _("{sections} sections found on {pages} pages."),
        "corrected": _("Showing results for “{query}”."),
        "near": _("Did you mean:"),
        "more": _("{count} more on this page"),
        "further": _("Found on more pages: {count}"),
        "empty": _("Type a word, a question or the number of a claim."),
        "failed": _("The list of words could not be read. Load the page again."),
    }
    titles = app.env.titles
    context["search_elsewhere"] = [
        (name, titles[name].astext())
        for name in (app.config.root_doc, *ELSEWHERE)
        if name in titles
    ]
    app.add_css_file("search/search.css")
    for name in ("language_data.js", *(f"search/{s}" for s in SCRIPTS)):
        app.add_js_file(name, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Write the index and the page."""
    app.connect("builder-inited", _copy)
    app.connect("html-collect-pages", _write)
    app.connect("html-page-context", _load)
