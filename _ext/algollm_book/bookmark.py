"""Where one stopped: kept by the reader's own browser, offered on the landing page.

`bookmark.js` keeps the name of a notebook's page and of a section. The landing page
carries all names that there are with their titles, so nothing that was kept is shown
or followed that the book does not know.
"""

import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from .glossary import reading_order


class BookmarkNode(nodes.General, nodes.Element):
    """Stands where the landing page offers to go on."""


class BookmarkDirective(SphinxDirective):
    """A line that leads to where one stopped; hidden while there is no such place."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for it: titles are known when all pages are read."""
        return [BookmarkNode()]


def is_kept(env: BuildEnvironment, page: str) -> bool:
    """Return whether one can stop on a page: it is a chapter or a lab."""
    return page in env.found_docs and Path(env.doc2path(page)).suffix == ".ipynb"


def sections(env: BuildEnvironment, page: str) -> dict[str, str]:
    """Return the titles of a page's sections by their anchors."""
    return {
        link["anchorname"].removeprefix("#"): link.astext()
        for link in env.tocs[page].findall(nodes.reference)
        if link["refuri"] == page and link["anchorname"]
    }


def _visit(self: HTML5Translator, node: BookmarkNode) -> None:
    env, builder = self.builder.env, self.builder
    here = builder.current_docname
    pages = {
        page: {
            "address": builder.get_relative_uri(here, page),
            "title": env.titles[page].astext(),
            "sections": sections(env, page),
        }
        for page in reading_order(env, env.config.root_doc)
        if is_kept(env, page)
    }
    data = json.dumps(pages, ensure_ascii=False).replace("<", "\\u003c")
    say = {k: html.escape(v) for k, v in _words().items()}
    self.body.append(
        f'<p class="bookmark" role="status">{say["go"]}: <a href="#"></a> '
        f'<button type="button" title="{say["kept"]}" data-forgotten="{say["gone"]}">'
        f"{say['forget']}</button>"
        f'<script type="application/json">{data}</script></p>'
    )
    raise nodes.SkipNode


def _words() -> dict[str, str]:
    return {
        "go": _("Continue"),
        "forget": _("Forget"),
        "kept": _("This place is kept on this device only."),
        "gone": _("Forgotten."),
    }


def _name_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Tell the script on a page where one can stop what the page is called."""
    if is_kept(app.env, page):
        meta = f'<meta name="bookmark" content="{html.escape(page)}" />\n'
        context["metatags"] = context.get("metatags", "") + meta


def setup(app: Sphinx) -> None:
    """Register the directive, and name the pages."""
    app.add_node(BookmarkNode, html=(_visit, None))
    app.add_directive("bookmark", BookmarkDirective)
    app.connect("html-page-context", _name_page)
