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
# What a cell has stored and what its run shows, each as text by kind.
SAID = """(number) => {
  const cell = document.querySelector(`.run-bar[data-cell="${number}"]`).closest(".cell");
  const texts = (root, selector) =>
    root ? [...root.querySelectorAll(selector)].map((one) => one.textContent) : [];
  const words = (root) => ({
    printed: texts(root, ".stream pre").join(""),
    verdicts: texts(root, ".claim > p:not([class^=run], .tried), .claim li p, .claim td")
      .map((text) => text.trim()).join("\\n"),
    figures: `${texts(root, ":not([hidden]) > .picture, .output > .picture").length}`,
  });
  const fresh = cell.querySelector(":scope > [role=region]");
  const stored = cell.querySelector(":scope > .cell_output:not([role])");
  const before = words(stored), after = words(fresh);
  after.errors = texts(fresh, ".run-error").join("\\n");
  before.errors = "";
  for (const explorer of fresh?.querySelectorAll(".explorer:not(.live-figure)") ?? []) {
    const name = explorer.id.replace(/-run-\\d+$/, "");
    const table = (root) => texts(root, "tr").join("\\n");
    before[name] = table(document.getElementById(name));
    after[name] = table(explorer);
  }
  return {before, after};
}"""
# Press Run as a reader does, wherever the cell is folded away.
PRESS = """(number) =>
  document.querySelector(`.run-bar[data-cell="${number}"] button`).click()"""
SETTLED = """(number) => {
  const cell = document.querySelector(`.run-bar[data-cell="${number}"]`).closest(".cell");
  return !cell.hasAttribute("aria-busy") && algollm.runner.state().running === null;
}"""
# All frames of its explorers are drawn when their tables are opened.
OPEN = """(number) => {
  const cell = document.querySelector(`.run-bar[data-cell="${number}"]`).closest(".cell");
  const all = cell.querySelectorAll(":scope > [role=region] .explorer > details");
  all.forEach((table) => (table.open = true));
}"""
FULL = """(number) => {
  const cell = document.querySelector(`.run-bar[data-cell="${number}"]`).closest(".cell");
  const fresh = cell.querySelector(":scope > [role=region]");
  if (!fresh || fresh.querySelector(".run-error")) return true;
  return [...fresh.querySelectorAll(".explorer > details table")].every((table) =>
    table.tabIndex === 0 && table.querySelectorAll("tbody td").length
    >= 2 * table.querySelectorAll("tbody tr").length);
}"""


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
    page.goto(address)
    bars = page.locator(".run-bar")
    numbers = [int(bar.get_attribute("data-cell") or 0) for bar in bars.all()]
    seconds: dict[int, float] = {}
    found: list[str] = []
    for number in numbers:
        page.evaluate(PRESS, number)
        _until(page, f"algollm.runner.state().ready && ({SETTLED})({number})")
        seconds[number] = page.evaluate("algollm.runner.state().seconds.cell")
        page.evaluate(OPEN, number)
        _until(page, f"({FULL})({number})")
        said: dict[str, Any] = page.evaluate(SAID, number)
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
