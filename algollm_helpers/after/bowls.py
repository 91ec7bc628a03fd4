"""Bowls over a matrix, along the axes and turned, and who minds the turning.

Lab: ``chapters/after.ipynb``. The height over W is half the sum of a_i b_j W_ij²: a
curvature for each entry, a product of one for its row and one for its column. Turned by
rows and columns, the bowl is the same in W = Q X P'; turned altogether, in coordinates
that mix all entries. The start is turned along, so only who minds coordinates notices.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers.after.matrices import Muon, Shampoo
from algollm_helpers.arrays import Array, Float64
from algollm_helpers.checks import check_count
from algollm_helpers.learning_rate import SGD, Adam, Momentum
from algollm_helpers.schedules import linear_decay

TURNS = "along the axes", "rows and columns", "altogether"
STEPS = 300
RATES = np.geomspace(0.01, 100, 17)  # four for each factor of ten
LARGEST = 1e6  # of a height: the run has come apart

FLAT: dict[str, Callable[[int], SGD | Momentum | Adam]] = {
    "plain": lambda _: SGD(),
    "momentum": Momentum,
    "Adam": Adam,
}
WHOLE: dict[str, Callable[[tuple[int, ...]], Muon | Shampoo]] = {
    "Muon": Muon,
    "Shampoo": Shampoo,
}
METHODS = [*FLAT, *WHOLE]


class Bowl(NamedTuple):
    """A bowl over matrices of shape (m, n), and where the walk begins."""

    curvature: Float64  # (m, n): in coordinates of its own
    turn: Float64  # (m n, m n): from these to those in which the walk is told
    start: Float64  # (m, n)

    def grad(self, w: Array) -> Array:
        """Return the gradient at `w`, of shape (..., m, n), in the same shape."""
        own = w.reshape(*w.shape[:-2], -1) @ self.turn  # row times matrix: turned back
        slope = (own * self.curvature.ravel()) @ self.turn.T
        return np.asarray(slope.reshape(w.shape))

    def height(self, w: Array) -> Array:
        """Return the height at `w`, of shape (..., m, n), in the shape (...)."""
        return np.asarray((w * self.grad(w)).sum(axis=(-2, -1)) / 2)


def bowl(turn: str, *, rows: int, columns: int, seed: int) -> Bowl:
    """Return a bowl of curvatures 0.01 to 1 for rows, and again for columns.

    A single row has the curvature 1.
    """
    if turn not in TURNS:
        raise ValueError(f"turn must be one of {TURNS}, got {turn!r}")
    check_count("rows", rows)
    check_count("columns", columns)
    rng = np.random.default_rng(seed)
    a, b = (rng.permutation(np.geomspace(1, 1e-2, k)) for k in (rows, columns))
    start = rng.normal(size=rows * columns)
    Q, P, all_of_it = (_rotation(k, rng) for k in (rows, columns, rows * columns))
    size = rows * columns
    both = np.asarray(np.kron(Q, P), np.float64)
    turns = dict(zip(TURNS, (np.eye(size), both, all_of_it), strict=True))
    return Bowl(
        np.outer(a, b), turns[turn], (turns[turn] @ start).reshape(rows, columns)
    )


def _rotation(size: int, rng: np.random.Generator) -> Float64:
    q, r = np.linalg.qr(rng.normal(size=(size, size)))
    return (q * np.sign(np.diag(r))).astype(np.float64)


def walk(ground: Bowl, method: str, *, lr: float) -> Float64:
    """Return the height after each of `STEPS` steps, the start first.

    The rate falls in a straight line to 0.
    """
    step = stepper(method, ground.start.shape)
    w, rate = ground.start.copy(), linear_decay(lr, steps=STEPS)
    heights = np.full(STEPS + 1, LARGEST)
    heights[0] = ground.height(w)
    for k in range(STEPS):
        step(w, ground.grad(w), rate(k))
        height = float(ground.height(w))
        if not height < LARGEST:
            break
        heights[k + 1] = height
    return heights


def stepper(
    method: str, shape: tuple[int, ...]
) -> Callable[[Array, Array, float], None]:
    """Return a function of matrix, gradient and rate that steps in place."""
    if method in WHOLE:
        whole = WHOLE[method](shape)
        return lambda w, grad, lr: whole.step(w, grad, lr=lr)
    if method in FLAT:
        flat = FLAT[method](int(np.prod(shape)))
        return lambda w, grad, lr: flat.step(w.reshape(-1), grad.reshape(-1), lr=lr)
    raise ValueError(f"method must be one of {METHODS}, got {method!r}")


def measure(*, method: str, turn: str, rows: int, seed: int) -> dict[str, Any]:
    """Return the lowest end of all `RATES`; 20 columns, or 2 for a single row."""
    ground = bowl(turn, rows=rows, columns=20 if rows > 1 else 2, seed=seed)
    with np.errstate(all="ignore"):  # rates that fly apart
        ends = [float(walk(ground, method, lr=lr)[-1]) for lr in RATES]
    return {"end": max(min(ends), FLOOR)}


FLOOR = 1e-12  # what is lower is rounding, another on each processor
PARTS: tuple[dict[str, Any], ...] = tuple(
    {"method": method, "turn": turn, "rows": rows, "seed": seed}
    for rows, turns in ((20, TURNS), (1, TURNS[1:2]))
    for method in METHODS
    for turn in turns
    for seed in range(8)
)
