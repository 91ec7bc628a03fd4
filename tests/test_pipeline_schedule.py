"""Tests for algollm_helpers.pipeline_schedule: a chart by hand, laws, refusals."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algollm_helpers import pipeline_schedule
from algollm_helpers.pipeline_schedule import (
    SCHEDULES,
    Event,
    bubble,
    held,
    order_of_work,
    simulate,
)
from tests.support.small import few

names = st.sampled_from(SCHEDULES)
numbers = st.integers(1, 9)
durations = st.sampled_from([0.25, 1.0, 2.0, 3.5])


def test_two_stages_and_two_micro_batches_by_hand():
    assert simulate("1f1b", stages=2, micro=2).events == [
        Event(0, "forward", 0, 0, 1),
        Event(0, "forward", 1, 1, 2),
        Event(1, "forward", 0, 1, 2),
        Event(1, "backward", 0, 2, 4),
        Event(0, "backward", 0, 4, 6),
        Event(1, "forward", 1, 4, 5),
        Event(1, "backward", 1, 5, 7),
        Event(0, "backward", 1, 7, 9),
    ]


@few
@given(schedule=names, stages=numbers, micro=numbers, f=durations, b=durations)
def test_the_idle_part_is_the_bubble_of_the_formula(schedule, stages, micro, f, b):
    """However long a pass takes, forward and back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline_schedule, "FORWARD", f)
        patch.setattr(pipeline_schedule, "BACKWARD", b)
        table = simulate(schedule, stages=stages, micro=micro)
    assert table.idle == pytest.approx(bubble(stages, micro), abs=1e-12)
    assert table.span == pytest.approx((micro + stages - 1) * (f + b))


@few
@given(stages=numbers, micro=numbers)
def test_1f1b_holds_as_many_micro_batches_as_stages_are_behind(stages, micro):
    for schedule, most in (
        ("gpipe", [micro] * stages),
        ("1f1b", [min(stages - s, micro) for s in range(stages)]),
    ):
        assert simulate(schedule, stages=stages, micro=micro).peak == most


@few
@given(schedule=names, stages=numbers, micro=numbers)
def test_what_is_held_at_any_time_peaks_where_the_timetable_says(
    schedule, stages, micro
):
    table = simulate(schedule, stages=stages, micro=micro)
    times = [k / 2 for k in range(int(2 * table.span) + 2)]
    counts = [held(table, time) for time in times]
    assert [max(column) for column in zip(*counts, strict=True)] == table.peak
    assert counts[0] == [1] + [0] * (stages - 1)  # the first pass begins at 0
    assert counts[-1] == [0] * stages  # after the end, nothing


def test_a_micro_batch_is_held_from_its_forward_to_its_backward_pass():
    # one stage: forward from 0 to 1, backward from 1 to 3, and the next the same
    table = simulate("1f1b", stages=1, micro=2)
    # at 3 the one ends, and the other begins
    counts = [held(table, t)[0] for t in (0, 0.5, 2.9, 3, 5.9, 6)]
    assert counts == [1, 1, 1, 1, 1, 0]
    with pytest.raises(ValueError, match=r"time must be .*-1"):
        held(table, -1)


@few
@given(schedule=names, stages=numbers, micro=numbers)
def test_no_pass_begins_before_what_it_needs(schedule, stages, micro):
    events = simulate(schedule, stages=stages, micro=micro).events
    stop = {(e.stage, e.kind, e.micro): e.stop for e in events}
    assert len(stop) == len(events) == 2 * stages * micro
    for e in events:
        assert e.stop - e.start == (1 if e.kind == "forward" else 2)
        if e.kind == "forward":
            needs = (e.stage - 1, "forward", e.micro)
        elif e.stage == stages - 1:
            needs = (e.stage, "forward", e.micro)
        else:
            needs = (e.stage + 1, "backward", e.micro)
        assert stop.get(needs, 0.0) <= e.start
    for s in range(stages):  # one thing at a time
        own = [e for e in events if e.stage == s]
        assert all(a.stop <= b.start for a, b in pairwise(own))
    assert events == sorted(events, key=lambda e: (e.start, e.stage))


def test_one_stage_never_waits_and_one_micro_batch_uses_one_stage_at_a_time():
    assert simulate("1f1b", stages=1, micro=5).idle == 0
    assert simulate("gpipe", stages=4, micro=1).idle == 0.75


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulate("2f", stages=1, micro=1), "schedule must be .*, got '2f'"),
        (lambda: simulate("gpipe", stages=0, micro=1), "stages must be >= 1, got 0"),
        (lambda: simulate("gpipe", stages=1, micro=0), "micro must be >= 1, got 0"),
        (
            lambda: order_of_work("gpipe", stage=2, stages=2, micro=1),
            "stage must lie in 0 … 1, got 2",
        ),
        (lambda: bubble(0, 3), "stages must be >= 1, got 0"),
        (lambda: bubble(3, 0), "micro must be >= 1, got 0"),
    ],
)
def test_refuses_bad_input_and_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()
