"""Find what notebooks say otherwise with the versions installed here, figures aside.

usage: python tools/words.py [NOTEBOOK ...]        (default: all chapters)

Another Matplotlib draws other strokes. What is printed, the verdicts, and the numbers
and descriptions of each explorer's frames must be those that are stored: a digit that
another NumPy changes is rounded too finely. `make oldest` runs this with the oldest
versions that the package admits, those of the Python in the browser.
"""

import copy
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

sys.path.append(str(Path(__file__).resolve().parents[1] / "_ext"))  # not installed

from algollm_book.stored import VIEW, States, states_of
from execute import asked_for
from portable import differences, tell

PICTURE = re.compile(r"<svg.*?</svg>", re.DOTALL)


def without_pictures(notebook: NotebookNode) -> NotebookNode:
    """Return a copy that shows words alone, for an explorer those of every frame."""
    twin, states = copy.deepcopy(notebook), states_of(notebook)
    for cell in twin.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            data.pop("image/svg+xml", None)
            if data.get("text/plain", "").startswith("Explorer, sha256 "):
                # Without the digest: it is one of the pictures, too.
                data["text/plain"] = "\n".join(_words(data[VIEW]["model_id"], states))
    return twin


def _words(model: str, states: States) -> Iterator[str]:
    """Yield what an explorer's widgets say and where they stand, in their order."""
    state = states[model]
    for key in ("value", "index", "selected_index", "_options_labels"):
        if state.get(key) is not None:
            yield PICTURE.sub("", str(state[key]))
    for child in state.get("children", ()):
        yield from _words(child.removeprefix("IPY_MODEL_"), states)


def main() -> None:
    """Run each notebook; exit with 1 if any says something else."""
    paths = asked_for("words", "Find what notebooks say otherwise here.")
    found = [tell(path.name, differences(path, without_pictures)) for path in paths]
    sys.exit(any(found))


if __name__ == "__main__":
    main()
