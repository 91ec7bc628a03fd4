"""Fold for other programs what is folded on the site, and print what stays open.

usage: python tools/folds.py [NOTEBOOK ...]        (default: all chapters)

On the site a cell is folded by its tag, which begins with "fold-". Others ask for marks
of their own: JupyterLab for metadata, what knows Jupyter Book for a tag, "hide-input".
This writes those from our tag, and changes nothing else.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from execute import asked_for

sys.path.append(str(Path(__file__).resolve().parents[1] / "_ext"))  # not installed
from algollm_book.folding import fold_of

HIDDEN = "hide-input"
CELLS, LINES = 20, 200  # of code that a chapter shows at rest


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def fold(notebook: NotebookNode) -> None:
    """Hide the source of each cell with our tag from others, and of no other cell."""
    for cell in code_cells(notebook):
        tags = cell.metadata.get("tags", [])
        marked = [tag for tag in tags if tag != HIDDEN]
        if fold_of(cell.metadata):
            marked.append(HIDDEN)
        if marked != tags:
            cell.metadata.tags = marked
        jupyter = dict(cell.metadata.pop("jupyter", {}))
        jupyter.pop("source_hidden", None)
        if fold_of(cell.metadata):
            jupyter["source_hidden"] = True
        if jupyter:
            cell.metadata.jupyter = jupyter


def open_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells whose code is read without a click."""
    return [cell for cell in code_cells(notebook) if fold_of(cell.metadata) is None]


def is_answer(cell: NotebookNode) -> bool:
    """Return whether an exercise asks the reader to fill the cell in."""
    return re.search(r"^answer = \.\.\.", cell.source, re.MULTILINE) is not None


def lines(cells: list[NotebookNode]) -> int:
    """Return how many lines of code the cells have, empty ones apart."""
    return sum(bool(line.strip()) for c in cells for line in c.source.splitlines())


def table(notebooks: dict[str, NotebookNode]) -> str:
    """Return a line for each notebook: all code, what is open, and for an answer."""
    heads = ("cells", "lines", "open", "lines", "asked")
    rows = [f"{'notebook':20}" + "".join(f"{head:>7}" for head in heads)]
    for name, notebook in notebooks.items():
        every, shown = code_cells(notebook), open_cells(notebook)
        asked = sum(map(is_answer, shown))
        counts = (len(every), lines(every), len(shown), lines(shown), asked)
        rows.append(f"{name:20}" + "".join(f"{count:7}" for count in counts))
    rows.append(
        f"open, in a chapter: at most {CELLS} cells beside those for answers (asked), "
        f"and {LINES} lines in all"
    )
    return "\n".join(rows)


def main() -> None:
    """Fold the notebooks named on the command line, or all."""
    notebooks = {}
    for path in asked_for("folds", "Fold in JupyterLab what the site folds."):
        before = path.read_text("utf-8")
        notebook = notebooks[path.stem] = nbformat.reads(before, as_version=4)
        fold(notebook)
        after = nbformat.writes(notebook, indent=1) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path.name}: folded anew")
    print(table(notebooks))


if __name__ == "__main__":
    main()
