"""Tests for parallel.hybrid: how ranks are arranged; on ranks: test_demos."""

import pytest

from algollm_helpers.parallel import hybrid
from tests.support.small import DOCS, TINY, made


class World:
    """A communicator that notes how it is split."""

    def __init__(self, rank, size):
        self.rank, self.size = rank, size

    def Split(self, color, key):
        """Return what was asked for."""
        return color, key


def test_rows_share_a_copy_and_columns_hold_the_same_part():
    grids = [hybrid.grid(World(rank, 6), tensor_ranks=2) for rank in range(6)]
    assert [g.row for g in grids] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert [g.column for g in grids] == [(j, i) for i, j in (g.row for g in grids)]


@pytest.mark.parametrize("tensor_ranks", [0, 4])
def test_rows_that_do_not_divide_the_ranks_are_refused(tensor_ranks):
    with pytest.raises(ValueError, match=f"rows of {tensor_ranks} do not divide 6"):
        hybrid.grid(World(0, 6), tensor_ranks=tensor_ranks)


def test_a_row_without_documents_is_refused():
    run, groups = made(), hybrid.Grid(World(0, 1), World(0, 9))
    with pytest.raises(ValueError, match="9 rows need as many documents, got 5"):
        hybrid.loss_and_grad(run.params, TINY, DOCS, run.tokenizer, groups)
