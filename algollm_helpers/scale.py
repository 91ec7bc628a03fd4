"""Sums over several ranks, written out in one process.

Chapter: ``chapters/scale.ipynb``. The notebook shows both functions in full: the
mean of gradients in which every token counts once, and the ring by which ranks add
up what they have. ``data_parallel`` does the same on real processes.

References
----------
.. [1] P. Patarasuk and X. Yuan, "Bandwidth optimal all-reduce algorithms for
   clusters of workstations", J. Parallel and Distributed Computing 69 (2009).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_weights


class Reduced(NamedTuple):
    """What a ring of ranks has after an all-reduce."""

    totals: list[Array]  # of each rank: the sum, shape (n,), the same bits on all
    sent: list[int]  # of each rank: how many numbers it has sent


def weighted_mean(grads: Sequence[ArrayLike], weights: ArrayLike) -> Array:
    """Return the mean of the shards' mean gradients, each counted by its weight.

    Parameters
    ----------
    grads : sequence of array-like, each of shape (n,)
        The mean gradient of each shard.
    weights : array-like of shape (len(grads),)
        How many tokens, or rows, each mean was taken over; not negative and not
        all 0.

    Returns
    -------
    ndarray of shape (n,)
        The mean gradient over all tokens.

    Examples
    --------
    >>> weighted_mean([[1.0], [4.0]], [2, 1])
    array([2.])
    """
    stacked, counts = np.asarray(grads), np.asarray(weights)
    if stacked.dtype.kind != "f":  # a share of 1 / 2 is no whole number
        stacked = stacked.astype(np.float64)
    if counts.shape != stacked.shape[:1]:
        raise ValueError(f"{len(stacked)} gradients need as many weights, got {counts}")
    check_weights("weights", counts)
    shares = (counts / counts.sum()).astype(stacked.dtype)
    return np.asarray(sum(s * g for s, g in zip(shares, stacked, strict=True)))


def ring_all_reduce(parts: Sequence[ArrayLike]) -> Reduced:
    """Add up arrays of p ranks that stand in a ring and talk to one neighbour only.

    Each array is cut into p chunks. In the first p - 1 rounds every rank passes a
    chunk on and adds the one it receives to its own, after which each chunk is
    complete on one rank; in p - 1 more rounds the complete ones go round [1]_.

    Parameters
    ----------
    parts : sequence of array-like, each of shape (n,)
        What the ranks have, at least one.

    Returns
    -------
    Reduced
        The sum on every rank, and the traffic: 2 (p - 1) / p of an array per rank.

    Examples
    --------
    >>> totals, sent = ring_all_reduce([[1.0, 2.0], [10.0, 20.0]])
    >>> totals[0], sent
    (array([11., 22.]), [2, 2])
    """
    arrays = [np.asarray(part) for part in parts]
    if not arrays:
        raise ValueError("parts must hold an array of each rank, got none")
    if arrays[0].ndim != 1 or {a.shape for a in arrays} != {arrays[0].shape}:
        shapes = [a.shape for a in arrays]
        raise ValueError(f"parts must all have one shape (n,), got {shapes}")
    p = len(arrays)
    chunks = [np.array_split(array, p) for array in arrays]
    sent = [0] * p
    for step in range(2 * (p - 1)):
        messages = [chunks[rank][(rank - step) % p] for rank in range(p)]
        for rank, message in enumerate(messages):
            place, to = (rank - step) % p, (rank + 1) % p
            own = chunks[to][place]
            chunks[to][place] = own + message if step < p - 1 else message
            sent[rank] += message.size
    return Reduced([np.concatenate(own) for own in chunks], sent)
