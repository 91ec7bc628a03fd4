"""Tests for program.plans: what is asked for stays as it was asked."""

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from algollm_helpers.program.options import parse
from algollm_helpers.program.plans import Plan


def test_there_is_a_command_for_each_plan_and_no_plan_can_be_changed():
    lines = ["train", "sample m", "eval m", "claims", "diagnose r.csv"]
    plans = [parse(line.split()) for line in lines]
    assert {type(plan) for plan in plans} == set(get_args(Plan))
    for plan in plans:
        with pytest.raises(FrozenInstanceError):
            plan.model = None
