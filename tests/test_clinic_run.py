"""Tests for clinic_run: readings that belong together, and parts of them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from algollm_helpers.clinic_run import INSTRUMENTS, OPTIONAL, Run

N = np.nan
FULL = Run(
    step=np.array([0, 10, 20, 30]),
    loss=[3.0, 2.5, N, 2.0],
    valid=[3.1, N, N, 2.2],
    lr=[N, N, N, N],
    vocab_size=27,
    passes=6.2,
    sample=("ann",),
)


def test_an_instrument_is_there_if_it_was_read_once():
    shown = {name for name in OPTIONAL if FULL.has(name)}
    assert shown == {"valid", "vocab_size", "passes"}
    lost = Run(step=np.array([0]), loss=[N])
    assert lost.has("loss")  # that it was lost is a reading


def test_readings_come_with_the_places_between_and_without():
    assert_array_equal(FULL.all("valid"), [3.1, N, N, 2.2])
    assert_array_equal(FULL.read("valid"), [3.1, 2.2])
    with pytest.raises(ValueError, match="must have grad_norm, it does not"):
        FULL.read("grad_norm")


def test_what_was_known_earlier_is_a_run_with_its_part_of_the_passes():
    early = FULL.until(2)
    assert_array_equal(early.step, [0, 10])
    assert_array_equal(early.loss, [3.0, 2.5])
    assert early.grad_norm is None
    assert early.passes == pytest.approx(6.2 * 11 / 31)
    assert early.vocab_size == 27
    whole = FULL.until(4)
    assert whole.passes == FULL.passes
    with pytest.raises(ValueError, match="rows must be at most 4, got 5"):
        FULL.until(5)


def test_somebody_with_few_instruments_sees_these_and_the_loss():
    few = FULL.only("valid")
    assert [name for name in INSTRUMENTS if getattr(few, name) is not None] == [
        "step",
        "loss",
        "valid",
    ]
    assert few.vocab_size is None
    assert FULL.only("vocab_size").vocab_size == 27
    with pytest.raises(ValueError, match=r"must be one of valid, lr, .* got 'loss'"):
        FULL.only("loss")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": [1.0]}, r"loss must have shape \(2,\), got \(1,\)"),
        ({"valid": [[1.0, 2.0]]}, r"valid must have shape \(2,\), got \(1, 2\)"),
        ({"lr": ["a", "b"]}, "lr must hold real numbers, got"),
        ({"step": np.array([1, 1])}, r"step must rise from 0 or above, got \[1. 1.\]"),
        ({"step": np.array([-1, 1])}, "step must rise from 0 or above"),
        ({"step": np.array([0, N])}, "step must rise from 0 or above"),
        ({"step": np.array([]), "loss": []}, r"step must have shape \(n,\), n > 0"),
    ],
)
def test_readings_that_do_not_belong_together_are_refused(changes, message):
    good = {"step": np.array([0, 1]), "loss": [3.0, 2.0]}
    with pytest.raises(ValueError, match=message):
        Run(**(good | changes))
