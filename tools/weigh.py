"""Say what each page of the built site costs its reader.

usage: python tools/weigh.py [PAGE …]      (or: make weigh; a page is intro.html, …)

For each page: by how much what is shown moves while it loads, at three widths; the
kilobytes, gzipped, of all that the browser fetches before anyone touches anything; the
elements; and the longest task of script in milliseconds, which means something on an
idle computer only.
"""

import argparse
import gzip
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import BrowserContext, Response, sync_playwright

import doctor
from serve import Server

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
SIZES = ((1280, 800), (1440, 900), (390, 844))
PIECE, PAUSE = 65_536, 0.015  # bytes, and seconds after them
PATIENCE = 300  # seconds: a busy computer is no fault
KINDS = ("document", "stylesheet", "script", "font", "image", "fetch")
WATCH = """
  window.watched = {shift: 0, task: 0};
  new PerformanceObserver((list) => list.getEntries().forEach((e) => {
    if (!e.hadRecentInput) watched.shift += e.value;
  })).observe({type: "layout-shift", buffered: true});
  new PerformanceObserver((list) => list.getEntries().forEach((e) => {
    watched.task = Math.max(watched.task, e.duration);
  })).observe({type: "longtask", buffered: true});
"""
# Two frames and an idle moment later, what the page does by itself has been drawn.
WATCHED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  await new Promise((done) => requestIdleCallback(done));
  return {...watched, nodes: document.getElementsByTagName("*").length};
}"""


class Load(NamedTuple):
    """What it took to show a page once."""

    shift: float  # the sum of all layout shifts, as the Layout Instability API has it
    weight: Counter[str]  # bytes after gzip, by kind of file
    task: float  # milliseconds
    nodes: int


def load(context: BrowserContext, address: str, size: tuple[int, int]) -> Load:
    """Open a page with an empty cache, and leave it alone."""
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    session = context.new_cdp_session(page)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.add_init_script(WATCH)
    page.goto(address)
    seen = page.evaluate(WATCHED)
    weight: Counter[str] = Counter()
    for response in responses:
        if not response.url.startswith("data:"):
            kind = response.request.resource_type
            weight[kind] += len(gzip.compress(response.body(), 6))
    page.close()
    return Load(seen["shift"], weight, seen["task"], seen["nodes"])


class _Slow(SimpleHTTPRequestHandler):
    """Sends a file in pieces, so that the browser draws what is there already."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        while piece := source.read(PIECE):
            outputfile.write(piece)
            time.sleep(PAUSE)

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the site slowly, and give its address."""
    handler = partial(_Slow, directory=SITE)
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _line(name: str, loads: list[Load]) -> str:
    weight = loads[0].weight
    columns = [f"{one.shift:.3f}" for one in loads]
    columns += [f"{weight[kind] / 1000:.0f}" for kind in KINDS]
    columns += [f"{weight.total() / 1000:.0f}", f"{loads[0].nodes}"]
    columns.append(f"{max(one.task for one in loads):.0f}")
    return f"{name:32}" + "".join(f"{column:>10}" for column in columns)


def main(words: list[str] | None = None) -> None:
    """Print a line for each page."""
    parser = argparse.ArgumentParser("make weigh", description="Weigh the built site.")
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    names = parser.parse_args(words).pages
    names = names or sorted(p.relative_to(SITE).as_posix() for p in _pages())
    chromium = doctor.chromium()
    if not names:
        sys.exit("there is no site yet: run 'make book'")
    if chromium is None:
        sys.exit("there is no Chromium here; see 'make doctor'")
    head = [f"at {width}" for width, _ in SIZES] + [*KINDS, "all kB", "nodes", "ms"]
    print(f"{'':32}" + "".join(f"{word:>10}" for word in head))
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context()
        context.set_default_timeout(1000 * PATIENCE)
        for name in names:
            loads = [load(context, f"{address}/{name}", size) for size in SIZES]
            print(_line(name, loads), flush=True)
        browser.close()


def _pages() -> Iterator[Path]:
    for path in SITE.rglob("*.html"):
        elsewhere = 'http-equiv="refresh"' in path.read_text("utf-8").lower()
        apart = {"_static", "_sources"} & set(path.relative_to(SITE).parts)
        if not (apart or elsewhere):
            yield path


if __name__ == "__main__":
    main()
