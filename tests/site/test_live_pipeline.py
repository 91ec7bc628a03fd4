"""The object "pipeline": the helper's timetable for any setting, and a moment of it."""

import numpy as np
import pytest

from algollm_helpers.pipeline_schedule import bubble, held, simulate
from tests.support.browser import DESK, PHONE
from tests.support.jobs import until
from tests.support.live import Held, near

pytestmark = pytest.mark.browser
START = {"stages": 4, "micro": 8, "schedule": "gpipe", "time": 11}


@pytest.fixture(scope="module")
def shown(context):
    shown = Held(context, "chapters/scale.html", "pipeline")
    yield shown
    shown.close()


@pytest.fixture
def pipeline(shown):
    """Return the object as Reset leaves it."""
    shown.reset()
    return shown


def settings():
    rng = np.random.default_rng(4)
    drawn = [(int(rng.integers(1, 9)), int(rng.integers(1, 33))) for _ in range(16)]
    return [*drawn, (1, 1), (1, 32), (8, 1), (8, 32), (4, 8)]


@pytest.mark.parametrize(("schedule", "word"), [("gpipe", "GPipe"), ("1f1b", "1F1B")])
def test_every_number_is_the_helpers_over_the_whole_range(pipeline, schedule, word):
    pipeline.el.get_by_label(word).check(force=True)
    names = ("stages", "micro-batches")
    found = pipeline.states([dict(zip(names, s, strict=True)) for s in settings()])
    for (stages, micro), state in zip(settings(), found, strict=True):
        table = simulate(schedule, stages=stages, micro=micro)
        dials = (state["stages"], state["micro"], state["schedule"])
        assert dials == (stages, micro, schedule)
        assert state["events"] == [event._asdict() for event in table.events]
        assert (state["span"], state["peak"]) == (table.span, table.peak)
        assert state["idle"] == near(table.idle) == near(bubble(stages, micro))
        assert state["time"] <= table.span
        assert state["held"] == held(table, state["time"])


def at_work(table, stages, time):
    """Return what each stage does at a time."""
    found = [None] * stages
    for stage, kind, micro, start, stop in table.events:
        if start <= time < stop:
            found[stage] = {"kind": kind, "micro": micro}
    return found


def test_at_each_moment_it_says_who_works_and_who_holds_what(pipeline):
    pipeline.el.get_by_label("1F1B").check(force=True)
    cursor = pipeline.el.get_by_role("slider", name="Moment")
    cursor.press("Home")
    table = simulate("1f1b", stages=4, micro=8)
    for time in range(int(table.span) + 1):
        state = pipeline.state()
        assert state["time"] == time
        assert state["held"] == held(table, time)
        assert state["doing"] == at_work(table, 4, time)
        cursor.press("ArrowRight")
    assert pipeline.state()["time"] == table.span


def test_the_table_and_the_sentence_show_the_same(pipeline):
    said = pipeline.el.locator(".live-status").inner_text()
    assert "takes 33 units of time" in said
    assert "wait 27.3% of it, 3/11" in said
    assert "3 of 4 stages wait" in said
    rows = pipeline.el.locator("tbody tr").all_inner_texts()
    assert [row.split() for row in rows] == [
        ["0", "waits", "8", "8"],
        ["1", "waits", "8", "8"],
        ["2", "waits", "8", "8"],
        ["3", "backward", "8", "8", "8"],
    ]
    pipeline.el.get_by_label("1F1B").check(force=True)
    rows = pipeline.el.locator("tbody tr").all_inner_texts()
    assert [row.split()[-1] for row in rows] == ["4", "3", "2", "1"]
    pipeline.spoken(pipeline.el.locator(".live-status").text_content())


def test_the_moment_is_moved_by_mouse_by_finger_and_by_keys(pipeline):
    cursor = pipeline.el.get_by_role("slider", name="Moment")
    pipeline.carry(cursor, 60, 10)
    dragged = pipeline.state()["time"]
    assert dragged > START["time"]
    pipeline.swipe(cursor, -90, 0)
    assert pipeline.state()["time"] < dragged
    pipeline.reset()
    cursor.focus()
    for key in ("ArrowRight", "PageUp", "ArrowDown"):
        pipeline.page.keyboard.press(key)
    assert pipeline.state()["time"] == 21
    assert cursor.get_attribute("aria-valuetext") == "time 21"
    assert cursor.get_attribute("aria-valuemax") == "33"


def test_play_runs_through_the_step_and_reset_brings_all_back(pipeline):
    pipeline.states([{"stages": 2, "micro-batches": 2}])
    pipeline.el.get_by_role("slider", name="Moment").press("End")
    pipeline.el.get_by_role("button", name="Play").click()
    until(lambda: pipeline.state()["time"] == 4)
    until(lambda: not pipeline.state()["playing"])
    assert pipeline.state()["time"] == pipeline.state()["span"] == 9
    pipeline.el.get_by_role("button", name="Reset").click()
    assert {key: pipeline.state()[key] for key in START} == START


def test_it_is_accessible_in_several_states(pipeline):
    assert [pipeline.faults(s) for s in ("dark", "light")] == [[], []]
    pipeline.el.get_by_label("1F1B").check(force=True)
    pipeline.states([{"stages": 8, "micro-batches": 32}])
    assert [pipeline.faults(s) for s in ("dark", "light")] == [[], []]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_keeps_as_much_room_as_either_form_needs(pipeline, size):
    kept, awake, asleep = pipeline.heights(size)
    pipeline.page.set_viewport_size(PHONE)
    assert max(awake, asleep) <= kept + 8
    assert kept <= max(awake, asleep) + 50  # and not much more
