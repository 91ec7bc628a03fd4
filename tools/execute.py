"""Run notebooks in place, so that their stored outputs are what the code gives.

usage: python tools/execute.py [NOTEBOOK ...]        (default: all chapters)

Each runs in a fresh kernel, in the folder `chapters`, without a network. A
notebook that raises is left as it was. Two runs leave the same bytes.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 1200  # seconds for a cell; a busy machine is no fault
QUIET = {  # a kernel without a network that leaves the other cores alone
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT / "tools" / "offline"),
}


def execute(path: Path) -> nbformat.NotebookNode:
    """Return the notebook with fresh outputs and nothing that names this machine."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=PATIENCE,
        iopub_timeout=PATIENCE,
        raise_on_iopub_timeout=True,  # else what comes late is left out
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # else a slow print is cut where the clock says
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(ROOT / "chapters")}},
    )
    notebook.metadata.pop("widgets", None)
    client.execute(env=os.environ | QUIET)
    kept = {"kernelspec": notebook.metadata.kernelspec}
    kept["language_info"] = {"name": "python"}
    if "widgets" in notebook.metadata:
        kept["widgets"] = notebook.metadata.widgets
    notebook.metadata = nbformat.from_dict(kept)
    return notebook


def main() -> None:
    """Run the notebooks named on the command line, or all."""
    names = sys.argv[1:]
    paths = [Path(name) for name in names] or sorted(ROOT.glob("chapters/*.ipynb"))
    for path in paths:
        if not path.is_file():
            sys.exit(f"no notebook {str(path)!r}; expected one in chapters/")
        start = time.perf_counter()
        text = nbformat.writes(execute(path), indent=1) + "\n"
        draft = path.with_suffix(".ipynb.new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
        print(f"{path.name}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
