"""Tests for tools/notebook_text.py, by the differences that git shows with it."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.support.book import ROOT

TOOL = f"'{sys.executable}' '{ROOT / 'tools' / 'notebook_text.py'}'"


def notebook(text="a *b*", source="1 + 1", printed="2\n", figure="<svg>1</svg>"):
    outputs = [
        new_output("stream", text=printed),
        new_output("display_data", {"image/svg+xml": figure, "text/plain": "<Figure>"}),
        new_output("display_data", {"application/x+json": {"width": [1]}}),
        new_output("error", ename="KeyError", evalue="'x'", traceback=["..."]),
    ]
    cells = [new_markdown_cell(text, id="a")]
    cells.append(new_code_cell(source, id="b", outputs=outputs, execution_count=1))
    return new_notebook(cells=cells)


def printed(path):
    command = [sys.executable, ROOT / "tools" / "notebook_text.py", path]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def git(folder, *args):
    command = ["git", "-c", f"diff.notebook.textconv={TOOL}", *args]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def changed(folder, after):
    """Return the lines that git shows between the plain notebook and another."""
    git(folder, "init", "-q")
    (folder / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    nbformat.write(notebook(), folder / "n.ipynb")
    git(folder, "add", ".")
    nbformat.write(after, folder / "n.ipynb")
    shown = git(folder, "diff", "-U0").splitlines()
    return [
        line for line in shown if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        ({"text": "a *c*"}, ["-a *b*", "+a *c*"]),
        ({"source": "1 + 2"}, ["-1 + 1", "+1 + 2"]),
        ({"printed": "2\n3\n"}, ["+    > 3"]),
    ],
)
def test_git_shows_the_line_that_changed(part, lines, tmp_path):
    assert changed(tmp_path, notebook(**part)) == lines


def test_a_changed_figure_is_one_changed_line(tmp_path):
    before, after = changed(tmp_path, notebook(figure="<svg>" + "1 2 3\n" * 999))
    assert before.startswith("-    > image/svg+xml, sha256 ")
    assert after.startswith("+    > image/svg+xml, sha256 ")


def test_what_a_reader_does_not_see_is_no_difference(tmp_path):
    after = notebook()
    after.cells[1].execution_count = 7
    after.metadata["widgets"] = {"state": {"frames": ["..."]}}
    assert changed(tmp_path, after) == []


def test_each_part_of_an_output_has_its_line(tmp_path):
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook(), path)
    text = printed(path)
    for part in ("2", "<Figure>", "KeyError: 'x'"):
        assert f"    > {part}\n" in text
    assert text.count("    > image/svg+xml, sha256 ") == 1
    assert text.count("    > application/x+json, sha256 ") == 1


def test_what_is_no_notebook_is_printed_as_it_is(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text('<<<<<<< HEAD\n{"cells": [\n', "utf-8")
    assert printed(path) == path.read_text("utf-8")
