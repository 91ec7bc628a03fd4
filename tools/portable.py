"""Find outputs that change with the processor, before another machine does.

usage: python tools/portable.py [NOTEBOOK ...]        (default: all chapters)

NumPy and its BLAS pick their instructions by the processor, and each choice rounds
the last digits in its own way. This runs the notebooks under several choices and
names every cell whose text or figure is not the stored one. What changes is rounded
too finely, or follows a run that amplifies rounding.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from execute import asked_for, execute

NO_AVX512 = "X86_V4 AVX512_ICL AVX512_SPR"
CHOICES = {
    "SSE": {"OPENBLAS_CORETYPE": "Prescott"}
    | {"NPY_DISABLE_CPU_FEATURES": f"{NO_AVX512} X86_V3"},
    "AVX2": {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": NO_AVX512},
    "AVX-512": {"OPENBLAS_CORETYPE": "SkylakeX"},
}
View = Callable[[NotebookNode], NotebookNode]
SKIPPED = {"application/vnd.jupyter.widget-view+json"}  # its digest is in the text


def shown(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield kind and text of all that a cell shows."""
    for output in cell.get("outputs", ()):
        if "text" in output:
            yield "text", output["text"]
        for kind, data in sorted(output.get("data", {}).items()):
            if kind not in SKIPPED:
                yield kind, str(data)


def differences(path: Path, what: View = lambda notebook: notebook) -> Iterator[str]:
    """Yield a line for each cell of a fresh run that does not match the stored one.

    `what` takes a notebook and returns one with all that is compared.
    """
    stored = nbformat.read(path, as_version=4)
    try:
        fresh = execute(path)
    except CellExecutionError as error:
        yield f"a cell raised {error.ename}: {error.evalue}"
        return
    yield from compared(what(stored), what(fresh))


def compared(stored: NotebookNode, fresh: NotebookNode) -> Iterator[str]:
    """Yield a line for each cell that does not show the same in both."""
    for number, cells in enumerate(zip(stored.cells, fresh.cells, strict=True)):
        both = map(shown, cells)
        for (kind, before), (_, after) in zip_longest(*both, fillvalue=("nothing", "")):
            if before != after:
                yield f"cell {number}, {kind}: {first_difference(before, after)}"


def first_difference(before: str, after: str) -> str:
    """Return both texts from the first line that differs, or shortly before it does."""
    pairs = enumerate(zip_longest(before, after))
    at = next(i for i, (old, new) in pairs if old != new)
    start = max(before.rfind("\n", 0, at) + 1, at - 60)
    return f"{before[start : start + 120]!r} != {after[start : start + 120]!r}"


def tell(title: str, lines: Iterable[str]) -> int:
    """Print what differs in a notebook, or that nothing does; return how much it is."""
    lines = list(lines)
    print(f"{title}: {'' if lines else 'same'}", flush=True)
    for line in lines:
        print(f"    {line}", flush=True)
    return len(lines)


def main() -> None:
    """Run each notebook under each choice; exit with 1 if anything differs."""
    paths = asked_for("portable", "Find outputs that change with the processor.")
    found = 0
    for name, choice in CHOICES.items():
        os.environ.update({"NPY_DISABLE_CPU_FEATURES": ""} | choice)
        for path in paths:
            found += tell(f"{name:8} {path.name}", differences(path))
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
