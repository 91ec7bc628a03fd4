"""Tests for tools/execute.py and tools/compare.py: stable, quiet and able to fail.

The small notebooks made here use what the chapters use. Each check that the book
relies on is seen to turn red on a notebook that breaks it.
"""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.support.book import ROOT

COMPARE = ROOT / "tools" / "compare.py"
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


def write(path, *sources):
    cells = [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, path)


def execute(path):
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "execute.py", path],
        capture_output=True,
        text=True,
        check=False,
    )


def nbval(path):
    return subprocess.run(
        [sys.executable, COMPARE, "-p", "no:cacheprovider", path],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    path = tmp_path_factory.mktemp("books") / "sample.ipynb"
    write(path, SETUP, FIGURE, EXPLORER, ONLINE, "print(2 + 2)")
    done = execute(path)
    assert done.returncode == 0, done.stderr
    return path


def test_running_twice_leaves_the_same_bytes(executed):
    before = executed.read_bytes()
    assert execute(executed).returncode == 0
    assert executed.read_bytes() == before


def test_notebooks_run_without_a_network_and_so_do_their_children(executed):
    first, second = nbformat.read(executed, 4).cells[3].outputs[0].text.splitlines()
    assert "the book runs without a network, asked for 'example.org'" in first
    assert "the book runs without a network, asked for '192.0.2.1'" in second


def test_a_notebook_that_raises_is_left_as_it_was(tmp_path):
    path = tmp_path / "broken.ipynb"
    write(path, "1 / 0")
    before = path.read_bytes()
    failed = execute(path)
    assert failed.returncode != 0
    assert "ZeroDivisionError" in failed.stderr
    assert path.read_bytes() == before


def test_a_notebook_that_does_not_exist_is_named(tmp_path):
    failed = execute(tmp_path / "none.ipynb")
    assert failed.returncode == 1
    assert "no notebook" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_nbval_passes_what_was_just_executed(executed):
    # That includes what the kernel printed when it was refused the network.
    done = nbval(executed)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("cell", "old", "new"),
    [
        (4, "4", "5"),  # a printed number
        (1, "L 342.6", "L 342.7"),  # a line of a figure
        (2, "sha256 ", "sha256 0"),  # the digest of an explorer's frames
        (3, "without", "with"),
    ],
)
def test_nbval_fails_on_an_output_that_the_code_no_longer_gives(
    executed, tmp_path, cell, old, new
):
    path = tmp_path / "stale.ipynb"
    book = nbformat.read(executed, 4)
    (output,) = book.cells[cell].outputs
    holder = output if "text" in output else output["data"]
    for key in ("text", "image/svg+xml", "text/plain"):
        if old in holder.get(key, ""):
            holder[key] = holder[key].replace(old, new, 1)
            break
    else:
        pytest.fail(f"{old!r} is not in the output")
    nbformat.write(book, path)
    assert nbval(path).returncode == 1
