"""Tests for tools/bound: what it prints, and the pages whose numbers are all bound."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import bound
import prose
from binding import BOUND
from tests.support.book import PAGES, ROOT


@pytest.fixture(scope="module")
def book():
    """Return the pages of the book by name."""
    return {page.name: page for page in bound.pages()}


def test_all_pages_are_read_and_each_number_has_one_kind(book):
    stems = [page.rpartition("/")[2] for page in PAGES]
    assert sorted(book) == sorted([*stems, "index", "README"])
    kinds = {found.kind for page in book.values() for found in page.found}
    assert kinds <= {*BOUND, *prose.EXEMPT, "unbound"}


def test_no_digit_of_a_result_can_change_by_itself(book):
    pages = book.keys() - {"README"}  # no page of the site: it has no roles
    for name, page in ((name, book[name]) for name in sorted(pages)):
        faults = [*page.loose(), *page.unseen()]
        assert not faults, f"{name}:\n" + "\n".join(faults)


@pytest.fixture
def notebook(tmp_path):
    """Return the path of a notebook with a bound number and a loose one."""
    shown = [new_output("stream", text="0.37 0.47")]
    cells = [
        new_markdown_cell("## A\nIt ends at 0.37, not at 0.99."),
        new_code_cell("n = 64", outputs=shown),
        new_markdown_cell("The width is 64."),
    ]
    path = tmp_path / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_the_command_lists_what_is_loose_and_counts(notebook, capsys):
    bound.main([str(notebook)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "small:"
    assert lines[1].endswith("  0.99  | It ends at 0.37, not at 0.99.")
    assert "passes" not in "".join(lines)
    counts = dict(line.split() for line in lines[3:] if len(line.split()) == 2)
    there = {kind: int(count) for kind, count in counts.items() if count != "0"}
    assert there == {"output": 1, "setting": 1, "unbound": 1}
    assert lines[-2].split() == ["small", *"1 1 0 0 0 1".split()]


def test_with_mutate_it_lists_what_would_pass_and_says_the_share(notebook, capsys):
    bound.main(["--mutate", str(notebook)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].endswith(
        "  0.37 -> 0.47 passes (output)  | It ends at 0.37, not at 0.99."
    )
    assert "output: 2 of 3 changed digits are seen, 67%" in lines
    assert "setting: 2 of 2 changed digits are seen, 100%" in lines


@pytest.mark.slow
def test_it_runs_as_a_program(notebook):
    command = [sys.executable, "tools/bound.py", str(notebook)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("small:\n")
