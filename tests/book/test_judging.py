"""Tests for book.judging: the whole truth table, and what is no test of a number."""

import itertools
import re

import numpy as np
import pytest

from algollm_helpers.book.judging import VERDICTS, Verdict, judge, whole

TABLE = {  # within, beyond, shown: verdict
    (True, None, True): "holds",
    (True, True, True): "holds",
    (True, False, True): "holds if",
    (False, None, True): "false",
    (False, True, True): "false",
    (False, False, True): "false",
    **{
        (w, b, False): "not at this scale"
        for w in (0 > 1, 0 < 1)
        for b in (None, False, True)
    },
}


@pytest.mark.parametrize(("case", "verdict"), TABLE.items())
def test_each_line_of_the_truth_table(case, verdict):
    within, beyond, shown = case
    assert judge(within, beyond, shown=shown) == verdict
    beyond = beyond if beyond is None else np.bool(beyond)
    assert judge(np.bool(within), beyond, shown=np.bool(shown)) == verdict


def test_the_table_has_every_case_and_every_verdict_of_a_sentence():
    cases = itertools.product((True, False), (None, True, False), (True, False))
    assert set(TABLE) == set(cases)
    assert set(TABLE.values()) == set(VERDICTS) - {"in part"}


def test_what_is_left_out_is_shown_and_without_a_condition():
    assert judge(1 < 2) == "holds"
    assert judge(2 < 1) == "false"


@pytest.mark.parametrize(
    "given", [1, 0, 1.0, "yes", None, np.ones(2, bool), np.float64(1), [True]]
)
def test_a_measurement_in_place_of_a_test_of_it_is_refused(given):
    message = f"within must be True or False, got {given!r}"
    with pytest.raises(TypeError, match=re.escape(message)):
        judge(given)
    with pytest.raises(TypeError, match="shown must be True or False"):
        judge(True, shown=given)
    if given is not None:
        with pytest.raises(TypeError, match="beyond must be True or False"):
            judge(True, given)


def test_a_wrong_type_is_refused_even_where_it_would_not_matter():
    with pytest.raises(TypeError, match="beyond"):
        judge(False, 3, shown=False)


@pytest.mark.parametrize("one", [v for v in VERDICTS if v != "in part"])
def test_parts_that_agree_give_their_verdict_and_that_all_hold_their_conditions(one):
    assert whole([one]) == whole([one, one, one]) == one
    for other in set(VERDICTS) - {one, "in part"}:
        expected = "holds if" if {one, other} == {"holds", "holds if"} else "in part"
        assert whole([one, other]) == whole([other, one, one]) == expected


def test_a_third_part_that_does_not_hold_leaves_the_whole_in_part():
    assert whole(["holds", "holds if", "false"]) == "in part"
    assert whole(["holds", "holds if", "not at this scale"]) == "in part"


def test_a_verdict_is_text_that_knows_it_was_computed():
    for verdict in (judge(1 < 2), whole(["false", "false"]), whole(["false", "holds"])):
        assert isinstance(verdict, Verdict)
        assert f"{verdict}" == str(verdict) == verdict
