"""Measure what the lab of later ideas reads from its file; or compare with the file.

usage: python tools/after.py [NAME ...] [--check] [--jobs N]        (or: make after)

NAME is an experiment of `algollm_helpers.after.experiments`, by default all of them.
The rows of each are written into ``algollm_helpers/data/after.json`` as soon as it is
measured, and those of other experiments stay. With --check nothing is written: rows
that the file has otherwise are printed, and the exit code is 1.
"""

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from algollm_helpers.after.experiments import EXPERIMENTS, Row, agree, row

FILE = Path(__file__).parents[1] / "algollm_helpers" / "data" / "after.json"


def measured(name: str, jobs: int) -> list[Row]:
    """Return the rows of an experiment, each part measured in one of the jobs."""
    parts = range(len(EXPERIMENTS[name].parts))
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), threadpool_limits, (1,)
    ) as pool:
        return list(pool.map(row, [name] * len(parts), parts))


def differences(old: list[Row], new: list[Row], within: float) -> list[str]:
    """Return a line for each row that is not there, too many, or says otherwise."""
    if len(old) != len(new):
        return [f"the file has {len(old)} rows, {len(new)} were measured"]
    return [
        f"the file has {was}\n   measured {now}"
        for was, now in zip(old, new, strict=True)
        if not agree(was, now, within=within)
    ]


def written(experiments: dict[str, list[Row]]) -> str:
    """Return the file's text: a line for each row, experiments in their order."""
    lists = [
        f'"{name}": [\n'
        + ",\n".join(json.dumps(row, allow_nan=False) for row in experiments[name])
        + "\n]"
        for name in EXPERIMENTS
        if name in experiments
    ]
    return "{\n" + ",\n".join(lists) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Measure, then write or compare; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the long runs of the lab.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.names) - EXPERIMENTS.keys()):
        parser.error(
            f"no experiment {unknown[0]!r}; there are {', '.join(EXPERIMENTS)}"
        )
    found = 0
    for name in asked.names or EXPERIMENTS:
        new = measured(name, asked.jobs)
        stored = json.loads(FILE.read_text("utf-8"))
        if not asked.check:
            FILE.write_text(written(stored | {name: new}), "utf-8")
            continue
        lines = differences(stored.get(name, []), new, EXPERIMENTS[name].within)
        found += len(lines)
        print(f"{name}: {'as in the file' if not lines else 'not as in the file'}")
        print("".join(f"{line}\n" for line in lines), end="")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
