"""Tests for algollm_helpers.arrays: products of stacks, by their sums."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.arrays import matvec, vecmat

STACKS = [  # of matrices, of vectors, of products
    ((), (), ()),
    ((2,), (2,), (2,)),
    ((2, 1), (3,), (2, 3)),
    ((), (4,), (4,)),
    ((5,), (), (5,)),
]


@pytest.mark.parametrize(("many", "much", "both"), STACKS)
@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 3), (4, 1)])
def test_each_matrix_meets_its_vector(many, much, both, m, n):
    rng = np.random.default_rng(0)
    matrices = rng.normal(size=(*many, m, n))
    u, v = rng.normal(size=(*much, m)), rng.normal(size=(*much, n))
    after, before = matvec(matrices, v), vecmat(u, matrices)
    assert after.shape == (*both, m)
    assert before.shape == (*both, n)
    assert_allclose(after, np.einsum("...mn,...n->...m", matrices, v))
    assert_allclose(before, np.einsum("...m,...mn->...n", u, matrices))


@pytest.mark.parametrize(("product", "shapes"), [(matvec, ((2, 3), 2))])
def test_a_vector_that_does_not_fit_is_refused(product, shapes):
    with pytest.raises(ValueError, match="mismatch"):
        product(*map(np.ones, shapes))
