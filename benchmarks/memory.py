"""How much memory a run takes at the most, and whether it grows.

What counts is the high-water mark of a process of its own. `peak` trains one of the
larger models for a few steps; `growth` makes 10,000 steps of varied lengths.
"""

import importlib
import resource
import sys
from collections import deque
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from algollm_helpers.gpt.transformer import Config
from benchmarks import tape
from benchmarks.work import Work, synthetic_run

STEPS = 4  # after these the peak has been reached: each step is like the others
LONG = 10_000  # steps of varied lengths
EARLY = LONG // 10  # by then all lengths have come
VARIED = Config(n_layer=2, n_head=4, n_embd=96, block_size=64)


def high_water() -> int:
    """Return the most bytes that this process has held in memory so far."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would begin at what the parent process held
        (line,) = (s for s in status.read_text().splitlines() if "VmHWM" in s)
        return 1024 * int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def peak(rung: str, config: Config) -> dict[str, int]:
    """Return the peak of training in float32, 12 full blocks a step, in bytes.

    Beside it what this process held before: Python, the libraries of the rung, and
    what it was given to do.
    """
    if rung == "torch_fused":
        module = importlib.import_module("benchmarks.torch_eager")
        train = partial(module.train, fused=True)
    else:
        train = importlib.import_module(f"benchmarks.{rung}").train
    imported = high_water()
    work = synthetic_run(config, batch=12, steps=STEPS)
    given = high_water()
    deque(train(work), maxlen=0)
    return {"peak_bytes": high_water(), "import_bytes": imported, "work_bytes": given}


def varied_run(steps: int) -> Work:
    """Return a run whose batches have 1 to 12 documents of up to 64 tokens."""
    rng = np.random.default_rng(1)
    work = synthetic_run(VARIED, batch=12, steps=steps)
    sizes = zip(rng.integers(1, 13, steps), rng.integers(2, 66, steps), strict=True)
    tokens = [batch[:B, :T] for batch, (B, T) in zip(work.tokens, sizes, strict=True)]
    return work._replace(tokens=tokens)


def growth() -> dict[str, int]:
    """Return the peak of `LONG` steps of varied lengths, and after a tenth of them."""
    run = tape.train(varied_run(LONG))
    deque(islice(run, EARLY), maxlen=0)
    early = high_water()
    deque(run, maxlen=0)
    return {
        "steps": LONG,
        "peak_bytes_after_a_tenth": early,
        "peak_bytes": high_water(),
    }
