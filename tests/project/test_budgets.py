"""Tests for tools/budgets.py: what is told of a notebook's seconds."""

import itertools

import pytest

import budgets


def rows(taken, here):
    head, *lines, note = budgets.table(taken, here).splitlines()
    assert head.split() == ["notebook", "seconds", "scaled", "budget"]
    assert note.endswith("is no failure")
    return {line.split()[0]: line.split()[1:] for line in lines}


@pytest.mark.parametrize(
    ("name", "budget"), [("loss", 10), ("loss_lab", 30), ("scale", 30), ("after", 30)]
)
@pytest.mark.parametrize("slower", [1, 4])
def test_a_notebook_is_marked_beyond_its_budget_on_the_reference(name, budget, slower):
    # a computer that takes `slower` times as long for the same work
    here = slower * budgets.REFERENCE
    within, beyond = slower * (budget - 0.1), slower * (budget + 0.1)
    shown = [f"{within:.1f}", f"{budget - 0.1:.1f}", str(budget)]
    assert rows({name: within}, here) == {name: shown}
    shown = [f"{beyond:.1f}", f"{budget + 0.1:.1f}", str(budget), "over"]
    assert rows({name: beyond}, here) == {name: shown}


def test_the_seconds_of_a_notebook_are_those_of_its_cells(tmp_path):
    report = tmp_path / "report.xml"
    cells = [("loss", 0.5), ("loss_lab", 2.0), ("loss", 0.25)]
    cases = "".join(
        f'<testcase classname="chapters.{name}.ipynb" name="Cell" time="{seconds}"/>'
        for name, seconds in cells
    )
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert budgets.seconds(report) == {"loss": 0.75, "loss_lab": 2.0}


def test_one_disturbed_run_does_not_move_the_yardstick(monkeypatch):
    spans = [1.0, 1.1, 9.0, 0.9, 1.2]
    readings = itertools.accumulate(x for span in spans for x in (5.0, span))
    monkeypatch.setattr(budgets.time, "perf_counter", readings.__next__)
    monkeypatch.setattr(budgets, "_work", lambda: None)
    assert budgets.yardstick() == pytest.approx(1.1)
