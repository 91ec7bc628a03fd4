"""Run notebooks in place, so that their stored outputs are what the code gives.

usage: python tools/execute.py [NOTEBOOK ...]        (default: all chapters)

Each runs in a fresh kernel, in the folder `chapters`, without a network. A
notebook that raises is left as it was. Two runs leave the same bytes. What a chapter
or lab says of its claims is written to `algollm_helpers/data/claims.json`, too.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from traitlets.config import Config

from algollm_helpers.book.claims import collect
from algollm_helpers.book.published import renewed

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = ROOT / "algollm_helpers" / "data" / "claims.json"
PATIENCE = 1200  # seconds for a cell; a busy machine is no fault
QUIET = {  # a kernel without a network that leaves the other cores alone
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT / "tools" / "offline"),
}
PLAIN = {  # what a notebook says of its kernel: the same on every machine
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sockets(folder: str) -> Config:
    """Return what makes a kernel listen at files in a folder of its own.

    Of the ports that jupyter_client finds free, another kernel may take one before its
    own does, which then waits for ever (ipykernel 7).
    """
    return Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})


def execute(path: Path) -> NotebookNode:
    """Return the notebook with fresh outputs and nothing that names this machine."""
    with TemporaryDirectory() as folder:
        return executed(path, sockets(folder))


def executed(path: Path, config: Config) -> NotebookNode:
    """Return the notebook as a kernel with these settings executes it."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        config=config,
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
    notebook.metadata = plain(notebook.metadata)
    return notebook


def plain(metadata: NotebookNode) -> NotebookNode:
    """Return what of a notebook's metadata is the same on every machine."""
    ours = {key: metadata[key] for key in metadata.keys() & {"widgets", "myst"}}
    kept: NotebookNode = nbformat.from_dict(PLAIN | ours)
    return kept


def notebook_named(word: str) -> Path:
    """Return the path that a word of the command line means."""
    path = Path(word)
    try:
        if path.suffix != ".ipynb":
            raise ValueError("expected the path of an .ipynb file")
        nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"no notebook {word!r}: {error}") from None
    return path


def chapters() -> list[Path]:
    """Return all notebooks of the book."""
    return sorted(ROOT.glob("chapters/*.ipynb"))


def reader(program: str, purpose: str) -> argparse.ArgumentParser:
    """Return a parser of command lines that name notebooks."""
    parser = argparse.ArgumentParser(f"python tools/{program}.py", description=purpose)
    parser.add_argument(
        "notebooks",
        metavar="NOTEBOOK",
        nargs="*",
        type=notebook_named,
        help="path of an .ipynb file (default: all chapters)",
    )
    return parser


def asked_for(program: str, purpose: str, words: list[str] | None = None) -> list[Path]:
    """Return the notebooks that a command line names, or all chapters."""
    named: list[Path] = reader(program, purpose).parse_args(words).notebooks
    return named or chapters()


def replace(path: Path, text: str) -> None:
    """Give a file this text in one go: at no moment is it half written."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def store(path: Path, notebook: NotebookNode, claims: Path = CLAIMS) -> None:
    """Write an executed notebook, and what a page of the book says of its claims.

    Raises
    ------
    ValueError
        If it records a claim twice, or the file of claims cannot be read. Nothing is
        written then.
    """
    texts = {path: nbformat.writes(notebook, indent=1) + "\n"}
    if path.resolve().parent == ROOT / "chapters":
        place = f"chapters/{path.stem}"
        found = collect([(place, notebook)])
        texts[claims] = renewed(claims.read_text("utf-8"), place, found)
    for target, text in texts.items():
        replace(target, text)


def main() -> None:
    """Run the notebooks named on the command line, or all."""
    for path in asked_for("execute", "Run notebooks in place."):
        start = time.perf_counter()
        try:
            notebook = execute(path)
        except CellExecutionError as error:
            sys.exit(f"{path.name} is left as it was: a cell raised\n{error}")
        try:
            store(path, notebook)
        except ValueError as error:
            sys.exit(f"{path.name} is left as it was: {error}")
        print(f"{path.name}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
