"""The chapters in a real JupyterLab, as `make notebooks` starts it, seen in a browser.

The server has a copy of the book, a home and settings of its own, and no way to any
other machine. Without a Chromium the tests are skipped; see test_browser.py.
"""

import json
import re
import shutil
import signal
import subprocess

import matplotlib as mpl
import pytest
from playwright.sync_api import sync_playwright

import notebooks
from algollm_helpers.book.exercises import exercises
from tests.support.book import NOTEBOOKS, ORDER, ROOT, notebook
from tests.support.browser import CHROMIUM, DESK, FLAGS, NOBODY_ELSE, noted
from tests.support.jobs import PATIENCE, assert_all_ended, until

pytestmark = pytest.mark.browser

RUN = "descent.ipynb"
TEXTS = ["claims.md", "symbols.md", "bibliography.md", "about.md"]
BESIDE = ["_toc.yml", "_config.yml", "references.bib", "CITATION.cff", "CHANGELOG.md"]
# What stays of markup that nobody has understood.
RAW = re.compile(
    r"\{[\w:-]+\}|`|:::|^:\w+:|<C\d|\]\(|Unknown|Not Found|Start of|\$\S|\\\w", re.M
)
# What the widgets' manager says of a notebook without a kernel, and of its widgets.
NO_KERNEL = re.compile("reading 'kernel'|widget model not found")
OPEN = """async ([path, kernel]) => {
  const kernelPreference = kernel ? {} : { shouldStart: false, canStart: false };
  const options = { path, kernelPreference };
  window.shown = await window.jupyterapp.commands.execute("docmanager:open", options);
  await window.shown.context.ready;
}"""
DRAWN = """() => {
  const cells = [...window.shown.node.querySelectorAll(".jp-MarkdownCell")];
  const texts = cells.length ? cells : [window.shown.node];
  return texts.every((c) => c.querySelector(".myst")?.childElementCount);
}"""
# Formulas and code are meant to look like this.
READ = """() => [...window.shown.node.querySelectorAll(".myst")].map((text) => {
  const copy = text.cloneNode(true);
  copy.querySelectorAll("code, .katex, svg").forEach((e) => e.remove());
  return copy.textContent;
}).join("\\n")"""
FIGURES = """(cell) => [...cell.querySelectorAll("svg, img")]
  .filter((e) => e.checkVisibility()).map((e) => e.outerHTML).join()"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on a copy of the book; return its address and what it logs."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    home = tmp_path_factory.mktemp("lab")
    root = home / "book"
    shutil.copytree(ROOT / "chapters", root / "chapters")
    for name in (*BESIDE, "tools/kills.json"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    owned = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    owned += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    env = notebooks.prepare(root, home / "lab")
    shutil.copy(root / "chapters" / RUN, root / "chapters" / f"run_{RUN}")
    env |= {n: str(home / n) for n in owned}
    env |= {
        "HOME": str(home),
        "MPLCONFIGDIR": mpl.get_cachedir(),
        "PYTHONPATH": str(ROOT / "tools" / "offline"),
    }
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    options += ["--IdentityProvider.token=known", "--expose-app-in-browser"]
    words = notebooks.command(root, home / "lab", options)
    with (home / "log").open("w") as log:
        server = subprocess.Popen(words, env=env, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or list(home.glob("*/jpserver-*.json")))
        assert server.poll() is None, (home / "log").read_text("utf-8")
        (running,) = home.glob("*/jpserver-*.json")
        until(lambda: running.read_text("utf-8").endswith("}"))
        port = json.loads(running.read_text("utf-8"))["port"]
        yield f"http://127.0.0.1:{port}", home / "log"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)
        assert_all_ended(str(home))  # kernels are named by files below it


@pytest.fixture(scope="module")
def visit(lab):
    """Return a function that opens JupyterLab at a path, watching what goes wrong."""
    address, log = lab
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, NOBODY_ELSE]
        )

        def visited(path):
            page = browser.new_page(viewport=DESK, reduced_motion="reduce")
            page.set_default_timeout(1000 * PATIENCE)
            page.troubles = []
            page.on(
                "console", lambda m: m.type == "error" and page.troubles.append(m.text)
            )
            page.on("pageerror", lambda error: page.troubles.append(error.stack))
            page.on("request", lambda request: noted(page, request.url))
            page.on("websocket", lambda s: noted(page, s.url.replace("ws:", "http:")))
            page.goto(f"{address}/{path}?token=known")
            return page

        yield visited
        browser.close()
    assert "asked for" not in log.read_text("utf-8")


@pytest.fixture
def page(visit, request):
    """Open a JupyterLab of this test's own, in which nothing is open."""
    page = visit(f"lab/workspaces/{re.sub('[^a-z]', '', request.node.name)}")
    page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    yield page
    page.close()


def opened(page, name, *, kernel=False):
    page.evaluate(OPEN, [name, kernel])
    page.wait_for_function(DRAWN)


def told(page):
    """Return what went wrong, as far as it is not the want of a kernel."""
    return [said for said in page.troubles if not NO_KERNEL.search(said)]


def test_it_opens_at_the_first_chapter_with_its_figures_and_without_a_question(visit):
    page = visit("")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    assert page.url.endswith(f"/lab/tree/{ORDER[0]}.ipynb")
    page.wait_for_selector(".jp-RenderedSVG img")  # trusted, though nothing ran
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert page.troubles == []
    page.close()


def test_figures_are_drawn_on_paper_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    opened(page, f"{ORDER[0]}.ipynb")
    picture = page.wait_for_selector(".jp-RenderedSVG img")
    behind = "(e) => getComputedStyle(e).backgroundColor"
    assert picture.evaluate(behind) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", [*(path.name for path in NOTEBOOKS), *TEXTS])
def test_no_page_shows_raw_markup_or_leads_nowhere(page, name):
    opened(page, name)
    text = page.evaluate(READ)
    assert [
        text[max(m.start() - 30, 0) : m.end() + 30] for m in RAW.finditer(text)
    ] == []
    shown = page.evaluate_handle("window.shown.node").as_element()
    empty = ".myst-exercise-title:empty, .myst [title$='Not Found'], .myst [href='']"
    assert shown.query_selector(empty) is None
    links = [a.get_attribute("href") for a in shown.query_selector_all(".myst a[href]")]
    for link in links:
        place = re.search(
            r"(\w+\.(?:ipynb|md))(?:[?][^#]*)?(?:#cell-id=([\w-]+))?$", link
        )
        assert place or re.match("#|https?://(?!127)", link), link
        if place:
            assert (ROOT / "chapters" / place[1]).exists(), link
        if place and place[2]:
            cells = notebook(ROOT / "chapters" / place[1])["cells"]
            assert place[2] in {cell["id"] for cell in cells}, link
    assert told(page) == []


def cell_with(page, source):
    """Return the first code cell whose source holds `source`."""
    number = page.evaluate(
        """(source) => window.shown.content.widgets.findIndex((cell) =>
          cell.model.type === "code"
          && cell.model.sharedModel.getSource().includes(source))""",
        source,
    )
    assert number >= 0, source
    page.evaluate("(number) => window.shown.content.scrollToItem(number)", number)
    node = f"window.shown.content.widgets[{number}].node"
    page.wait_for_function(f"{node}.isConnected && {node}.checkVisibility()")
    return page.evaluate_handle(node).as_element()


def answered(page, cell, source, reply):
    """Type into a cell, run it, and wait for what it prints."""
    cell.query_selector(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([cell, reply]) => cell.querySelector('.jp-Cell-outputArea')"
        ".textContent.includes(reply)",
        arg=[cell, reply],
    )


def test_a_chapter_runs_moves_and_answers(page):
    opened(page, f"run_{RUN}", kernel=True)
    idle = "window.shown.sessionContext.session?.kernel?.status === 'idle'"
    page.wait_for_function(idle)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    ran = page.evaluate("window.shown.content.model.toJSON()")["cells"]
    code = [cell for cell in ran if cell["cell_type"] == "code"]
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert {o["output_type"] for o in outputs} <= {
        "stream",
        "display_data",
        "execute_result",
    }
    assert all(output.get("name") != "stderr" for output in outputs)

    for source in ('explore("hill"', "live(draw_rate"):
        cell = cell_with(page, source)
        before = cell.evaluate(FIGURES)
        assert before
        cell.query_selector(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            f"([cell, before]) => ![before, ''].includes(({FIGURES})(cell))",
            arg=[cell, before],
        )

    name = "descent-first-step"
    exercise, check = exercises()[name], f'check("{name}", answer)'
    cell = cell_with(page, check)
    wrong = exercise["wrong"][0]
    answered(page, cell, f"answer = {wrong['answer']}\n{check}", wrong["hint"])
    answered(page, cell, f"answer = {exercise['answer']}\n{check}", "Right.")
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert told(page) == []


def test_a_solution_and_its_code_open_together(page):
    opened(page, RUN)
    code = cell_with(page, 'check("descent-first-step", after_one)')
    assert "after_one" not in code.inner_text()
    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    summary = shown.locator("summary", has_text="Solution to").first

    def shows(*, wanted):
        # A page that is still being drawn closes what was opened: then once more.
        if (summary.locator("..").get_attribute("open") is not None) != wanted:
            summary.click()
        return ("after_one" in code.inner_text()) == wanted

    until(lambda: shows(wanted=True))
    until(lambda: shows(wanted=False))


@pytest.mark.parametrize("name", ["hill", "train"])
def test_a_live_object_answers_keeps_its_keys_and_outlives_its_text(page, name):
    mark = f"{{live}} {name}\n"
    (stem,) = (
        path.stem
        for path in NOTEBOOKS
        if any(mark in cell["source"] for cell in notebook(path)["cells"])
    )
    opened(page, f"{stem}.ipynb")
    number = page.evaluate(
        """(mark) => window.shown.content.widgets.findIndex((cell) =>
          cell.model.sharedModel.getSource().includes(mark))""",
        mark,
    )
    page.evaluate("(number) => window.shown.content.scrollToItem(number)", number)
    awake = f"window.algollm?.live?.{name}?.isConnected"
    page.wait_for_function(awake)
    state = f"JSON.stringify(window.algollm.live.{name}.state())"
    first = page.evaluate(state)
    control = page.locator(f".object-{name} :is(input[type=range], .live-handle)")

    def answers():  # a page that is still being drawn takes the focus: then once more
        control.first.focus()
        page.keyboard.press("ArrowRight")
        return page.evaluate(state) != first

    page.locator(f".object-{name} details").evaluate_all(
        "all => all.map((d) => d.open = true)"
    )
    until(answers)
    control.first.dblclick()  # opens the text of a cell elsewhere
    assert page.evaluate("(n) => window.shown.content.widgets[n].rendered", number)
    before = page.evaluate("window.shown.content.activeCellIndex")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("window.shown.content.activeCellIndex") == before
    if name == "train":  # its scripts, its worker and its data are all there
        ran = page.evaluate("algollm.live.train.reset(), algollm.live.train.run(3)")
        assert ran["difference"] <= 1e-9
    after = page.evaluate(state)
    page.evaluate(
        """(number) => {
          const cell = window.shown.content.widgets[number];
          window.drawn = cell.node.querySelector(".live-here");
          cell.rendered = false;
          cell.rendered = true;
        }""",
        number,
    )
    page.wait_for_function(f"{awake} && !window.drawn.isConnected")
    assert page.evaluate(state) == after
    assert page.locator(f".object-{name} > p:visible").count() == 0
    assert told(page) == []
