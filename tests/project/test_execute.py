"""Tests for tools/execute.py and tools/compare.py: stable, quiet and able to fail.

The small notebooks made here use what the chapters use. Each check that the book
relies on is seen to turn red on a notebook that breaks it.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import budgets
import compare
import execute
from algollm_helpers.book.box import Box
from algollm_helpers.book.judging import judge
from algollm_helpers.book.ledger import Claim, ledger
from algollm_helpers.book.records import settle
from tests.support.book import NOTEBOOKS, ROOT, notebook

SETUP = "from algollm_helpers.book.notebook import setup\n\nsetup()"
FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()"
EXPLORER = """from algollm_helpers.book.explorers import explore
def draw(fig, step):
    fig.add_subplot().plot([0, step])
    return {"step": str(step)}
explore("a", draw, {"step": range(3)}, play="step")"""
ONLINE = """import subprocess, sys, urllib.request
try:
    urllib.request.urlopen("http://example.org", timeout=5)
except OSError as error:
    print(error)
code = "import socket; socket.create_connection(('192.0.2.1', 80), 5)"
child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
print(child.stderr.splitlines()[-1])"""


SLOW = """import os, time
print(os.environ["OPENBLAS_NUM_THREADS"], "thread")
time.sleep(0.5)  # meanwhile the kernel sends what it has
print("and the rest")"""


SHOWING = [FIGURE, EXPLORER, ONLINE, "print(2 + 2)"]
WHERE = """import json
from ipykernel.connect import get_connection_info
print(json.loads(get_connection_info())["transport"])"""
CELLS = [SETUP, *SHOWING, *SHOWING, SLOW, WHERE]
STALE = {  # by cell: what is stored, and what is stored instead; 5 to 9 are left alone
    1: ("L 342.6", "L 342.7"),  # a line of a figure
    2: ("sha256 ", "sha256 0"),  # the digest of an explorer's frames
    3: ("without", "with"),
    4: ("4", "5"),  # a printed number
}
KINDS = ("text", "image/svg+xml", "text/plain")

pytestmark = pytest.mark.slow


def write(path, *sources):
    cells = [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, path)


def executes(*paths):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["execute.py", *map(str, paths)])
        execute.main()


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    path = tmp_path_factory.mktemp("books") / "sample.ipynb"
    write(path, *CELLS)
    executes(path)
    return path


def test_running_twice_leaves_the_same_bytes(executed, capsys):
    before = executed.read_bytes()
    executes(executed)
    assert executed.read_bytes() == before
    assert not list(executed.parent.glob("*.new"))
    assert re.fullmatch(r"sample\.ipynb: \d+\.\d s\n", capsys.readouterr().out)


def test_what_is_printed_in_parts_is_stored_in_one_and_a_kernel_has_one_thread(
    executed,
):
    (output,) = nbformat.read(executed, 4).cells[9].outputs
    assert output.text == "1 thread\nand the rest\n"


def test_kernels_listen_at_files_of_their_own(executed):
    # `compared` holds nbval's kernels to the same word. Ports are no one's own: where
    # somebody else has the port of iopub or of the heartbeat, a kernel hangs.
    (output,) = nbformat.read(executed, 4).cells[10].outputs
    assert output.text == "ipc\n"


def test_a_notebook_that_raises_is_left_as_it_was(tmp_path):
    path = tmp_path / "broken.ipynb"
    write(path, "import os\nraise ValueError(os.path.basename(os.getcwd()))")
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=r"ValueError\S*: chapters\n$") as failed:
        executes(path)
    assert failed.value.code.startswith("broken.ipynb is left as it was: a cell raised")
    assert path.read_bytes() == before


ROWS = {
    i: Claim("water", ("S1",), "Water is wet.", "{n} drops.") for i in ("C01", "C02")
}


def recording(**numbers):
    """Return a notebook that has recorded these claims, each with its number."""
    cells = []
    for claim_id, n in numbers.items():
        html = Box(settle(claim_id, judge(True), {"n": n}))._repr_html_()
        shown = new_output("display_data", data={"text/html": html})
        cells.append(new_code_cell("", outputs=[shown], id=claim_id))
    return new_notebook(cells=cells)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Work in a tree of two pages, of which one has recorded a claim."""
    monkeypatch.setattr(execute, "ROOT", tmp_path.resolve())
    (tmp_path / "chapters").mkdir()
    claims = tmp_path / "claims.json"
    claims.write_text('{"claims": []}')
    with mock.patch.dict(ledger(), ROWS, clear=True):
        execute.store(tmp_path / "chapters" / "lab.ipynb", recording(C02=7), claims)
        yield tmp_path


def findings(tree):
    claims = json.loads((tree / "claims.json").read_text("utf-8"))["claims"]
    return {claim["id"]: claim["finding"] for claim in claims}


def test_what_a_page_says_of_its_claims_is_written_with_it(tree):
    path = tree / "chapters" / "water.ipynb"
    execute.store(path, recording(C01=3), tree / "claims.json")
    assert findings(tree) == {"C01": "3 drops.", "C02": "7 drops."}
    execute.store(path, recording(C01=4), tree / "claims.json")
    assert findings(tree) == {"C01": "4 drops.", "C02": "7 drops."}
    assert nbformat.read(path, 4) == recording(C01=4)
    assert not list(tree.rglob("*.new"))


def test_a_notebook_that_is_no_page_leaves_the_claims_alone(tree):
    execute.store(tree / "water.ipynb", recording(C01=3), tree / "claims.json")
    assert findings(tree) == {"C02": "7 drops."}


def test_a_claim_recorded_twice_is_named_and_nothing_is_written(tree, monkeypatch):
    path, twice = tree / "chapters" / "water.ipynb", recording(C01=3)
    twice.cells += recording(C01=3).cells
    twice.cells[1].id = "again"
    write(path, "1")
    before = path.read_bytes()
    monkeypatch.setattr(execute, "execute", lambda path: twice)
    with pytest.raises(SystemExit) as failed:
        executes(path)
    assert failed.value.code == (
        "water.ipynb is left as it was: C01 is recorded twice: "
        "in chapters/water and chapters/water"
    )
    assert path.read_bytes() == before
    assert findings(tree) == {"C02": "7 drops."}


def test_a_write_that_is_cut_short_leaves_what_was_there(tree, monkeypatch):
    def cut(path, text, encoding):
        path.write_bytes(text.encode(encoding)[:9])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", cut)
    with pytest.raises(KeyboardInterrupt):
        execute.replace(tree / "claims.json", '{"claims": [1, 2, 3]}')
    assert findings(tree) == {"C02": "7 drops."}


def test_notebooks_run_without_a_network_and_so_do_their_children(executed):
    first, second = nbformat.read(executed, 4).cells[3].outputs[0].text.splitlines()
    assert "the book runs without a network, asked for 'example.org'" in first
    assert "the book runs without a network, asked for '192.0.2.1'" in second


def test_without_words_all_chapters_are_meant_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert execute.asked_for("execute", "Run.", []) == NOTEBOOKS


def test_a_named_notebook_is_found_from_the_folder_one_stands_in(tmp_path, monkeypatch):
    write(tmp_path / "a.ipynb", "1")
    monkeypatch.chdir(tmp_path)
    (path,) = execute.asked_for("execute", "Run.", ["a.ipynb"])
    assert path.samefile(tmp_path / "a.ipynb")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("none.ipynb", "No such file"),
        ("folder.ipynb", "Is a directory"),
        ("page.md", "expected the path of an .ipynb file"),
        ("empty.ipynb", "does not appear to be JSON"),
        ("--all", "unrecognized arguments"),
    ],
)
def test_a_word_that_names_no_notebook_is_answered_with_the_usage(
    word, reason, tmp_path, monkeypatch, capsys
):
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "page.md").write_text("# A page")
    (tmp_path / "empty.ipynb").write_text("")
    write(tmp_path / "good.ipynb", "1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        execute.asked_for("portable", "Find.", ["good.ipynb", word])
    assert stopped.value.code == 2
    usage, error = capsys.readouterr().err.splitlines()
    assert usage == "usage: python tools/portable.py [-h] [NOTEBOOK ...]"
    assert word in error
    assert reason in error


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("execute", "[NOTEBOOK ...]"),
        ("compare", "[NOTEBOOK ...]"),
        ("portable", "[NOTEBOOK ...]"),
        ("derive_names", "TARGET"),
    ],
)
def test_a_tool_says_its_usage_from_any_folder(program, words, tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / f"{program}.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    first = done.stdout.splitlines()[0]
    assert first == f"usage: python tools/{program}.py [-h] {words}"


def test_metadata_that_differ_between_machines_are_left_out():
    metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "mine (3.11)", "name": "mine"},
            "language_info": {"name": "python", "version": "3.11.7"},
            "widgets": {"state": 1},
            "myst": {"html_meta": {"description": "A page."}},
            "toc": True,
        }
    )
    cleaned = execute.plain(metadata)
    for path in NOTEBOOKS:
        assert notebook(path)["metadata"]["kernelspec"] == cleaned.kernelspec
    assert cleaned.language_info == {"name": "python"}
    assert cleaned.keys() == {"kernelspec", "language_info", "widgets", "myst"}
    assert cleaned.widgets == {"state": 1}
    assert cleaned.myst.html_meta.description == "A page."
    assert "widgets" not in execute.plain(nbformat.from_dict({}))


@pytest.fixture(scope="module")
def compared(executed):
    """Return what is said of the notebook with some outputs changed."""
    stale = executed.with_name("stale.ipynb")
    book = nbformat.read(executed, 4)
    for cell, (old, new) in STALE.items():
        (output,) = book.cells[cell].outputs
        holder = output if "text" in output else output["data"]
        (key,) = [k for k in KINDS if old in holder.get(k, "")]
        holder[key] = holder[key].replace(old, new, 1)
    nbformat.write(book, stale)
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "compare.py", stale],
        capture_output=True,
        text=True,
        check=False,
        # To be no part of the run of pytest that runs this test.
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
    )


def test_outputs_that_the_code_no_longer_gives_fail_and_the_others_pass(compared):
    # The kernel runs in the notebook's folder: a relative path to what blocks the
    # network would lead nowhere, and cell 7 would fail.
    failed = re.findall(r"^FAILED .*::Cell (\d+)\b", compared.stdout, re.MULTILINE)
    assert [int(number) for number in failed] == list(STALE)
    assert f"{len(STALE)} failed, {len(CELLS) - len(STALE)} passed" in compared.stdout
    assert compared.returncode == 1


def test_the_seconds_are_told(compared):
    assert re.search(r"^stale +\d+\.\d +\d+\.\d +10", compared.stdout, re.MULTILINE)


def test_a_notebook_that_takes_too_long_is_no_failure(tmp_path, monkeypatch, capsys):
    write(tmp_path / "slow.ipynb", "1")
    monkeypatch.setattr(sys, "argv", ["compare.py", str(tmp_path / "slow.ipynb")])
    monkeypatch.setattr(compare.pytest, "main", lambda _: pytest.ExitCode.OK)
    monkeypatch.setattr(compare.budgets, "seconds", lambda _: {"slow": 1e6})
    monkeypatch.setattr(compare.budgets, "yardstick", lambda: budgets.REFERENCE)
    for name in compare.QUIET:
        monkeypatch.setenv(name, "")  # so that what is set is taken back
    with pytest.raises(SystemExit) as ended:
        compare.main()
    assert ended.value.code == 0
    assert re.search(r"^slow .* over$", capsys.readouterr().out, re.MULTILINE)
