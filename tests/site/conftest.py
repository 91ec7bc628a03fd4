"""A server of the built site and readers who look at it in a browser."""

import functools
import http.server
import threading

import pytest
from playwright.sync_api import sync_playwright

from tests.support.browser import CHROMIUM, FLAGS, NOBODY_ELSE, SITE, Quiet, opened
from tests.support.jobs import PATIENCE


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
