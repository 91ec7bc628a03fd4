"""What value and gradient together cost by the clock, in forward passes.

Chapter: ``chapters/backprop.ipynb``, which counts the same in multiplications.
"""

import time

import numpy as np

from algollm_helpers.engine import Tensor

SHAPES = ((64, 64), (128, 16))  # width, batch: small enough for a single core
LAYERS, RUNS = 4, 50


def loss(x: Tensor, ws: list[Tensor]) -> Tensor:
    """Half the sum of squares behind equal layers, as in the chapter."""
    for w in ws:
        x = (x @ w).tanh()
    return (x * x).sum() * 0.5


def measure(width: int, batch: int) -> dict[str, float]:
    """Return the fastest pass there and back, and the fastest forward pass, seconds."""
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(batch, width)), needs_grad=False)
    ws = [Tensor(rng.normal(size=(width, width)) / 8) for _ in range(LAYERS)]
    fixed = [Tensor(w.data, needs_grad=False) for w in ws]
    forward, both = [], []
    for _ in range(RUNS):  # in turn, so that a slow moment hits both
        start = time.perf_counter()
        loss(x, fixed)
        middle = time.perf_counter()
        loss(x, ws).backward()
        both.append(time.perf_counter() - middle)
        forward.append(middle - start)
    return {"seconds": min(both), "forward": min(forward)}
