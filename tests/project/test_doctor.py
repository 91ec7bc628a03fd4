"""Tests for tools/doctor.py: what it finds missing, and what it says follows."""

import ast
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest

import doctor
from tests.support.book import ROOT

Space = namedtuple("Space", "total used free")


def run(**env):
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "doctor.py"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | env,
    )


def test_this_computer_can_build_the_book_and_each_finding_is_one_line():
    done = run()
    assert done.returncode == 0, done.stdout
    parts = [line.split()[0] for line in done.stdout.splitlines()]
    assert parts == ["Python", "venv", "disk", "make", "git", "Chromium", "MPI"]


def test_what_is_missing_beside_the_book_is_named_and_does_not_stop_it(tmp_path):
    done = run(PATH=str(tmp_path))
    missing = [line for line in done.stdout.splitlines() if " missing: " in line]
    assert {line.split()[0] for line in missing} >= {"make", "git"}
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("version", "stops", "says"),
    [
        ((3, 10, 99), True, "the book needs 3.11 to 3.14"),
        ((3, 11, 0), False, ""),
        ((3, 14, 9), False, ""),
        ((3, 15, 0), False, "nobody has tried"),
    ],
)
def test_python_is_judged_at_both_bounds(version, stops, says, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    found = doctor.python()
    assert found.here == ".".join(map(str, version))
    assert found.stops is stops
    assert found.follows.startswith(says)
    assert bool(found.follows) is bool(says)
    monkeypatch.setattr(sys, "argv", ["doctor.py"])
    assert doctor.main() == stops


def test_the_bounds_are_those_of_the_package():
    declared = 'requires-python = ">={}.{}"'.format(*doctor.OLDEST)
    assert declared in (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("absent", ["venv", "ensurepip"])
def test_a_python_without_environments_stops_the_book(absent, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: name != absent or None)
    assert doctor.environments().stops


@pytest.mark.parametrize(
    ("free", "stops", "follows"),
    [
        (doctor.BOOK_MB - 1, True, "make book takes"),
        (doctor.BOOK_MB, False, "enough for make book"),
        (doctor.ALL_MB - 1, False, "enough for make book"),
        (doctor.ALL_MB, False, ""),
    ],
)
def test_space_is_judged_before_anything_is_installed(
    free, stops, follows, monkeypatch, tmp_path
):
    monkeypatch.setattr(doctor, "ROOT", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Space(0, 0, free * 10**6))
    found = doctor.disk()
    assert found.stops is stops
    assert found.follows.startswith(follows)
    assert bool(found.follows) is bool(follows)


def test_space_is_no_matter_once_there_is_an_environment(monkeypatch, tmp_path):
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(doctor, "ROOT", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Space(0, 0, 0))
    assert not doctor.disk().stops


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_is_found_under_each_of_its_names(name, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "CHROMIUM", doctor.CHROMIUM[:3])
    assert doctor.chromium() is None
    assert doctor.browser().here == "missing"
    (tmp_path / name).touch(mode=0o755)
    assert doctor.chromium() == doctor.browser().here == str(tmp_path / name)


def test_mpi_is_looked_for_where_it_was_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOT", str(tmp_path))
    assert doctor.mpi().here == "not yet"
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (tmp_path / ".venv" / "execute").touch()
    for script, here in (("echo /bin/mpiexec", "/bin/mpiexec"), ("exit 1", "missing")):
        python.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        python.chmod(0o755)
        assert doctor.mpi().here == here


def test_it_is_read_by_a_python_that_is_too_old():
    source = (ROOT / "tools" / "doctor.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 7))  # refuses what came later
