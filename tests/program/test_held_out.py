"""Tests for program.held_out: the same split for ever, a word when the loss rises."""

import pytest

from algollm_helpers.microgpt import evaluate
from algollm_helpers.program.held_out import AT_MOST, HeldOut, divided
from tests.support.small import DOCS, made

MANY = [f"doc {i}" for i in range(50)]


@pytest.mark.parametrize(
    ("share", "size"), [(0.1, 5), (0.001, 1), (0.5, 25), (0.999, 49)]
)
def test_a_share_of_the_documents_is_held_out_and_none_is_lost(share, size):
    ours, theirs = divided(MANY, share, 42)
    assert len(theirs) == size
    assert sorted(ours + theirs) == sorted(MANY)
    assert ours == [doc for doc in MANY if doc in ours]  # in their order
    assert divided(MANY, share, 42) == (ours, theirs)
    assert divided(MANY, share, 43) != (ours, theirs)


def test_without_a_share_nothing_is_held_out():
    assert divided(["a"], 0.0, 42) == (["a"], [])
    with pytest.raises(ValueError, match="needs two documents or more, got 1"):
        divided(["a"], 0.1, 42)


def test_the_loss_is_that_of_documents_evenly_spread():
    run = made()
    assert HeldOut(DOCS).measure(run) == evaluate(run, DOCS).per_token
    many = ["ab"] * AT_MOST + ["c"] * AT_MOST
    assert HeldOut(many).measure(run) == pytest.approx(
        evaluate(run, ["ab", "c"]).per_token
    )


def test_a_word_is_said_once_when_the_loss_has_risen_for_a_while():
    held_out = HeldOut(DOCS)
    losses = [3.0, 2.0, 2.1, 2.2, 1.9, 2.0, 1.95, 1.97, 2.5, 2.6]
    words = [held_out.word(loss, 10 * i) for i, loss in enumerate(losses)]
    assert words == [
        *[""] * 7,
        "the held-out loss has risen since step 40 (1.9000, now 1.9700): the model "
        "begins to learn its text by heart",
        *[""] * 2,
    ]
