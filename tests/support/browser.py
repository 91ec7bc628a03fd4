"""The built site and a browser: where they are, and how a page is opened."""

import http.server

import doctor
from tests.support.book import PAGES, ROOT

SITE = ROOT / "_build" / "html"
RUNNER = SITE / "_static" / "runner"  # what makes cells run; a build may lack it
NAMES = [f"{name}.html" for name in ["index", *PAGES]]
CHROMIUM = doctor.chromium()
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
NOBODY_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# Two ways in which a browser keeps nothing for a page; the theme keeps its own things.
REFUSALS = {
    "the storage": """Object.defineProperty(window, "localStorage", {
      get() { throw new DOMException("refused", "SecurityError"); }
    })""",
    "what is asked of it": """for (const act of ["getItem", "setItem", "removeItem"]) {
      const plain = Storage.prototype[act];
      Storage.prototype[act] = function (key, ...more) {
        if (!key.startsWith("algollm")) return plain.call(this, key, ...more);
        throw new DOMException("refused", "SecurityError");
      };
    }""",
}
# The theme gives what scrolls a tab stop, a moment after the page has changed.
STOPS = """() => [...document.querySelectorAll("pre")].every(
  (e) => e.tabIndex === 0 || e.scrollWidth <= e.clientWidth)"""
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args):
        """Log nothing."""


def opened(context, name, size=DESK):
    """Open a page, watching what goes wrong on it, and wait until it is whole."""
    page = context.new_page()
    page.set_viewport_size(size)
    page.troubles = []
    page.on("console", lambda m: m.type == "error" and page.troubles.append(m.text))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("request", lambda request: noted(page, request.url))
    page.goto(name)  # waits for the event "load"
    return page


def noted(page, url):
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
        page.troubles.append(f"asked for {url}")


def with_explorers():
    """Return the names of the pages that have an explorer, as far as they are built."""
    built = [name for name in NAMES if (SITE / name).exists()]
    return [n for n in built if 'class="explorer"' in (SITE / n).read_text("utf-8")]
