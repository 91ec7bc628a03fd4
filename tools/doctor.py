"""Say what this computer has for the book, what it lacks, and what follows from that.

usage: python3 tools/doctor.py                      (or: make doctor)

Exits with 1 if the book cannot be built here. It runs before anything is installed,
and on every Python from 3.6 on, so that one that is too old can say so.
"""

import argparse
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 11), (3, 14)
BOOK_MB, ALL_MB = 550, 950  # both with the built site
CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FIND_MPI = "from algollm_helpers.parallel import mpi; print(mpi.launcher())"


class Finding(NamedTuple):
    """A part of this computer: what is there, and what follows if it is not enough."""

    part: str
    here: str
    follows: str = ""
    stops: bool = False  # the book cannot be built


def chromium() -> "str | None":
    """Return the path of a Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def python() -> Finding:
    """Judge the version that runs this."""
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        follows = "the book needs 3.11 to 3.14; name another: make PYTHON=python3.13"
        return Finding("Python", here, follows, stops=True)
    if sys.version_info[:2] > NEWEST:
        follows = "nobody has tried the book on it; parts may not install"
        return Finding("Python", here, follows)
    return Finding("Python", here)


def environments() -> Finding:
    """Judge whether this Python can make virtual environments."""
    if find_spec("ensurepip") and find_spec("venv"):
        return Finding("venv", "here")
    follows = "nothing can be installed; get this Python's venv package"
    return Finding("venv", "missing", follows + " (Debian: python3-venv)", stops=True)


def disk() -> Finding:
    """Judge the space where the book lies; what is installed already counts as free."""
    free = shutil.disk_usage(ROOT).free // 10**6
    here = f"{free} MB free"
    if os.path.isdir(os.path.join(ROOT, ".venv")) or free >= ALL_MB:
        return Finding("disk", here)
    if free < BOOK_MB:
        follows = f"make book takes {BOOK_MB} MB"
        return Finding("disk", here, follows, stops=True)
    return Finding("disk", here, f"enough for make book; make test takes {ALL_MB} MB")


def program(name: str, follows: str) -> Finding:
    """Look for a program on PATH."""
    found = shutil.which(name)
    return Finding(name, found) if found else Finding(name, "missing", follows)


def browser() -> Finding:
    """Look for a Chromium."""
    found = chromium()
    if found:
        return Finding("Chromium", found)
    follows = "make test leaves out the pages' checks in a browser (Debian: chromium)"
    return Finding("Chromium", "missing", follows)


def mpi() -> Finding:
    """Look for MPI's launcher the way the book does, once there is an environment."""
    python = os.path.join(ROOT, ".venv", "bin", "python")
    if not os.path.exists(os.path.join(ROOT, ".venv", "execute")):
        follows = "make execute and make test bring it; chapter 7 runs with it"
        return Finding("MPI", "not yet", follows)
    done = subprocess.run(
        [python, "-c", FIND_MPI],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return Finding("MPI", done.stdout.decode().strip())
    follows = "chapter 7 does not run; .venv/bin/pip install mpi4py mpich"
    return Finding("MPI", "missing", follows)


def findings() -> "list[Finding]":
    """Return all findings, those that stop the book first."""
    return [
        python(),
        environments(),
        disk(),
        program("make", "the commands are in README.md, under 'Without make'"),
        program("git", "make test cannot tell the book's files from others"),
        browser(),
        mpi(),
    ]


def main() -> int:
    """Print a line for each finding; return 1 if one stops the book."""
    argparse.ArgumentParser(
        "python3 tools/doctor.py", description="Say what this computer lacks."
    ).parse_args()
    found = findings()
    for part, here, follows, _ in found:
        print(f"{part:9} {here}{follows and ': ' + follows}")
    return int(any(finding.stops for finding in found))


if __name__ == "__main__":
    sys.exit(main())
