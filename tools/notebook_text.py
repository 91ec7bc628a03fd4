"""Print a notebook as text, so that a difference of two can be read.

usage: python3 tools/notebook_text.py NOTEBOOK

`make hooks` tells git to ask for it. Sources and printed text stand as they are; a
figure or an explorer is one line with its digest, since its paths tell nobody what
changed. The page shows that. A file that is no notebook, as in the middle of a merge,
is printed as it is, because git shows nothing at all when this fails.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def shown(output: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that stand for one output of a cell."""
    parts = dict(output.get("data", {}))
    if "text" in output:
        parts["text/plain"] = output["text"]
    if "evalue" in output:
        parts["text/plain"] = f"{output['ename']}: {output['evalue']}"
    for kind, content in sorted(parts.items()):
        text = json.dumps(content) if isinstance(content, dict) else "".join(content)
        if kind == "text/plain":
            yield from text.splitlines()
        else:
            yield f"{kind}, sha256 {hashlib.sha256(text.encode()).hexdigest()[:12]}"


def lines(notebook: dict[str, Any]) -> Iterator[str]:
    """Yield the text of a notebook, line by line."""
    for cell in notebook["cells"]:
        yield f"[{cell['cell_type']}]"
        yield from "".join(cell["source"]).splitlines()
        for output in cell.get("outputs", ()):
            for line in shown(output):
                yield f"    > {line}"
        yield ""


def main() -> None:
    """Print the file named on the command line."""
    parser = argparse.ArgumentParser(
        "python3 tools/notebook_text.py", description="Print a notebook as text."
    )
    parser.add_argument("notebook", metavar="NOTEBOOK", type=Path)
    text = parser.parse_args().notebook.read_text("utf-8")
    try:
        notebook = json.loads(text)
    except ValueError:
        print(text, end="")
    else:
        print("\n".join(lines(notebook)))


if __name__ == "__main__":
    main()
