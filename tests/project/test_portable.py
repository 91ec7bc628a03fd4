"""Tests for tools/portable.py: what differs is named, with its place."""

import os
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from numpy._core._multiarray_umath import __cpu_features__ as known

import portable

VIEW = "application/vnd.jupyter.widget-view+json"


def book(*outputs):
    """Return a notebook of a sentence and one code cell with these outputs."""
    cells = [nbformat.v4.new_markdown_cell("A sentence."), nbformat.v4.new_code_cell()]
    cells[1].outputs = list(outputs)
    return nbformat.v4.new_notebook(cells=cells)


def text(words):
    return nbformat.v4.new_output("stream", text=words)


def data(**kinds):
    bundle = {kind.replace("_", "/"): words for kind, words in kinds.items()}
    return nbformat.v4.new_output("display_data", data=bundle)


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """Return a function: the differences between a stored and a fresh notebook."""

    def run(stored, fresh):
        nbformat.write(stored, tmp_path / "n.ipynb")
        monkeypatch.setattr(portable, "execute", lambda path: fresh)
        return list(portable.differences(tmp_path / "n.ipynb"))

    return run


def test_what_a_cell_shows_is_its_text_and_each_form_of_its_data_but_the_view():
    view = nbformat.v4.new_output("display_data", data={VIEW: {"model_id": "1"}})
    (_, cell) = book(text("a"), data(text_plain="p", image_svg="s"), view).cells
    expected = [("text", "a"), ("image/svg", "s"), ("text/plain", "p")]
    assert list(portable.shown(cell)) == expected
    assert list(portable.shown(book().cells[0])) == []


def test_equal_outputs_make_no_difference(compare):
    assert compare(book(text("a\n2.36\n")), book(text("a\n2.36\n"))) == []


@pytest.mark.parametrize(
    ("stored", "fresh", "line"),
    [
        ([text("a\n2.36\n")], [text("a\n2.37\n")], r"text: '2.36\n' != '2.37\n'"),
        ([text("a\n")], [text("a")], r"text: 'a\n' != 'a'"),
        ([text("a\n")], [], r"text: 'a\n' != ''"),
        ([], [data(text_plain="a")], "nothing: '' != 'a'"),
        ([data(text_plain="a")], [data(text_plain="b")], "text/plain: 'a' != 'b'"),
    ],
)
def test_a_changed_output_is_named_with_its_cell(compare, stored, fresh, line):
    assert compare(book(*stored), book(*fresh)) == [f"cell 1, {line}"]


def test_of_several_outputs_each_that_changed_is_named(compare):
    stored, fresh = [text("a"), text("b"), text("c")], [text("x"), text("b"), text("y")]
    expected = ["cell 1, text: 'a' != 'x'", "cell 1, text: 'c' != 'y'"]
    assert compare(book(*stored), book(*fresh)) == expected


@pytest.mark.parametrize("column", [0, 59, 60, 61, 5000])
def test_the_difference_is_in_what_is_printed_however_long_the_line(column):
    before, after = "7" * column + "1" + "2" * 500, "7" * column + "3" + "2" * 500
    one, other = (
        half.strip("'")
        for half in portable.first_difference(before, after).split(" != ")
    )
    assert one.index("1") == other.index("3") == min(column, 60)
    assert len(one) == len(other) == 120


def test_a_run_that_raises_is_a_difference(tmp_path, monkeypatch):
    def fail(path):
        raise CellExecutionError("traceback", "AssertionError", "2.36 is not 2.37")

    nbformat.write(book(), tmp_path / "n.ipynb")
    monkeypatch.setattr(portable, "execute", fail)
    (line,) = portable.differences(tmp_path / "n.ipynb")
    assert line == "a cell raised AssertionError: 2.36 is not 2.37"


def test_numpy_knows_each_feature_that_a_choice_turns_off():
    choices = portable.CHOICES.values()
    names = [choice.get("NPY_DISABLE_CPU_FEATURES", "").split() for choice in choices]
    assert len(names[0]) == len(names[1]) + 1
    assert names[2] == []
    assert {name for off in names for name in off} <= set(known)


@pytest.mark.parametrize("differing", [False, True])
def test_every_choice_runs_every_notebook_and_one_difference_fails(
    differing, tmp_path, monkeypatch, capsys
):
    runs = []

    def differences(path):
        disabled = os.environ["NPY_DISABLE_CPU_FEATURES"]
        runs.append((os.environ["OPENBLAS_CORETYPE"], disabled, path.name))
        return ["cell 3"] if differing and len(runs) == 2 else []

    for key in ("NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE"):
        monkeypatch.setenv(key, "as it was")  # so that it comes back
    for name in ("a.ipynb", "b.ipynb"):
        nbformat.write(book(), tmp_path / name)
    words = [str(tmp_path / name) for name in ("a.ipynb", "b.ipynb")]
    monkeypatch.setattr(sys, "argv", ["portable.py", *words])
    monkeypatch.setattr(portable, "differences", differences)
    with pytest.raises(SystemExit) as stopped:
        portable.main()
    assert stopped.value.code == differing
    kernels = [("Prescott", True, True), ("Haswell", True, False)]
    kernels.append(("SkylakeX", False, False))
    assert [
        (kernel, "X86_V4" in disabled, "X86_V3" in disabled, name)
        for kernel, disabled, name in runs
    ] == [(*kernel, name) for kernel in kernels for name in ("a.ipynb", "b.ipynb")]
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 6 + differing
    assert told[0] == "SSE      a.ipynb: same"
    assert ("    cell 3" in told) == differing
