"""Tests for engine.recorded: what stands in the list, then what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.engine.recorded import Departed, beside, decided, recorded

RNG = np.random.default_rng(3)
IDS = np.array([2, 0, 2])
FLOATS = {  # what code may do with an array of shape (3, 4), to end in another
    "ufunc": lambda x: np.exp(x) - x * 2.0,
    "in place": lambda x: np.multiply(x, x, out=np.empty_like(x)),
    "augmented": lambda x: _augmented(x),
    "number on the left": lambda x: 2.0 / x,
    "maximum": lambda x: np.maximum(x, 0.5),
    "reduce": lambda x: x.sum(axis=-1, keepdims=True) + x.max(axis=0),
    "sum of all": lambda x: x.sum() + x[0, :1],
    "gufunc": lambda x: np.vecdot(x, x),
    "broadcast": lambda x: x * np.vecdot(x, x)[:, None],
    "dot": lambda x: x.dot(x.T),
    "dot into": lambda x: x.T.dot(x, out=np.empty_like(x, shape=(4, 4))),
    "inner product": lambda x: np.dot(x[0], x[1]) * x,
    "take": lambda x: x.take(IDS, axis=0) + x.take(IDS)[:, None],
    "views": lambda x: np.broadcast_to(np.expand_dims(x.T, 0), (2, 4, 3)) + 1.0,
    "reshape": lambda x: x.reshape(-1).reshape(2, 6) + x.T.reshape((2, 6)),
    "copy": lambda x: x.copy() - 1.0,
    "zeros": lambda x: np.zeros_like(x) + x,
    "rows": lambda x: _rows(x),
    "chosen places": lambda x: _chosen(x),
}


def _augmented(x):
    y = x + 1.0
    y *= x
    return y


def _rows(x):
    y = np.empty_like(x)
    y[:2] = x[1:]
    y[2:] = 0.0
    return y + 0.0


def _chosen(x):
    y = x.copy().reshape(-1)
    y[IDS[:2]] -= x[0, :2]
    return y + 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("code", FLOATS.values(), ids=FLOATS)
def test_the_calls_made_again_find_what_the_code_finds_on_new_numbers(code, dtype):
    calls = []
    own = RNG.random((3, 4)).astype(dtype) + 0.5
    found = code(recorded(own, calls)).view(np.ndarray)
    assert_array_equal(found, code(own))  # recorded code computes as ever
    for _ in range(2):  # the second time finds what the first has left
        own[...] = RNG.random((3, 4)) + 0.5
        for call in calls:
            call.function(*call.args)
        assert_array_equal(found, code(own))
        assert found.dtype == dtype


def test_a_plain_table_is_looked_up_by_recorded_ids():
    calls, ids, table = [], np.array([0, 1]), np.eye(3)
    rows = beside(table, recorded(ids, calls)).take(recorded(ids, calls), axis=0)
    ids[:] = [2, 0]
    for call in calls:
        call.function(*call.args)
    assert_array_equal(rows.view(np.ndarray), table[[2, 0]])
    assert beside(table, ids) is table


def test_a_decision_is_held_to():
    calls, own = [], np.array([1.0, 2.0])
    assert decided(_is_short, recorded(own, calls)) is True
    (call,) = calls
    own *= 2
    call.function(*call.args)
    own *= 2
    with pytest.raises(Departed):
        call.function(*call.args)
    assert decided(_is_short, own) is False  # plain arrays are just tested
    assert len(calls) == 1


def _is_short(x):
    return bool(np.vdot(x, x) < 25.0)


REFUSED = {
    "a number": float,
    "a list": lambda x: x.tolist(),
    "an item": lambda x: x.item(0),
    "an element": lambda x: x[0, 0],
    "truth": lambda x: bool(x.sum() > 0),
    "in place": lambda x: x.sort(),
    "a method without a ufunc": lambda x: x.cumsum(),
    "another dtype": lambda x: x.astype(np.float32),
    "a mask": lambda x: x[np.ones((3, 4), bool)],
    "rows by number": lambda x: x[IDS],
    "two results": np.modf,
    "a keyword": lambda x: np.exp(x, where=np.ones((3, 4), bool)),
    "accumulate": np.add.accumulate,
    "another function": np.linalg.norm,
    "another keyword": lambda x: np.zeros_like(x, dtype=np.float32),
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_down_is_refused(code):
    with pytest.raises(TypeError):
        code(recorded(np.ones((3, 4)), []))
