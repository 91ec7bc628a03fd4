"""Tests for algollm_helpers.clinic_ward: who lies there, and what is kept of a run."""

from collections import Counter

import numpy as np
import pytest

from algollm_helpers import clinic
from algollm_helpers.clinic_ward import HEALTHY, cases, thinned


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_each_fault_comes_once_and_the_healthy_settings_do(seed):
    ward = cases(seed)
    names = Counter(case.name for case in ward)
    assert names == {**dict.fromkeys(clinic.FAULTS, 1), clinic.HEALTHY: len(HEALTHY)}
    healthy = [case.setting for case in ward if case.name == clinic.HEALTHY]
    assert sorted(healthy) == sorted(HEALTHY)
    others = {case.setting for case in ward if case.name != clinic.HEALTHY}
    assert others == {"standard"}


def test_wards_share_no_seed_and_have_orders_of_their_own():
    one, two = cases(0), cases(1)
    assert cases(0) == one
    assert len({case.seed for case in one + two}) == len(one) + len(two)
    assert [case.name for case in one] != [case.name for case in two]
    assert [case.name for case in one] != [*clinic.FAULTS, *3 * [clinic.HEALTHY]]


def test_a_case_runs_with_its_fault_and_its_setting():
    ward = {
        case.setting if case.name == clinic.HEALTHY else case.name: case
        for case in cases()
    }
    ill = ward["schedule never decays"]
    there = clinic.run("schedule never decays", seed=ill.seed)
    np.testing.assert_array_equal(ill.run().loss, there.loss)
    healthy, setting = ward["a high rate"], clinic.SETTINGS["a high rate"]
    there = clinic.run(seed=healthy.seed, setting=setting)
    np.testing.assert_array_equal(healthy.run().loss, there.loss)


def test_what_is_kept_is_every_second_reading_and_the_last():
    assert thinned(np.arange(6.0), 2) == [0, 2, 4, 5]
    assert thinned(np.arange(5.0), 2) == [0, 2, 4]
    assert thinned(np.arange(3.0), 1) == [0, 1, 2]
    assert thinned(np.array([7.0]), 5) == [7]


def test_a_reading_is_rounded_and_no_number_is_none():
    odd = np.array([1 / 3, 123456.0, np.nan, np.inf, -2e-9])
    assert thinned(odd, 1) == [0.3333, 123500.0, None, None, -2e-9]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cases(-1), "seed must be >= 0, got -1"),
        (lambda: thinned(np.arange(3.0), 0), "every must be .*, got 0"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
