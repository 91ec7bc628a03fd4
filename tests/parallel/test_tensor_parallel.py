"""Tests for parallel.tensor_parallel: who owns what, sums; on ranks: test_demos."""

import random

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.transformer import Config, init_params
from algollm_helpers.gpt.transformer import forward as forward_alone
from algollm_helpers.parallel.tensor_parallel import (
    copied_to_ranks,
    forward,
    gathered,
    shard,
    summed_over_ranks,
)

CONFIG = Config(n_layer=2, n_head=4, n_embd=8, block_size=6)
PARAMS = init_params(CONFIG, 4, rng=random.Random(1))


class Twins:
    """A communicator whose other ranks always send what this one sends."""

    def __init__(self, size, rank=0):
        self.size, self.rank = size, rank

    def Allreduce(self, part, total):
        """Add up what all ranks send."""
        total[...] = self.size * part


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_parts_of_all_ranks_make_up_the_model(ranks):
    parts = [shard(PARAMS, CONFIG, rank=r, ranks=ranks) for r in range(ranks)]
    total = np.zeros_like(PARAMS.flat)
    for rank, tensors in enumerate(parts):
        for tensor in tensors.values():
            tensor.grad = tensor.data
        total += gathered(tensors, PARAMS, Silent(ranks, rank))
    assert_array_equal(total, PARAMS.flat)
    split = [t.data.size for name, t in parts[0].items() if name.startswith("layer")]
    assert sum(split) * ranks == 2 * 12 * 8 * 8


class Silent(Twins):
    """A communicator whose other ranks send zeros."""

    def Allreduce(self, part, total):
        """Add up what all ranks send."""
        total[...] = part


def test_a_rank_alone_computes_the_whole_model():
    ids = np.array([[3, 0, 2], [3, 1, 3]])
    tensors = shard(PARAMS, CONFIG, rank=0, ranks=1)
    ours = forward(tensors, CONFIG, ids, Silent(1)).data
    assert_allclose(ours, forward_alone(PARAMS.tensors, CONFIG, ids).data, rtol=1e-13)


def test_what_is_added_forward_is_copied_back_and_the_other_way_round():
    x = Tensor(np.array([1.0, -2.0]))
    y = summed_over_ranks(x, Twins(3))
    assert y.data.tolist() == [3.0, -6.0]
    (y * np.array([1.0, 5.0])).sum().backward()
    assert x.grad.tolist() == [1.0, 5.0]

    x = Tensor(np.array([1.0, -2.0]))
    y = copied_to_ranks(x, Twins(3))
    assert y.data.tolist() == [1.0, -2.0]
    (y * np.array([1.0, 5.0])).sum().backward()
    assert x.grad.tolist() == [3.0, 15.0]


@pytest.mark.parametrize("ranks", [0, 3, 8])
def test_ranks_that_do_not_divide_the_heads_are_refused(ranks):
    with pytest.raises(ValueError, match=f"{ranks} ranks do not divide 4 heads"):
        shard(PARAMS, CONFIG, rank=0, ranks=ranks)


@pytest.mark.parametrize("rank", [-1, 2])
def test_a_rank_that_does_not_take_part_is_refused(rank):
    with pytest.raises(ValueError, match=f"rank must lie in 0 … 1, got {rank}"):
        shard(PARAMS, CONFIG, rank=rank, ranks=2)


def test_the_shard_is_a_copy():
    tensors = shard(PARAMS, CONFIG, rank=1, ranks=2)
    for tensor in tensors.values():
        assert not np.shares_memory(tensor.data, PARAMS.flat)
