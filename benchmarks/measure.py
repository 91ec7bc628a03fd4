"""One measurement, in this process: a rung on a task.

usage: python -m benchmarks.measure RUNG TASK

Prints JSON. Which instructions and how many cores it may use is the affair of the one
who starts it.
"""

import importlib
import json
import statistics
import sys
import time
import timeit
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers.gpt.transformer import Config
from benchmarks import gradient
from benchmarks.work import Work, microgpt_run, synthetic_run


class Rung(NamedTuple):
    """A program that trains: the module, and how it is measured."""

    module: str
    options: tuple[str, ...] = ()  # of its `train`, to be set
    compiles: bool = False
    threads: tuple[int, ...] = (1, 2)  # one where it cannot use a second
    once: bool = False  # measured in the first round alone
    turns: int = 1  # readings in each round


RUNGS = {
    # Half of its time Python's garbage collector walks through the numbers of a step,
    # now fast, now at half that pace: it needs more readings than any other.
    "scalar": Rung("scalar", threads=(1,), turns=8),
    "tape": Rung("tape"),
    "replay": Rung("replay", compiles=True),  # it records in its first run
    "by_hand": Rung("by_hand"),
    "numba": Rung("numba_loops", compiles=True, threads=(1,)),
    "torch": Rung("torch_eager"),
    "torch_fused": Rung("torch_eager", options=("fused",)),
    "torch_compile": Rung("torch_compile", compiles=True, threads=(1,), once=True),
    "jax": Rung("jax_jit", compiles=True),
    "browser": Rung("browser", compiles=True, threads=(1,)),
}
LARGE = {
    "0.8M": Config(n_layer=4, n_head=4, n_embd=128, block_size=64),
    "10.7M": Config(n_layer=6, n_head=6, n_embd=384, block_size=64),
}
LARGE_STEPS = {"0.8M": 16, "10.7M": 5}  # the first fifth of them warms up
PRODUCT = (768, 384, 1536)  # rows, inputs, outputs: one of the products at 10.7 M
GROWTH = {
    **{
        f"width:{n}": Config(n_layer=2, n_head=4, n_embd=n, block_size=64)
        for n in (16, 32, 64, 128, 256)
    },
    **{
        f"block:{n}": Config(n_layer=2, n_head=4, n_embd=64, block_size=n)
        for n in (16, 32, 64, 128, 256, 512)
    },
}
RUNS = 3  # of microgpt in one process
SCALAR_STEPS = range(60, 81)  # about so many are timed


def measure(rung: str, task: str) -> dict[str, Any]:
    """Carry out one measurement."""
    kind, _, detail = task.partition(":")
    if kind == "product":
        return {"seconds": product_seconds(rung)}
    if kind == "gradient":
        return gradient.measure(*map(int, detail.split("x")))
    if kind == "memory":
        memory = importlib.import_module("benchmarks.memory")
        return memory.peak(rung, LARGE[detail]) if detail else memory.growth()
    if kind == "microgpt":
        return ladder(rung)
    train = train_of(rung)
    if kind == "growth":
        runs = {n: synthetic_run(c, batch=4, steps=15) for n, c in GROWTH.items()}
        return {"seconds": {n: timed(train, run)["seconds"] for n, run in runs.items()}}
    work = synthetic_run(LARGE[detail], batch=12, steps=LARGE_STEPS[detail])
    if kind == "exact":
        work = work._replace(flat=work.flat.astype(np.float64))
    return timed(train, work)


def ladder(rung: str) -> dict[str, Any]:
    """Measure the 1,000 steps of microgpt."""
    work = microgpt_run()
    if rung == "browser":  # which has a clock of its own
        browser = importlib.import_module("benchmarks.browser")
        measured: dict[str, Any] = browser.measured(work, runs=RUNS)
        return measured
    train = train_of(rung)
    if rung == "scalar":
        return extrapolated(train, work)
    return repeated(train, work, compiles=RUNGS[rung].compiles)


def train_of(rung: str) -> Callable:
    """Return the rung's `train`."""
    module = importlib.import_module(f"benchmarks.{RUNGS[rung].module}")
    return partial(module.train, **dict.fromkeys(RUNGS[rung].options, True))


def clock(train: Callable, work: Work) -> tuple[list[float], float, float]:
    """Return the losses of a whole run, its seconds, and the cores it kept busy."""
    start, busy = time.perf_counter(), time.process_time()
    losses = list(train(work))  # a promise may be among them: asked for once, here
    losses = np.array([float(loss) for loss in losses])
    seconds = time.perf_counter() - start
    return losses.tolist(), seconds, (time.process_time() - busy) / seconds


def repeated(train: Callable, work: Work, *, compiles: bool) -> dict[str, Any]:
    """Time whole runs in turn, after a warm-up; return the median.

    What compiles is warmed up by a whole run, which counts against the others.
    """
    _, first, _ = clock(train, work if compiles else work.first(100))
    runs = [clock(train, work) for _ in range(RUNS)]
    losses, seconds, cores = zip(*runs, strict=True)
    middle = statistics.median(seconds)
    return {
        "seconds": middle,
        "losses": losses[0],
        "cores": statistics.median(cores),
        "timed_steps": RUNS * len(work.tokens),
        "extrapolated": False,
    } | ({"compile": first - middle} if compiles else {})


def representative(work: Work) -> int:
    """Return after how many steps the mean length of a text is that of the run."""
    lengths = np.array([tokens.size - 1 for tokens in work.tokens])
    return min(
        SCALAR_STEPS, key=lambda n: abs(lengths[:n].mean() / lengths.mean() - 1.0)
    )


def extrapolated(train: Callable, work: Work) -> dict[str, Any]:
    """Time the first steps and go on from there in proportion to tokens."""
    part = work.first(representative(work))
    losses, seconds, cores = clock(train, part)
    whole, seen = (sum(t.size - 1 for t in w.tokens) for w in (work, part))
    return {
        "seconds": seconds * whole / seen,
        "losses": losses,
        "cores": cores,
        "timed_steps": len(losses),
        "extrapolated": True,
    }


def timed(train: Callable, work: Work) -> dict[str, Any]:
    """Time the steps of one run behind its first fifth; return the mean of a step."""
    spare = len(work.tokens) // 5
    losses, start, busy = [], 0.0, 0.0
    for i, loss in enumerate(train(work), 1):
        losses.append(float(loss))
        if i == spare:
            start, busy = time.perf_counter(), time.process_time()
    seconds = time.perf_counter() - start
    steps = len(losses) - spare
    return {
        "seconds": seconds / steps,
        "losses": losses,
        "cores": (time.process_time() - busy) / seconds,
        "timed_steps": steps,
        "extrapolated": False,
    }


def product_seconds(rung: str) -> float:
    """Time one matrix product in float32, without a tape: what lies below a rung."""
    n, k, m = PRODUCT
    rng = np.random.default_rng(0)
    a, b = (rng.random(shape, dtype=np.float32) for shape in ((n, k), (k, m)))
    if rung == "torch":
        torch = importlib.import_module("torch")
        a, b = torch.from_numpy(a), torch.from_numpy(b)
    return statistics.median(timeit.repeat(lambda: a @ b, number=1, repeat=50))


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
