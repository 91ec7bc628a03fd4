"""Run every notebook in a browser, on its page, and compare with what is stored.

usage: python tools/run_in_page.py [NOTEBOOK ...]     (or: make run-in-page)

Each cell's Run is pressed, from the first to the last. What is printed, the verdicts,
and the numbers of every frame of each explorer must be those that the page has stored;
figures must be as many. Pictures are not compared: Matplotlib's versions differ. Prints
what differs and the seconds that it took, which mean something on an idle computer.
"""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import BrowserContext, Page, sync_playwright

import doctor
from execute import asked_for
from portable import first_difference
from serve import SITE, Server

PATIENCE = 900  # seconds for one cell: a busy computer is no fault
FLAGS = ("--no-sandbox", "--disable-gpu")
ASKED = Path(__file__).with_suffix(".js")  # what pages are asked


class Ran(NamedTuple):
    """A notebook that has run on its page."""

    seconds: dict[int, float]  # of each cell that runs there
    left_out: int  # cells that say why they do not
    start: float  # seconds until Python was there
    differences: list[str]


def differences(
    number: int, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[str]:
    """Yield a line for each kind of words that a cell has not said as stored."""
    for kind in {**before, **after}:
        old, new = before.get(kind, ""), after.get(kind, "")
        if old.strip() != new.strip():
            yield f"cell {number}, {kind}: {first_difference(old, new)}"


def run(context: BrowserContext, address: str) -> Ran:
    """Run all cells of a page, in their order."""
    page = context.new_page()
    page.add_init_script(path=ASKED)
    page.goto(address)
    bars = page.locator(".run-bar")
    numbers = [int(bar.get_attribute("data-cell") or 0) for bar in bars.all()]
    seconds: dict[int, float] = {}
    found: list[str] = []
    for number in numbers:
        page.evaluate(f"inPage.press({number})")
        _until(page, f"inPage.settled({number})")
        seconds[number] = page.evaluate("algollm.runner.state().seconds.cell")
        page.evaluate(f"inPage.open({number})")
        _until(page, f"inPage.whole({number})")
        said: dict[str, Any] = page.evaluate(f"inPage.said({number})")
        found += differences(number, said["before"], said["after"])
    start = page.evaluate("algollm.runner.state().seconds.start")
    left_out = page.locator(".run-note").count()
    page.close()
    return Ran(seconds, left_out, start or 0.0, found)


def _until(page: Page, condition: str) -> None:
    end = time.monotonic() + PATIENCE
    while not page.evaluate(condition):
        if time.monotonic() > end:
            said = page.locator(".run-status").inner_text()
            raise TimeoutError(f"nothing for {PATIENCE} s; the page says {said!r}")
        time.sleep(0.02)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the site, and give its address."""
    with Server(("127.0.0.1", 0), partial(_Quiet, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def told(name: str, ran: Ran) -> str:
    """Return what is printed of a notebook."""
    longest = max(ran.seconds, key=lambda number: ran.seconds[number])
    total = sum(ran.seconds.values())
    here = f"{len(ran.seconds)} cells" + (
        f" ({ran.left_out} left out)" if ran.left_out else ""
    )
    return "\n".join(
        [
            f"{name}: {here}, start {ran.start:.1f} s, cells {total:.1f} s, longest "
            f"{ran.seconds[longest]:.1f} s (cell {longest}), "
            f"{len(ran.differences) or 'no'} differences",
            *(f"  {line}" for line in ran.differences),
        ]
    )


def main() -> None:
    """Run each notebook; exit with 1 if any says something else."""
    paths = asked_for("run_in_page", "Run notebooks on their pages, in a browser.")
    if not (SITE / "_static" / "runner").is_dir():
        sys.exit("the site has no runner: REQUIRE_RUNNER=1 make book says why")
    chromium = doctor.chromium()
    if chromium is None:
        sys.exit("there is no Chromium here; see 'make doctor'")
    worst = 0
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context()
        context.set_default_timeout(1000 * PATIENCE)
        for path in paths:
            ran = run(context, f"{address}/chapters/{Path(path).stem}.html")
            print(told(path.stem, ran), flush=True)
            worst = max(worst, len(ran.differences))
        browser.close()
    sys.exit(bool(worst))


if __name__ == "__main__":
    main()
