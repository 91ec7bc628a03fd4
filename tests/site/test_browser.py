"""The built site in a real browser: quiet, reachable by keyboard, readable by all.

Opening a page is what takes long, so most tests share one visit to each. Without a
Chromium they are skipped; where REQUIRE_BROWSER or CI is set, one test then fails.
"""

import functools
import http.server
import os
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from doctor import chromium
from tests.support.book import PAGES, ROOT
from tests.support.jobs import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SITE = ROOT / "_build" / "html"
NAMES = [f"{name}.html" for name in ["intro", *PAGES]]
CHROMIUM = chromium()
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
NOBODY_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}

# What axe need not walk through: frames that are hidden, the lines of a drawing
# (it cannot tell their contrast), and marks around words of code of a known kind.
LEAVE_OUT = """() => {
  document.querySelectorAll(".explorer-stack [hidden]").forEach((e) => e.remove());
  const speaks = (e) => e.tagName === "a"
    || [...e.attributes].some((a) => /^(role|tabindex|aria-.*)$/.test(a.name));
  for (const svg of document.querySelectorAll("svg")) {
    if (![...svg.querySelectorAll("*")].some(speaks)) {
      svg.replaceChildren(...svg.querySelectorAll(":scope > title, :scope > desc"));
    }
  }
  const seen = new Set();
  for (const pre of document.querySelectorAll("pre")) {
    const where = pre.parentElement.parentElement.className;
    for (const word of pre.querySelectorAll("span")) {
      const kind = `${where} ${word.className}`;
      if (seen.has(kind)) word.replaceWith(...word.childNodes);
      seen.add(kind);
    }
  }
}"""
MOVING = """() => [...document.querySelectorAll("*")].filter((e) => {
  const style = getComputedStyle(e);
  return style.animationName !== "none" || style.scrollBehavior === "smooth"
    || style.transitionDuration.split(", ").some((t) => t !== "0s");
}).map((e) => e.outerHTML.slice(0, 200))"""


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


def opened(context, name, size=DESK):
    """Open a page, watching what goes wrong on it, and wait until it is whole."""
    page = context.new_page()
    page.set_viewport_size(size)
    page.troubles = []
    page.on("console", lambda m: m.type == "error" and page.troubles.append(m.text))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("request", lambda request: noted(page, request.url))
    page.goto(name)  # waits for the event "load"
    page.evaluate("window.MathJax?.startup.promise.then(() => null)")
    return page


def noted(page, url):
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
        page.troubles.append(f"asked for {url}")


@pytest.fixture(scope="module", params=NAMES)
def page(request, readers):
    """Open a page on a phone, for all tests below that take it."""
    page = opened(readers["usual"], request.param, PHONE)
    yield page
    page.close()


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


def test_there_is_a_browser_where_one_is_required():
    required = os.environ.get("REQUIRE_BROWSER") or os.environ.get("CI")
    assert CHROMIUM or not required, (
        "no Chromium, so no page was looked at: install chromium or google-chrome "
        "(Debian: apt-get install chromium), or unset REQUIRE_BROWSER and CI"
    )


# --- One visit to each page ---------------------------------------------------


def width_of(page):
    return page.evaluate("document.documentElement.scrollWidth")


def test_a_page_scrolls_in_one_direction_on_a_phone_and_with_large_text(page):
    page.set_viewport_size(PHONE)
    assert width_of(page) <= PHONE["width"]
    page.set_viewport_size(DESK)
    large = page.add_style_tag(content="html { font-size: 200% !important }")
    assert width_of(page) <= DESK["width"]
    large.evaluate("style => style.remove()")


def shown(explorer):
    return explorer.locator(".explorer-stack [role=img]:visible").get_attribute(
        "aria-label"
    )


def with_explorers():
    built = [name for name in NAMES if (SITE / name).exists()]
    return [n for n in built if 'class="explorer"' in (SITE / n).read_text("utf-8")]


def test_there_are_explorers_to_try():
    assert with_explorers()


def test_each_slider_moves_its_picture_by_keyboard(page):
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


def test_play_plays_to_the_end_and_pause_pauses(page):
    page.clock.install(time=0)
    page.clock.pause_at(1e6)  # from here time passes only where the test says so
    for button in page.locator(".explorer-play").all():
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
    page.clock.resume()
    assert page.troubles == []


def test_a_printed_page_shows_figures_and_no_controls(page):
    page.emulate_media(media="print")
    assert page.locator(".explorer-stack [role=img]:visible").count() == (
        page.locator(".explorer").count()
    )
    assert not page.locator(".explorer-controls:visible").count()
    assert not page.locator(".bd-sidebar-primary:visible").count()
    page.emulate_media(media="screen")


def test_nothing_moves_for_readers_who_want_that(page):
    assert page.evaluate(MOVING) == []


def violations(page, **options):
    # What passed takes as long to list, and preloading asks for files by wrong names.
    options |= {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0]['failureSummary']}"
        for v in found["violations"]
    ]


def test_a_page_is_accessible_and_was_quiet(page):  # the last: it takes parts away
    page.evaluate(LEAVE_OUT)
    page.wait_for_selector("html[data-theme=light]")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    assert violations(page, runOnly=["color-contrast"]) == []
    assert page.troubles == []


# --- Without scripts ----------------------------------------------------------


@pytest.mark.parametrize("name", with_explorers())
def test_without_javascript_the_frame_at_rest_and_the_table_remain(visit, name):
    page = visit(name, "no scripts")
    for explorer in page.locator(".explorer").all():
        assert explorer.locator(".explorer-stack [role=img]:visible").count() == 1
        assert not explorer.locator(".explorer-controls").is_visible()
        assert explorer.locator("tbody tr").count() >= 2


def test_without_javascript_a_formula_is_its_source(visit):
    page = visit("chapters/descent.html", "no scripts")
    sources = page.locator(".math").all_inner_texts()
    assert any(r"\nabla L" in source for source in sources)


def rows_shown(page):
    return page.locator("table.scorecard tbody tr:visible").count()


def test_without_javascript_the_scorecard_shows_every_row(visit):
    page = visit("chapters/claims.html", "no scripts")
    assert rows_shown(page) == page.locator("table.scorecard tbody tr").count() > 100
    assert not page.locator(".scorecard-filter").is_visible()


# --- From page to page --------------------------------------------------------


def test_the_scorecard_is_filtered_by_verdict_and_essay(visit):
    page = visit("chapters/claims.html")
    everything = rows_shown(page)
    said = page.locator(".scorecard-filter output")
    page.get_by_label("false", exact=True).check(force=True)
    assert page.url.endswith("?verdict=verdict-false")
    wrong = page.locator("tr.verdict-false").count()
    assert 0 < rows_shown(page) == wrong < everything
    page.get_by_label("S3", exact=True).check(force=True)
    both = page.locator("tr.verdict-false.essay-s3").count()
    assert 0 < rows_shown(page) == both < wrong
    assert said.inner_text() == f"{both} of {everything} claims"
    for title in page.locator("section section h2:visible").all():
        assert title.locator("xpath=..").locator("tbody tr:visible").count()
    page.reload()  # the address keeps what was asked for
    assert rows_shown(page) == both
    assert page.troubles == []


def test_a_number_of_the_tally_leads_to_its_rows(visit):
    page = visit("intro.html")
    count = int(page.locator(".tally .verdict-false strong").inner_text())
    page.locator(".tally .verdict-false a").click()
    page.wait_for_selector(".scorecard-filter:visible")
    assert rows_shown(page) == count


def test_search_finds_gradient(visit):
    page = visit("search.html?q=gradient")
    page.wait_for_selector("#search-results li")
    assert "gradient" in page.locator("#search-results").inner_text().lower()
    assert page.troubles == []


def test_a_page_is_painted_before_its_formulas_can_be_set(context):
    page = context().new_page()
    held = []
    page.route("**/tex-svg.js*", lambda route: held.append(route))  # no answer yet
    page.goto("chapters/descent.html", wait_until="commit")
    page.wait_for_function(
        "performance.getEntriesByName('first-contentful-paint').length"
    )
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_selector("mjx-container")
    page.context.close()
