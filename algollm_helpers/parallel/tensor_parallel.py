"""One layer on several processes: each computes with its part of every matrix.

Chapter: ``chapters/scale.ipynb``. The split is Megatron's [1]_. The first matrix of
a block (q, k and v; the MLP's fc1) is split by outputs, so that a rank owns whole
heads and whole hidden units; the second (wo; fc2) by inputs, so that the ranks'
results have to be *added*. Softmax and ReLU lie in between and need no neighbour.
Embeddings and the last matrix are small and copied to all ranks.

References
----------
.. [1] M. Shoeybi et al., "Megatron-LM: training multi-billion parameter language
   models using model parallelism", arXiv:1909.08053 (2019), section 3.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_within
from algollm_helpers.engine.blocks import embed
from algollm_helpers.engine.layers import (
    causal_attention,
    cross_entropy,
    linear,
    rms_norm,
)
from algollm_helpers.engine.tape import result
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import Batch
from algollm_helpers.gpt.transformer import Config, Parameters, layer

if TYPE_CHECKING:
    from mpi4py.MPI import Comm


def copied_to_ranks(x: Tensor, comm: "Comm") -> Tensor:
    """Enter a split block: nothing forward, the sum of all gradients back ([1]_'s f).

    All ranks hold the same `x`, of any shape; each uses it in another way, and they
    add up.
    """
    return result(x.data, (x,), lambda g: x.receive(_sum(g, comm)))


def summed_over_ranks(x: Tensor, comm: "Comm") -> Tensor:
    """Leave a split block: the sum of all `x` forward, nothing back ([1]_'s g)."""
    return result(_sum(x.data, comm), (x,), lambda g: x.receive(g))


def _sum(part: Array, comm: "Comm") -> Array:
    part = np.ascontiguousarray(part)
    total = np.empty_like(part)
    comm.Allreduce(part, total)
    return total


def shard(
    params: Parameters, config: Config, *, rank: int, ranks: int
) -> dict[str, Tensor]:
    """Return a rank's part of each matrix, copied, under the names of `forward`.

    Of p ranks: of wqkv (3 C / p, C), of wo (C, C / p), of fc1 (4 C / p, C), of fc2
    (C, 4 C / p); the other matrices whole.

    Raises
    ------
    ValueError
        If the ranks do not divide the heads.
    """
    if ranks < 1 or config.n_head % ranks:
        raise ValueError(f"{ranks} ranks do not divide {config.n_head} heads")
    check_within("rank", rank, 0, ranks - 1)
    return {
        name: Tensor(np.concatenate(_parts(params, name, rank, ranks)))
        for name in params.tensors
    }


def _parts(
    matrices: Mapping[str, Array], name: str, rank: int, ranks: int
) -> list[Array]:
    """View what a rank owns of the matrix, or of q, k and v, under `name`.

    One view (rows, columns), or three.
    """
    kind = name.rpartition(".")[2]
    if kind == "wqkv":  # the rows of this rank's heads, in each of the three
        each = (matrices[name.replace("wqkv", one)] for one in ("wq", "wk", "wv"))
        return [np.split(matrix, ranks, axis=0)[rank] for matrix in each]
    axis = {"fc1": 0, "wo": 1, "fc2": 1}.get(kind)  # 0 outputs, 1 inputs
    matrix = matrices[name]
    return [matrix if axis is None else np.split(matrix, ranks, axis=axis)[rank]]


def forward(
    tensors: Mapping[str, Tensor],
    config: Config,
    token_ids: ArrayLike,
    comm: "Comm",
) -> Tensor:
    """Return the logits, the same on all ranks of `comm`.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        This rank's `shard`.
    config : Config
        Sizes of the whole model.
    token_ids : array-like of int, shape (T,) or (B, T)
        What the model reads, the same on all ranks.
    comm : mpi4py.MPI.Comm
        The ranks that share the model.
    """
    n_head = config.n_head // comm.size  # of this rank
    x = embed(tensors["wte"], tensors["wpe"], np.asarray(token_ids))
    for i in range(config.n_layer):
        wqkv, wo, fc1, fc2 = layer(tensors, i)
        h = copied_to_ranks(rms_norm(x), comm)
        read = causal_attention(linear(h, wqkv), n_head=n_head)
        x = x + summed_over_ranks(linear(read, wo), comm)
        h = copied_to_ranks(rms_norm(x), comm)
        x = x + summed_over_ranks(linear(linear(h, fc1).relu(), fc2), comm)
    return linear(x, tensors["lm_head"])


def loss_and_grad(
    params: Parameters, config: Config, batch: Batch, comm: "Comm"
) -> tuple[float, Array]:
    """Return loss and gradient, shape (N,), computed by all ranks together.

    All arguments are the same on all ranks. Training would leave each part of the
    gradient where it is; here the parts are put together, so that they can be
    compared.
    """
    tensors = shard(params, config, rank=comm.rank, ranks=comm.size)
    logits = forward(tensors, config, batch.token_ids, comm)
    loss = cross_entropy(logits, batch.targets, weights=batch.mask)
    loss.backward()
    return float(loss.data), gathered(tensors, params, comm)


def gathered(tensors: Mapping[str, Tensor], params: Parameters, comm: "Comm") -> Array:
    """Return the whole gradient, shape (N,), from the ranks' parts of it.

    `tensors` are this rank's `shard` of `params` after the backward pass.
    """
    whole = np.zeros_like(params.flat)
    matrices = params.named(whole)
    for name, tensor in tensors.items():
        assert tensor.grad is not None
        if comm.rank == 0 or name.startswith("layer"):  # a copied one counts once
            views = _parts(matrices, name, comm.rank, comm.size)
            pieces = np.split(tensor.grad, len(views))
            for view, piece in zip(views, pieces, strict=True):
                view[...] = piece
    return _sum(whole, comm)
