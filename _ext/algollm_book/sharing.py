"""What a page says about itself to those who list it or share it.

A description, written in the page's `html_meta` or else its first sentence, in the
words of search engines and of Open Graph. What has an address, the page itself and the
picture on its card, is said only where the site's address is known.
"""

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _

from . import cards
from .address import address_of

LONGEST = 160  # letters of a description that a list of results shows
FOLDER = "cards"


def description(doctree: nodes.document) -> str:
    """Return what a page says about itself: as written, or its first sentence."""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return str(meta["content"])
    texts = (paragraph.astext() for paragraph in doctree.findall(nodes.paragraph))
    text = " ".join(next(texts, "").split())
    sentence = re.match(r".*?[.!?。！？](?=\s|$)|.*", text)
    return shortened(sentence[0] if sentence else "")


def shortened(text: str) -> str:
    """Return a text that fits, cut between words where it does not."""
    if len(text) <= LONGEST:
        return text
    cut = text[: LONGEST - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:") + "…"


def _tags(
    app: Sphinx, page: str, title: str, about: str, card: cards.Card
) -> dict[str, str]:
    """Return Open Graph's properties of a page."""
    tags = {
        "og:site_name": app.config.html_title,
        "og:type": "website" if page == app.config.root_doc else "article",
        "og:title": title,
        "og:description": about,
    }
    if app.config.html_baseurl:
        image = f"{app.config.html_baseurl}{FOLDER}/{page}.png"
        tags |= {
            "og:url": address_of(app, page),
            "og:image": image,
            "og:image:type": "image/png",
            "og:image:width": str(cards.WIDTH),
            "og:image:height": str(cards.HEIGHT),
            "og:image:alt": _(card.drawing.alt),
        }
    return {name: text for name, text in tags.items() if text}


def _meta(kind: str, name: str, text: str) -> str:
    return f'\n<meta {kind}="{name}" content="{html.escape(text)}" />'


def _say(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if doctree is None:
        return
    about = description(doctree)
    title = html.unescape(re.sub(r"<[^>]*>", "", context["title"]))
    card = cards.card_of(app.env, page, title)
    said = ""
    if about and 'name="description"' not in context["metatags"]:
        said += _meta("name", "description", about)
    for name, text in _tags(app, page, title, about, card).items():
        said += _meta("property", name, text)
    if app.config.html_baseurl:
        said += _meta("name", "twitter:card", "summary_large_image")
        path = Path(app.outdir, FOLDER, f"{page}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cards.png(card, app.config.html_title))
    context["metatags"] += said


def setup(app: Sphinx) -> None:
    """Put it into the head of each page that has a source."""
    app.connect("html-page-context", _say)
