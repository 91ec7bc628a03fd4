"""Tests for clinic_rule: what decides, what must not matter, and odd runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algollm_helpers.clinic_faults import FAULTS
from algollm_helpers.clinic_rule import HEALTHY, UNCLEAR, diagnose
from algollm_helpers.clinic_run import INSTRUMENTS, Run
from algollm_helpers.clinic_table import SIGNS
from tests.support.small import few

N = np.nan
STEP = np.arange(40)
FALL = 3.3 * 0.98**STEP  # 3.3 to 1.5: neither stuck nor too good
NOISE = np.random.default_rng(1).uniform(0.99, 1.01, 40)
CALM = {
    "step": STEP,
    "loss": FALL * NOISE,
    "valid": np.where(STEP % 5 == 0, 0.02 + FALL, N),
    "lr": 0.01 * (1 - STEP / 40),
    "grad_norm": np.full(40, 1.5),
    "used_norm": np.full(40, 1.5),
    "update_ratio": np.full(40, 0.05),
    "least_ratio": np.full(40, 0.04),
    "agreement": np.full(40, 0.7),
    "leak": np.where(STEP % 5 == 0, 0.0, N),
    "vocab_size": 27,
    "passes": 1.0,
}


def run(**changes):
    return Run(**(CALM | changes))


def test_a_run_without_a_sign_is_healthy_and_nothing_is_missing():
    found = diagnose(run())
    assert (found.name, found.row) == (HEALTHY, None)
    assert (found.suspects, found.next, found.missing) == ((), "", ())


def test_the_first_sign_of_the_table_decides():
    both = diagnose(run(vocab_size=2, lr=np.full(40, 0.01)))
    late = diagnose(run(lr=np.full(40, 0.01)))
    assert (both.name, late.name) == ("start too wide", "schedule never decays")
    assert SIGNS.index(both.row) < SIGNS.index(late.row)
    assert both.sign == both.row.found(both.row.read(run(vocab_size=2)))
    assert both.suspects == ("accumulation not divided",)
    assert both.next == both.row.next


def test_a_sign_of_several_faults_leaves_it_unclear_and_says_what_would_part_them():
    lost = run(loss=np.where(STEP == 30, N, FALL)).only("lr", "valid")
    found = diagnose(lost)
    assert found.name == UNCLEAR
    assert found.suspects == ("rate too high", "Adam's sums in float16")
    assert found.next == "grad_norm of every update"
    calm = run(loss=np.where(STEP == 30, N, FALL)).only("grad_norm")
    assert diagnose(calm).name == "Adam's sums in float16"
    grown = run(loss=np.where(STEP == 30, N, FALL), grad_norm=1.5 * 1.1**STEP)
    assert diagnose(grown).name == "rate too high"


def test_signs_of_the_end_are_kept_for_it():
    flat = run(lr=np.full(40, 0.01))
    assert diagnose(flat).name == "schedule never decays"
    assert diagnose(flat, over=False).name == HEALTHY


def test_fewer_instruments_hide_faults_and_the_most_telling_comes_first():
    found = diagnose(run().only("valid", "lr"))
    assert found.name == HEALTHY
    assert found.next == found.missing[0]
    for fault in found.suspects:
        rows = [row for row in SIGNS if row.faults == (fault,)]
        assert all(row.missing(run().only("valid", "lr")) for row in rows)
    named = {row.faults[0] for row in SIGNS if len(row.faults) == 1}
    assert named == FAULTS.keys()
    seen = named - set(found.suspects)
    assert {"accumulation not divided", "schedule never decays"} <= seen
    assert set(found.missing) <= set(CALM) - {"step", "loss", "valid", "lr"}


def test_the_instrument_that_hides_most_faults_is_missed_first():
    have = set(CALM) - {"step", "loss", "update_ratio", "leak"}
    found = diagnose(run().only(*have))
    assert (found.missing[0], found.missing[-1]) == ("update_ratio", "leak")
    assert found.next == "update_ratio"  # of six faults; the leak is of one


def test_the_order_of_the_columns_does_not_matter():
    wide = CALM | {"vocab_size": 2}
    assert diagnose(Run(**wide)) == diagnose(Run(**dict(reversed(wide.items()))))


@pytest.mark.parametrize("factor", [1 / np.log(2), 1e-3, 1e6])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"loss": 2 * FALL},  # not divided
        {"loss": FALL[::-1]},
        {"loss": FALL**-4},
        {"valid": np.where(STEP % 5 == 0, FALL + 0.1 * STEP, N)},
        {"grad_norm": 1.5 + STEP},
    ],
)
def test_other_units_of_loss_and_gradient_change_no_diagnosis(changes, factor):
    told = CALM | changes | {"vocab_size": None, "passes": None}
    other = dict(told)
    for name in ("loss", "valid", "grad_norm", "used_norm"):
        other[name] = factor * np.asarray(told[name])
    assert diagnose(Run(**told)).name == diagnose(Run(**other)).name


@pytest.mark.parametrize("fault", ["rate too low", "schedule never decays", HEALTHY])
def test_a_run_of_which_every_third_update_is_logged_is_diagnosed_the_same(fault):
    changes = {
        "rate too low": {
            "update_ratio": np.full(120, 0.002),
            "loss": np.full(120, 3.0),
        },
        "schedule never decays": {"lr": np.full(120, 0.1)},
        HEALTHY: {},
    }[fault]
    step = np.arange(120)
    told = {name: np.repeat(CALM[name], 3) for name in INSTRUMENTS[1:]}
    told |= {"step": step, "vocab_size": 27, "passes": 1.0} | changes
    third = {n: v[::3] if isinstance(v, np.ndarray) else v for n, v in told.items()}
    assert diagnose(Run(**told)).name == fault
    assert diagnose(Run(**third)).name == fault


numbers = st.one_of(
    st.floats(width=32), st.sampled_from([0.0, -1.0, 1.0, N, np.inf, -np.inf])
)


@few
@given(data=st.data(), rows=st.integers(1, 30), first=st.sampled_from([0, 1, 500]))
def test_odd_runs_are_diagnosed_and_not_refused(data, rows, first):
    given_ = {"step": np.arange(first, first + rows)}
    for name in INSTRUMENTS[1:]:
        if name == "loss" or data.draw(st.booleans()):
            column = st.lists(numbers, min_size=rows, max_size=rows)
            given_[name] = data.draw(column)
    found = diagnose(Run(**given_), over=data.draw(st.booleans()))
    assert found.name in FAULTS.keys() | {HEALTHY, UNCLEAR}


@pytest.mark.parametrize(
    "column",
    [
        np.zeros(30),
        -FALL[:30],
        np.full(30, N),
        np.full(30, np.inf),
        1e300 * 1.9 ** STEP[:26],
    ],
    ids=["zeros", "negative", "nan", "inf", "overflowing"],
)
def test_a_table_of_odd_columns_is_read_without_a_warning(column):
    told = dict.fromkeys(INSTRUMENTS[1:], column)
    for first in (0, 1, 500):
        step = np.arange(first, first + len(column))
        found = diagnose(Run(step=step, **told, vocab_size=1, passes=5.0))
        assert found.name in FAULTS.keys() | {HEALTHY, UNCLEAR}


@pytest.mark.parametrize("rows", [1, 2, 19])
def test_a_run_that_has_hardly_begun_is_not_called_sick(rows):
    assert diagnose(run().until(rows)).name == HEALTHY
    assert diagnose(run().only().until(rows)).name == HEALTHY
