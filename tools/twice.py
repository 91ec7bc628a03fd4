"""Find cells that give something else when they are run twice in a row.

usage: python tools/twice.py [NOTEBOOK ...]        (default: all chapters)

A reader runs a cell, changes a number, and runs it again. Here each notebook is run
with every cell doubled, and the second run of a cell must show what is stored. A cell
whose lesson is what it leaves behind carries the tag ``once``.
"""

import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode

from execute import asked_for, execute
from portable import shown, tell

ONCE = "once"
GO_ON = "raises-exception"  # to nbclient: a cell that raises does not end the run


def doubled(notebook: NotebookNode) -> NotebookNode:
    """Return a copy in which each code cell stands twice, but for those tagged.

    The second of them has the id of the first with an ending.
    """
    twin = copy.deepcopy(notebook)
    twin.cells = []
    for cell in notebook.cells:
        twin.cells.append(copy.deepcopy(cell))
        if cell.cell_type == "code" and ONCE not in cell.metadata.get("tags", ()):
            again = copy.deepcopy(cell)
            again.id = _again(cell)
            again.metadata.tags = [*cell.metadata.get("tags", ()), GO_ON]
            twin.cells.append(again)
    return twin


def _again(cell: NotebookNode) -> str:
    return f"{cell.id[:58]}-again"  # an id has at most 64 characters


def _seen(cell: NotebookNode) -> list[object]:
    """Return all that a cell shows, an exception included."""
    raised = [o.ename for o in cell.outputs if o.output_type == "error"]
    return [*shown(cell), *raised]


def differences(path: Path) -> Iterator[str]:
    """Yield a line for each cell whose second run does not show what is stored."""
    stored: NotebookNode = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        draft = Path(folder, path.name)
        nbformat.write(doubled(stored), draft)
        fresh = {cell.id: cell for cell in execute(draft).cells}
    for number, cell in enumerate(stored.cells):
        again = fresh.get(_again(cell))
        if again is not None and _seen(again) != _seen(cell):
            yield f"cell {number}: {cell.source.splitlines()[0][:80]!r}"


def main() -> None:
    """Name the cells of each notebook; exit with 1 if there are any."""
    paths = asked_for("twice", "Find cells that differ when they are run twice.")
    found = [tell(path.name, differences(path)) for path in paths]
    sys.exit(any(found))


if __name__ == "__main__":
    main()
