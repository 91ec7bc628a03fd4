"""Tests for clinic_faults: what runs while a wrong line is planted, and afterwards."""

import ast
import textwrap

import pytest

from algollm_helpers.clinic_faults import FAULTS, Fault, planted
from algollm_helpers.clinic_loop import Loop, length


def right_lines():
    return {fault.name: fault.place.__code__ for fault in FAULTS.values()}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_is_one_line_that_a_page_can_show(fault):
    assert fault.right != fault.wrong
    for line in (fault.right, fault.wrong):
        assert len(line) <= 74
        assert len(ast.parse(textwrap.dedent(line)).body) == 1
    before = fault.place.__code__
    with planted(fault):
        assert fault.place.__code__ is not before
        assert fault.place.__code__.co_name == before.co_name
    assert fault.place.__code__ is before


def test_no_two_faults_are_the_same_line():
    wrong = [(fault.place, fault.right, fault.wrong) for fault in FAULTS.values()]
    assert len(set(wrong)) == len(FAULTS) >= 12


def test_a_wrong_line_runs_while_it_is_planted_and_the_right_one_after_a_failure():
    line = "return math.sqrt(np.vdot(array, array))"
    seen = []

    def fail():
        with planted(Fault("mine", length, line, "return -1.0")):
            seen.append(length([3.0, 4.0]))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [*seen, length([3.0, 4.0])] == [-1.0, 5.0]


def test_nothing_is_planted_without_a_fault():
    before = right_lines()
    with planted(None):
        assert right_lines() == before


@pytest.mark.parametrize(
    ("line", "times"), [("lr = 3", 0), ("norms += share * length(grad)", 1)]
)
def test_a_line_that_is_not_there_once_is_refused(line, times):
    fault = Fault("mine", Loop.gathered, line, "pass")
    if times == 1:
        with planted(fault):
            pass
        return
    before = right_lines()
    message = (
        rf"Loop.gathered must hold the line '{line}' once, it holds it {times} times"
    )
    with pytest.raises(ValueError, match=message), planted(fault):
        pass
    assert right_lines() == before


def test_a_line_that_is_there_twice_is_refused():
    def twice(x):
        x += 1
        x += 1
        return x

    with pytest.raises(ValueError, match="it holds it 2 times"):
        with planted(Fault("mine", twice, "x += 1", "x += 2")):
            pass


def test_a_function_that_uses_names_of_another_one_is_refused():
    step = 2

    def inner(x):
        return x + step

    with pytest.raises(ValueError, match="inner uses step of the function around it"):
        with planted(Fault("mine", inner, "return x + step", "return x")):
            pass
