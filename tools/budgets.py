"""What each notebook may take, and what it would have taken on the reference.

Seconds depend on the computer and on what else it does, so they decide nothing: they
are printed, and one who changes a notebook can see what the change costs. A fixed
piece of work, timed beside the notebooks, tells how fast this computer is just now.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

CHAPTER, LONG = 10, 30  # seconds; the second for labs, and for the chapter with MPI

# Seconds of `yardstick` on the computer that the budgets are for, two idle cores of
# an AMD EPYC with AVX-512: what `python tools/budgets.py` prints there.
REFERENCE = 0.19


def budget(notebook: str) -> int:
    """Return the seconds that a notebook may take on the reference."""
    long = notebook.endswith("_lab") or notebook in {"scale", "after"}
    return LONG if long else CHAPTER


def seconds(report: Path) -> dict[str, float]:
    """Return the seconds by notebook, from the JUnit report of an nbval run."""
    taken: dict[str, float] = defaultdict(float)
    for case in ET.parse(report).iter("testcase"):
        name = case.attrib["classname"].removesuffix(".ipynb").rpartition(".")[2]
        taken[name] += float(case.attrib["time"])
    return taken


def yardstick() -> float:
    """Return the seconds of a fixed piece of work, the median of five."""
    spans = []
    for _ in range(5):
        start = time.perf_counter()
        _work()
        spans.append(time.perf_counter() - start)
    return statistics.median(spans)


def _work() -> None:
    """Do what notebooks do: plain Python, many small arrays, some larger ones."""
    total, counts = 0.0, dict.fromkeys(range(100), 0)
    for i in range(1_200_000):
        counts[i % 100] += 1
        total += i * 0.5
    small, large = np.full((8, 8), 0.1), np.linspace(-1, 1, 64 * 64).reshape(64, 64)
    for _ in range(50_000):
        np.tanh(small @ small + 0.1)
    for _ in range(3_000):
        np.tanh(large @ large)  # small enough for BLAS to stay on one thread


def table(taken: Mapping[str, float], here: float) -> str:
    """Return a line for each notebook: its seconds, on the reference, its budget.

    Parameters
    ----------
    taken : mapping of str to float
        Seconds by notebook.
    here : float
        Seconds of `yardstick` on this computer.
    """
    lines = [f"{'notebook':20} {'seconds':>8} {'scaled':>8} {'budget':>8}"]
    for name, spent in sorted(taken.items()):
        scaled, most = spent * REFERENCE / here, budget(name)
        mark = "  over" if scaled > most else ""
        lines.append(f"{name:20} {spent:8.1f} {scaled:8.1f} {most:8}{mark}")
    lines.append(
        f"scaled: by {REFERENCE} s of the reference over {here:.2f} s here, for the "
        "same work; a notebook that is over its budget is no failure"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    print(f"{yardstick():.3f}")
