"""A step of a large model: half of the batch in each of two threads.

Chapter: ``chapters/scale.ipynb``. This is data parallelism without messages: the two
threads read the same parameters, each has a gradient array of its own, and one sum
takes the place of the Allreduce in ``parallel.data_parallel``. How a batch is cut
depends on the batch and the model alone, so results are equal to the last bit on any
number of cores.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array, Ids
from algollm_helpers.engine.layers import cross_entropy
from algollm_helpers.engine.threads import at_once
from algollm_helpers.gpt import transformer
from algollm_helpers.gpt.transformer import Config, Parameters, forward

WORTH = 2**27  # parameters times tokens, below which two threads save little, and
MANY = 256  # tokens, below which a second gradient costs more than the products save


class Part(NamedTuple):
    """Some rows of a batch; B rows of T tokens."""

    token_ids: Ids  # (B, T)
    targets: Ids  # (B, T)
    weights: Array | None  # (B, T): how much each token counts; None: all the same

    @property
    def weight(self) -> float:
        """Of all its tokens together."""
        weights = self.weights
        return float(self.targets.size if weights is None else weights.sum())

    def every_other(self, start: int) -> "Part":
        """Return rows `start`, `start` + 2, …, without columns that count in none."""
        rows = slice(start, None, 2)
        if self.weights is None:
            return Part(self.token_ids[rows], self.targets[rows], None)
        used = np.flatnonzero(self.weights[rows].any(axis=0))
        T = int(used[-1]) + 1 if used.size else 0
        return Part(*(array[rows, :T] for array in self if array is not None))


def differentiate(
    params: Parameters,
    config: Config,
    batch: tuple[ArrayLike, ArrayLike, ArrayLike | None],
) -> float:
    """Return the loss on `batch`, and leave its gradient in ``params.grad``.

    As ``transformer.differentiate``, up to rounding: a batch of two rows and more is
    cut into every other row where that is worth it.
    """
    token_ids, targets, mask = batch
    weights = None if mask is None else np.asarray(mask)
    whole = Part(np.asarray(token_ids), np.asarray(targets), weights)
    if not _is_worth_it(params, config, whole):
        return transformer.differentiate(params, config, batch)
    weight = whole.weight
    one, two = (
        partial(_differentiate, copy, config, whole.every_other(start), weight)
        for start, copy in enumerate((params, params.twin))
    )
    loss = sum(at_once(one, two))
    _add(params.grad, params.twin.grad)
    return loss


def _is_worth_it(params: Parameters, config: Config, whole: Part) -> bool:
    """Tell whether there are two parts, large ones; wrong input is left to others."""
    shape = whole.token_ids.shape
    return (
        len(shape) == 2
        and shape[0] > 1
        and shape[1] <= config.block_size
        and whole.token_ids.size >= MANY
        and params.flat.size * whole.token_ids.size >= WORTH
        and all(array is None or array.shape == shape for array in whole)
        and whole.weight > 0
    )


def _differentiate(
    params: Parameters, config: Config, part: Part, total: float
) -> float:
    """Return what a part adds to the loss; its gradient is then in ``params.grad``."""
    share = part.weight / total
    if not share:
        params.grad[:] = 0.0
        return 0.0
    params.clear_grad()
    logits = forward(params.tensors, config, part.token_ids)
    loss = cross_entropy(logits, part.targets, weights=part.weights) * share
    loss.backward()
    return float(loss.data)


def _add(total: Array, part: Array) -> None:
    """Add `part` to `total`, both of shape (N,), in two threads."""
    ends = slice(total.size // 2), slice(total.size // 2, None)
    at_once(*(partial(np.add, total[e], part[e], out=total[e]) for e in ends))
