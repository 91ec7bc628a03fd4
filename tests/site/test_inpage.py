"""Tests for inpage, the notebook that a page is, in a Python without a browser.

Its stand-ins have the names of packages that are installed here, so each session is a
process of its own.
"""

import html
import json
import os
import re
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup

from tests.support.book import ROOT, notebook

PROGRAM = """
import json, sys
import inpage
told = []
def emit(kind, content):
    told.append([kind, json.loads(content)])
inpage.begin(emit)
for task, *wish in json.load(sys.stdin):
    done = getattr(inpage, task)(*(wish or [emit]))
    sys.__stdout__.write(json.dumps([done, told]) + "\\n")
    told.clear()
"""
DRAW = """
from algollm_helpers.book import explore, live
drawn = []
def draw(fig, rate, side="left"):
    drawn.append(rate)
    if rate == 9:
        raise ValueError("too fast")
    fig.subplots().plot([0, rate])
    return {"twice": f"{-2 * rate}"}
"""


def session(*tasks, folder=ROOT):
    """Carry out tasks one after the other; return what each returned and told."""
    modules = f"{ROOT}/_ext/inpage/stand_ins", f"{ROOT}/_ext", str(ROOT)
    settings = {
        "MPLBACKEND": "module://inpage.backend",
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        input=json.dumps(tasks),
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | settings,
    )
    assert not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(code, number=1, quiet=False):
    return ["run", code, number, quiet]


# Each a cell, and what it tells: kinds with the text or the title of an error.
CELLS = {
    "a + 1": ["text", "42\n"],
    "a = 41": [],
    "a + 1;": [],
    "None": [],
    "print('x'); a": ["stdout", "x\n", "text", "41\n"],
    "import sys; print('y', file=sys.stderr)": ["stderr", "y\n"],
    "display('z', 2)": ["text", "'z'\n", "text", "2\n"],
    "1 +": ["error", "SyntaxError: invalid syntax"],
    "b": ["error", "NameError: name 'b' is not defined"],
    "import sys; sys.exit(1)": ["error", "SystemExit: 1"],
    "raise KeyboardInterrupt": ["error", "KeyboardInterrupt"],
    "class Own:\n    def _repr_html_(self): return '<b>1</b>'\nOwn()": [
        "html",
        "<b>1</b>",
    ],
    "__name__": ["text", "'__main__'\n"],
    "import pickle; type(pickle.loads(pickle.dumps(Own()))) is Own": ["text", "True\n"],
    "": [],
    "# only a word": [],
}


def flat(told):
    return [
        word
        for kind, content in told
        for word in (
            kind,
            content.get("text") or content.get("title") or content["html"],
        )
    ]


@pytest.fixture(scope="module")
def plain():
    order = ["a = 41", *(code for code in CELLS if code != "a = 41")]
    done = session(*(run(code, i) for i, code in enumerate(order)))
    return dict(zip(order, done, strict=True))


@pytest.mark.parametrize("code", CELLS)
def test_a_cell_shows_what_a_notebook_would_show(plain, code):
    ok, told = plain[code]
    assert flat(told) == CELLS[code]
    assert ok is ("error" not in CELLS[code])


BROKEN = "def f(x):\n    return x / 0"


def test_an_error_names_the_cell_and_the_line_where_it_happened():
    calls = "import json\nf(1)"
    inside = "import json\njson.loads('{')"
    done = session(
        run(BROKEN, 3), run(calls, 4), run(inside, 5), run("x = (1,\n y z)", 6)
    )
    (_ok, ((_, first),)), (_, ((_, second),)), (_, ((_, third),)) = done[1:]
    assert (first["title"], first["cell"], first["line"]) == (
        "ZeroDivisionError: division by zero",
        3,
        2,
    )
    assert re.findall(r'File "Cell (\d)", line (\d)', first["trace"]) == [
        ("4", "2"),
        ("3", "2"),
    ]
    assert "return x / 0" in first["trace"]  # the line is shown, though it is no file
    assert "inpage" not in first["trace"]
    # In a library the reader sees which of their own lines led there.
    assert (second["cell"], second["line"]) == (5, 2)
    assert second["title"].startswith("json.decoder.JSONDecodeError: Expecting")
    assert (third["cell"], third["line"]) == (6, 2)


def test_a_quiet_cell_shows_nothing_but_its_error_and_defines_what_it_defines():
    shows = "c = 2\nprint(1)\ndisplay(c)\nc"
    done = session(run(shows, 1, True), run("c"), run("print(1)\n1/0", 2, True))
    assert done[0] == [True, []]
    assert flat(done[1][1]) == ["text", "2\n"]
    assert flat(done[2][1]) == ["error", "ZeroDivisionError: division by zero"]


def test_what_is_printed_without_end_is_cut_once_and_the_next_cell_prints_again():
    done = session(run("for i in range(30_000): print('seven..')"), run("print(1)"))
    kinds = [kind for kind, _ in done[0][1]]
    assert kinds.count("cut") == 1
    printed = "".join(c["text"] for kind, c in done[0][1] if kind == "stdout")
    assert printed == ("seven..\n" * 30_000)[:100_000]
    assert flat(done[1][1]) == ["stdout", "1\n"]


def test_a_new_beginning_knows_nothing_of_what_was_defined():
    done = session(run("a = 1"), ["begin"], run("a"))
    assert flat(done[2][1]) == ["error", "NameError: name 'a' is not defined"]


# --- Figures, verdicts, explorers -----------------------------------------------

FIGURE = "import matplotlib.pyplot as plt\nplt.subplots()[1].plot([0, 1])"


@pytest.fixture(scope="module")
def drawn():
    setup = "from algollm_helpers.book import setup\nsetup()"
    tasks = {
        "setup": run(setup),
        "shown": run(f"{FIGURE}\nplt.show()"),
        "left open": run(FIGURE),
        "quiet": run(FIGURE, 2, True),
        "after": run("len(plt.get_fignums())"),
        "broken": run(f"{FIGURE}\n1/0", 3),
        "after broken": run("len(plt.get_fignums())"),
        "draw": run(DRAW),
        "explore": run(
            "explore('pace', draw, {'rate': [1, 2, 9]}, start={'rate': 2}, play='rate')"
        ),
        "drawn": run("drawn"),
        "frame": ["draw", "explorer-pace-NUMBER", 0],
        "fault": ["draw", "explorer-pace-NUMBER", 2],
        "two": run(
            "explore('two', draw, {'side': ['left', 'right'], 'rate': [1, 3]},"
            " start={'side': 'right', 'rate': 3})"
        ),
        "table": ["tabulate", "explorer-two-NUMBER"],
        "quiet explorer": run(
            "drawn.clear()\nexplore('q', draw, {'rate': [1]})", 4, True
        ),
        "quiet live": run("live(draw, rate=(1, 3, 0.5))", 4, True),
        "nothing drawn": run("drawn"),
        "live": run("live(draw, rate=(1, 3, 0.5))"),
        "moved": ["move", "live-NUMBER", [2.5]],
        "live drawn": run("drawn"),
    }
    # A name is known when it is there: a first session finds the names out.
    known = {}
    for name in re.findall(
        r"(?:explorer-\w+|live)-run-\d+", json.dumps(session(*tasks.values()))
    ):
        known.setdefault(re.sub(r"run-\d+$", "NUMBER", name), name)
    told = [
        [task[0], known.get(task[1], task[1]), *task[2:]] for task in tasks.values()
    ]
    return dict(zip(tasks, session(*told), strict=True))


def soup(told):
    ((kind, content),) = told
    return kind, BeautifulSoup(content["html"], "html.parser")


@pytest.mark.parametrize("name", ["shown", "left open"])
def test_a_figure_is_drawn_for_the_page_whether_it_is_shown_or_left_open(drawn, name):
    kind, tree = soup([t for t in drawn[name][1] if t[0] == "figure"])
    assert kind == "figure"
    assert "var(--book-c0)" in str(tree.svg)
    assert not tree.svg["width"].endswith("pt")


def test_no_figure_stays_open_and_none_is_drawn_quietly(drawn):
    assert drawn["quiet"] == [True, []]
    assert flat(drawn["after"][1]) == ["text", "0\n"]
    assert [kind for kind, _ in drawn["broken"][1]] == ["error"]
    assert flat(drawn["after broken"][1]) == ["text", "0\n"]


def test_two_figures_of_a_page_share_no_id(drawn):
    found = [
        re.findall(r'\bid="([^"]+)"', json.dumps(drawn[n][1]).replace('\\"', '"'))
        for n in ("shown", "left open")
    ]
    assert found[0]
    assert not {*found[0]} & {*found[1]}


def test_of_an_explorer_the_frame_at_rest_is_drawn_and_the_others_when_asked_for(drawn):
    _kind, tree = soup(drawn["explore"][1])
    (group,) = tree.select(".explorer")
    assert flat(drawn["drawn"][1]) == ["text", "[2]\n"]
    frames = group.select("[role=img]")
    assert [frame.get("data-frame") for frame in frames] == ["0", None, "2"]
    assert frames[1]["aria-label"] == "rate = 2; twice = −4"
    assert group.find(id=group["aria-labelledby"]).string == "rate = 2; twice = −4"
    assert [f.parent.has_attr("hidden") for f in frames] == [True, False, True]
    label, asked = drawn["frame"][0], BeautifulSoup(drawn["frame"][0], "html.parser")
    assert asked.div["aria-label"] == "rate = 1; twice = −2"
    assert asked.svg, label
    assert group.select_one("button.explorer-play")
    slider = group.select_one("input[type=range]")
    (stack,) = group.select(".explorer-stack")
    assert slider["data-moves"] == stack["data-model"]


def test_a_frame_that_cannot_be_drawn_tells_of_its_error(drawn):
    done, told = drawn["fault"]
    assert done == ""
    assert flat(told) == ["error", "ValueError: too fast"]


def test_two_controls_nest_their_frames_and_the_table_draws_all(drawn):
    _kind, tree = soup(drawn["two"][1])
    frames = tree.select(".explorer-stack .explorer-stack [role=img]")
    assert [frame.get("data-frame") for frame in frames] == ["0", "1", "2", None]
    assert frames[3]["aria-label"] == "side = right; rate = 3; twice = −6"
    table = BeautifulSoup(drawn["table"][0], "html.parser")
    rows = [[c.string for c in row.select("td")] for row in table.select("tbody tr")]
    assert rows == [
        ["left", "1", "−2"],
        ["left", "3", "−6"],
        ["right", "1", "−2"],
        ["right", "3", "−6"],
    ]


def test_what_prepares_for_another_cell_draws_no_frame(drawn):
    assert drawn["quiet explorer"] == drawn["quiet live"] == [True, []]
    assert flat(drawn["nothing drawn"][1]) == ["text", "[]\n"]


def test_a_live_figure_is_drawn_where_its_slider_is_put(drawn):
    _kind, tree = soup(drawn["live"][1])
    slider = tree.select_one(".live-figure input[type=range]")
    assert [slider[k] for k in ("min", "max", "step", "value")] == [
        "1",
        "3",
        "0.5",
        "2.0",
    ]
    assert tree.select_one("[role=img] svg")
    assert drawn["moved"][0].startswith("<svg")
    assert flat(drawn["live drawn"][1]) == ["text", "[1, 3, 2.0, 2.5]\n"]


def test_a_chapter_prints_and_settles_what_it_has_stored():
    path = ROOT / "chapters" / "descent.ipynb"
    cells = [c for c in notebook(path)["cells"] if c["cell_type"] == "code"]
    tasks = [run(cell["source"], i) for i, cell in enumerate(cells, 1)]
    claims = 0
    for cell, (ok, told) in zip(
        cells, session(*tasks, folder=path.parent), strict=True
    ):
        assert ok, told
        printed = "".join(content["text"] for kind, content in told if kind == "stdout")
        assert printed == "".join(
            output["text"]
            for output in cell["outputs"]
            if output["output_type"] == "stream"
        )
        boxes = [
            html.unescape(output["data"]["text/html"])
            for output in cell["outputs"]
            if 'class="claim"' in output.get("data", {}).get("text/html", "")
        ]
        found = [content for kind, content in told if kind == "claim"]
        assert len(found) == len(boxes)
        for content, box in zip(found, boxes, strict=True):
            assert content["same"], content
            assert "&#x27;" not in content["claim"] + content["finding"]  # as the site
            assert f'"id": "{content["id"]}"' in box
            claims += 1
    assert claims > 5
