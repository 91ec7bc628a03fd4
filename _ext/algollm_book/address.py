"""Where the site is: what must be absolute exists only when its address is known.

The address is `html_baseurl`, or the environment's SITE_ADDRESS, which goes first:
whoever publishes knows best. With neither, no page says where it is.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

VARIABLE = "SITE_ADDRESS"


def checked(address: str) -> str:
    """Return an address of a site with the slash at its end."""
    parts = urlsplit(address)
    web = parts.scheme in {"http", "https"} and parts.hostname
    if not web or parts.query or parts.fragment or set(address) & set(" \t\n\"'<>"):
        raise ConfigError(
            f"a site's address is like https://example.org/book/, got {address!r}"
        )
    return address.rstrip("/") + "/"


def address_of(app: Sphinx, page: str) -> str:
    """Return the full address of a page; the landing page is the site's own."""
    path = "" if page == app.config.root_doc else app.builder.get_target_uri(page)
    return f"{app.config.html_baseurl}{path}"


def _configure(app: Sphinx, config: Config) -> None:
    address = os.environ.get(VARIABLE) or config.html_baseurl
    config.html_baseurl = checked(address) if address else ""


def _canonical(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    if app.config.html_baseurl:
        context["pageurl"] = address_of(app, page)


def setup(app: Sphinx) -> None:
    """Read the address, and let each page say its own."""
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _canonical)
