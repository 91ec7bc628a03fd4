"""Tests for algollm_helpers.backprop: by hand, by law, then refusals."""

import math

import pytest

from algollm_helpers.backprop import Value, topological_order


def test_the_two_weight_chain_worked_by_hand():
    # h = w1 x = 1, y = w2 h = 1.5, loss = (y - 6)^2 = 20.25
    # dloss/dy = -9, dw2 = -9 h = -9, dh = -9 w2 = -13.5, dw1 = -13.5 x = -27
    w1, w2 = Value(0.5), Value(1.5)
    h = w1 * 2.0
    loss = (w2 * h - 6.0) ** 2
    loss.backward()
    assert loss.data == 20.25
    assert (w1.grad, h.grad, w2.grad) == (-27.0, -13.5, -9.0)


ELEMENTARY = {  # name -> (on a Value, its derivative by hand), for x > 0
    "add": (lambda x: 2.0 + x + 3.0, lambda x: 1.0),
    "subtract": (lambda x: 2.0 - (x - 3.0), lambda x: -1.0),
    "multiply": (lambda x: 2.0 * x * 3.0, lambda x: 6.0),
    "divide": (lambda x: x / 4.0 + 1.0 / x, lambda x: 0.25 - 1 / x**2),
    "negate": (lambda x: -x, lambda x: -1.0),
    "power": (lambda x: x**3, lambda x: 3 * x**2),
    "power 0": (lambda x: x**0, lambda x: 0.0),
    "root": (lambda x: x**0.5, lambda x: 0.5 / math.sqrt(x)),
    "exp": (lambda x: x.exp(), lambda x: math.exp(x)),
    "log": (lambda x: x.log(), lambda x: 1 / x),
    "tanh": (lambda x: x.tanh(), lambda x: 1 / math.cosh(x) ** 2),
    "relu": (lambda x: x.relu() + (-x).relu(), lambda x: 1.0),
    "reused": (lambda x: x * x + x, lambda x: 2 * x + 1),
    "reused deep": (lambda x: (x * x) * (x * x) / x, lambda x: 3 * x**2),
}


@pytest.mark.parametrize("name", ELEMENTARY)
@pytest.mark.parametrize("at", [0.25, 1.0, 3.0])
def test_a_value_has_the_derivative_of_the_textbook(name, at):
    f, derivative = ELEMENTARY[name]
    x = Value(at)
    f(x).backward()
    assert x.grad == pytest.approx(derivative(at), rel=1e-13, abs=1e-15)


def test_relu_has_slope_zero_at_zero_and_below():
    for at in (-1.0, 0.0):
        x = Value(at)
        x.relu().backward()
        assert x.grad == 0.0


def test_power_zero_has_slope_zero_even_at_zero():
    x = Value(0.0)
    (x**0).backward()
    assert x.grad == 0.0


def test_both_sides_of_every_operation_receive_their_slope():
    a, b = Value(6.0), Value(3.0)
    (a / b - a * b).backward()  # da = 1/b - b, db = -a/b^2 - a
    assert (Value(49.0) / 49.0).data == 1.0  # a quotient, not a product with 1/49
    assert a.grad == pytest.approx(1 / 3 - 3)
    assert b.grad == pytest.approx(-6 / 9 - 6)


def test_a_branch_adds_the_blame_of_both_ways():
    # a feeds b = 2a and c = 3a; loss = b c = 6 a^2, so dloss/da = 12 a
    a = Value(5.0)
    b, c = a * 2.0, a * 3.0
    (b * c).backward()
    assert (b.grad, c.grad, a.grad) == (15.0, 10.0, 60.0)


def test_a_chain_of_100_000_operations_works():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert (y.data, x.grad) == (100_001.0, 1.0)


def test_a_value_follows_all_it_was_made_from():
    a = Value(1.0)
    b = a * a
    c = (b + a) * b
    order = topological_order(c)
    assert order[-1] is c
    assert len(order) == len(set(order)) == 4
    for place, node in enumerate(order):
        assert all(order.index(parent) < place for parent in node.parents)


def test_leaves_add_up_over_backward_passes_and_inner_values_do_not():
    a = Value(3.0)
    b = a * a
    loss = b * 2.0  # dloss/db = 2, dloss/da = 2 * 2a = 12
    loss.backward()
    loss.backward()
    assert (a.grad, b.grad) == (24.0, 2.0)
    a.grad = 0.0
    loss.backward()
    assert a.grad == 12.0


@pytest.mark.parametrize("number", [0.0, -0.0, 1e-300, -1.0, math.nan])
def test_a_value_is_as_true_as_its_number(number):
    assert bool(Value(number)) is bool(number)


def test_a_value_as_power_is_refused():
    with pytest.raises(TypeError, match="a power must be a plain number"):
        Value(2.0) ** Value(3.0)
