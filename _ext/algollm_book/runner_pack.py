"""What a page's Python needs beside the official files, in one archive of our own.

That is the book's helpers, stand-ins for the few packages of Jupyter that they ask for,
and the files that notebooks read, as they lie in the tree.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import algollm_helpers
import inpage

from .runner_store import lock, manifest, wanted

SITE = f"lib/python{lock()['info']['python'].rpartition('.')[0]}/site-packages"
INPAGE = Path(inpage.__path__[0])
PACKED = {  # folder here: folder there
    Path(algollm_helpers.__path__[0]): f"{SITE}/algollm_helpers",
    INPAGE: f"{SITE}/inpage",
    INPAGE / "stand_ins": SITE,
}
OUTSIDE = (  # what notebooks read
    "benchmarks/results.json",
    "chapters/backprop.ipynb",
    "chapters/microgpt_lab.ipynb",
)
LEFT_OUT = {"__pycache__", "objects", "stand_ins"}  # in the folders above
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes from the same files
LEVEL = 9


def archive(root: Path, matplotlib: Path) -> bytes:
    """Return the archive, to be unpacked at the root of that Python's file system.

    Parameters
    ----------
    root : Path
        The folder of the book.
    matplotlib : Path
        The wheel of Matplotlib; its list of fonts is brought up to date.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, data in _entries(root, matplotlib):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            made.writestr(entry, data, zipfile.ZIP_DEFLATED, LEVEL)
    return held.getvalue()


def _entries(root: Path, matplotlib: Path) -> Iterator[tuple[str, bytes]]:
    for folder, place in PACKED.items():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not LEFT_OUT & {*path.relative_to(folder).parts}:
                yield (
                    f"{place}/{path.relative_to(folder).as_posix()}",
                    path.read_bytes(),
                )
    for name in OUTSIDE:
        data = (root / name).read_bytes()
        yield f"book/{name}", _light(data) if name.endswith(".ipynb") else data
    yield f"{SITE}/matplotlib/fontlist.json", _fonts(matplotlib).encode()


def _light(data: bytes) -> bytes:
    """Return a notebook with its text and verdicts; what is drawn is for the page."""
    notebook = json.loads(data)
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("image/svg+xml", None)
    return json.dumps(notebook, ensure_ascii=False).encode()


def _fonts(wheel: Path) -> str:
    """Return the list of fonts that Matplotlib would otherwise draw up in each session.

    The wheel's own is of another version, and names fonts of the computer that made it.
    """
    with zipfile.ZipFile(wheel) as held:
        names = set(held.namelist())
        source = held.read("matplotlib/font_manager.py").decode()
        fonts: dict[str, Any] = json.loads(held.read("matplotlib/fontlist.json"))
    version = re.search(r"__version__ = (\d+)", source)
    if version is None:
        raise ValueError(f"{wheel.name}: its font_manager.py names no version")
    fonts["_version"] = int(version[1])
    for kind in ("ttflist", "afmlist"):
        fonts[kind] = [
            f for f in fonts[kind] if f"matplotlib/mpl-data/{f['fname']}" in names
        ]
    return json.dumps(fonts)


def notices() -> str:
    """Return what is to be said of the work of others that a site hands on."""
    versions = {name: p["version"] for name, p in lock()["packages"].items()}
    versions |= {"Pyodide": manifest()["version"], "CPython": lock()["info"]["python"]}
    lines = [
        "Python that runs on the pages of this site is made of the files below, each",
        "the official one, unchanged; wheels hold their licences in full.",
        "",
    ]
    for name, (licence, source) in manifest()["notices"].items():
        title = f"{name} {versions.get(name, '')}".strip()
        lines.append(f"{title}: {licence}, {source}")
    lines += ["", "sha256 of each file:"]
    lines += [f"{sha}  {name}" for name, sha in sorted(wanted().items())]
    return "\n".join(lines) + "\n"


def weight(paths: Iterable[Path]) -> int:
    """Return how many bytes some files have together."""
    return sum(path.stat().st_size for path in paths)
