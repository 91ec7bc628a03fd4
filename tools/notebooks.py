"""Open the chapters in JupyterLab, where their markup reads as on the site.

usage: python tools/notebooks.py [OPTION …]      (options are those of `jupyter lab`)

What JupyterLab is told, for this start alone, stands in ``tools/lab``: settings, and an
extension that puts the book's titles, citations, definitions and verdicts where
jupyterlab-myst shows a bare name. Your own settings count for more, and stay.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import yaml
from jupyterlab_myst.notary import MySTNotebookNotary

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "_ext"))  # not installed

from algollm_book import live  # noqa: E402
from known import Known  # noqa: E402

LAB = ROOT / "tools" / "lab"


def prepare(root: Path, place: Path) -> dict[str, str]:
    """Write settings and extension into a folder, and trust the book's outputs.

    Parameters
    ----------
    root : Path
        The book: ``chapters`` and what they refer to.
    place : Path
        The folder. Signatures of notebooks are kept there, too.

    Returns
    -------
    dict of str to str
        The environment in which ``jupyter lab`` finds them.
    """
    shutil.copytree(LAB, place, dirs_exist_ok=True)
    static = place / "labextensions" / "algollm" / "static"
    known = json.dumps(Known(root).book(), ensure_ascii=False)
    (static / "book.json").write_text(known, "utf-8")
    live.put(live.OBJECTS, static / "live")
    notary = MySTNotebookNotary(data_dir=str(place))
    for path in sorted(root.glob("chapters/*.ipynb")):
        notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()
    added = {"JUPYTER_CONFIG_PATH": place / "config", "JUPYTER_PATH": place}
    return os.environ | {
        name: os.pathsep.join(filter(None, [str(path), os.environ.get(name)]))
        for name, path in added.items()
    }


def command(root: Path, place: Path, options: list[str]) -> list[str]:
    """Return the words that start JupyterLab at the first chapter."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    first, *_ = toc["meta"]["chapters"]
    return [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={root / 'chapters'}",
        f"--LabApp.default_url=/lab/tree/{first}.ipynb",
        f"--NotebookNotary.data_dir={place}",
        *options,
    ]


def main(options: list[str]) -> None:
    """Become JupyterLab."""
    place = ROOT / "_build" / "lab"
    words = command(ROOT, place, options)
    os.execve(words[0], words, prepare(ROOT, place))


if __name__ == "__main__":
    main(sys.argv[1:])
