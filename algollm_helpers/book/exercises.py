"""Checks a reader's answer and, for a classic mistake, says what went wrong.

The answers and hints are data: ``data/exercises.toml``, one table per exercise.
"""

import tomllib
from functools import cache
from importlib.resources import files
from numbers import Real
from typing import Any

import numpy as np

# What the site says, too, in its reader's language.
RIGHT = "Right. {right}"
HINT = "Not yet. {hint}"
OTHER = "Not yet: {answer} is not it. Read the question once more."


@cache
def exercises() -> dict[str, dict[str, Any]]:
    """Return every exercise of ``exercises.toml`` by its name."""
    text = files("algollm_helpers").joinpath("data/exercises.toml").read_text("utf-8")
    return tomllib.loads(text)


def check(name: str, answer: Any) -> None:
    """Print what the book says to an answer.

    Parameters
    ----------
    name : str
        The exercise, such as ``"descent-critical-rate"``.
    answer : object
        A number, an array, a word, or a function, as the exercise asks. ``...``
        stands for an answer that is still to come.

    Raises
    ------
    ValueError
        If there is no exercise of that name. A wrong answer is no error.
    """
    print(verdict(name, answer))  # noqa: T201


def verdict(name: str, answer: Any) -> str:
    """Return the sentence that :func:`check` prints."""
    if name not in exercises():
        raise ValueError(f"no exercise {name!r}; there are {sorted(exercises())}")
    exercise = exercises()[name]
    if answer is ...:
        return f"No answer yet: put {exercise['expects']} in place of the dots."
    if "cases" not in exercise:
        return _judge(exercise, answer)
    if not callable(answer):
        return _expected(exercise, answer)
    results = []
    for case in exercise["cases"]:
        try:
            results.append(answer(*map(_argument, case)))
        except Exception as error:  # the reader's own code may raise anything
            return f"Not yet: called with {case}, it raised {error!r}."
    if any(result is ... or result is None for result in results):
        return "No answer yet: your function returns the dots, or nothing."
    return _judge(exercise, results)


def _argument(value: Any) -> Any:
    return np.array(value, dtype=float) if isinstance(value, list) else value


def _judge(exercise: dict[str, Any], answer: Any) -> str:
    if not _comparable(answer, exercise["answer"]):
        return _expected(exercise, answer)
    tolerance = exercise.get("tolerance", 0)
    if _agree(answer, exercise["answer"], tolerance):
        return RIGHT.format(right=exercise["right"])
    for wrong in exercise.get("wrong", ()):
        if _agree(answer, wrong["answer"], tolerance):
            return HINT.format(hint=wrong["hint"])
    return OTHER.format(answer=_short(answer))


def _comparable(answer: Any, stored: Any) -> bool:
    if isinstance(stored, str):
        return isinstance(answer, str)
    return _is_real(answer) and np.shape(answer) == np.shape(stored)


def _is_real(answer: Any) -> bool:
    """Tell whether `answer` is a real number, or made of nothing else.

    Truth values and digits in quotes are not: NumPy would turn them into numbers.
    """
    if isinstance(answer, np.ma.MaskedArray):
        return False  # what is masked is no number
    if isinstance(answer, np.ndarray | np.generic):
        return answer.dtype.kind in "iuf"
    if isinstance(answer, list | tuple):
        lengths = {np.shape(entry) for entry in answer if _is_real(entry)}
        return len(lengths) <= 1 and all(map(_is_real, answer))
    return isinstance(answer, Real) and not isinstance(answer, bool) and _fits(answer)


def _fits(number: Real) -> bool:
    """Tell whether `number` is within the range of a float."""
    try:
        float(number)
    except OverflowError:
        return False
    return True


def _agree(answer: Any, stored: Any, tolerance: float) -> bool:
    if isinstance(stored, str):
        return bool(answer.strip().casefold() == stored.casefold())
    given = np.asarray(answer, dtype=float)
    # A distance that is the tolerance on paper may exceed it by a last bit.
    atol = tolerance * (1 + 1e-9)
    rtol = _rounding(answer)
    return bool(np.allclose(given, stored, rtol=rtol, atol=atol, equal_nan=True))


def _rounding(answer: Any) -> float:
    """Return the relative error of a short calculation in the answer's own numbers.

    It is 0 for float64, which the tolerances of the exercises are made for.
    """
    if isinstance(answer, list | tuple):
        return max(map(_rounding, answer), default=0.0)
    dtype = getattr(answer, "dtype", np.dtype(float))
    if dtype.kind != "f" or dtype.itemsize >= 8:
        return 0.0
    return 8 * float(np.finfo(dtype).eps)


def _expected(exercise: dict[str, Any], answer: Any) -> str:
    shape = getattr(answer, "shape", None)
    kind = type(answer).__name__ + (f" of shape {shape}" if shape else "")
    return f"Expected {exercise['expects']}, got {_short(answer)} ({kind})."


def _short(answer: Any) -> str:
    text = np.array2string(answer) if isinstance(answer, np.ndarray) else repr(answer)
    return text if len(text) <= 60 else text[:57] + "..."
