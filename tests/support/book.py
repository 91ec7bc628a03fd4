"""What several test modules ask of the book's files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from algollm_book.stored import notebook_at as notebook

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "algollm_helpers"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
ORDER: list[str] = TOC["meta"]["chapters"]  # all eight
CLAIMED = [stem for stem in ORDER if stem != "clinic"]  # of which the essays speak
PAGES: list[str] = [  # as one turns them: each lab after its chapter
    page["file"]
    for part in TOC["parts"]
    for chapter in part["chapters"]
    for page in [chapter, *chapter.get("sections", ())]
]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))


def code_cells(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook."""
    return [c for c in notebook(path)["cells"] if c["cell_type"] == "code"]


class RecordCall(NamedTuple):
    """A call of record() in a notebook."""

    claim: str
    typed: bool  # its verdict is a word, not computed


def record_calls(path: Path) -> Iterator[RecordCall]:
    """Yield the calls of record() in a notebook, in order."""
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "record":
                claim, verdict, *_ = node.args
                typed = isinstance(verdict, ast.Constant)
                yield RecordCall(ast.literal_eval(claim), typed)


def output_text(cell: dict[str, Any]) -> str:
    """Return all text of a code cell's outputs, markup taken out."""
    parts = []
    for output in cell.get("outputs", ()):
        parts.append(output.get("text", ""))
        parts += [d for d in output.get("data", {}).values() if isinstance(d, str)]
    return re.sub(r"<[^>]+>", " ", " ".join(parts))


def chapter_of(path: Path) -> str:
    """Return the chapter that a module names first in its docstring."""
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    match = re.search(r"chapters/(\w+)\.ipynb", doc)
    assert match, f"{path.name}: its docstring names no chapter"
    return match[1]
