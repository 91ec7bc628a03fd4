"""Tests for engine.memory: what is held stays, what is not comes back."""

import importlib.util
import sys
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine import memory
from algollm_helpers.engine.memory import LARGE, product, room, room_like


def test_room_is_given_again_only_when_nobody_holds_it():
    dtype = np.dtype(np.float64)
    shape = (LARGE + 12_345,)
    first = room(shape, dtype)
    address = first.ctypes.data
    view = first[5:].reshape(-1, 1)
    del first
    second = room(shape, dtype)  # `view` still holds the first
    assert not np.shares_memory(second, view)
    del view
    between = np.empty(1 << 18, np.uint8)  # would get what had been given back
    third = room((5, LARGE // 5 + 2469), np.dtype(np.float64))
    assert third.ctypes.data == address
    assert not np.shares_memory(third, second)
    assert not np.shares_memory(third, between)


def test_what_is_held_is_safe_where_python_counts_fewer_references(monkeypatch):
    # Python 3.14 no longer counts that of a call's argument.
    real = sys.getrefcount
    monkeypatch.setattr(sys, "getrefcount", lambda piece: real(piece) - 2)
    fewer = importlib.util.module_from_spec(memory.__spec__)
    memory.__spec__.loader.exec_module(fewer)
    held = [fewer.room((LARGE,), np.dtype(np.float64)) for _ in range(3)]
    assert not np.shares_memory(held[0], held[1])
    address = held.pop().ctypes.data
    assert fewer.room((LARGE,), np.dtype(np.float64)).ctypes.data == address


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_room_has_the_shape_and_dtype_asked_for(dtype):
    for shape in ((2, 3), (4, LARGE // 2 + 1), (LARGE,), (0, 3)):
        array = room(shape, np.dtype(dtype))
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous


def test_room_like_leaves_small_arrays_to_numpy():
    assert room_like(np.zeros(LARGE - 1)) is None
    assert room_like(np.zeros((2, LARGE // 2))).shape == (2, LARGE // 2)


def test_threads_do_not_share_memory():
    found = []

    def ask():
        found.append(room((3 * LARGE,), np.dtype(np.float64)).ctypes.data)

    first = room((3 * LARGE,), np.dtype(np.float64))
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
