"""The built site in a real browser: quiet, reachable by keyboard, readable by all.

Without a Chromium these tests are skipped, unless REQUIRE_BROWSER is set.
"""

import functools
import http.server
import os
import shutil
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from book import PAGES, ROOT

SITE = ROOT / "_build" / "html"
NAMES = [f"{name}.html" for name in ["intro", *PAGES]]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()

if CHROMIUM is None and not os.environ.get("REQUIRE_BROWSER"):
    pytest.skip("no Chromium on this machine", allow_module_level=True)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args):
        """Log nothing."""


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
def browser():
    assert CHROMIUM, "REQUIRE_BROWSER is set and there is no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """Return a function that opens a page and watches what goes wrong on it."""
    contexts = []

    def open_page(name, **settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda m: m.type == "error" and page.troubles.append(m.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))

        def local_only(route):
            if route.request.url.startswith(address):
                route.continue_()
            else:
                page.troubles.append(f"asked for {route.request.url}")
                route.abort()

        page.route("**/*", local_only)
        page.goto(f"{address}/{name}", wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_quiet_and_accessible(visit, name, scheme):
    page = visit(name, color_scheme=scheme)
    assert page.troubles == []
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    violations = [
        f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0]['failureSummary']}"
        for v in found
    ]
    assert violations == []


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_scrolls_in_one_direction(visit, name):
    page = visit(name, viewport={"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def shown(explorer):
    return explorer.locator(".explorer-stack [role=img]:visible").get_attribute(
        "aria-label"
    )


def with_explorers():
    return [name for name in NAMES if 'class="explorer"' in (SITE / name).read_text()]


def test_there_are_explorers_to_try():
    assert with_explorers()


@pytest.mark.parametrize("name", with_explorers())
def test_each_slider_moves_its_picture_by_keyboard(visit, name):
    page = visit(name)
    for explorer in page.locator(".explorer").all():
        controls = explorer.locator("input[type=range], input[type=radio]:checked")
        for control in controls.all():
            before = shown(explorer)
            control.focus()
            page.keyboard.press("ArrowRight")
            if shown(explorer) == before:  # it stood at its last value
                page.keyboard.press("ArrowLeft")
            assert shown(explorer) != before
            output = control.locator("xpath=../output")
            if output.count():
                assert control.get_attribute("aria-valuetext") == output.inner_text()
    assert page.troubles == []


@pytest.mark.parametrize("name", with_explorers())
def test_play_plays_to_the_end_and_pause_pauses(visit, name):
    for i in range(visit(name).locator(".explorer-play").count()):
        page = visit(name)
        button = page.locator(".explorer-play").nth(i)
        page.clock.install()
        moved = button.get_attribute("data-moves")
        explorer = button.locator(
            "xpath=ancestor::*[contains(@class, 'explorer')][last()]"
        )
        slider = explorer.locator(f'[data-model="{moved}"]')
        start = int(slider.input_value())
        button.click()
        assert button.inner_text() == "Pause"
        page.clock.run_for(int(button.get_attribute("data-interval")) + 50)
        one = int(slider.input_value())
        assert one in {start + 1, 1}
        button.click()
        page.clock.run_for(10_000)
        assert int(slider.input_value()) == one
        button.click()
        page.clock.run_for(120_000)
        assert slider.input_value() == slider.get_attribute("max")
        assert button.inner_text() == "Play"


@pytest.mark.parametrize("name", with_explorers())
def test_without_javascript_the_frame_at_rest_and_the_table_remain(visit, name):
    page = visit(name, java_script_enabled=False)
    for explorer in page.locator(".explorer").all():
        assert explorer.locator(".explorer-stack [role=img]:visible").count() == 1
        assert not explorer.locator(".explorer-controls").is_visible()
        assert explorer.locator("tbody tr").count() >= 2


def test_search_finds_gradient(visit):
    page = visit("search.html?q=gradient")
    page.wait_for_selector("#search-results li", timeout=10_000)
    assert "gradient" in page.locator("#search-results").inner_text().lower()
    assert page.troubles == []
