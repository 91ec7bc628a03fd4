"""Tests for program.run_figure: what is replaced, what is said without Matplotlib."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from algollm_helpers.program.run_figure import HOW_TO_GET_IT, RunFigure
from algollm_helpers.program.run_table import Table
from tests.support.program import TRAIN, trains

pytestmark = pytest.mark.usefixtures("folder")
TABLE = Table({"step": np.array([1.0, 2.0]), "loss": np.array([3.0, 2.0])}, ())


def test_a_figure_is_drawn_and_a_later_one_takes_its_place():
    for title in ("first", "second"):
        figure = RunFigure(Path("run.svg"))
        assert figure.draw(TABLE, title, "") == "'run.svg' shows the run"
        assert f"<title>{title}</title>" in Path("run.svg").read_text("utf-8")


@pytest.mark.parametrize("content", ["", "precious", '<svg role="img" width="1"/>'])
def test_nothing_else_is_replaced(content):
    Path("run.svg").write_text(content)
    message = r"'run\.svg' is no run figure, and only run figures are replaced"
    with pytest.raises(ValueError, match=message):
        RunFigure(Path("run.svg"))
    assert Path("run.svg").read_text() == content


def test_a_figure_that_cannot_be_saved_is_an_error_that_names_it():
    Path("sub").mkdir()
    figure = RunFigure(Path("sub/run.svg"))
    Path("sub").rmdir()
    with pytest.raises(OSError, match=r"cannot save 'sub/run\.svg': No such file"):
        figure.draw(TABLE, "", "")


WITHOUT = """
import sys
sys.modules["matplotlib"] = None
from algollm_helpers.program.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def without_drawing():
    """Return what runs the program in a process that has no Matplotlib."""

    def does(*words):
        return subprocess.run(
            [sys.executable, "-c", WITHOUT, *words],
            capture_output=True,
            text=True,
            check=False,
        )

    return does


def test_without_matplotlib_one_line_says_so_before_a_run_begins(without_drawing):
    done = without_drawing(*TRAIN, "--watch=run.csv", "--figure=run.svg")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"algollm: {HOW_TO_GET_IT}\n"
    assert [path.name for path in Path().iterdir()] == ["text.txt"]


def test_without_matplotlib_a_run_is_diagnosed_and_one_line_says_what_is_missing(
    without_drawing,
):
    assert trains("--watch=run.csv") == 0
    done = without_drawing("diagnose", "run.csv", "--figure=run.svg")
    assert (done.returncode, done.stderr) == (2, f"algollm: {HOW_TO_GET_IT}\n")
    assert "\ndiagnosis " in done.stdout
    assert not Path("run.svg").exists()
