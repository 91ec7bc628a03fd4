"""Tests for algollm_helpers.optimiser: what is allowed, at its border."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.optimiser import check_beta, check_eps, check_step, zeros

ONE = np.ones(1)


@pytest.mark.parametrize("beta", [0.0, 0.5, np.nextafter(1, 0)])
def test_a_memory_from_0_to_just_below_1_is_accepted(beta):
    check_beta("beta", beta)


@pytest.mark.parametrize("beta", [-1e-300, 1.0, np.nan])
def test_another_memory_is_refused_by_its_name(beta):
    with pytest.raises(ValueError, match=rf"beta2 must be in \[0, 1\), got {beta}"):
        check_beta("beta2", beta)


@pytest.mark.parametrize("value", [5e-324, 1.0, 1e300])
def test_positive_numbers_are_accepted_as_eps_and_as_rate(value):
    check_eps(value)
    check_step(ONE, ONE, value)


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, np.nan])
def test_others_are_not(value):
    with pytest.raises(ValueError, match=f"eps must be finite and > 0, got {value}"):
        check_eps(value)
    with pytest.raises(ValueError, match=f"lr must be finite and > 0, got {value}"):
        check_step(ONE, ONE, value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((ONE, np.ones(2)), r"got \(1,\) and \(2,\)"),
        ((ONE[None], ONE[None]), r"a shape \(d,\), got \(1, 1\)"),
        ((ONE, ONE, np.ones(2)), r"params must have shape \(2,\): \(1,\)"),
    ],
)
def test_shapes_that_make_no_step_are_refused(arrays, message):
    params, grad, *state = arrays
    with pytest.raises(ValueError, match=message):
        check_step(params, grad, 1.0, *state)


def test_memory_starts_at_zero_in_the_type_asked_for():
    memory = zeros(3, np.float32)
    assert memory.dtype == np.float32
    assert_array_equal(memory, [0, 0, 0])
    with pytest.raises(ValueError, match="size must be >= 0, got -1"):
        zeros(-1, np.float64)
