"""Tests for clinic_table: rows that can be read and printed, each with a reason."""

import math

import pytest

from algollm_helpers.clinic_faults import FAULTS
from algollm_helpers.clinic_run import OPTIONAL
from algollm_helpers.clinic_table import SIGNS

BEYOND = {"a broken batch"}  # a suspect that is no line of code


@pytest.mark.parametrize("row", SIGNS, ids=lambda row: row.words)
def test_a_row_is_whole(row):
    assert {*row.faults, *row.suspects} <= FAULTS.keys() | BEYOND
    assert not set(row.faults) & set(row.suspects)
    assert set(row.reads) <= {"loss", *OPTIONAL}
    assert math.isfinite(row.above) != math.isfinite(row.below)
    assert row.reason
    assert bool(row.next) >= bool(row.suspects or len(row.faults) > 1)


def test_each_fault_has_a_sign_of_its_own_and_no_sign_stands_twice():
    own = {row.faults[0] for row in SIGNS if len(row.faults) == 1}
    assert own == FAULTS.keys()
    assert len({row.words for row in SIGNS}) == len(SIGNS)
