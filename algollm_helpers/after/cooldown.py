"""A rate that stays and falls at the end: one trunk, cut at any length (WSD).

Lab: ``chapters/after.ipynb``. Warm-up, stable, decay: as long as the rate stays, a run
need not know how long it will be, and a short decay from any point of it makes a
finished model [1]_, [2]_.

References
----------
.. [1] S. Hu et al., "MiniCPM: unveiling the potential of small language models with
   scalable training strategies", arXiv:2404.06395 (2024).
.. [2] A. Hägele et al., "Scaling laws and compute-optimal training beyond fixed
   training durations", NeurIPS (2024), arXiv:2405.18392.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.checks import check_count, check_positive, check_within
from algollm_helpers.gpt.training import State, Training
from algollm_helpers.schedules import (
    Schedule,
    constant,
    cosine,
    linear_decay,
    warmup,
)

WARMUP = 25  # updates
ENDS = (200, 400, 800, 1600)  # lengths of the runs that are compared


def stable_decay(lr: float, *, steps: int, decay: int, power: float = 1.0) -> Schedule:
    """Return the schedule that stays at `lr` and falls towards 0 in its last updates.

    In the decay ``rate = lr · (1 − q**power)``, where q rises from 0 by 1 / `decay` an
    update: a straight line for the power 1; one half is the "1 − sqrt" of [2]_, which
    falls steeply first.

    Parameters
    ----------
    lr : float
        The rate that stays, finite and > 0.
    steps : int
        Number of updates.
    decay : int
        How many of them the decay has, 1 to `steps`.
    power : float
        Its form, finite and > 0.

    Examples
    --------
    >>> rate = stable_decay(0.4, steps=6, decay=4)
    >>> [round(rate(step), 12) for step in range(7)]
    [0.4, 0.4, 0.4, 0.3, 0.2, 0.1, 0.0]
    """
    check_positive("lr", lr)
    check_count("steps", steps)
    check_within("decay", decay, 1, steps)
    check_positive("power", power)

    def rate(step: int) -> float:
        check_within("step", step, 0, steps)
        through = max(0, step - (steps - decay)) / decay
        return float(lr * (1 - through**power))

    return rate


def state_of(training: Training) -> State:
    """Return a copy of where a run stands, which does not move on with it."""
    params, m, v, updates = training.state
    return State(params.copy(), m.copy(), v.copy(), updates)


def branch(
    docs: Sequence[str],
    state: State,
    *,
    schedule: Schedule,
    steps: int,
    **settings: Any,
) -> Training:
    """Go on from a trunk's state by another schedule until `steps` updates are made.

    `settings` are those of the trunk: seed, batch, config, dtype.
    """
    training = Training(docs, schedule=schedule, state=state, **settings)
    for _ in range(state.updates, steps):
        training.update()
    return training


def schedule_of(name: str, *, lr: float, steps: int) -> Schedule:
    """Return the schedule of one of `SCHEDULES`, after a warm-up.

    The number is the share of the updates that the decay has.
    """
    if name.startswith("decay "):
        _, share, *form = name.split()
        decay = round(float(share) * steps)
        power = 0.5 if form == ["sqrt"] else 1.0
        return warmup(
            stable_decay(lr, steps=steps, decay=decay, power=power), steps=WARMUP
        )
    if name == "constant":
        return warmup(constant(lr), steps=WARMUP)
    falling = {"linear": linear_decay, "cosine": cosine}[name]
    return warmup(falling(lr, steps=steps), steps=WARMUP)


def split(seed: int) -> tuple[list[str], list[str]]:
    """Return names to learn and 1,000 to test, in an order drawn from a seed."""
    docs = microgpt.load_docs()
    order = np.random.default_rng(seed).permutation(len(docs))
    shuffled = [docs[i] for i in order]
    return shuffled[1000:], shuffled[:1000]


def measure(*, schedule: str, lr: float, seed: int) -> dict[str, list[float]]:
    """Return the loss on unseen names, nats a token, of a run of each length."""
    docs, kept = split(seed)
    losses = []
    for steps in ENDS:
        rate = schedule_of(schedule, lr=lr, steps=steps)
        run = microgpt.train(docs, steps=steps, seed=seed, batch=4, schedule=rate)
        losses.append(microgpt.evaluate(run, kept).per_token)
    return {"losses": losses}


SCHEDULES = (
    "linear",
    "cosine",
    "constant",
    "decay 0.1",
    "decay 0.2",
    "decay 0.2 sqrt",
    "decay 0.4",
)
PARTS: tuple[dict[str, Any], ...] = tuple(
    {"schedule": schedule, "lr": lr, "seed": seed}
    for schedule in SCHEDULES
    for lr in (0.0025, 0.005, 0.01, 0.02)
    for seed in range(8)
)
