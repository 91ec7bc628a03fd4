"""The built site in a real browser: quiet, reachable by keyboard, readable by all.

Opening a page is what takes long, so the tests of a page share one visit. Without a
Chromium they are skipped; where REQUIRE_BROWSER or CI is set, one test then fails.
"""

import io
import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops, ImageStat

from tests.support.book import ROOT
from tests.support.browser import (
    CHROMIUM,
    DESK,
    NAMES,
    PHONE,
    STOPS,
    opened,
    with_explorers,
)
from tests.support.jobs import until

pytestmark = pytest.mark.browser

# What axe need not walk through: frames that are hidden, the lines of a drawing
# (it cannot tell their contrast), marks around words of code of a known kind, and
# toolbars after the second: all are alike.
LEAVE_OUT = """() => {
  [...document.querySelectorAll(".run-bar")].slice(2).forEach((e) => e.remove());
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
# Explorers, save those that give way to a live object; each has a page of its own.
EXPLORER = ".explorer:not(.live-still .explorer)"
# What shows only where the mouse is.
POINTED_AT = ".headerlink { visibility: visible !important }"
MOVING = """() => [...document.querySelectorAll("*")].filter((e) => {
  const style = getComputedStyle(e);
  return style.animationName !== "none" || style.scrollBehavior === "smooth"
    || style.transitionDuration.split(", ").some((t) => t !== "0s");
}).map((e) => e.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module", params=NAMES)
def page(request, readers):
    """Open a page on a phone, for all tests below that take it."""
    page = opened(readers["usual"], request.param, PHONE)
    yield page
    page.close()


def test_there_is_a_browser_where_one_is_required():
    required = os.environ.get("REQUIRE_BROWSER") or os.environ.get("CI")
    assert CHROMIUM or not required, (
        "no Chromium, so no page was looked at: install chromium or google-chrome "
        "(Debian: apt-get install chromium), or unset REQUIRE_BROWSER and CI"
    )


def width_of(page):
    return page.evaluate("document.documentElement.scrollWidth")


def test_a_page_scrolls_in_one_direction_on_a_phone_and_with_large_text(page):
    page.set_viewport_size(PHONE)
    assert width_of(page) <= PHONE["width"]
    page.set_viewport_size(DESK)
    root = page.locator("html")
    root.evaluate("e => e.style.setProperty('font-size', '200%', 'important')")
    assert width_of(page) <= DESK["width"]
    root.evaluate("e => e.style.removeProperty('font-size')")


OVERFULL = """() => [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].filter(
  (heading) => {
    const words = document.createRange();
    words.selectNodeContents(heading);
    words.setEndBefore(heading.querySelector("a.headerlink"));
    const text = words.getBoundingClientRect();
    return heading.getBoundingClientRect().height > text.height + 10;
  }).map((heading) => heading.textContent)"""
OUTSIDE = """() => [...document.querySelectorAll("main .math")].filter((formula) => {
  const within = formula.closest("table, div.math, pre") !== null;
  return !within && formula.getBoundingClientRect().right > innerWidth;
}).map((formula) => formula.textContent)"""
HALVES = """() => [...document.querySelectorAll("main td code .pre")].filter(
  (word) => word.getClientRects().length > 1).map((word) => word.textContent)"""


def test_on_a_phone_headings_formulas_and_names_have_room(page):
    page.set_viewport_size(PHONE)
    assert page.evaluate(OVERFULL) == []  # a line for the link that nobody sees
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(HALVES) == []  # of a name in a table


def test_a_list_of_contents_is_offered_where_there_is_one(page):
    page.set_viewport_size(PHONE)
    has_one = page.locator("#pst-secondary-sidebar li").count() > 0
    assert page.locator(".secondary-toggle:visible").count() == has_one


# The font of the theme's icons is left out, so a sign of its own area would be a box.
BOXES = r"""() => [...document.querySelectorAll("body *:not(svg *, math *)")].filter(
  (e) => ["::before", "::after"].some((part) => {
    const { content, fontFamily } = getComputedStyle(e, part);
    return /Awesome/.test(fontFamily) && /[\uE000-\uF8FF]/.test(content);
  })
).map((e) => e.outerHTML.slice(0, 200))"""


def test_no_sign_is_shown_whose_font_is_left_out(page):
    assert page.evaluate(BOXES) == []


# Of formulas that are one letter that stands on its line: how far that is from the line
# of the text; of all without fractions, roots or tables: their height in lines; and by
# how much a formula is wider than what it draws.
FIT = """() => {
  const shown = [...document.querySelectorAll("span.math > math")].filter(
    (math) => math.checkVisibility() && math.getBoundingClientRect().width);
  const off = [], lines = [], gaps = [];
  for (const math of shown) {
    const box = math.getBoundingClientRect();
    const letters = [...math.querySelectorAll("mi, mn, mo, mtext, msqrt")];
    const right = Math.max(...letters.map((e) => e.getBoundingClientRect().right));
    gaps.push((box.right - right) / parseFloat(getComputedStyle(math).fontSize));
    if (!math.querySelector("mfrac, msqrt, mroot, mtable")) {
      const style = getComputedStyle(math.parentElement);
      lines.push(box.height / parseFloat(style.lineHeight));
    }
    const text = letters.map((e) => e.textContent).join("");
    if (/^[a-ehik-or-xzA-IK-PR-Z0-9]$/.test(text)) {
      const probe = document.createElement("span");
      probe.style.cssText = "display: inline-block; width: 0; height: 0";
      math.parentElement.append(probe);
      off.push(Math.abs(box.bottom - probe.getBoundingClientRect().bottom));
      probe.remove();
    }
  }
  return {off, lines, gaps};
}"""


def test_formulas_stand_on_the_line_of_the_text_and_fit_it(page):
    page.set_viewport_size(DESK)
    page.evaluate("document.fonts.ready.then(() => null)")
    fit = page.evaluate(FIT)
    assert max(fit["off"], default=0) < 1.5  # pixels; boxes lie on whole ones
    assert max(fit["lines"], default=0) < 1.2
    assert max(fit["gaps"], default=0) < 0.15  # em


def shown(explorer):
    return explorer.locator(".explorer-stack [role=img]:visible").get_attribute(
        "aria-label"
    )


def named(explorer):
    """Return what a screen reader calls an explorer."""
    return explorer.evaluate(
        "e => document.getElementById(e.getAttribute('aria-labelledby')).textContent"
    )


def test_there_are_explorers_to_try():
    assert with_explorers()


def test_each_slider_moves_its_picture_by_keyboard(page):
    for explorer in page.locator(EXPLORER).all():
        controls = explorer.locator("input[type=range], input[type=radio]:checked")
        for control in controls.all():
            before = shown(explorer)
            control.focus()
            page.keyboard.press("ArrowRight")
            if shown(explorer) == before:  # it stood at its last value
                page.keyboard.press("ArrowLeft")
            assert shown(explorer) != before
            assert named(explorer) == shown(explorer)
            output = control.locator("xpath=../output")
            if output.count():
                assert control.get_attribute("aria-valuetext") == output.inner_text()
    assert page.troubles == []


def test_the_first_explorer_is_within_ten_tab_stops_of_the_top(page):
    if not page.locator(".explorer").count():
        assert page.locator(".skip-link").count() == 1
        return
    page.evaluate("scrollTo(0, 0), document.activeElement.blur(), location.hash = ''")
    page.locator("#pst-skip-link a").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    first = page.locator(".live, .explorer:not(.live .explorer)").first
    if "live" in first.get_attribute("class").split():  # it wakes where it is seen
        until(lambda: "live-awake" in first.get_attribute("class"))
    page.keyboard.press("Tab")
    assert first.evaluate("e => e.contains(document.activeElement)")
    assert first.evaluate("e => e !== document.activeElement")


def test_play_plays_to_the_end_and_pause_pauses(page):
    page.clock.install(time=0)
    page.clock.pause_at(1e6)  # from here time passes only where the test says so
    for button in page.locator(f"{EXPLORER} .explorer-play").all():
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
    texts = page.locator("#main-content").inner_text().split("\n")
    first = next(text for text in texts if text.strip())
    assert first == page.locator("article h1").evaluate("e => e.firstChild.textContent")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("html[data-theme=light]").count() == 1  # as paper is
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html[data-theme=dark]").count() == 1
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.emulate_media(media="screen")


def test_nothing_moves_for_readers_who_want_that(page):
    assert page.evaluate(MOVING) == []


# A sheet of the page's own making, for the policy refuses a <style> that is put in.
STYLED = """rules => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
}"""


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
    page.evaluate(STYLED, POINTED_AT)
    page.wait_for_selector("html[data-theme=light]")
    until(lambda: page.evaluate(STOPS))
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    assert violations(page, runOnly=["color-contrast"]) == []
    assert page.troubles == []


@pytest.mark.parametrize(
    ("name", "side"), [("favicon-32.png", 32), ("apple-touch-icon.png", 180)]
)
def test_an_icon_is_the_books_mark_in_pixels(context, name, side):
    reader = context(viewport={"width": side, "height": side})
    page = reader.new_page()
    folder = ROOT / "_static"
    mark = (folder / "favicon.svg").read_text("utf-8")
    page.set_content(f"<style>* {{ margin: 0 }} svg {{ display: block }}</style>{mark}")
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    with Image.open(folder / name) as icon:
        assert icon.size == drawn.size
        inside = icon.convert("RGBA").convert("RGB")
    # The corners may differ: they are round, and phones round them themselves.
    middle = (side // 8, side // 8, side - side // 8, side - side // 8)
    apart = ImageChops.difference(drawn.crop(middle), inside.crop(middle))
    assert max(ImageStat.Stat(apart).mean) < 4  # of 255
    reader.close()


def test_the_foot_of_a_page_leads_to_how_to_cite_it(readers):
    page = opened(readers["usual"], "chapters/descent.html", PHONE)
    page.locator(".book-footer a", has_text="Cite").click()
    page.wait_for_url("**/chapters/about.html#cite")
    assert "@misc{algollm" in page.locator("#cite-it").inner_text()
    assert page.troubles == []
    page.close()
