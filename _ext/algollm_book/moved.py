"""Old addresses that still lead to what they led to: the table `_moved.toml`.

A page that moved leaves a page behind that sends on. A place within its page gets its
old name beside the new one. A place that went to another page leaves a line that shows
when it is asked for, with a link that a few lines of script follow.
"""

import html
import posixpath
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util.osutil import relative_uri

from .bare import bare

TABLE = "_moved.toml"
SCRIPT = Path(__file__).with_name("moved.js")
# Where an empty span may not stand as the first child.
_CLOSED = set("br dl hr img input ol svg table tbody thead tr ul".split())


class Place(NamedTuple):
    """A page, and perhaps an anchor on it."""

    page: str  # "chapters/descent.html"
    anchor: str

    def __str__(self) -> str:
        return f"{self.page}#{self.anchor}" if self.anchor else self.page


def _place(text: object) -> Place:
    page, hash_, anchor = str(text).partition("#")
    if not page.endswith(".html") or bool(hash_) != bool(anchor):
        raise ExtensionError(
            f"{TABLE}: a place is like 'chapters/descent.html#the-rule', got {text!r}"
        )
    return Place(page, anchor)


@cache
def moves(path: Path) -> dict[Place, Place]:
    """Return the table: where each old place is now."""
    if not path.is_file():
        return {}
    table = {
        _place(old): _place(new)
        for old, new in tomllib.loads(path.read_text("utf-8")).items()
    }
    for old, new in table.items():
        if new in table:
            raise ExtensionError(
                f"{TABLE}: {old} goes to {new}, which has moved itself"
            )
        if new.page == old.page and not (old.anchor and new.anchor):
            raise ExtensionError(f"{TABLE}: {old} cannot go to {new}, on the same page")
    return table


def _table(app: Sphinx) -> dict[Place, Place]:
    return moves(Path(app.srcdir, TABLE))


def link(page: str, new: Place) -> str:
    """Return the address of a place as seen from a page."""
    path = relative_uri(page, new.page) or posixpath.basename(new.page)
    return path + (f"#{quote(new.anchor)}" if new.anchor else "")


def also(body: str, old: Place, new: Place) -> str:
    """Return a page's body in which the old name of a place leads to it, too."""
    if f'id="{old.anchor}"' in body:
        raise ExtensionError(f"{TABLE}: {old} has moved, but is still there")
    match = re.search(rf'<(\w+)\b[^>]*\bid="{re.escape(new.anchor)}"[^>]*>', body)
    if match is None:
        raise ExtensionError(f"{TABLE}: {old} goes to {new}, which is not there")
    at = match.start() if match[1] in _CLOSED else match.end()
    return f'{body[:at]}<span id="{old.anchor}"></span>{body[at:]}'


def note(old: Place, new: Place) -> str:
    """Return the line that stays where a place was that is now on another page."""
    said = html.escape(_("This part has moved."))
    to = html.escape(_("Read it where it is now."))
    address = html.escape(link(old.page, new))
    return f'<p class="moved" id="{old.anchor}">{said} <a href="{address}">{to}</a></p>'


def _keep(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Let old names on a page that is still there lead on."""
    here = app.builder.get_target_uri(page)
    for old, new in _table(app).items():
        if doctree is None or unquote(here) != old.page or not old.anchor:
            continue
        if new.page == old.page:
            context["body"] = also(context["body"], old, new)
        elif f'id="{old.anchor}"' in context["body"]:
            raise ExtensionError(f"{TABLE}: {old} has moved, but is still there")
        else:
            context["body"] += note(old, new)
            app.add_js_file("moved.js", loading_method="defer")


def _leave(app: Sphinx, exception: Exception | None) -> None:
    """Write the pages that send on, and see that each new place is there."""
    if exception or app.builder.format != "html":
        return
    table = _table(app)
    for old, new in table.items():
        target = Path(app.outdir, new.page)
        text = target.read_text("utf-8") if target.is_file() else ""
        if not text or (new.anchor and f'id="{new.anchor}"' not in text):
            raise ExtensionError(f"{TABLE}: {old} goes to {new}, which is not there")
        if not old.anchor:
            _send_on(app, old, new)
    if any(old.anchor and old.page != new.page for old, new in table.items()):
        path = Path(app.outdir, "_static", "moved.js")
        path.write_text(SCRIPT.read_text("utf-8"), "utf-8")


def _send_on(app: Sphinx, old: Place, new: Place) -> None:
    path = Path(app.outdir, old.page)
    if unquote(old.page.removesuffix(".html")) in app.env.found_docs:
        raise ExtensionError(f"{TABLE}: {old} has moved, but is still there")
    address = html.escape(link(old.page, new))
    # With the script the anchor comes along; without it, the page alone.
    head = (
        f'<noscript><meta http-equiv="refresh" content="0; url={address}"></noscript>\n'
    )
    if base := app.config.html_baseurl:
        home = app.builder.get_target_uri(app.config.root_doc)
        page = "" if new.page == home else new.page
        head += f'<link rel="canonical" href="{html.escape(base + page)}">\n'
    to = html.escape(_("Read it where it is now."))
    body = f'<p><a class="moved-page" href="{address}">{to}</a></p>\n' + "\n".join(
        note(place, there)
        for place, there in _table(app).items()
        if place.page == old.page and place.anchor
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    title = _("This page has moved")
    script = SCRIPT.read_text("utf-8")
    path.write_text(bare(app, title, body, head=head, script=script), "utf-8")


def setup(app: Sphinx) -> None:
    """Keep what has moved reachable."""
    moves.cache_clear()
    app.connect("html-page-context", _keep)
    app.connect("build-finished", _leave)
