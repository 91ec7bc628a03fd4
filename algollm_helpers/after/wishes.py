"""A wish for names in o, fulfilled by preferences or by copying, over seeds.

Lab: ``chapters/after.ipynb``. A model of names writes some; nine readers are asked of
each pair whether they want the name that ends in o or the one that does not.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.after.preferences import best_policy, prefer
from algollm_helpers.gpt.training import State, Training
from algollm_helpers.microgpt import Run
from algollm_helpers.schedules import linear_decay

ENDING = "o"
READERS = 9
MATES = 5  # names without the ending that each name with it is compared with
LOOKS = (0, 25, 50, 100, 200, 400)  # steps after which a run is measured
LR, BATCH = 0.003, 32
KEPT, WRITTEN = 2000, 4000  # names kept from the training; names that the model writes


class Start(NamedTuple):
    """A model of names, and what it is to be made into."""

    run: Run
    written: list[str]  # names that it has written
    unseen: list[str]  # real names with the ending, kept from its training

    @property
    def wanted(self) -> list[str]:
        """What it has written with the ending."""
        return [name for name in self.written if name.endswith(ENDING)]

    @property
    def share(self) -> float:
        """How much of what it has written that is."""
        return len(self.wanted) / len(self.written)


def start(seed: int) -> Start:
    """Train a model on all but `KEPT` names, and let it write `WRITTEN`."""
    docs = microgpt.load_docs()
    shuffled = [docs[i] for i in np.random.default_rng(seed).permutation(len(docs))]
    run = microgpt.train(shuffled[KEPT:], seed=seed)
    written = [name for name in microgpt.sample(run, n=WRITTEN, seed=seed) if name]
    unseen = [name for name in shuffled[:KEPT] if name.endswith(ENDING)]
    return Start(run, written, unseen)


def judged(begun: Start, *, agree: int) -> list[tuple[str, str]]:
    """Return pairs as the readers judge them, of whom `agree` want the ending."""
    others = [name for name in begun.written if not name.endswith(ENDING)]
    pairs = list(zip(begun.wanted * MATES, others, strict=False))
    return pairs * agree + [(b, a) for a, b in pairs] * (READERS - agree)


def expected_share(before: float, *, agree: int, beta: float) -> float:
    """Return the share of the ending at which the readers' preferences are met.

    Choices with odds of agree : rest say that the ending is worth ln(agree / rest), and
    the best policy multiplies the odds of the ending by that ratio to the power 1 / β.

    Examples
    --------
    >>> round(expected_share(0.2, agree=6, beta=1.0), 4)  # odds 1 : 4 become 2 : 4
    0.3333
    """
    worth = np.log(agree / (READERS - agree))
    shares = np.array([before, 1 - before])
    return float(best_policy(shares, np.array([worth, 0.0]), beta=beta)[0])


def measure(*, method: str, beta: float, agree: int, seed: int) -> dict[str, Any]:
    """Return what becomes of one model, in lists over `LOOKS`.

    The method is "prefer", or "copy": training on the wanted names alone.
    """
    begun = start(seed)
    found: dict[str, Any] = {"before": begun.share, "share": [], "loss": []}

    def look(step: int, tuned: Run) -> None:
        if step in LOOKS:
            names = microgpt.sample(tuned, n=1000, seed=seed + 1)
            found["share"].append(sum(n.endswith(ENDING) for n in names) / 1000)
            found["loss"].append(microgpt.evaluate(tuned, begun.unseen).per_token)

    look(0, begun.run)
    if method == "prefer":
        tuned = prefer(
            begun.run,
            judged(begun, agree=agree),
            beta=beta,
            lr=LR,
            steps=LOOKS[-1],
            batch=BATCH,
            rng=np.random.default_rng(seed),
            on_step=look,
        )
    else:
        tuned = copy(begun, seed=seed, on_step=look)
    was, now = (
        np.mean([part.sum() for part in microgpt.document_losses(run, begun.wanted)])
        for run in (begun.run, tuned)
    )
    return found | {"moved": float(was - now)}  # nats by which the wanted got likelier


def copy(begun: Start, *, seed: int, on_step: Callable[[int, Run], object]) -> Run:
    """Train the model on the wanted names, as it was trained on all names."""
    run, nothing = begun.run, np.zeros_like(begun.run.params.flat)
    training = Training(
        begun.wanted,
        schedule=linear_decay(LR, steps=LOOKS[-1]),
        seed=seed,
        config=run.config,
        batch=BATCH,
        tokenizer=run.tokenizer,
        state=State(run.params.flat, nothing, nothing, 0),
    )
    tuned = run._replace(params=training.params)
    for step in range(LOOKS[-1]):
        training.update()
        on_step(step + 1, tuned)
    return tuned


PARTS: tuple[dict[str, Any], ...] = tuple(
    {"method": method, "beta": beta, "agree": agree, "seed": seed}
    for method, agree, betas in (
        ("prefer", 8, (2.0, 1.0, 0.5, 0.25)),
        ("prefer", 9, (1.0, 0.3, 0.1, 0.03)),
        ("copy", 9, (1.0,)),
    )
    for beta in betas
    for seed in range(8)
)
