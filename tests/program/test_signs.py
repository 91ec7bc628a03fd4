"""Tests for program.signs: each sign is said once, of runs that go on."""

import numpy as np
import pytest

from algollm_helpers.clinic_rule import diagnose
from algollm_helpers.program.run_table import Table
from algollm_helpers.program.signs import LATER, LEAST, Signs
from tests.support.program import trains, watched


def falling(rows, **others):
    """Return the table of a run that falls, as healthy ones do."""
    step = np.arange(1.0, rows + 1)
    return Table({"step": step, "loss": 2 + np.exp(-step / 50), **others}, ())


def told(tables):
    signs = Signs()
    return [signs.word(t) for t in tables if signs.is_due(len(t.steps))]


def test_of_a_healthy_run_that_goes_on_nothing_is_said():
    # A prefix has a rate that has not fallen, and has gone less far than a whole run.
    tables = [
        falling(rows, lr=np.full(rows, 0.1), update_ratio=np.full(rows, 1e-4))
        for rows in range(1, 200)
    ]
    assert diagnose(tables[-1].run).row is not None
    assert set(told(tables)) == {""}


def test_a_sign_is_said_once_and_another_one_is_said_as_well():
    leaping = falling(100).columns["loss"].copy()
    leaping[30:] = 1e3
    lost = leaping.copy()
    lost[60:] = np.nan
    tables = [
        Table({"step": np.arange(1.0, rows + 1), "loss": loss[:rows]}, ())
        for loss, rows in [(leaping, 40), (leaping, 50), (lost, 70), (lost, 80)]
    ]
    first, again, other, last = told(tables)
    assert first.startswith("a sign at step 40: ")
    assert "; it may be: " in first
    assert other.startswith("a sign at step 70: ")
    assert again == last == ""


def test_looks_are_so_far_apart_that_all_of_them_together_read_a_run_a_few_times():
    signs, rows, read = Signs(), 2000, 0
    for done in range(1, rows + 1):
        if signs.is_due(done):
            assert done >= LEAST
            signs.word(falling(done))
            read += done
    assert rows < read < rows * (1 + 1 / (LATER - 1))


@pytest.mark.usefixtures("folder")
def test_a_sign_is_said_beside_the_line_of_progress(capsys):
    options = ["--steps=60", "--lr=50", "--watch=run.csv", "--log-every=10"]
    assert watched({}, trains, *options)[0] == 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(set(said))
    assert said[0].startswith("algollm: a sign at step 20: ")
    assert all("; it may be: " in line for line in said)
