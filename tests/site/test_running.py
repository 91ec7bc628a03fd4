"""Cells that run in the page, by hand: Python starts twice, everything else shares it.

The tests stand in the order of a visit; each uses cells of its own.
"""

import gzip
import http.server
import json
import re
import threading
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from algollm_helpers.book.exercises import exercises
from tests.support.book import NOTEBOOKS, ROOT, code_cells
from tests.support.browser import DESK, PHONE, RUNNER, SITE, STOPS, opened
from tests.support.jobs import until

pytestmark = pytest.mark.usefixtures("runner")
CHAPTER = ROOT / "chapters" / "descent.ipynb"
CELLS = code_cells(CHAPTER)
LIGHT = 6_000  # bytes, gzipped, that a page has more before anyone asks
NAMES = ["Run", "Edit", "Stop", "Reset"]


def compressed(text):
    return len(gzip.compress(text if isinstance(text, bytes) else text.encode(), 6))


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_before_the_click_a_page_is_hardly_heavier(name):
    text = (SITE / "chapters" / f"{name}.html").read_text("utf-8")
    tree = BeautifulSoup(text, "html.parser")
    whole = compressed(str(tree))
    added = tree.select(".run-bar, .run-verdict, .run-note, .run-status, [src*=runner]")
    assert len(added) > 10
    for tag in added:
        tag.decompose()
    scripts = sum(compressed((RUNNER / f).read_bytes()) for f in ("run.js", "run.css"))
    weight = whole - compressed(str(tree)) + scripts
    assert weight <= LIGHT, weight


# --- One visit ------------------------------------------------------------------


class Visit:
    """A page whose cells are run, by their numbers."""

    def __init__(self, page):
        self.page = page

    def state(self):
        """Return what checks may ask the page for."""
        return self.page.evaluate("algollm.runner.state()")

    def status(self):
        """Return what the page says."""
        return self.page.locator(".run-status").inner_text()

    def bar(self, number):
        """Return the toolbar of a cell."""
        return self.page.get_by_role("toolbar", name=f"Cell {number}", exact=True)

    def cell(self, number):
        """Return a cell, what folds it open."""
        bar = self.page.locator(f'.run-bar[data-cell="{number}"]')
        bar.evaluate(
            """(bar) => {
              for (let at = bar; at; at = at.parentElement) {
                if (at.matches("details")) at.open = true;
                const hidden = at.matches(".toggle-hidden");
                if (hidden) at.querySelector(".toggle-button").click();
              }
              bar.closest(".cell").dataset.tested = bar.dataset.cell;
            }"""
        )
        return self.page.locator(f'.cell[data-tested="{number}"]')

    def press(self, number, name):
        """Press a button of a cell."""
        self.cell(number)
        self.bar(number).get_by_role("button", name=name, exact=True).click()

    def output(self, number):
        """Return what the last run of a cell shows."""
        return self.cell(number).locator(":scope > [role=region]")

    def settled(self, number):
        """Wait until a cell that was asked to run has come to an end."""
        ends = rf"\b[Cc]ell {number} (is done|raised)|needs, raised|Stopped|broke down"
        until(lambda: re.search(ends, self.status()) and not self.state()["running"])

    def run(self, number):
        """Run a cell and wait for its end."""
        self.say_nothing()
        self.press(number, "Run")
        self.settled(number)

    def say_nothing(self):
        """Clear what the page says, so that the next words are new."""
        self.page.evaluate("document.querySelector('.run-status').textContent = ''")

    def edit(self, number, code):
        """Replace the code of a cell; return its editor."""
        self.press(number, "Edit")
        area = self.cell(number).get_by_role("textbox")
        area.fill(code)
        return area

    def enabled(self, number):
        """Return the words of the buttons that can be pressed."""
        self.cell(number)
        buttons = self.bar(number).get_by_role("button").all()
        return [b.inner_text() for b in buttons if b.is_enabled()]

    def reset(self, number):
        """Bring a cell back to what it was, if it is not."""
        if "Reset" in self.enabled(number):
            self.press(number, "Reset")


def numbered(predicate):
    """Return the numbers of the cells that fulfil a condition."""
    return [i for i, cell in enumerate(CELLS, 1) if predicate(cell)]


def printed(cell):
    streams = [o for o in cell["outputs"] if o["output_type"] == "stream"]
    return "".join(output["text"] for output in streams)


def shows(kind):
    return lambda cell: any(kind in str(o.get("data", "")) for o in cell["outputs"])


def starts(call):
    return lambda cell: re.search(rf"^{call}\(", cell["source"], re.MULTILINE)


PRINTS = next(i for i in numbered(printed) if "tags" not in CELLS[i - 1]["metadata"])
DRAWS = numbered(shows("<svg"))[0]
EXPLORES = next(  # of those whose stored frames stand below their cell
    i
    for i in numbered(starts("explore"))
    if "remove-output" not in CELLS[i - 1]["metadata"].get("tags", ())
)
LIVE = numbered(starts("live"))[0]
CLAIMS = numbered(shows("data-claim"))
ASKED = numbered(lambda c: "answer = ...  # put" in c["source"])[0]


@pytest.fixture(scope="module")
def visit(context):
    usual = context(color_scheme="light", reduced_motion="reduce")
    page = opened(usual, "chapters/descent.html")
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield Visit(page)
    assert page.troubles == []
    usual.close()


browser = pytest.mark.browser


def assert_prints_what_is_stored(visit):
    shown = visit.output(PRINTS).inner_text()
    assert shown.rstrip("\n") == printed(CELLS[PRINTS - 1]).rstrip("\n")


@browser
def test_until_someone_asks_nothing_is_fetched_and_every_toolbar_waits(visit):
    assert visit.page.asked == []
    assert visit.state() == {
        "ready": False,
        "running": None,
        "seconds": {"start": None, "cell": None},
        "requests": [],
    }
    assert visit.page.locator(".run-bar").count() == len(CELLS)
    assert visit.enabled(PRINTS) == ["Run", "Edit"]


@browser
def test_a_folded_cell_adds_no_tab_stop(visit):
    stops = visit.page.evaluate(
        """[...document.querySelectorAll(".run-bar button:not([tabindex])")]
          .filter((b) => b.checkVisibility({visibilityProperty: true}))
          .map((b) => Number(b.parentElement.dataset.cell))"""
    )
    folded = numbered(lambda c: c["metadata"].get("tags"))
    assert stops
    assert not set(stops) & set(folded)


@browser
def test_the_first_run_says_what_it_fetches_and_shows_what_is_stored(visit):
    visit.cell(PRINTS)
    visit.page.evaluate(
        """window.said = [];
        new MutationObserver((changes) => said.push(changes.at(-1).target.textContent))
          .observe(document.querySelector(".run-status"), {childList: true})"""
    )
    visit.run(PRINTS)
    first = visit.page.evaluate("said[0]")
    assert re.fullmatch(r"Starting Python in this page: \d+ MB, once, .*", first)
    assert_prints_what_is_stored(visit)
    stored = visit.cell(PRINTS).locator(":scope > .cell_output:not([role])")
    assert not stored.is_visible()
    name = f"Output of your run of cell {PRINTS}"
    assert visit.page.get_by_role("region", name=name, exact=True).is_visible()
    state = visit.state()
    assert state["ready"]
    assert state["running"] is None
    assert state["seconds"]["start"] > 0
    assert state["seconds"]["cell"] >= 0


@browser
def test_all_that_was_fetched_is_of_the_runner_on_this_site(visit):
    place = visit.page.evaluate("new URL('../_static/runner/', location).href")
    assert len(visit.state()["requests"]) >= 14
    asked = [url for url in visit.page.asked if "/favicon" not in url]
    for url in [*visit.state()["requests"], *asked]:
        assert url.startswith((place, "blob:")), url


@browser
def test_cells_above_ran_without_showing_anything(visit):
    for number in range(1, PRINTS):
        assert visit.output(number).count() == 0
    visit.edit(PRINTS, "SEEDS").press("Control+Enter")  # of the first cell
    visit.settled(PRINTS)
    assert visit.output(PRINTS).inner_text().strip() == "range(0, 8)"
    visit.reset(PRINTS)


@browser
def test_a_figure_has_its_alternative_text_while_its_code_is_the_books(visit):
    alt = CELLS[DRAWS - 1]["metadata"]["mystnb"]["image"]["alt"]
    visit.run(DRAWS)
    picture = visit.output(DRAWS).locator("[role=img]")
    assert picture.get_attribute("aria-label") == alt
    assert picture.locator("svg").is_visible()
    code = visit.edit(DRAWS, CELLS[DRAWS - 1]["source"] + "\n")
    visit.say_nothing()
    code.press("Control+Enter")
    visit.settled(DRAWS)
    assert picture.get_attribute("aria-label") == "Figure drawn by your code"
    visit.reset(DRAWS)


@browser
def test_an_explorer_draws_the_frame_that_is_asked_for_with_the_stored_numbers(visit):
    stored = visit.cell(EXPLORES).locator(".explorer-stack [role=img]")
    expected = [s.get_attribute("aria-label") for s in stored.all()]
    visit.run(EXPLORES)
    explorer = visit.output(EXPLORES).locator(".explorer")
    numbers = explorer.get_by_role("status")
    slider = explorer.get_by_role("slider")
    for key, index in (("Home", 0), ("End", len(expected) - 1)):
        slider.press(key)
        until(lambda index=index: numbers.inner_text() == expected[index])
        frame = explorer.locator(".explorer-stack > div:not([hidden]) > [role=img]")
        assert frame.get_attribute("aria-label") == expected[index]
        assert frame.locator("svg").is_visible()
    explorer.locator("summary").click()
    rows = explorer.locator("tbody tr")
    until(lambda: rows.first.locator("td").count() > 1)
    assert rows.count() == len(expected)
    ids = visit.page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


@browser
def test_a_live_figure_follows_its_slider(visit):
    visit.run(LIVE)
    output = visit.output(LIVE)
    picture = output.locator("[role=img]")
    before, label = picture.inner_html(), picture.get_attribute("aria-label")
    output.get_by_role("slider").first.press("End")
    until(lambda: picture.inner_html() != before)
    assert picture.get_attribute("aria-label") != label


@browser
def test_a_verdict_is_measured_anew_beside_the_stored_one(visit):
    number = CLAIMS[0]
    visit.cell(number)
    box = visit.page.locator(".claim").first
    stored = box.locator(":scope > .judged").inner_text()
    visit.say_nothing()
    box.get_by_role("button", name="Run this verdict").click()
    visit.settled(number)
    fresh = box.locator(".run-fresh")
    assert fresh.locator(".judged").first.inner_text() == stored
    assert "every number are those of the book" in fresh.inner_text()
    assert box.locator(":scope > .judged").is_visible()
    assert visit.output(number).count() == 0
    visit.press(number, "Reset")
    assert fresh.count() == 0
    assert visit.enabled(number) == ["Run", "Edit"]


@browser
def test_a_verdict_over_edited_code_is_not_called_the_books(visit):
    number = CLAIMS[0]
    code = CELLS[number - 1]["source"]
    # A record that has one number changed before it is shown.
    change = (
        "from algollm_helpers.book import claims\n\n"
        "def changed(name, verdict, **numbers):\n"
        "    first = next(iter(numbers))\n"
        "    claims.record(name, verdict, **numbers | {first: numbers[first] + 1})\n\n"
    )
    visit.edit(number, change + code.replace("record(", "changed("))
    visit.say_nothing()
    box = visit.page.locator(".claim").first
    box.get_by_role("button", name="Run this verdict").click()
    visit.settled(number)
    assert "With your edits" in box.locator(".run-fresh").inner_text()
    visit.reset(number)


@browser
def test_an_answer_that_is_a_function_is_checked(visit):
    name = re.search(r'check\("([\w-]+)"', CELLS[ASKED - 1]["source"])[1]
    right = CELLS[ASKED]["source"]  # the solution stands behind it
    solved = re.search(r"def (\w+_solved)\(.*?(?=\n\n)", right, re.DOTALL)
    check = f'check("{name}", {solved[1]})'
    wrong = re.sub(r"return .*", "return 1e9", solved[0])
    for function, verdict in ((wrong, "Not yet"), (solved[0], "Right.")):
        visit.say_nothing()
        visit.edit(ASKED, f"{function}\n\n\n{check}").press("Control+Enter")
        visit.settled(ASKED)
        assert visit.output(ASKED).inner_text().startswith(verdict)
    assert exercises()[name]["right"] in visit.output(ASKED).inner_text()
    visit.reset(ASKED)


@browser
def test_an_error_is_told_with_its_place_and_stops_what_stands_below(visit):
    visit.say_nothing()
    visit.edit(PRINTS, "def f(x):\n    return x / 0\n\n\nf(1)").press("Control+Enter")
    visit.settled(PRINTS)
    output = visit.output(PRINTS)
    first, place, *_ = output.inner_text().split("\n\n")
    assert first == "ZeroDivisionError: division by zero"
    assert place == f"Cell {PRINTS}, line 2: return x / 0"
    output.locator("summary").click()
    assert f'File "Cell {PRINTS}", line 5' in output.locator("pre").inner_text()
    visit.run(EXPLORES)
    assert visit.status().startswith(f"Cell {PRINTS}, which cell {EXPLORES} needs")
    visit.reset(PRINTS)
    visit.run(EXPLORES)
    assert visit.status().startswith(f"Cell {EXPLORES} is done")


@browser
def test_reset_brings_back_the_books_code_and_output(visit):
    visit.edit(PRINTS, "1").press("Control+Enter")
    visit.settled(PRINTS)
    assert visit.enabled(PRINTS) == ["Run", "Edit", "Reset"]
    visit.press(PRINTS, "Reset")
    cell = visit.cell(PRINTS)
    assert cell.get_by_role("textbox").count() == 0
    assert visit.output(PRINTS).count() == 0
    assert cell.locator(".cell_input pre").is_visible()
    assert cell.locator(":scope > .cell_output").is_visible()
    assert visit.enabled(PRINTS) == ["Run", "Edit"]
    focused = visit.page.evaluate("document.activeElement.textContent")
    assert focused == "Run"  # Reset, which had the focus, can do nothing more


@browser
def test_a_cell_is_edited_and_run_by_keyboard_alone(visit):
    page = visit.page
    visit.cell(PRINTS)
    visit.bar(PRINTS).get_by_role("button", name="Run").focus()
    press = page.keyboard.press

    def focused():
        return page.evaluate("document.activeElement.textContent")

    press("ArrowRight")
    assert focused() == "Edit"
    press("ArrowRight")  # over Stop and Reset, which can do nothing, back to the first
    assert focused() == "Run"
    press("End")
    assert focused() == "Edit"
    press("Shift+Tab")
    press("Tab")
    assert focused() == "Edit"  # one Tab stop, where one was
    press("Enter")
    area = visit.cell(PRINTS).get_by_role("textbox")
    press("Control+a")
    page.keyboard.type("for i in range(2):")
    press("Enter")
    page.keyboard.type("print(i)")
    assert area.input_value() == "for i in range(2):\n    print(i)"
    press("Enter")
    press("Backspace")
    page.keyboard.type("5")
    assert area.input_value() == "for i in range(2):\n    print(i)\n5"
    press("Control+z")
    assert not area.input_value().endswith("5")
    press("Control+Shift+z")
    visit.say_nothing()
    press("Control+Enter")
    visit.settled(PRINTS)
    assert visit.output(PRINTS).inner_text().split() == ["0", "1", "5"]
    area.focus()
    press("Tab")  # leaves the field
    assert page.evaluate("document.activeElement.type") == "checkbox"
    area.focus()
    press("Escape")
    assert focused() == "Run"
    visit.reset(PRINTS)


@browser
def test_what_a_reader_runs_asks_no_other_host(visit):
    asked = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *args):
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        code = (
            "import js\nwish = js.XMLHttpRequest.new()\n"
            "wish.open('GET', 'ADDRESS', False)\nwish.send(None)\nwish.status"
        )
        addresses = {
            "own": visit.page.url,
            "other": f"http://127.0.0.1:{server.server_port}/",
        }
        said = {}
        for name, address in addresses.items():
            visit.say_nothing()
            area = visit.edit(PRINTS, code.replace("ADDRESS", address))
            area.press("Control+Enter")
            visit.settled(PRINTS)
            said[name] = visit.output(PRINTS).inner_text()
        server.shutdown()
        thread.join()
    assert said["own"].strip() == "200"
    assert "JsException" in said["other"]
    assert asked == []
    visit.reset(PRINTS)
    refusals = [t for t in visit.page.troubles if "Content Security Policy" in t]
    visit.page.troubles[:] = [t for t in visit.page.troubles if t not in refusals]


@browser
def test_all_of_it_is_accessible_and_fits(visit):
    page = visit.page
    shown = EXPLORES, LIVE, CLAIMS[0]
    for number in shown:
        visit.run(number)
    visit.say_nothing()
    visit.edit(PRINTS, "print(1)\n1 / 0").press("Control+Enter")
    visit.settled(PRINTS)
    options = {"resultTypes": ["violations"], "preload": False}
    tested = [[f'[data-tested="{number}"]'] for number in (PRINTS, *shown)]
    for size, scheme in product((DESK, PHONE), ("light", "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(f"html[data-theme={scheme}]")
        until(lambda: page.evaluate(STOPS))
        ran = Axe().run(page, context={"include": tested}, options=options)
        faults = [
            (v["id"], [n["html"] for n in v["nodes"]])
            for v in ran.response["violations"]
        ]
        assert faults == [], (scheme, size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    for number in (PRINTS, *shown):
        visit.reset(number)
    page.set_viewport_size(DESK)


@browser
def test_a_cell_without_end_is_stopped_and_python_begins_anew(visit):
    visit.run(EXPLORES)
    visit.edit(PRINTS, "while True:\n    pass").press("Control+Enter")
    until(lambda: visit.state()["running"] == PRINTS)
    assert visit.enabled(PRINTS) == ["Run", "Edit", "Stop", "Reset"]
    # The page itself stays at work, while Python does nothing else.
    visit.press(PRINTS, "Stop")
    assert visit.status().startswith("Stopped.")
    state = visit.state()
    assert (state["ready"], state["running"]) == (False, None)
    assert visit.enabled(PRINTS) == ["Run", "Edit", "Reset"]
    # What it had drawn stays, and cannot be moved any more.
    visit.output(EXPLORES).get_by_role("slider").press("End")
    line = visit.output(EXPLORES).get_by_role("status")
    until(lambda: line.inner_text().startswith("Python was stopped"))
    visit.reset(PRINTS)
    visit.run(PRINTS)  # the second start
    assert_prints_what_is_stored(visit)
    assert visit.state()["ready"]


# --- What is kept ---------------------------------------------------------------


@browser
def test_edits_are_kept_on_the_device_only_if_it_is_asked_for(context):
    reader = context()
    visit = Visit(opened(reader, "chapters/descent.html"))
    visit.edit(PRINTS, "mine = 1")
    stored = "localStorage.getItem('algollm-edits')"
    assert visit.page.evaluate(stored) is None
    visit.cell(PRINTS).get_by_role("checkbox").check()
    visit.cell(PRINTS).get_by_role("textbox").fill("mine = 2")
    assert "mine = 2" in visit.page.evaluate(stored)
    visit.page.goto("chapters/descent.html?code=mine=3&run=1#mine=4")
    area = visit.page.get_by_role("textbox", name=f"Code of cell {PRINTS}")
    until(lambda: area.count() == 1)
    assert area.input_value() == "mine = 2"
    assert not visit.state()["ready"]  # shown, and not run
    assert visit.state()["requests"] == []
    visit.cell(PRINTS).get_by_role("checkbox").uncheck()
    assert visit.page.evaluate(stored) is None
    assert visit.page.troubles == []
    reader.close()


@browser
@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        "null",
        '{"PATH": 3}',
        '{"PATH": [null, {"book": "x = 1", "mine": "y"}, {"book": 1}]}',
    ],
)
def test_what_others_have_kept_there_does_no_harm(context, content):
    reader = context()
    page = opened(reader, "chapters/descent.html")
    text = content.replace("PATH", page.evaluate("location.pathname"))
    page.evaluate(f"localStorage.setItem('algollm-edits', {json.dumps(text)})")
    page.reload()
    visit = Visit(page)
    visit.edit(PRINTS, "1")
    assert page.get_by_role("textbox", name=re.compile("Code of cell")).count() == 1
    assert page.troubles == []
    reader.close()


@browser
def test_a_page_from_a_disk_says_how_it_could_run(context):
    reader = context()
    page = opened(reader, (SITE / "chapters" / "descent.html").as_uri())
    visit = Visit(page)
    visit.press(PRINTS, "Run")
    assert "make serve" in visit.status()
    assert [t for t in page.troubles if not t.startswith("asked for file:")] == []
    reader.close()
