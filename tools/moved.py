"""Say which installed versions are not those of constraints.txt.

usage: .venv/bin/python tools/moved.py

The weekly run installs the newest versions; if it fails, what moved is what to look
at first. After an ordinary installation nothing has.
"""

import argparse
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).resolve().parents[1] / "constraints.txt"
OURS = "algollm-helpers"  # installed from this folder, in no version's place


def pins(text: str) -> dict[str, str]:
    """Return the locked version of each name, for this Python and this system."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        pin = line.partition("#")[0].strip()
        if pin:
            requirement = Requirement(pin)
            if requirement.marker is None or requirement.marker.evaluate():
                (exactly,) = requirement.specifier
                found[canonicalize_name(requirement.name)] = exactly.version
    return found


def moved(locked: Mapping[str, str], installed: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each installed version that is not the locked one."""
    for name, version in sorted(installed.items()):
        if locked.get(name) != version:
            yield f"{name}: {locked.get(name, 'not locked')} -> {version}"


def main() -> None:
    """Compare this environment with constraints.txt."""
    argparse.ArgumentParser(
        "python tools/moved.py", description="Say which versions are not as locked."
    ).parse_args()
    here: dict[str, str] = {
        canonicalize_name(d.name): d.version for d in distributions()
    }
    here.pop(OURS, None)
    lines = list(moved(pins(LOCK.read_text("utf-8")), here))
    print(f"{len(here)} installed, {len(lines)} not as in {LOCK.name}")
    for line in lines:
        print(line)


if __name__ == "__main__":
    main()
