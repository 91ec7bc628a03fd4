"""What the site offers to machines, and to those who went astray.

`robots.txt` and `404.html` are always there. The list of pages and the feed of changes
consist of full addresses, so they are made only where the site's address is known.
"""

import html
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt
from sphinx.application import Sphinx
from sphinx.locale import _

from .address import address_of
from .bare import bare
from .edition import Release, releases

FEED, SITEMAP = "changes.xml", "sitemap.xml"
ATOM = "http://www.w3.org/2005/Atom"


def _xml(root: ET.Element) -> str:
    ET.indent(root)
    text: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return text.decode() + "\n"


def _add(
    parent: ET.Element, name: str, text: str | None = None, **named: str
) -> ET.Element:
    element = ET.SubElement(parent, name, named)
    element.text = text
    return element


def sitemap(addresses: list[str]) -> str:
    """Return the list of pages for search engines."""
    root = ET.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for address in addresses:
        _add(_add(root, "url"), "loc", address)
    return _xml(root)


def _dated(app: Sphinx) -> list[Release]:
    path = Path(app.srcdir, "CHANGELOG.md")
    if not app.config.html_baseurl or not path.is_file():
        return []
    return [r for r in releases(path.read_text("utf-8")) if r.day and r.text]


def feed(app: Sphinx, changes: list[Release]) -> str:
    """Return the feed of changes: one entry for each part that has a date."""
    base = app.config.html_baseurl
    root = ET.Element("feed", xmlns=ATOM)
    _add(root, "id", base + FEED)
    _add(root, "title", _("Changes of {}").format(app.config.html_title))
    _add(root, "updated", f"{max(str(r.day) for r in changes)}T00:00:00Z")
    _add(root, "link", href=base + FEED, rel="self")
    _add(root, "link", href=base, rel="alternate", type="text/html")
    _add(_add(root, "author"), "name", app.config.author)
    for change in changes:
        entry = _add(root, "entry")
        _add(entry, "id", f"{base}{FEED}#{change.version or 'next'}")
        title = change.version or _("What comes next")
        _add(entry, "title", f"{app.config.html_title}: {title}")
        _add(entry, "updated", f"{change.day}T00:00:00Z")
        _add(entry, "link", href=base, rel="alternate", type="text/html")
        _add(entry, "content", MarkdownIt().render(change.text), type="html")
    return _xml(root)


def _announce(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    if doctree is not None and _dated(app):
        address = html.escape(app.config.html_baseurl + FEED)
        title = html.escape(_("Changes of {}").format(app.config.html_title))
        context["metatags"] += (
            f'\n<link rel="alternate" type="application/atom+xml" '
            f'title="{title}" href="{address}" />'
        )


def _nowhere(app: Sphinx) -> str:
    """Return the page for addresses that lead nowhere, at whatever depth.

    It is shown under any address, so its links start from the root of the server. Where
    the book lies there is known with the site's address; without it, a script looks.
    """
    body = f"<p>{html.escape(_('Perhaps its address has a mistake in it.'))}</p>"
    base, script = app.config.html_baseurl, ""
    index = app.builder.get_target_uri(app.config.root_doc)
    home, search = html.escape(_("To the start")), html.escape(_("Search"))
    if not base:
        hint = _("Take its end away, slash by slash, until the book appears.")
        body += f"<p>{html.escape(hint)}</p>"
        body += f'<p><a data-start="{index}" hidden>{home}</a></p>'
        script = Path(__file__).with_name("nowhere.js").read_text("utf-8")
    else:
        root = html.escape(urlsplit(base).path)
        pages = "".join(
            f'<li><a href="{root}{app.builder.get_target_uri(page)}">'
            f"{html.escape(app.env.titles[page].astext())}</a></li>"
            for page in app.env.toctree_includes.get(app.config.root_doc, ())
        )
        body += (
            f'<form action="{root}search.html" role="search"><input type="search" '
            f'name="q" aria-label="{search}"> <button>{search}</button></form>'
            f'<p><a href="{root}{index}">{home}</a></p><ul>{pages}</ul>'
        )
    hidden = '<meta name="robots" content="noindex">\n'
    title = _("There is no such page")
    return bare(app, title, body, head=hidden, script=script, asks=bool(script))


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    base = app.config.html_baseurl
    files = {"404.html": _nowhere(app), "robots.txt": "User-agent: *\nDisallow:\n"}
    if base:
        pages = sorted(app.env.found_docs)
        files[SITEMAP] = sitemap(sorted(address_of(app, page) for page in pages))
        files["robots.txt"] += f"Sitemap: {base}{SITEMAP}\n"
    if changes := _dated(app):
        files[FEED] = feed(app, changes)
    for name, text in files.items():
        Path(app.outdir, name).write_text(text, "utf-8")


def setup(app: Sphinx) -> None:
    """Write the files when the site is done."""
    app.connect("html-page-context", _announce)
    app.connect("build-finished", _write)
