"""Tests for engine.memory: what is held stays, what is not comes back, up to a cap."""

import importlib.util
import sys
import threading
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine import lookup, memory
from algollm_helpers.engine.blocks import feed_forward
from algollm_helpers.engine.memory import LARGE, forget, kept, product, room, room_like
from algollm_helpers.engine.tensor import Tensor

F64 = np.dtype(np.float64)
LIKE = np.empty(0)
UNIT = 8 * LARGE  # bytes of the smallest array that is kept
SLACK = UNIT // 2  # what Python itself may need in a test


@pytest.fixture(autouse=True)
def nothing_kept():
    """Begin and end with nothing kept."""
    memory.forget()
    yield
    memory.forget()


@contextmanager
def traced():
    """Give a function that says how many bytes are held since the start."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_room_is_given_again_only_when_nobody_holds_it():
    shape = (LARGE + 12_345,)
    first = room(shape, LIKE)
    address = first.ctypes.data
    view = first[5:].reshape(-1, 1)
    del first
    second = room(shape, LIKE)  # `view` still holds the first
    assert not np.shares_memory(second, view)
    del view
    between = np.empty(1 << 18, np.uint8)  # would get what had been given back
    third = room((5, LARGE // 5 + 2469), LIKE)
    assert third.ctypes.data == address
    assert not np.shares_memory(third, second)
    assert not np.shares_memory(third, between)


def counted(monkeypatch, count):
    """Return the module as it is where Python counts references by `count`."""
    if count is None:
        monkeypatch.delattr(sys, "getrefcount")
    else:
        monkeypatch.setattr(sys, "getrefcount", count)
    module = importlib.util.module_from_spec(memory.__spec__)
    memory.__spec__.loader.exec_module(module)
    return module


def test_what_is_held_is_safe_where_python_counts_fewer_references(monkeypatch):
    # Python 3.14 no longer counts that of a call's argument.
    real = sys.getrefcount
    fewer = counted(monkeypatch, lambda piece: real(piece) - 2)
    held = [fewer.room((LARGE,), LIKE) for _ in range(3)]
    assert not np.shares_memory(held[0], held[1])
    address = held.pop().ctypes.data
    assert fewer.room((LARGE,), LIKE).ctypes.data == address


@pytest.mark.parametrize(
    "count",
    [None, lambda piece: 3, lambda piece: 2**32 - 1, lambda piece: 10**6],
    ids=["not at all", "always alike", "as immortal", "by millions"],
)
def test_nothing_is_used_again_where_python_does_not_count_so(monkeypatch, count):
    other = counted(monkeypatch, count)
    assert other.UNUSED is None
    with traced() as held:
        first, second = (other.room((LARGE,), LIKE) for _ in range(2))
        assert not np.shares_memory(first, second)
        assert first.shape == second.shape == (LARGE,)
        del first, second
        assert held() < SLACK


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_room_has_the_shape_and_dtype_asked_for(dtype):
    for shape in ((2, 3), (4, LARGE // 2 + 1), (LARGE,), (0, 3)):
        array = room(shape, np.empty(0, dtype))
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous


def test_room_like_leaves_small_arrays_to_numpy():
    assert room_like(np.zeros(LARGE - 1)) is None
    assert room_like(np.zeros((2, LARGE // 2))).shape == (2, LARGE // 2)


def units(n):
    """Return an array of `n` units, filled with that number."""
    array = room((n * LARGE,), LIKE)
    array[:] = n
    return array


def test_a_smaller_array_may_lie_in_a_larger_piece_but_not_in_one_of_twice_its_size():
    large = room((2 * LARGE - 1,), LIKE)
    address = large.ctypes.data
    del large
    small = room((LARGE,), LIKE)
    assert small.ctypes.data == address
    del small
    with traced() as held:
        half = room((LARGE,), np.empty(0, np.float32))
        assert held() > half.nbytes  # lies elsewhere
        assert held() < half.nbytes + SLACK


def test_a_piece_that_is_too_small_makes_way_for_a_larger_one():
    with traced() as held:
        for numbers in (LARGE, LARGE + 5000, 2 * LARGE - 1):
            room((numbers,), LIKE)
        assert 2 * UNIT - 8 <= held() < 2 * UNIT + SLACK


def test_a_piece_that_is_large_enough_comes_before_one_that_is_too_small():
    with traced() as held:
        small, large = room((LARGE,), LIKE), room((2 * LARGE - 1,), LIKE)
        address = large.ctypes.data
        del small, large
        before = held()
        again = room((2 * LARGE - 1,), LIKE)
        assert again.ctypes.data == address
        assert held() < before + SLACK


def test_what_made_way_no_longer_counts_towards_the_cap(monkeypatch):
    monkeypatch.setattr(memory, "CAP", 4 * UNIT)
    with traced() as held:
        for numbers in range(LARGE, 2 * LARGE, LARGE // 8):  # 11 units in all
            room((numbers,), LIKE)
        both = [room((2 * LARGE - 1,), LIKE) for _ in range(2)]
        del both
        assert 4 * UNIT - 16 <= held() < 4 * UNIT + SLACK


def test_no_more_is_kept_than_the_cap(monkeypatch):
    monkeypatch.setattr(memory, "CAP", 3 * UNIT)
    with traced() as held:
        arrays = [units(1) for _ in range(5)]
        assert held() > 5 * UNIT
        for i, array in enumerate(arrays):
            array[:] = i
        assert [array.sum() for array in arrays] == [i * LARGE for i in range(5)]
        del arrays, array
        assert 3 * UNIT <= held() < 3 * UNIT + SLACK


def test_what_is_larger_than_the_cap_is_not_kept_and_drives_nothing_out(monkeypatch):
    monkeypatch.setattr(memory, "CAP", 3 * UNIT)
    with traced() as held:
        for n, expected in ((1, 1), (4, 1), (3, 3)):
            units(n)
            assert expected * UNIT <= held() < expected * UNIT + SLACK


def test_the_size_that_was_not_asked_for_the_longest_makes_way(monkeypatch):
    monkeypatch.setattr(memory, "CAP", 9 * UNIT)
    with traced() as held:
        for n in (1, 2, 4, 1):
            units(n)
        assert 7 * UNIT <= held() < 7 * UNIT + SLACK
        both = units(4), units(4)  # the second drives out 2, not 1
        del both
        assert 9 * UNIT <= held() < 9 * UNIT + SLACK
        three = units(4), units(4), units(4)  # drives out 1, and has no room even so
        del three
        assert 8 * UNIT <= held() < 8 * UNIT + SLACK


def test_forgetting_gives_back_what_nobody_holds_and_leaves_what_somebody_does():
    with traced() as held:
        arrays = [units(3) for _ in range(3)]
        view = arrays[1][7:]
        del arrays
        assert held() > 9 * UNIT
        forget()
        assert 3 * UNIT < held() < 3 * UNIT + SLACK
        fresh = [units(3) for _ in range(3)]
        assert not any(np.shares_memory(view, other) for other in fresh)
        assert (view == 3).all()
        del view, fresh
        forget()
        assert held() < SLACK


def test_forgetting_empties_the_tables():
    tables = lookup.ones(5, F64), lookup.causal_bias(1, 5, F64)
    forget()
    assert lookup.ones(5, F64) is not tables[0]
    assert lookup.causal_bias(1, 5, F64) is not tables[1]


def counting():
    """Return a function whose results are kept, and the list of its calls."""
    calls = []

    @kept
    def twice(n):
        """Return n n."""
        calls.append(n)
        return np.full(2, n)

    return twice, calls


def test_a_kept_result_is_made_once_and_cannot_be_changed():
    twice, calls = counting()
    assert twice(1) is twice(1)
    assert (calls, twice.__doc__) == ([1], "Return n n.")
    with pytest.raises(ValueError, match="read-only"):
        twice(1)[0] = 5


def test_what_leads_beyond_the_bytes_of_a_table_drives_the_others_out(monkeypatch):
    monkeypatch.setattr(memory, "TABLE", 2 * (16 + memory.ENTRY))
    twice, calls = counting()
    for n in (1, 2, 1, 2, 3, 3, 1, 2):  # 3 drives out both
        twice(n)
    assert calls == [1, 2, 3, 1, 2]


def test_what_is_larger_than_a_table_is_kept_alone(monkeypatch):
    monkeypatch.setattr(memory, "TABLE", 1)
    twice, calls = counting()
    for n in (1, 1, 2, 2, 1):
        twice(n)
    assert calls == [1, 2, 1]


@pytest.mark.parametrize(
    "table",
    [
        lambda n: lookup.ones(n, F64),
        lambda n: lookup.row_starts(n, 3),
        lambda n: lookup.even_shares(n, F64),
        lambda n: lookup.one_hot(np.zeros(1, int), n % 128 + 1, F64),
        lambda n: lookup.causal_bias(2, n % 90 + 1, F64),
        lambda n: (Tensor(np.ones((1,) * (n % 60 + 1))) * 2.0).backward(),
    ],
)
def test_a_table_is_bounded_over_many_sizes(table):
    with traced() as held:
        for n in range(1, 40_000, 100):
            table(n)
        assert held() < 3 * memory.TABLE  # ones and shares are two


@pytest.mark.parametrize("cap", [0, 5 * UNIT, memory.CAP])
def test_a_gradient_does_not_depend_on_what_is_kept(cap, monkeypatch):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in ((600, 32), (128, 32), (32, 128))]

    def gradient(between=lambda: None):
        x, *weights = (Tensor(array) for array in arrays)
        y = x
        for _ in range(3):
            y = feed_forward(y, *weights)
            between()
        (y * y).sum().backward()
        return [leaf.grad for leaf in (x, *weights)]

    expected = gradient()
    monkeypatch.setattr(memory, "CAP", cap)
    for _ in range(2):
        for ours, theirs in zip(gradient(forget), expected, strict=True):
            assert_array_equal(ours, theirs)
        for ours, theirs in zip(gradient(), expected, strict=True):
            assert_array_equal(ours, theirs)


def test_threads_do_not_share_memory():
    found = []

    def ask():
        found.append(room((3 * LARGE,), LIKE).ctypes.data)

    first = room((3 * LARGE,), LIKE)
    address = first.ctypes.data
    del first
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found != [address]


@pytest.mark.parametrize("n", [3, 300])
def test_product_is_the_product_of_matrices(n):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(n, n)), rng.normal(size=(n, n)).astype(np.float32)
    first = product(a, a)
    kept = first.copy()
    for other in (a, a.T, b):
        assert_array_equal(product(a, other), a @ other)
    assert_array_equal(first, kept)
