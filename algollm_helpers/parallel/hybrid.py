"""Copies of a model, each of which is split: data and tensor parallel at once.

Chapter: ``chapters/scale.ipynb``. The ranks form a grid. A row shares one copy of
the model; a column holds the same part of every copy. Within a row one *adds*
activations, within a column one *averages* gradients by tokens: every reduction has
its own group.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.engine.layers import cross_entropy
from algollm_helpers.gpt.documents import Tokenizer, batch_tokens, token_share
from algollm_helpers.gpt.transformer import Config, Parameters
from algollm_helpers.parallel.tensor_parallel import forward, gathered, shard

if TYPE_CHECKING:
    from mpi4py.MPI import Comm


class Grid(NamedTuple):
    """A rank's two groups."""

    row: "Comm"  # ranks with the other parts of this copy of the model
    column: "Comm"  # ranks with the same part of the other copies


def grid(comm: "Comm", *, tensor_ranks: int) -> Grid:
    """Arrange the ranks in rows of `tensor_ranks`, which must divide their number."""
    if tensor_ranks < 1 or comm.size % tensor_ranks:
        raise ValueError(f"rows of {tensor_ranks} do not divide {comm.size} ranks")
    i, j = divmod(comm.rank, tensor_ranks)
    return Grid(row=comm.Split(color=i, key=j), column=comm.Split(color=j, key=i))


def loss_and_grad(
    params: Parameters,
    config: Config,
    docs: Sequence[str],
    tokenizer: Tokenizer,
    groups: Grid,
) -> tuple[float, Array]:
    """Return the mean loss over all tokens of `docs` and its gradient, shape (N,).

    Row i of n rows reads documents i, i + n, i + 2 n, …; there must be at least n.
    All arguments are the same on all ranks, but for `groups`.
    """
    row, column = groups
    if len(docs) < column.size:
        raise ValueError(f"{column.size} rows need as many documents, got {len(docs)}")
    mine = docs[column.rank :: column.size]
    share = token_share(mine, docs, block_size=config.block_size)
    ids, targets, mask = batch_tokens(mine, tokenizer, block_size=config.block_size)

    tensors = shard(params, config, rank=row.rank, ranks=row.size)
    loss = cross_entropy(forward(tensors, config, ids, row), targets, weights=mask)
    loss = loss * share
    loss.backward()
    grads = [tensor.grad for tensor in tensors.values() if tensor.grad is not None]
    message = np.concatenate([part.ravel() for part in (*grads, np.asarray(loss.data))])
    total = np.empty_like(message)
    column.Allreduce(message, total)  # each part of the gradient with its like
    start = 0
    for part in grads:
        part[...] = total[start : start + part.size].reshape(part.shape)
        start += part.size
    return float(total[-1]), gathered(tensors, params, row)
