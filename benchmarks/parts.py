"""The parts of `results.json`: which measurements each takes, and what is kept of them.

A part is measured for all kinds of processor at once: kinds, rungs and numbers of
threads take turns within a round, so that a slow minute of the machine hits all alike.
"""

import json
import statistics
import subprocess
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from benchmarks import gradient
from benchmarks.kinds import Kind, run_module
from benchmarks.measure import GROWTH, LARGE, PRODUCT, RUNGS
from benchmarks.work import STEPS, VOCAB_SIZE

LARGE_RUNGS = ("tape", "torch_fused", "jax")
# The first needs a C++ compiler, and held to AVX2, version 2.13 gives losses that are
# not numbers; the second needs a Chromium or Chrome.
OPTIONAL = {"torch_compile", "browser"}
SAME = 1e-12  # losses of the same model in float64 differ by less


class Job(NamedTuple):
    """One measurement to be made for each kind."""

    rung: str
    task: str
    threads: int


Readings = dict[Job, list[dict[str, Any]]]


def rounded(value: float, digits: int = 4) -> float:
    """Round to so many significant digits."""
    return float(f"{value:.{digits}g}")


def rounds_of(
    kinds: list[Kind], jobs: Iterable[Job], rounds: int
) -> dict[str, Readings]:
    """Measure all jobs for all kinds `rounds` times, in turn; return by kind and job.

    A rung that may be missing and cannot be measured is left out.
    """
    jobs = list(jobs)
    readings: dict[str, Readings] = {k.name: {job: [] for job in jobs} for k in kinds}
    begun = time.monotonic()
    for number in range(1, rounds + 1):
        for job in list(jobs):
            if number > 1 and RUNGS[job.rung].once:
                continue
            for kind in kinds * RUNGS[job.rung].turns:
                try:
                    reading = once(kind, job)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    if job.rung not in OPTIONAL:
                        raise
                    print(f"left out: {error}", flush=True)
                    jobs.remove(job)
                    for found in readings.values():
                        del found[job]
                    break
                readings[kind.name][job].append(reading)
        left = (time.monotonic() - begun) / number * (rounds - number)
        print(f"{jobs[0].task}: round {number} of {rounds}, {left:.0f} s left")
    return readings


def once(kind: Kind, job: Job) -> dict[str, Any]:
    """Make one measurement in a fresh process, and show it."""
    printed = run_module(
        "benchmarks.measure",
        job.rung,
        job.task,
        switches=kind.switches,
        threads=job.threads,
    )
    reading = json.loads(printed.splitlines()[-1])
    if isinstance(reading.get("seconds"), float):
        print(f"  {kind.name}, {job}: {reading['seconds']:.4g} s", flush=True)
    return reading


def summary(readings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return median, least, greatest and spread of the seconds, and how they were got.

    The spread is the distance of the quartiles over the median.
    """
    seconds = [reading["seconds"] for reading in readings]
    low, middle, high = np.percentile(seconds, (25, 50, 75))
    result = {
        "seconds": rounded(middle),
        "least": rounded(min(seconds)),
        "greatest": rounded(max(seconds)),
        "spread": round(float((high - low) / middle), 3),
        "readings": len(readings),
        "timed_steps": sum(reading["timed_steps"] for reading in readings),
        "extrapolated": readings[0]["extrapolated"],
        "cores": round(statistics.median(r["cores"] for r in readings), 2),
    }
    if "compile" in readings[0]:
        result["compile"] = rounded(statistics.median(r["compile"] for r in readings))
    if "version" in readings[0]:
        result["version"] = readings[0]["version"]
    return result


def gap(readings: list[dict[str, Any]], reference: list[float]) -> float:
    """Return the largest difference between losses, step by step, over all rounds."""
    gaps = [np.subtract(r["losses"], reference[: len(r["losses"])]) for r in readings]
    return float(np.abs(gaps).max())  # NaN if there is one


def by_threads(found: Readings, reference: list[float]) -> dict[str, dict[str, Any]]:
    """Return the summaries by rung and number of threads."""
    rungs: dict[str, dict[str, Any]] = {}
    for job, readings in found.items():
        row = summary(readings) | {"loss_gap": gap(readings, reference)}
        rungs.setdefault(job.rung, {})[str(job.threads)] = row
    return rungs


def microgpt(kinds: list[Kind], rounds: int) -> dict[str, Any]:
    """Measure the ladder: the 1,000-step run of microgpt, float64."""
    jobs = [Job(name, "microgpt", n) for name, r in RUNGS.items() for n in r.threads]
    results: dict[str, Any] = {}
    for kind, found in rounds_of(kinds, jobs, rounds).items():
        rungs = by_threads(found, found[Job("tape", "microgpt", 1)][0]["losses"])
        kept, left_out = the_same_model(rungs)
        results[kind] = {"steps": STEPS, "dtype": "float64", "rungs": kept}
        results[kind]["left_out"] = left_out
    return results


def the_same_model(
    rungs: dict[str, dict[str, Any]],
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the rungs that train one model, and why another one is left out.

    Raises
    ------
    ValueError
        If one that must not be missing trains something else.
    """
    kept, left_out = {}, {}
    for name, rung in rungs.items():
        worst = float(np.max([row["loss_gap"] for row in rung.values()]))
        if worst <= SAME:  # NaN is not
            kept[name] = rung
        elif name in OPTIONAL:
            left_out[name] = f"its losses are off by {worst:.1g}"
        else:
            raise ValueError(f"the losses of {name} are off by {worst}")
    return kept, left_out


def large(kinds: list[Kind], rounds: int) -> dict[str, Any]:
    """Measure one training step at larger sizes, float32: the engine and its peers.

    The same work in float64, untimed, shows that all train the same model; from its
    losses the gaps of the float32 runs are counted.
    """
    results: dict[str, Any] = {kind.name: {} for kind in kinds}
    for size in LARGE:
        jobs = [Job(r, f"large:{size}", n) for r in LARGE_RUNGS for n in (1, 2)]
        exact = [Job(r, f"exact:{size}", 2) for r in LARGE_RUNGS]
        readings = rounds_of(kinds, jobs, rounds)
        for kind, found in rounds_of(kinds, exact, 1).items():
            reference = found[exact[0]][0]["losses"]
            results[kind][size] = {
                "dtype": "float32",
                "batch": 12,
                "rungs": by_threads(readings[kind], reference),
                "float64_loss_gaps": {
                    job.rung: gap(of_job, reference) for job, of_job in found.items()
                },
            }
    return results


def product(kinds: list[Kind], rounds: int) -> dict[str, Any]:
    """Measure the matrix product that NumPy and PyTorch rest on, two threads."""
    jobs = {"numpy": Job("tape", "product", 2), "torch": Job("torch", "product", 2)}
    n, k, m = PRODUCT
    billions = 2e-9 * n * k * m  # of multiplications and additions
    return {
        kind: {"shape": PRODUCT, "threads": 2, "dtype": "float32"}
        | {
            f"{name}_gflops": rounded(
                billions / statistics.median(r["seconds"] for r in found[job]), digits=3
            )
            for name, job in jobs.items()
        }
        for kind, found in rounds_of(kinds, jobs.values(), rounds).items()
    }


def growth(kinds: list[Kind], rounds: int) -> dict[str, Any]:
    """Measure how a step's time grows with the parameters and with the context."""
    job = Job("tape", "growth", 1)
    results: dict[str, Any] = {}
    for kind, found in rounds_of(kinds, [job], rounds).items():
        seconds = {
            task: rounded(statistics.median(r["seconds"][task] for r in found[job]))
            for task in GROWTH
        }
        results[kind] = {
            "parameters": [
                {"parameters": GROWTH[task].size(VOCAB_SIZE), "seconds": took}
                for task, took in seconds.items()
                if task.startswith("width:")
            ],
            "context": [
                {"block_size": GROWTH[task].block_size, "seconds": took}
                for task, took in seconds.items()
                if task.startswith("block:")
            ],
        }
    return results


def value_and_gradient(kinds: list[Kind], rounds: int) -> dict[str, Any]:
    """Measure what value and gradient cost beside the value alone, one thread."""
    jobs = {(w, b): Job("tape", f"gradient:{w}x{b}", 1) for w, b in gradient.SHAPES}
    return {
        kind: [
            {
                "width": width,
                "batch": batch,
                "both_in_forward_passes": rounded(
                    statistics.median(r["seconds"] / r["forward"] for r in found[job]),
                    digits=3,
                ),
            }
            for (width, batch), job in jobs.items()
        ]
        for kind, found in rounds_of(kinds, jobs.values(), rounds).items()
    }


def memory_use(kinds: list[Kind], rounds: int) -> dict[str, Any]:
    """Measure the peak of training beside PyTorch's, and whether a long run grows.

    A long run is made once: it takes longest, and is nothing that a clock can shift.
    """
    size = "10.7M"
    peaks = [Job(rung, f"memory:{size}", 2) for rung in ("tape", "torch_fused")]
    long = Job("tape", "memory", 2)
    grown = rounds_of(kinds, [long], 1)
    return {
        kind: {
            size: {
                job.rung: {
                    key: int(statistics.median(r[key] for r in readings))
                    for key in readings[0]
                }
                for job, readings in found.items()
            },
            "long": grown[kind][long][0],
        }
        for kind, found in rounds_of(kinds, peaks, rounds).items()
    }


PARTS = {
    "microgpt": microgpt,
    "large": large,
    "product": product,
    "growth": growth,
    "gradient": value_and_gradient,
    "memory": memory_use,
}
MINUTES = {  # guessed, on two idle cores, for a round of both kinds
    "microgpt": 5,
    "large": 1.1,
    "product": 0.1,
    "growth": 0.1,
    "gradient": 0.1,
    "memory": 0.6,
}
