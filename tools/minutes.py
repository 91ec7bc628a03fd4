"""Print how long each notebook takes to read, and what it says of it.

usage: python tools/minutes.py [NOTEBOOK ...]        (default: all chapters)

Prose and claims are read at 200 words a minute, open code at 20 lines a minute, and a
figure or an explorer is looked at for half a minute. Exercises and the questions of
*Test yourself* take a reader's own time, and folded code none. An opening states the
result in steps of five minutes.
"""

import re
from html.parser import HTMLParser

import nbformat
from nbformat import NotebookNode

from execute import asked_for
from folds import code_cells, is_answer, lines, open_cells

WORDS, LINES, FIGURES = 200, 20, 2  # a minute
STEP = 5
_DRAWN = {"image/svg+xml", "application/vnd.jupyter.widget-view+json"}
_OWN_TIME = re.compile(r"(?ms)^## (?:Exercises|Test yourself)$.*?(?=^## What|\Z)")
_MARKUP = re.compile(
    r"""
        ^[`:]{3,}.*$ | ^:[\w-]+:.*$ | ^\([\w-]+\)=$  # fences, their options, labels
      | ^\s*\|?[\s:|-]+$                             # rules of tables
      | \{[\w:-]+\}(?=`) | <[^<>`]*>(?=`)            # roles, and where they lead
      | \]\([^)]*\)                                  # where links lead
    """,
    re.M | re.X,
)
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.S)
_STATED = re.compile(r"\*Time:\*\s+(\d+)\s+minutes")


class _Text(HTMLParser):
    """What a piece of HTML says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def words(text: str) -> int:
    """Return how many words of markdown are read; a formula is one."""
    plain = _MARKUP.sub(" ", _FORMULA.sub(" formula ", text))
    return len(re.findall(r"\w[\w.,’'-]*", plain))


def claims(notebook: NotebookNode) -> int:
    """Return how many words stand in the boxes that cells show."""
    text = _Text()
    for cell in code_cells(notebook):
        for output in cell.outputs:
            text.feed("".join(output.get("data", {}).get("text/html", "")) + " ")
    return len(" ".join(text.said).split())


def pictures(notebook: NotebookNode) -> int:
    """Return how many figures and explorers the page shows."""
    return sum(
        bool(_DRAWN & set(output.get("data", {})))
        for cell in code_cells(notebook)
        if "remove-output" not in cell.metadata.get("tags", ())
        for output in cell.outputs
    )


def taken(notebook: NotebookNode) -> float:
    """Return how many minutes it takes to read a notebook."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    read = words(_OWN_TIME.sub("", "\n".join(texts))) + claims(notebook)
    code = [cell for cell in open_cells(notebook) if not is_answer(cell)]
    return read / WORDS + lines(code) / LINES + pictures(notebook) / FIGURES


def in_steps(minutes: float) -> int:
    """Return minutes in steps of five, the next above, so that nobody is hurried."""
    return STEP * -int(-minutes // STEP)


def stated(notebook: NotebookNode) -> int:
    """Return how many minutes the opening promises.

    Raises
    ------
    ValueError
        If it promises none.
    """
    opening = notebook.cells[0].source
    found = _STATED.search(opening)
    if not found:
        raise ValueError(
            f"expected '*Time:* N minutes' in an opening, got {opening[:60]!r}"
        )
    return int(found[1])


def main() -> None:
    """Print the minutes of the notebooks named on the command line, or of all."""
    print(f"{'notebook':20}{'takes':>8}{'in steps':>10}{'stated':>8}")
    for path in asked_for("minutes", "How long does each notebook take to read?"):
        notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
        minutes = taken(notebook)
        row = f"{minutes:8.1f}{in_steps(minutes):10}{stated(notebook):8}"
        print(f"{path.stem:20}{row}")


if __name__ == "__main__":
    main()
