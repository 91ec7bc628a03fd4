"""The package: built whole, typed, and running on what it declares, no more."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path

import pytest

from tests.project.test_imports import TABLE
from tests.support.book import ROOT
from tests.support.tree import files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LARGEST = 110 * 2**20  # bytes that the program may take, what it needs included
NEEDED = {"numpy", "threadpoolctl", "tqdm"}
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}


def run(*command, cwd):
    done = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def names(requirements):
    return {re.match(r"[\w-]+", line)[0] for line in requirements}


def imported(folder):
    """Return the distributions that a row of the table of imports allows."""
    return {name.lower().replace("_", "-") for name in TABLE[folder][1]}


def test_the_program_declares_what_it_needs():
    assert names(PROJECT["dependencies"]) == NEEDED


@pytest.mark.parametrize("folder", TABLE)
def test_what_a_folder_may_import_is_declared_for_it(folder):
    extra = {"book": "book", "parallel": "mpi"}.get(folder)
    declared = names([*PROJECT["dependencies"], *EXTRAS.get(extra, ())])
    assert imported(folder) <= declared


def test_nothing_is_declared_that_nobody_imports():
    used = set.union(*map(imported, TABLE))
    declared = names(chain(PROJECT["dependencies"], *EXTRAS.values()))
    assert declared - used == {"mpich"}  # the library that mpi4py calls


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the package from the files that git knows, without a network."""
    source = tmp_path_factory.mktemp("source")
    for path in files():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, source / path)
    code = "from setuptools.build_meta import build_wheel as b; b('dist')"
    run(sys.executable, "-c", code, cwd=source)
    (built,) = source.glob("dist/*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_package_with_its_data_and_its_types(wheel):
    tree = {p.as_posix() for p in files() if p.parts[0] == "algollm_helpers"}
    with zipfile.ZipFile(wheel) as archive:
        held = {n for n in archive.namelist() if ".dist-info/" not in n}
    assert held == tree
    assert {f"algollm_helpers/{n}" for n in ("py.typed", "data/names.txt")} <= held


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory):
    """Return an environment in which pip found all that is declared."""
    home = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", home, cwd=home)
    python = home / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(run(python, "-c", code, cwd=home).strip())
    for name in NEEDED:
        parts = distribution(name)
        for path in parts.files:
            if ".." not in path.parts:
                (site / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(parts.locate_file(path), site / path)
    run(python, "-m", "pip", "--isolated", "install", "--no-index", wheel, cwd=home)
    return home


@pytest.mark.slow
def test_a_clean_installation_trains_and_samples_on_what_is_declared_alone(clean):
    (clean / "names.txt").write_text("emma\nava\nanna\n", "utf-8")
    program = clean / "bin" / "algollm"
    sizes = ("--steps", "2", "--out", "m.npz")
    run(program, "train", "names.txt", *sizes, cwd=clean)
    assert run(program, "sample", "m.npz", "-n", "3", cwd=clean).count("\n") == 3
    python = clean / "bin" / "python"
    assert run(python, "-m", "algollm_helpers", "eval", "m.npz", "names.txt", cwd=clean)


@pytest.mark.slow
def test_a_clean_installation_is_small(clean):
    paths = [p for p in clean.glob("lib/*/site-packages/**/*") if p.is_file()]
    own = [p for p in paths if not {"pip", "setuptools"} & set(p.parts)]
    assert sum(p.stat().st_size for p in own) <= LARGEST
