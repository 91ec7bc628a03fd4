"""requirements.txt and constraints.txt, what is wanted and what is locked, fit."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from moved import OURS, moved, pins
from tests.support.book import ROOT

LOCK = (ROOT / "constraints.txt").read_text("utf-8")
OLDEST = pins((ROOT / "tools" / "oldest.txt").read_text("utf-8"))
WANTED = [
    Requirement(line.partition(" #")[0])
    for name in ("requirements.txt", "tools/requirements.txt")
    for line in (ROOT / name).read_text("utf-8").splitlines()
    if re.match(r"\w", line)
]


def brought_along(wanted):
    """Return the names of all that is wanted and, where installed, of what it needs."""
    queue, seen = list(wanted), {}
    while queue:
        one = queue.pop()
        name = canonicalize_name(one.name)
        if seen.get(name, set()) >= {"", *one.extras}:
            continue
        seen[name] = seen.get(name, set()) | {"", *one.extras}
        try:
            needs = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            continue  # a part that is not installed: JupyterLab, the tools
        for need in needs:
            asked = ({"extra": extra} for extra in seen[name])
            if need.marker is None or any(map(need.marker.evaluate, asked)):
                queue.append(need)
    return seen.keys()


def test_all_that_is_wanted_and_all_that_it_needs_is_locked():
    names = brought_along([*WANTED, Requirement(OURS)])
    assert len(names) > 100
    missing = names - pins(LOCK).keys() - {OURS}
    assert not missing, f"make lock: {sorted(missing)}"


@pytest.mark.parametrize("one", WANTED, ids=lambda one: one.name)
def test_what_is_locked_is_what_is_wanted(one):
    assert pins(LOCK)[canonicalize_name(one.name)] in one.specifier


@pytest.mark.parametrize(
    "name", ["numpy", "matplotlib", "contourpy", "fonttools", "kiwisolver", "pillow"]
)
def test_what_computes_and_draws_is_one_version_on_every_python(name):
    # Stored outputs are compared with a fresh run to the last digit.
    lines = [line for line in LOCK.splitlines() if line.startswith(f"{name}==")]
    assert len(lines) == 1
    assert ";" not in lines[0]


def test_the_package_admits_the_oldest_versions_that_are_tested_and_none_before():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]["book"]
    declared = map(Requirement, [*project["dependencies"], *extras])
    least = {one.name: str(one.specifier) for one in declared if one.name in OLDEST}
    assert set(least) >= {"numpy", "matplotlib"}
    for name, bound in least.items():
        assert bound == f">={'.'.join(OLDEST[name].split('.')[:2])}", name


@pytest.mark.parametrize("name", OLDEST)
def test_what_is_oldest_is_locked_in_no_older_version(name):
    assert Version(OLDEST[name]) <= Version(pins(LOCK)[name])


def test_pins_are_those_for_this_python_and_system():
    text = """# made by a program
Some_Name==1.0  # via nobody
other==3 ; python_version >= '3'  # via some-name
other==2 ; python_version < '3'
"""
    assert pins(text) == {"some-name": "1.0", "other": "3"}


def test_what_moved_is_named_with_both_versions_and_nothing_else_is():
    locked = {"same": "1", "older": "1.9", "absent": "1"}
    installed = {"same": "1", "older": "1.10", "fresh": "0.1"}
    assert list(moved(locked, installed)) == [
        "fresh: not locked -> 0.1",
        "older: 1.9 -> 1.10",
    ]
