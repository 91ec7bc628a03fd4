"""Measure every rung in turn, several rounds in one run, and write `results.json`.

usage: python -m benchmarks.run [--rounds N] [--part NAME ...]

Each measurement is a process of its own, so that libraries do not share threads or
memory. What counts are the ratios of medians, and each counts for its own kind of
processor: with AVX-512, and without. A processor that has it is measured as both; one
that has not leaves what the file holds of the other kind.
"""

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.kinds import Kind, kinds
from benchmarks.parts import MINUTES, PARTS

RESULTS = Path(__file__).with_name("results.json")
MEASURED = ("numpy", "torch", "jax", "numba")


def header(kind: Kind) -> dict[str, Any]:
    """Return what a reader has to know of the computer, which it does not name."""
    return {
        "how": kind.how,
        "processor": kind.report["processor"],
        "instructions": " ".join(kind.report["instructions"]),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "libraries": {name: word for name, (word, _) in kind.report["says"].items()},
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in MEASURED},
    }


def merged(
    stored: dict[str, Any], fresh: dict[str, Any], part: str, rounds: int
) -> dict[str, Any]:
    """Return one kind's entry with a part of it replaced; rounds are told by part."""
    return stored | {part: fresh, "rounds": stored["rounds"] | {part: rounds}}


def started(
    stored: dict[str, Any], headers: dict[str, dict[str, Any]], parts: list[str]
) -> dict[str, Any]:
    """Return the entries to which parts are added.

    Raises
    ------
    ValueError
        If what the file keeps of a kind was measured under another header: parts of
        two computers would stand side by side as if they were of one.
    """
    entries = dict(stored)
    for name, head in headers.items():
        old = stored.get(name, {})
        kept = [part for part in PARTS if part in old]
        if other := [key for key, value in head.items() if old.get(key) != value]:
            if stale := [part for part in kept if part not in parts]:
                raise ValueError(
                    f"'{name}': {', '.join(stale)} were measured with another "
                    f"{' and '.join(other)}; measure all parts, without --part"
                )
            kept = []
        rounds = {part: old["rounds"][part] for part in kept}
        entries[name] = head | {"rounds": rounds} | {part: old[part] for part in kept}
    return entries


def write(results: dict[str, Any]) -> None:
    """Put the results in place in one piece."""
    new = RESULTS.with_suffix(".json.new")
    new.write_text(
        json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    new.replace(RESULTS)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="benchmarks.run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=PARTS, action="append", dest="parts")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    parts = options.parts or list(PARTS)
    here = kinds()
    stored = json.loads(RESULTS.read_text("utf-8"))["kinds"]
    entries = started(stored, {kind.name: header(kind) for kind in here}, parts)
    minutes = options.rounds * sum(MINUTES[part] for part in parts) * len(here) / 2
    for kind in here:
        print(f"{kind.report['processor']}, {kind.name} ({kind.how})")
    print(f"about {minutes:.0f} minutes on two idle cores", flush=True)
    for part in parts:
        for name, fresh in PARTS[part](here, options.rounds).items():
            entries[name] = merged(entries[name], fresh, part, options.rounds)
        write({"kinds": entries})


if __name__ == "__main__":
    main()
