"""Tests for engine.interop: a tensor answers as an array or says what to write."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from algollm_helpers.engine.tensor import Tensor
from tests.support.small import few, refused

COMPARISONS = [
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
]
A = np.array([1.0, 2.0, 3.0])
B = np.array([3.0, 2.0, 1.0])
X, ONE = Tensor(A), Tensor([[1.0]])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize("number", [0.0, -0.0, 1.0, -1e-300, np.nan, np.inf])
def test_a_single_number_is_as_true_as_in_an_array(number, shape):
    array = np.full(shape, number)
    assert bool(Tensor(array)) is bool(array)
    assert_array_equal(float(Tensor(array)), array.item())
    assert type(float(Tensor(array.astype(np.float32)))) is float


@pytest.mark.parametrize("shape", [(1,), (3, 2), (0, 5)])
def test_the_length_is_that_of_the_first_axis(shape):
    assert len(Tensor(np.zeros(shape))) == shape[0]


@pytest.mark.parametrize("compare", COMPARISONS)
@few
@given(
    both=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3),
    seed=st.integers(0, 99),
)
def test_comparisons_are_those_of_the_arrays(compare, both, seed):
    rng = np.random.default_rng(seed)  # few numbers, so that some are equal
    a, b = (np.asarray(rng.integers(3, size=s), float) for s in both.input_shapes)
    for left, right in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
        found = compare(left, right)
        assert isinstance(found, np.ndarray | np.bool_)
        assert_array_equal(found, compare(a, b))
    assert_array_equal(compare(Tensor(a), 1), compare(a, 1))
    assert_array_equal(compare(1, Tensor(a)), compare(1, a))


def test_tensors_of_equal_numbers_are_two_keys():
    a, b = Tensor([1.0]), Tensor([1.0])
    assert a == b
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[b] == "b"


OPERATORS = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.true_divide: operator.truediv,
}


@pytest.mark.parametrize("ufunc", OPERATORS)
@pytest.mark.parametrize("left", [A, 2.0, np.float64(2), [3.0, 4.0, 5.0]])
def test_an_operator_by_its_name_is_the_operator_on_either_side(ufunc, left):
    x = Tensor(B)
    for y in (ufunc(left, x), OPERATORS[ufunc](np.asarray(left), x)):
        assert isinstance(y, Tensor)
        assert_array_equal(y.data, ufunc(left, B))
    assert_array_equal(ufunc(x, left).data, ufunc(B, left))
    assert_array_equal(ufunc(x, Tensor(A)).data, ufunc(B, A))


def test_an_array_on_the_left_has_its_share_in_the_slope():
    x = Tensor(B)
    (A * x + np.subtract(A, x)).sum().backward()
    assert_array_equal(x.grad, A - 1)
    x = Tensor(np.array([[1.0], [2.0]]))
    np.matmul(np.array([[3.0, 5.0]]), x).sum().backward()
    assert_array_equal(x.grad, [[3.0], [5.0]])


def in_place(x):
    array = A.copy()
    array += x


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: bool(X), r"truth of Tensor\(shape=\(3,\)"),
        refused(lambda: bool(Tensor([])), r"shape=\(0,\).*x\.data\.any\(\)"),
        refused(lambda: float(X), r"one number, got Tensor\(shape=\(3,", TypeError),
        refused(lambda: len(Tensor(1.0)), "unsized", TypeError),
        refused(lambda: X[0], "neither indexed nor walked through", TypeError),
        refused(lambda: list(X), r"embedding\(x, ids\) takes rows", TypeError),
        refused(lambda: 1.0 in X, r"x\.data\[\.\.\.\] takes numbers", TypeError),
        refused(lambda: np.exp(X), r"np.exp does .* use x\.exp\(\)$", TypeError),
        refused(lambda: np.sum(X), r"np.sum does .* use x\.sum\(\)$", TypeError),
        refused(lambda: np.shape(X), r"np.shape .* use x\.shape$", TypeError),
        refused(lambda: np.sin(X), r"np.sin .* or its numbers x\.data$", TypeError),
        refused(lambda: np.stack([X, X]), r"np.stack .* x\.data$", TypeError),
        refused(lambda: np.linalg.norm(X), r"^np.linalg.norm does", TypeError),
        refused(lambda: np.add.reduce(X), "^np.add.reduce does", TypeError),
        refused(lambda: np.add(A, X, out=A), "^np.add with out does", TypeError),
        refused(lambda: in_place(X), "np.add with out does not take", TypeError),
        refused(lambda: A**X, "^np.power does not take", TypeError),
        refused(lambda: np.asarray(X), r"how Tensor\(shape=\(3,\).*made", TypeError),
        refused(lambda: np.array([X, X]), r"its numbers are x\.data", TypeError),
        refused(lambda: np.array(X, copy=True, dtype=float), "x.data", TypeError),
        refused(lambda: Tensor([ONE, ONE]), r"numbers are x\.data", TypeError),
        refused(lambda: ONE * [ONE], r"its numbers", TypeError),
    ],
)
def test_what_would_lose_the_slope_is_refused_with_what_to_write(call, message, error):
    with pytest.raises(error, match=message):
        call()
    assert_array_equal(A, [1.0, 2.0, 3.0])
