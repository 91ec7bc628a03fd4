"""Documents that a model is not trained on, and its loss on them meanwhile."""

import random
from collections.abc import Sequence

from algollm_helpers.microgpt import Run, evaluate

AT_MOST = 256  # documents that are looked at while training runs
PATIENCE = 3  # measurements above the best one, in a row, before a word is said


def divided(docs: list[str], share: float, seed: int) -> tuple[list[str], list[str]]:
    """Return the documents to train on and those held out, drawn from the seed.

    Raises
    ------
    ValueError
        If there are too few to divide.
    """
    if share == 0:
        return docs, []
    if len(docs) < 2:
        raise ValueError(
            f"--valid {share} needs two documents or more, got {len(docs)}; --split "
            "says what a document is"
        )
    size = min(max(1, round(share * len(docs))), len(docs) - 1)
    drawn = set(random.Random(f"held out {seed}").sample(range(len(docs)), size))
    return (
        [doc for i, doc in enumerate(docs) if i not in drawn],
        [doc for i, doc in enumerate(docs) if i in drawn],
    )


class HeldOut:
    """The loss on documents that are held out, and whether it rises.

    Parameters
    ----------
    docs : sequence of str
        The documents; a model in training is measured on `AT_MOST` of them, evenly
        spread.
    """

    def __init__(self, docs: Sequence[str]) -> None:
        self._docs = docs[:: -(-len(docs) // AT_MOST)] if docs else docs
        self._best, self._at, self._above, self._told = float("inf"), 0, 0, False

    def measure(self, run: Run) -> float:
        """Return the loss of a model, nats per token."""
        return evaluate(run, self._docs).per_token

    def word(self, loss: float, step: int) -> str:
        """Return what there is to say of the loss at a step: once, if it rises."""
        if loss < self._best:
            self._best, self._at, self._above = loss, step, 0
            return ""
        self._above += 1
        if self._told or self._above < PATIENCE:
            return ""
        self._told = True
        return (
            f"the held-out loss has risen since step {self._at} ({self._best:.4f}, now "
            f"{loss:.4f}): the model begins to learn its text by heart"
        )
