"""Tests for book.exercises: right, classic mistakes, wrong kinds."""

from fractions import Fraction

import numpy as np
import pytest

from algollm_helpers.book import exercises
from tests.support.book import NOTEBOOKS, code_cells

SAMPLE = {
    "rate": {
        "answer": 0.5,
        "tolerance": 0.01,
        "expects": "a number",
        "right": "Two over four.",
        "wrong": [{"answer": 0.25, "hint": "One over four."}],
    },
    "count": {"answer": 1, "expects": "a number", "right": "Yes."},
    "path": {"answer": [1, 2], "expects": "an array of shape (2,)", "right": "Yes."},
    "word": {"answer": "saddle", "expects": "a word", "right": "Yes."},
    "step": {
        "cases": [[1.0, [2.0, 3.0]], [2.0, [0.0, 1.0]]],
        "answer": [[3.0, 4.0], [2.0, 3.0]],
        "expects": "a function of (lr, w)",
        "right": "Yes.",
        "wrong": [{"answer": [[1.0, 2.0], [-2.0, -1.0]], "hint": "The sign."}],
    },
}


@pytest.fixture
def sample(monkeypatch):
    monkeypatch.setattr(exercises, "exercises", lambda: SAMPLE)


@pytest.mark.parametrize(
    ("name", "answer", "reply"),
    [
        ("rate", ..., "No answer yet: put a number in place of the dots."),
        ("rate", 0.5, "Right. Two over four."),
        ("rate", np.float64(0.505), "Right."),
        ("rate", 0.51, "Right."),  # the tolerance itself
        ("rate", 0.511, "Not yet: 0.511 is not it."),
        ("rate", 0.25, "Not yet. One over four."),
        ("rate", np.nan, "Not yet: nan is not it."),
        ("rate", [0.5], "Expected a number, got [0.5] (list)."),
        ("rate", "half", "Expected a number, got 'half' (str)."),
        ("rate", 10**400, "Expected a number, got 1000"),
        ("rate", None, "Expected a number, got None (NoneType)."),
        ("rate", Fraction(1, 2), "Right."),
        ("rate", np.array(0.5), "Right."),
        # NumPy would make numbers of these.
        ("rate", np.complex128(0.5 + 3j), "Expected a number, got "),
        ("rate", 0.5 + 0j, "Expected a number, got (0.5+0j) (complex)."),
        ("rate", "0.5", "Expected a number, got '0.5' (str)."),
        ("rate", b"0.5", "Expected a number, got b'0.5' (bytes)."),
        ("rate", np.str_("0.5"), "Expected a number, got "),
        ("rate", np.array("0.5"), "Expected a number, got "),
        ("rate", np.array(0.5, dtype=object), "Expected a number, got "),
        ("rate", np.timedelta64(0), "Expected a number, got "),
        ("rate", np.ma.masked_equal(0.5, 0.5), "Expected a number, got "),
        ("count", 1, "Right."),
        ("count", np.int8(1), "Right."),
        ("count", True, "Expected a number, got True (bool)."),
        ("count", np.True_, "Expected a number, got "),
        ("path", np.array([1.0, 2.0]), "Right."),
        ("path", (1, np.float32(2)), "Right."),
        ("path", [1, [2]], "Expected an array of shape (2,), got"),
        ("path", [1, "2"], "Expected an array of shape (2,), got"),
        ("path", [True, 2], "Expected an array of shape (2,), got"),
        ("path", np.array([1, 2], dtype=complex), "Expected an array of shape (2,)"),
        ("path", np.ones((2, 1)), "Expected an array of shape (2,), got"),
        ("word", "Saddle ", "Right."),
        ("word", "minimum", "Not yet: 'minimum' is not it."),
        ("word", 3, "Expected a word, got 3 (int)."),
        ("step", lambda lr, w: w + lr, "Right."),
        ("step", lambda lr, w: w - lr, "Not yet. The sign."),
        ("step", lambda lr, w: w * lr, "Not yet: "),
        ("step", lambda lr: lr, "Not yet: called with [1.0, [2.0, 3.0]], it raised"),
        ("step", lambda lr, w: ..., "No answer yet: your function returns the dots"),
        ("step", lambda lr, w: None, "No answer yet: your function returns"),
        ("step", 3.0, "Expected a function of (lr, w), got 3.0 (float)."),
    ],
)
def test_each_kind_of_answer_gets_its_reply(sample, name, answer, reply):
    assert exercises.verdict(name, answer).startswith(reply)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", exercises.exercises())
def test_the_right_answer_is_right_in_its_own_precision(name, dtype):
    exercise = exercises.exercises()[name]
    if not isinstance(exercise["answer"], str) and "cases" not in exercise:
        with np.errstate(over="ignore"):  # beyond float16 is no answer in it
            answer = np.asarray(exercise["answer"], dtype)
        if np.isfinite(answer).all():
            assert exercises.verdict(name, answer).startswith("Right.")


@pytest.mark.parametrize("off", [-1, 1])
def test_coarse_numbers_earn_no_more_than_their_own_rounding(off, sample):
    eps = float(np.finfo(np.float32).eps)
    near, far = np.float32(1 + off * 4 * eps), np.float32(1 + off * 40 * eps)
    assert exercises.verdict("count", near).startswith("Right.")
    assert exercises.verdict("count", far).startswith("Not yet")
    assert exercises.verdict("count", float(near)).startswith("Not yet")


def test_an_unknown_exercise_is_named():
    with pytest.raises(ValueError, match="no exercise 'nonsense'"):
        exercises.check("nonsense", 1)


@pytest.mark.parametrize("name", exercises.exercises())
def test_each_listed_mistake_is_rejected_with_its_own_hint(name):
    exercise = exercises.exercises()[name]
    hints = [wrong["hint"] for wrong in exercise.get("wrong", ())]
    assert len(hints) >= 3, f"{name} lists {len(hints)} classic mistakes"
    assert len(set(hints)) == len(hints)
    for wrong in exercise["wrong"]:
        assert replay(name, wrong["answer"]) == f"Not yet. {wrong['hint']}"
    assert replay(name, exercise["answer"]) == f"Right. {exercise['right']}"


def listed(name):
    """Return the answers that an exercise lists as mistakes."""
    return [wrong["answer"] for wrong in exercises.exercises()[name]["wrong"]]


TARGETS = np.array([1.0, 2, 3, 4, 100])
DROP = 0.01 / 1000  # of the rate, at each of the updates of learning_rate-last


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("loss-median", TARGETS.mean()),
        ("loss-median", (TARGETS.min() + TARGETS.max()) / 2),
        ("loss-median", np.median(TARGETS[:-1])),  # the last target left out
        ("loss-honest", 0.8 * abs(1 - 1) + 0.2 * abs(1 - 0)),  # the least cost itself
        ("learning_rate-last", 0.01 - 1000 * DROP),  # one update too late
        ("learning_rate-last", 0.01 - 998 * DROP),  # one too early
        ("learning_rate-last", 0.01 - DROP),  # the second from the start
        ("learning_rate-last", 0.01 / 999),
    ],
)
def test_a_listed_mistake_is_what_its_misconception_gives(name, mistake):
    assert np.isclose(listed(name), mistake, rtol=1e-9, atol=1e-15).any()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda a, b: a * b,
        lambda a, b: a * b / np.sqrt(a @ a),
        lambda a, b: np.full_like(a, b / a.sum()),  # all numbers are equal
        lambda a, b: np.array([b / a[0], 0.0]),  # the first carries everything
    ],
)
def test_a_solution_that_is_not_the_shortest_gets_a_hint(wrong):
    reply = exercises.verdict("closed_form-shortest", wrong)
    assert reply.startswith("Not yet. ")


def replay(name, answer):
    """Return the reply to a stored answer; for a function, to its stored results."""
    if "cases" not in exercises.exercises()[name]:
        return exercises.verdict(name, answer)
    results = iter(answer)
    return exercises.verdict(name, lambda *args: next(results))


@pytest.mark.parametrize("name", exercises.exercises())
def test_each_exercise_is_asked_once_and_solved_in_its_chapter(name):
    # nbval re-runs the solutions; here their stored replies are read.
    chapter, _, _ = name.partition("-")
    replies = []
    for path in NOTEBOOKS:
        if path.stem in {chapter, f"{chapter}_lab"}:
            for cell in code_cells(path):
                if f'check("{name}"' in cell["source"]:
                    replies.append("".join(cell["outputs"][0]["text"]))
    assert sum(reply.startswith("No answer yet") for reply in replies) == 1
    assert any("Right." in reply for reply in replies), "no running solution"
