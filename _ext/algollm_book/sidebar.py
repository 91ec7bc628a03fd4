"""The list of pages at the side: each lab below its chapter, the current page marked.

The theme's list has a button to fold each chapter, which would be seven more stops of
the Tab key for seven lines, and marks the current page for the eye only. Numbers are
the style sheet's.
"""

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx


def tidied(tree: BeautifulSoup) -> BeautifulSoup:
    """Return the theme's list without buttons, with short names and a current page."""
    for summary in tree.select("summary"):
        summary.decompose()
    for details in tree.select("details"):
        details.unwrap()
    for link in tree.select("a.current"):
        if link["href"] == "#":  # the chapter of a lab is current for the theme, too
            link["aria-current"] = "page"
    for chapter in tree.select("li:has(> ul)"):
        for lab in chapter.select("li > a"):
            _shorten(lab, chapter.a.get_text() if chapter.a else "")
    return tree


def _shorten(link: Tag, chapter: str) -> None:
    """Leave out the chapter's title, which stands above, from that of its lab."""
    title = link.get_text()
    kind = title.removesuffix(chapter).rstrip(" :\N{FULLWIDTH COLON}")
    if kind and kind != title:
        link.string = kind
        link["aria-label"] = title


def _wrap(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    made: Callable[..., BeautifulSoup] | None = context.get("generate_toctree_html")
    if made is not None:  # other themes have no such list
        context["generate_toctree_html"] = lambda **asked: tidied(made(**asked))


def setup(app: Sphinx) -> None:
    """Tidy the list after the theme has offered it to the templates."""
    app.connect("html-page-context", _wrap, priority=900)
