"""Measure every rung in turn, several rounds in one run, and write `results.json`.

usage: python -m benchmarks.run [--rounds N]

Each measurement is a process of its own, so that libraries do not share threads or
memory; the rounds are interleaved, so that a slow minute of the machine hits all
alike. What counts are the ratios of medians.
"""

import argparse
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import timeit
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from algollm_helpers.gpt.transformer import Config
from benchmarks import gradient
from benchmarks.work import STEPS, Work, microgpt_run, synthetic_run

RESULTS = Path(__file__).with_name("results.json")
SCALAR_STEPS = 5  # the scalar rung is timed over so many and extrapolated by tokens
LARGE = {
    "0.8M": Config(n_layer=4, n_head=4, n_embd=128, block_size=64),
    "10.7M": Config(n_layer=6, n_head=6, n_embd=384, block_size=64),
}
PRODUCT = (768, 384, 1536)  # rows, inputs, outputs: one of the products at 10.7 M
LARGE_RUNGS = ("tape", "torch_fused", "jax")
LARGE_STEPS = {"0.8M": 12, "10.7M": 4}  # timed, after a quarter of it to warm up
GROWTH_WIDTHS = (16, 32, 64, 128, 256)
GROWTH_BLOCKS = (16, 32, 64, 128, 256, 512)
# Where these stand in the environment, they keep NumPy's products to the
# instructions of an older processor than the one at hand.
SLOWER = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}
MODULES = {"torch": "torch_eager", "jax": "jax_jit", "numba": "numba_loops"}
MODULES |= {"torch_fused": "torch_eager"}


def work_of(task: str) -> Work:
    """Return the run that a task's name stands for."""
    kind, _, detail = task.partition(":")
    if kind == "microgpt":
        return microgpt_run()
    if kind in {"large", "exact"}:
        steps = LARGE_STEPS[detail]
        work = synthetic_run(LARGE[detail], batch=12, steps=steps + steps // 4)
        exact = work.flat.astype(np.float64) if kind == "exact" else work.flat
        return work._replace(flat=exact)
    if kind == "width":
        config = Config(n_layer=2, n_head=4, n_embd=int(detail), block_size=64)
    else:
        config = Config(n_layer=2, n_head=4, n_embd=64, block_size=int(detail))
    return synthetic_run(config, batch=4, steps=15)


def measure(rung: str, task: str) -> dict[str, object]:
    """Time one rung on one task, in this process."""
    if task == "product":
        return {"seconds": product_seconds(rung)}
    if task.startswith("gradient:"):
        return gradient.measure(*map(int, task.partition(":")[2].split("x")))
    train = importlib.import_module(f"benchmarks.{MODULES.get(rung, rung)}").train
    if rung == "torch_fused":
        train = partial(train, fused=True)
    work = work_of(task)
    if rung == "scalar":
        timed = work.first(SCALAR_STEPS)
        losses, seconds = clock(train, timed)
        tokens = [sum(t.size - 1 for t in w.tokens) for w in (work, timed)]
        return {"seconds": seconds * tokens[0] / tokens[1], "losses": losses}
    if task == "microgpt":
        compiled = rung in {"jax", "numba", "torch_compile"}
        _, warm_up = clock(train, work if compiled else work.first(100))
        losses, seconds = clock(train, work)
        extra = {"compile": warm_up - seconds} if compiled else {}
        return {"seconds": seconds, "losses": losses, **extra}
    spare = len(work.tokens) // 5
    run, start, losses = train(work), 0.0, []
    for i, loss in enumerate(run):
        losses.append(float(loss))
        if i + 1 == spare:
            start = time.perf_counter()
    seconds = (time.perf_counter() - start) / (len(losses) - spare)
    return {"seconds": seconds, "losses": losses}


def product_seconds(rung: str) -> float:
    """Time one matrix product in float32, without a tape: what lies below a rung."""
    n, k, m = PRODUCT
    rng = np.random.default_rng(0)
    a, b = (rng.random(shape, dtype=np.float32) for shape in ((n, k), (k, m)))
    if rung == "torch":
        torch = importlib.import_module("torch")
        a, b = torch.from_numpy(a), torch.from_numpy(b)
    return statistics.median(timeit.repeat(lambda: a @ b, number=1, repeat=50))


def clock(train, work: Work) -> tuple[list[float], float]:
    """Return the losses of a whole run and the seconds that it took."""
    start = time.perf_counter()
    losses = list(train(work))  # a promise may be among them: asked for once, here
    losses = np.array([float(loss) for loss in losses])
    return losses.tolist(), time.perf_counter() - start


def in_a_process(rung: str, task: str, threads: int) -> dict:
    """Run `measure` in a fresh process with so many threads."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    limits = {name: str(threads) for name in names}
    if threads == 1:
        limits["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        limits["NPROC"] = "1"  # the size of JAX's pool of threads
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--measure", rung, task],
        cwd=Path(__file__).parents[1],
        env={k: v for k, v in os.environ.items() if k not in SLOWER} | limits,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise RuntimeError(f"{rung} on {task}: {lines[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def rounds_of(jobs: list[tuple[str, str, int]], rounds: int) -> dict:
    """Measure all jobs `rounds` times, in turn; return readings by job."""
    readings: dict[tuple[str, str, int], list[dict]] = {job: [] for job in jobs}
    for number in range(rounds):
        for job in jobs:
            readings[job].append(in_a_process(*job))
            seconds = readings[job][-1]["seconds"]
            print(f"round {number + 1}  {job}: {seconds:.4g} s", flush=True)
    return readings


def summary(readings: list[dict]) -> dict[str, float]:
    """Return median, least and greatest of the seconds."""
    seconds = [reading["seconds"] for reading in readings]
    result = {
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "greatest": max(seconds),
    }
    if "compile" in readings[0]:
        result["compile"] = statistics.median(r["compile"] for r in readings)
    return {key: float(f"{value:.4g}") for key, value in result.items()}


def gap(readings: list[dict], reference: list[float]) -> float:
    """Return the largest difference between losses, step by step."""
    losses = np.array(readings[0]["losses"])
    return float(np.abs(losses - np.array(reference)[: len(losses)]).max())


def microgpt_part(rounds: int) -> dict:
    """Measure the ladder: the 1,000-step run of microgpt, float64, one thread."""
    names = ["scalar", "tape", "by_hand", "numba", "torch", "torch_fused", "jax"]
    jobs = [(name, "microgpt", 1) for name in names]
    readings = rounds_of([*jobs, ("jax", "microgpt", 2)], rounds)
    jax_on_two = readings.pop(("jax", "microgpt", 2))
    tape = readings["tape", "microgpt", 1]
    rungs = {}
    for (name, _, _), found in readings.items():
        rungs[name] = summary(found) | {"loss_gap": gap(found, tape[0]["losses"])}
    base = rungs["tape"]["seconds"]
    return {
        "steps": STEPS,
        "threads": 1,
        "dtype": "float64",
        "scalar_steps_timed": SCALAR_STEPS,
        "rungs": rungs,
        "times_as_fast": {
            f"tape than {name}": float(f"{rungs[name]['seconds'] / base:.4g}")
            for name in ("scalar", "torch", "torch_fused", "jax")
        }
        | {
            "numba than torch": float(
                f"{rungs['torch']['seconds'] / rungs['numba']['seconds']:.4g}"
            )
        },
        "jax_with_two_threads": summary(jax_on_two),
        "torch_compile": compiled_reading(),
    }


def compiled_reading() -> dict | str:
    """Return one reading of torch.compile on microgpt, or why there is none."""
    try:
        reading = in_a_process("torch_compile", "microgpt", 1)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return f"not measured: {str(error)[:200]}"
    return summary([reading])


def large_part(size: str, rounds: int) -> dict:
    """Measure one training step at a larger size, float32: the engine and its peers.

    The same work in float64, untimed, shows that all train the same model; from its
    losses the gaps of the float32 runs are counted.
    """
    task = f"large:{size}"
    jobs = [(rung, task, n) for rung in LARGE_RUNGS for n in (1, 2)]
    readings = rounds_of(jobs, rounds)
    exact = rounds_of([(rung, f"exact:{size}", 2) for rung in LARGE_RUNGS], 1)
    reference = exact["tape", f"exact:{size}", 2][0]["losses"]
    times = {
        f"{rung}, threads {n}": summary(found) | {"loss_gap": gap(found, reference)}
        for (rung, _, n), found in readings.items()
    }
    best = {
        rung: min(times[f"{rung}, threads {n}"]["seconds"] for n in (1, 2))
        for rung in LARGE_RUNGS
    }
    return {
        "dtype": "float32",
        "batch": 12,
        "times": times,
        "float64_loss_gaps": {
            rung: gap(found, reference) for (rung, _, _), found in exact.items()
        },
        "tape_times_as_fast_as_torch": float(
            f"{best['torch_fused'] / best['tape']:.4g}"
        ),
        "tape_times_as_fast_as_jax": float(f"{best['jax'] / best['tape']:.4g}"),
    }


def product_part(rounds: int) -> dict:
    """Measure the matrix product that NumPy and PyTorch rest on, two threads."""
    readings = rounds_of([(rung, "product", 2) for rung in ("tape", "torch")], rounds)
    n, k, m = PRODUCT
    billions = 2e-9 * n * k * m  # of multiplications and additions
    speeds = {
        {"tape": "numpy"}.get(rung, rung): billions / summary(found)["seconds"]
        for (rung, _, _), found in readings.items()
    }
    return {"shape": PRODUCT, "threads": 2, "dtype": "float32"} | {
        f"{name}_gflops": float(f"{speed:.3g}") for name, speed in speeds.items()
    }


def growth_part(rounds: int) -> dict:
    """Measure how a step's time grows with the parameters and with the context."""
    jobs = [("tape", f"width:{n}", 1) for n in GROWTH_WIDTHS]
    jobs += [("tape", f"block:{n}", 1) for n in GROWTH_BLOCKS]
    readings = rounds_of(jobs, rounds)
    parameters, context = [], []
    for (_, task, _), found in readings.items():
        kind, _, size = task.partition(":")
        seconds = summary(found)["seconds"]
        if kind == "width":
            count = work_of(task).flat.size
            parameters.append({"parameters": count, "seconds": seconds})
        else:
            context.append({"block_size": int(size), "seconds": seconds})
    return {"parameters": parameters, "context": context}


def gradient_part(rounds: int) -> list[dict]:
    """Measure what value and gradient cost beside the value alone, one thread."""
    jobs = [("tape", f"gradient:{w}x{b}", 1) for w, b in gradient.SHAPES]
    readings = rounds_of(jobs, rounds).values()
    return [
        {
            "width": width,
            "batch": batch,
            "both_in_forward_passes": float(
                f"{statistics.median(r['seconds'] / r['forward'] for r in found):.3g}"
            ),
        }
        for (width, batch), found in zip(gradient.SHAPES, readings, strict=True)
    ]


def main() -> None:
    """Measure, or carry out one measurement for the process that asks."""
    parser = argparse.ArgumentParser(prog="benchmarks.run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", nargs=2, metavar=("RUNG", "TASK"))
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(*options.measure)))
        return
    results = {
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.machine(),
            "system": platform.system(),
        },
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("numpy", "torch", "jax", "numba")},
        "rounds": options.rounds,
        "microgpt": microgpt_part(options.rounds),
        "large": {size: large_part(size, options.rounds) for size in LARGE},
        "product": product_part(options.rounds),
        "growth": growth_part(options.rounds),
        "gradient": gradient_part(options.rounds),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results["microgpt"]["times_as_fast"], indent=1))
    print({s: r["tape_times_as_fast_as_torch"] for s, r in results["large"].items()})


if __name__ == "__main__":
    main()
