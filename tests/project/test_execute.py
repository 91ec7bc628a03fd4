"""Tests for tools/execute.py and tools/validate.py: stable, and able to fail.

The small notebooks made here use what the chapters use. Each check that the book
relies on is seen to turn red on a notebook that breaks it.
"""

import re
import subprocess
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

import execute
from tests.support.book import ROOT

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


SHOWING = [FIGURE, EXPLORER, ONLINE, "print(2 + 2)"]
CELLS = [SETUP, *SHOWING, *SHOWING]
STALE = {  # by cell: what is stored, and what is stored instead; 5 to 8 are left alone
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


def test_running_twice_leaves_the_same_bytes(executed):
    before = executed.read_bytes()
    executes(executed)
    assert executed.read_bytes() == before


def test_a_notebook_that_raises_is_left_as_it_was(tmp_path):
    path = tmp_path / "broken.ipynb"
    write(path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        executes(path)
    assert path.read_bytes() == before


def test_notebooks_run_without_a_network_and_so_do_their_children(executed):
    first, second = nbformat.read(executed, 4).cells[3].outputs[0].text.splitlines()
    assert "the book runs without a network, asked for 'example.org'" in first
    assert "the book runs without a network, asked for '192.0.2.1'" in second


def test_a_notebook_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"no notebook '.*none\.ipynb'"):
        executes(tmp_path / "none.ipynb")


@pytest.fixture(scope="module")
def validated(executed):
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
        [sys.executable, ROOT / "tools" / "validate.py", stale],
        capture_output=True,
        text=True,
        check=False,
    )


def test_outputs_that_the_code_no_longer_gives_fail_and_the_others_pass(validated):
    # The kernel runs in the notebook's folder: a relative path to what blocks the
    # network would lead nowhere, and cell 7 would fail.
    failed = re.findall(r"^FAILED .*::Cell (\d+) ", validated.stdout, re.MULTILINE)
    assert [int(number) for number in failed] == list(STALE)
    assert f"{len(STALE)} failed, {len(CELLS) - len(STALE)} passed" in validated.stdout
    assert validated.returncode == 1


def test_the_seconds_are_told(validated):
    assert re.search(r"^stale +\d+\.\d +\d+\.\d +10", validated.stdout, re.MULTILINE)
