"""Find cells that give something else when they are run twice in a row.

usage: python tools/twice.py [NOTEBOOK ...]        (default: all chapters)

A reader runs a cell, changes a number, and runs it again. Each notebook is run here
with every cell doubled, and the second run of a cell must show what is stored.
"""

import copy
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

from execute import ROOT, execute
from portable import shown


def doubled(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy in which each code cell stands twice."""
    cells = []
    for cell in notebook.cells:
        cells.append(copy.deepcopy(cell))
        if cell.cell_type == "code":
            again = copy.deepcopy(cell)
            again.id = f"{cell.id[:58]}-again"
            tags = again.metadata.setdefault("tags", [])
            tags.append("raises-exception")  # to nbclient: report it and go on
            cells.append(again)
    twin = copy.deepcopy(notebook)
    twin.cells = cells
    return twin


def differences(path: Path) -> Iterator[str]:
    """Yield a line for each cell whose second run does not show what is stored."""
    stored = nbformat.read(path, as_version=4)
    draft = path.with_name(f".{path.stem}.twice.ipynb")
    nbformat.write(doubled(stored), draft)
    try:
        fresh = {cell.id: cell for cell in execute(draft).cells}
    finally:
        draft.unlink()
    for number, cell in enumerate(stored.cells):
        again = fresh.get(f"{cell.id[:58]}-again")
        if again is not None and list(shown(again)) != list(shown(cell)):
            yield f"cell {number}: {cell.source.splitlines()[0][:90]!r}"


def main() -> None:
    """Name the cells of each notebook; exit with 1 if there are any."""
    names = sys.argv[1:]
    paths = [Path(name) for name in names] or sorted(ROOT.glob("chapters/*.ipynb"))
    found = 0
    for path in paths:
        lines = list(differences(path))
        found += len(lines)
        print(f"{path.name}: {'same' if not lines else ''}", flush=True)
        for line in lines:
            print(f"    {line}", flush=True)
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
