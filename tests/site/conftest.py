"""A server of the built site and readers who look at it in a browser."""

import functools
import http.server
import os
import threading
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

from tests.support.book import ROOT
from tests.support.browser import (
    CHROMIUM,
    FLAGS,
    NOBODY_ELSE,
    RUNNER,
    SITE,
    Quiet,
    opened,
)
from tests.support.jobs import PATIENCE
from tests.support.pages import site

SETTINGS = {
    "author": "We",
    "exclude_patterns": ["_build", "CHANGELOG.md"],
    "html_css_files": ["book.css"],
    "html_static_path": [str(ROOT / "_static")],
    "html_title": "Small",
}
AT = "https://book.example/algo-llm"
SMALL = {
    "start.md": """# A *small* book & its end

It begins here. And it goes on.

```{toctree}
sub/walk
sub/rest
```
""",
    "sub/walk.md": """---
myst:
  html_meta:
    description: "How to walk \\"downhill\\" & arrive."
---

# Walk

(slope)=

## The slope

Downhill.

## Nearly there

The end.
""",
    "sub/rest.md": "# Rest\n\n## Benches\n\nSit down.\n\n| a |\n| - |\n| b |\n",
    "CHANGELOG.md": """# Changelog

## Unreleased

- A *third* walk.

## 0.2.0, 2026-03-01

- A second walk, <b>longer</b>.

## 0.1.0, 2026-02-01

- A walk.
""",
    "_moved.toml": """
"intro.html" = "start.html"
"old/walk.html" = "sub/walk.html#slope"
"old/walk.html#bench" = "sub/rest.html#benches"
"sub/walk.html#the-incline" = "sub/walk.html#the-slope"
"sub/walk.html#sitting" = "sub/rest.html#benches"
""",
}


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(Quiet, directory=SITE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def runner():
    """Go on only where the site has what makes cells run."""
    if not RUNNER.is_dir():
        if os.environ.get("REQUIRE_RUNNER"):
            pytest.fail("the site was built without its runner")
        pytest.skip("no source of Python for the browser was reached by the build")


@pytest.fixture(scope="module")
def context(address):
    """Return a function that makes readers of the site, by their settings."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, NOBODY_ELSE]
        )

        def made(**settings):
            context = browser.new_context(base_url=address, **settings)
            context.set_default_timeout(1000 * PATIENCE)
            return context

        yield made
        browser.close()


@pytest.fixture(scope="module")
def readers(context):
    """Return a reader for whom nothing moves and one without scripts."""
    usual = context(color_scheme="light", reduced_motion="reduce")
    return {"usual": usual, "no scripts": context(java_script_enabled=False)}


@pytest.fixture
def visit(readers):
    """Return a function that opens a page for one test."""
    pages = []

    def visited(name, reader="usual"):
        pages.append(opened(readers[reader], name))
        return pages[-1]

    yield visited
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def small_sites(tmp_path_factory):
    """Return where a small book is built: without an address, and with one."""
    built = {}
    for address in ("", AT):
        folder = tmp_path_factory.mktemp("small")
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("SOURCE_DATE_EPOCH", raising=False)
            patch.setenv("SITE_ADDRESS", address)
            with site(folder, SMALL, **SETTINGS) as app:
                built[address] = Path(app.outdir)
    return built


@pytest.fixture(scope="session")
def small(small_sites):
    """Return a function that reads a file of the small book with an address."""
    return lambda name: _read(small_sites[AT], name)


@pytest.fixture(scope="session")
def homeless(small_sites):
    """Return a function that reads a file of the small book without one."""
    return lambda name: _read(small_sites[""], name)


def _read(folder, name):
    text = (folder / name).read_text("utf-8")
    return BeautifulSoup(text, "html.parser") if name.endswith(".html") else text
