"""Tests for algollm_helpers.checks: borders from both sides, then what is no number.

A refusal must say the name, what was expected, and what came.
"""

import math
from decimal import Decimal

import numpy as np
import pytest

from algollm_helpers.checks import (
    MOST,
    check_all_positive,
    check_count,
    check_finite,
    check_positive,
    check_shape,
    check_share,
    check_update,
    check_weights,
    check_within,
    real_array,
)

ONE = np.ones(1)
TINY = 5e-324  # the smallest float above 0
BELOW_1 = math.nextafter(1.0, 0.0)


def said(call, *args, **kwargs):
    """Return what a check says of its arguments, "" if nothing."""
    try:
        call(*args, **kwargs)
    except ValueError as error:
        return str(error)
    return ""


# --- Whole numbers --------------------------------------------------------------


@pytest.mark.parametrize("least", [0, 1, 7])
def test_a_count_begins_at_its_least(least):
    assert said(check_count, "n", least, least=least) == ""
    below = said(check_count, "n", least - 1, least=least)
    assert below == f"n must be >= {least}, got {least - 1}"


def test_a_count_is_at_least_1_and_no_more_than_one_counts():
    assert said(check_count, "n", 1) == said(check_count, "n", MOST) == ""
    assert said(check_count, "n", 0) == "n must be >= 1, got 0"
    beyond = said(check_count, "n", MOST + 1)
    assert beyond == "n must be at most 2,147,483,647, got 2,147,483,648"


def test_a_count_ends_at_its_most():
    assert said(check_count, "n", 7, most=7) == ""
    assert said(check_count, "n", 8, most=7) == "n must be at most 7, got 8"


@pytest.mark.parametrize("number", [-3, 0, 2])
def test_a_place_lies_between_its_ends(number):
    assert said(check_within, "stage", number, -3, 2) == ""


@pytest.mark.parametrize("number", [-4, 3])
def test_a_place_beyond_its_ends_is_refused(number):
    expected = f"stage must lie in -3 … 2, got {number}"
    assert said(check_within, "stage", number, -3, 2) == expected


WHOLE = {
    "count": lambda number: check_count("n", number, least=0),
    "within": lambda number: check_within("n", number, 0, 9),
}


@pytest.mark.parametrize("check", WHOLE)
@pytest.mark.parametrize("kind", [int, np.int8, np.int64, np.uint16, np.intp])
def test_whole_numbers_of_python_and_numpy_are_alike(check, kind):
    assert said(WHOLE[check], kind(3)) == ""


@pytest.mark.parametrize("check", WHOLE)
@pytest.mark.parametrize(
    "number",
    [3.0, 2.5, math.nan, math.inf, np.float64(3), True, np.True_, "3", None, 3 + 0j],
)
def test_what_is_no_whole_number_is_refused_as_such(check, number):
    assert said(WHOLE[check], number) == f"n must be a whole number, got {number!r}"


# --- Numbers --------------------------------------------------------------------


@pytest.mark.parametrize("or_zero", [False, True])
@pytest.mark.parametrize("number", [TINY, 1, 1e308, np.float32(2), np.int64(2)])
def test_positive_numbers_are_accepted(number, or_zero):
    assert said(check_positive, "lr", number, or_zero=or_zero) == ""


@pytest.mark.parametrize("number", [-TINY, -1, math.inf, -math.inf, math.nan, 10**400])
def test_others_are_refused_with_or_without_zero(number):
    without, with_zero = (
        said(check_positive, "lr", number, or_zero=or_zero) for or_zero in (False, True)
    )
    assert without == f"lr must be finite and > 0, got {number}"
    assert with_zero == f"lr must be finite and >= 0, got {number}"


@pytest.mark.parametrize("or_zero", [False, True])
@pytest.mark.parametrize("number", [TINY, 0.5, np.float32(0.5), BELOW_1])
def test_a_share_lies_between_0_and_1(number, or_zero):
    assert said(check_share, "beta2", number, or_zero=or_zero) == ""


@pytest.mark.parametrize("number", [-TINY, 1, 1.0, 2, math.inf, math.nan])
def test_other_shares_are_refused_with_or_without_zero(number):
    without, with_zero = (
        said(check_share, "b", number, or_zero=or_zero) for or_zero in (False, True)
    )
    assert without == f"b must be in (0, 1), got {number}"
    assert with_zero == f"b must be in [0, 1), got {number}"


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, np.float64(0)])
def test_zero_is_accepted_where_it_is_asked_for(zero):
    for check in (check_positive, check_share):
        assert said(check, "x", zero, or_zero=True) == ""
        assert said(check, "x", zero).endswith(f", got {zero}")


@pytest.mark.parametrize("check", [check_positive, check_share])
@pytest.mark.parametrize(
    "number", [True, np.True_, "0.5", None, 0.5j, Decimal("0.5"), [0.5], np.array(0.5)]
)
def test_what_is_no_number_is_refused_as_such(check, number):
    assert said(check, "x", number) == f"x must be a number, got {number!r}"


@pytest.mark.parametrize("or_zero", [False, True])
def test_all_numbers_of_an_array_are_judged_as_one_is(or_zero):
    for number in (-TINY, 0.0, TINY, 1e308, math.inf, math.nan):
        alone = said(check_positive, "x", number, or_zero=or_zero)
        among = np.array([1.0, number])
        together = said(check_all_positive, "x", among, or_zero=or_zero)
        assert together == alone.replace(f"got {number}", f"got {among}")


# --- Arrays ---------------------------------------------------------------------


def test_arrays_of_finite_numbers_are_accepted():
    assert said(check_finite, "w", np.array([0.0, -1e308])) == ""


@pytest.mark.parametrize("numbers", [[], [1.0, math.nan], [math.inf], [-math.inf]])
def test_arrays_that_are_empty_or_not_finite_are_refused(numbers):
    expected = f"w must hold finite numbers, got {np.array(numbers)}"
    assert said(check_finite, "w", np.array(numbers)) == expected


REALS = [2, True, 0.5, np.uint8(200), [1, 2], [True], np.ones(2, np.float16), []]


@pytest.mark.parametrize("numbers", REALS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_any_kind_become_floats(numbers, dtype):
    array = real_array("w", numbers, dtype)
    assert array.dtype == dtype
    assert array.tolist() == np.array(numbers, float).tolist()


def test_an_array_of_the_right_type_is_not_copied():
    assert real_array("w", ONE) is ONE


@pytest.mark.parametrize(
    "what", ["0.5", b"0.5", ["1"], None, [None], 0.5j, np.array([1j]), Decimal(1), {}]
)
def test_what_holds_no_real_numbers_is_refused(what):
    expected = f"w must hold real numbers, got {what!r}"
    assert said(real_array, "w", what) == expected


def test_a_shape_is_the_one_expected_or_refused():
    assert said(check_shape, "y", (2, 3), (2, 3)) == ""
    for shape in ((3, 2), (2,), (2, 3, 1), ()):
        expected = f"y must have shape (2, 3), got {shape}"
        assert said(check_shape, "y", shape, (2, 3)) == expected


@pytest.mark.parametrize("weights", [[1.0], [0.0, TINY], [3, 0, 1], [True, False]])
def test_weights_of_which_a_mean_can_be_taken_are_accepted(weights):
    assert said(check_weights, "weights", np.array(weights)) == ""


@pytest.mark.parametrize(
    "weights", [[], [0, 0], [1, -TINY], [1, math.nan], [1, math.inf], [1e308, 1e308]]
)
def test_other_weights_are_refused(weights):
    array = np.array(weights)
    with np.errstate(over="ignore"):
        message = said(check_weights, "weights", array)
    assert message == f"weights must be finite, >= 0 and not all 0, got {array}"


@pytest.mark.parametrize("state", [(), (ONE,)])
def test_an_update_has_a_rate_and_one_flat_shape(state):
    assert said(check_update, ONE, ONE, 0.1, *state) == ""
    assert said(check_update, ONE, ONE, 0.0, *state) == ""  # a schedule may end there
    message = said(check_update, ONE, ONE, -TINY, *state)
    assert message == "lr must be finite and >= 0, got -5e-324"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((ONE, np.ones(2)), "share a shape (d,), got (1,) and (2,)"),
        ((ONE[None], ONE[None]), "share a shape (d,), got (1, 1) and (1, 1)"),
        ((ONE, ONE, np.ones(2)), "params must have shape (2,), got (1,)"),
        ((ONE, np.ones(1, np.uint8)), "grad must hold floats, got dtype uint8"),
        ((ONE, np.ones(1, complex)), "grad must hold floats, got dtype complex128"),
        ((np.ones(1, int), ONE), "params must hold floats, got dtype int64"),
    ],
)
def test_shapes_that_make_no_update_are_refused(arrays, message):
    params, grad, *state = arrays
    assert message in said(check_update, params, grad, 1.0, *state)
