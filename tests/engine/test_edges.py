"""One table of edges, for both engines: values and slopes where numbers end.

`backprop.Value` and `engine.Tensor` are held to NumPy's float64, and to each other. The
slopes are those of the formulas, worked out by hand with the rules of IEEE 754; where a
function has no derivative, the table says which number was chosen.
"""

import math
import operator

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.backprop import Value
from algollm_helpers.engine.tensor import Tensor

INF, NAN = math.inf, math.nan
TOP = 1e200  # its square is beyond float64
LOW = 1e-200  # its square is below


def power(p):
    return lambda x: x**p


def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def div(a, b):
    return a / b


def method(name):
    """Return the function of that name, of a Value, a Tensor or a float."""

    def call(x):
        if isinstance(x, np.float64):
            return np.maximum(x, 0) if name == "relu" else getattr(np, name)(x)
        return getattr(x, name)()

    return call


exp, log, tanh, relu = map(method, ("exp", "log", "tanh", "relu"))

ONE = [  # function, x, slope
    (exp, 1000.0, INF),
    (exp, -1000.0, 0.0),
    (exp, INF, INF),
    (exp, -INF, 0.0),
    (exp, NAN, NAN),
    (exp, -0.0, 1.0),
    (log, 0.0, INF),
    (log, -0.0, -INF),
    (log, -1.0, -1.0),  # 1 / x, though log x is nan
    (log, INF, 0.0),
    (log, -INF, 0.0),
    (log, NAN, NAN),
    (log, 5e-324, INF),
    (tanh, INF, 0.0),
    (tanh, -INF, 0.0),
    (tanh, 1000.0, 0.0),
    (tanh, NAN, NAN),
    (tanh, -0.0, 1.0),
    (relu, 0.0, 0.0),  # chosen: any number from 0 to 1 would do
    (relu, -0.0, 0.0),  # chosen
    (relu, 5e-324, 1.0),
    (relu, -5e-324, 0.0),
    (relu, INF, 1.0),
    (relu, -INF, 0.0),
    (relu, NAN, NAN),  # chosen: what is lost in the value is not found in the slope
    (power(1 / 3), -8.0, NAN),
    (power(0.5), -1.0, NAN),
    (power(0.5), 0.0, INF),
    (power(0.5), INF, 0.0),
    (power(1.5), 0.0, 0.0),
    (power(1.5), -4.0, NAN),
    (power(0), 0.0, 0.0),  # chosen: x⁰ is 1 everywhere, so its slope is 0
    (power(0), NAN, 0.0),  # chosen, likewise
    (power(0), INF, 0.0),  # chosen, likewise
    (power(0.0), -3.0, 0.0),
    (power(1), 0.0, 1.0),
    (power(1), NAN, 1.0),  # 1 · x⁰
    (power(-1), 0.0, -INF),
    (power(-1), -0.0, -INF),
    (power(-1), INF, 0.0),
    (power(-2), 0.0, -INF),
    (power(-2), -0.0, INF),
    (power(-0.5), 0.0, -INF),
    (power(2), TOP, 2 * TOP),
    (power(2), -TOP, -2 * TOP),
    (power(2), LOW, 2 * LOW),
    (power(3), -TOP, INF),
    (power(2), -INF, -INF),
    (power(3), -INF, INF),
    (power(2), NAN, NAN),
    (power(INF), 2.0, INF),
    (power(NAN), 1.0, NAN),
    (power(True), 3.0, 1.0),
    (power(False), 0.0, 0.0),
    (power(np.int64(2)), -3.0, -6.0),
    (power(np.int8(-1)), 0.0, -INF),
    (power(np.uint8(0)), 0.0, 0.0),
    (power(np.float64(0.5)), 0.0, INF),
    (power(np.float32(0.5)), -1.0, NAN),
    (power(np.float64(1 / 3)), -8.0, NAN),
]

TWO = [  # function, a, b, slope in a, slope in b
    (div, 1.0, 0.0, INF, -INF),
    (div, 1.0, -0.0, -INF, -INF),
    (div, -1.0, 0.0, INF, INF),
    (div, 0.0, 0.0, INF, NAN),
    (div, 1.0, INF, 0.0, 0.0),
    (div, INF, INF, 0.0, NAN),
    (div, INF, 2.0, 0.5, -INF),
    (div, INF, 0.0, INF, -INF),
    (div, NAN, 2.0, 0.5, NAN),
    (div, 2.0, NAN, NAN, NAN),
    (div, TOP, LOW, TOP, -INF),
    (div, LOW, TOP, LOW, 0.0),
    (div, 0.0, 1e-310, INF, 0.0),
    (add, INF, -INF, 1.0, 1.0),
    (sub, INF, INF, 1.0, -1.0),
    (sub, NAN, 1.0, 1.0, -1.0),
    (add, 1e308, 1e308, 1.0, 1.0),
    (mul, 0.0, INF, INF, 0.0),
    (mul, -0.0, 1.0, 1.0, 0.0),
    (mul, NAN, 0.0, 0.0, NAN),
    (mul, TOP, TOP, TOP, TOP),
    (mul, LOW, LOW, LOW, LOW),
]

CASES = [(f, (x,), (slope,)) for f, x, slope in ONE]
CASES += [(f, (a, b), (in_a, in_b)) for f, a, b, in_a, in_b in TWO]


def differentiated(kind, f, numbers):
    """Return the value and the slopes that an engine finds, as floats."""
    leaves = [kind(x) for x in numbers]
    y = f(*leaves)
    y.backward()
    assert all(isinstance(x.grad, (float, np.ndarray)) for x in leaves)
    return float(y.data), [float(x.grad) for x in leaves]


@pytest.mark.parametrize(("f", "numbers", "slopes"), CASES)
def test_both_engines_do_as_float64_does_at_the_edge(f, numbers, slopes):
    with np.errstate(all="ignore"):
        expected = f(*map(np.float64, numbers))
        tensor = differentiated(Tensor, f, numbers)
    value = differentiated(Value, f, numbers)  # in silence: warnings are errors here
    for found in (value, tensor):
        assert_array_equal(found[0], expected)
        assert_array_equal(found[1], slopes)
    if expected == 0 and f is not relu:  # NumPy may give max(−0, 0) either sign
        signs = [math.copysign(1, x) for x in (value[0], tensor[0])]
        assert signs == [math.copysign(1, expected)] * 2


ORDINARY = np.concatenate([np.linspace(-3, 3, 25), [1e-9, -1e-9, 40.0, -40.0]])
FUNCTIONS = [exp, tanh, relu, *map(power, (-2, -1, 0, 1, 2, 3))]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_both_engines_agree_between_the_edges(f):
    for x in ORDINARY[ORDINARY != 0]:
        value, tensor = (differentiated(kind, f, [x]) for kind in (Value, Tensor))
        assert value[0] == pytest.approx(tensor[0], rel=1e-15)
        assert value[1] == pytest.approx(tensor[1], rel=1e-15, abs=1e-15)


SIDES = [0, 3, True, np.int64(3), np.uint8(200), np.float64(0.5), np.bool_(True), -0.0]


@pytest.mark.parametrize("f", OPERATORS)
@pytest.mark.parametrize("side", SIDES)
def test_numbers_of_any_kind_meet_both_engines_from_both_sides(f, side):
    # NumPy's own on the left would ask for an array of objects; see `interop`
    for x in (Value(2.5), Tensor(2.5)):
        with np.errstate(all="ignore"):
            right = f(x, side)
            assert_array_equal(right.data, f(np.float64(2.5), np.float64(side)))
            if isinstance(side, (int, float)) and type(side).__module__ != "numpy":
                left = f(side, x)
                assert_array_equal(left.data, f(np.float64(side), np.float64(2.5)))
        assert isinstance(float(right.data), float)


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("whole", [-8, np.int64(-8), np.int8(-8)])
def test_whole_numbers_become_floats(kind, whole):
    # as integers, −8 squared eight times would go on beyond float64, or wrap
    x = y = kind(whole)
    with np.errstate(all="ignore"):
        for _ in range(10):
            y = y * y
    assert float(y.data) == INF
    assert np.asarray(x.data).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("exponent", [2, 0.5, np.int64(2), np.float64(0.5)])
def test_a_narrow_number_stays_narrow(dtype, exponent):
    x = Tensor(np.ones(3, dtype))
    y = x**exponent * 2.0 - np.float64(1)
    y.sum().backward()
    assert y.data.dtype == x.grad.dtype == dtype
    assert (Value(dtype(1)) ** exponent).data.dtype == dtype


REFUSED = ["3", b"3", None, 1j, np.complex128(1), [1j], np.datetime64(3, "s"), object()]


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_real_number_is_refused_by_both(what):
    with pytest.raises(TypeError, match="real number"):
        Value(what)
    for x in (Value(2.0), Tensor(2.0)):
        for f in OPERATORS:
            with pytest.raises(TypeError):
                f(x, what)
        with pytest.raises(TypeError, match="a power must be a plain number"):
            x**what


@pytest.mark.parametrize("what", ["3", b"3", None, [None], np.datetime64(3, "s")])
def test_a_tensor_is_made_of_numbers(what):
    with pytest.raises(TypeError, match="a Tensor is made of numbers, got"):
        Tensor(what)


def test_whole_numbers_are_as_large_as_float64_holds():
    for kind in (Value, Tensor):
        assert float(kind(10**30).data) == 1e30
        with pytest.raises(OverflowError):
            kind(10**400)
