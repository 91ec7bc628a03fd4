"""Tests for tools/twice: a cell that changes what it finds is named, others are not."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import twice
from execute import execute

CELLS = [
    "xs, total = [1], 0",
    "xs.append(2)\nprint(xs)",  # one more each time
    "print(sum(xs))",
    "del total",  # there is nothing left to delete
    "import random\nrng = random.Random(0)",
    "print(rng.random())",  # goes on where the first run stopped
    "print(random.Random(0).random())",
]
FOUND = [2, 3, 4, 6]  # the markdown cell is number 0; 3 follows from 2


def notebook(tags=()):
    cells = [new_code_cell(source) for source in CELLS]
    cells[1].metadata.tags = list(tags)
    return new_notebook(cells=[new_markdown_cell("Words."), *cells])


@pytest.fixture(scope="module", params=[(), ("once",)], ids=["plain", "tagged"])
def path(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("twice") / "book.ipynb"
    nbformat.write(notebook(request.param), place)
    book = execute(place)
    nbformat.write(book, place)
    return place


@pytest.mark.slow
def test_cells_that_change_what_they_find_are_named_unless_that_is_their_lesson(path):
    tagged = nbformat.read(path, 4).cells[2].metadata.tags == ["once"]
    named = [int(line.split()[1].rstrip(":")) for line in twice.differences(path)]
    assert named == [n for n in FOUND if not (tagged and n in (2, 3))]
    assert [entry.name for entry in path.parent.iterdir()] == ["book.ipynb"]


def test_each_code_cell_stands_twice_and_the_notebook_itself_is_left_alone():
    book = notebook(tags=["once"])
    before = nbformat.writes(book)
    twin = twice.doubled(book)
    sources = [cell.source for cell in twin.cells]
    expected = ["Words."]
    for source in CELLS:
        expected += [source] * (1 if source == CELLS[1] else 2)
    assert sources == expected
    assert len({cell.id for cell in twin.cells}) == len(twin.cells)
    assert nbformat.writes(book) == before
