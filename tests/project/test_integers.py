"""Tests for tools/integers, and what it says of the book: 32 bits hold its numbers."""

import numpy as np
import pytest

from integers import too_large
from tests.support.book import NOTEBOOKS, PACKAGE, ROOT, code_cells, output_text

MODULES = sorted(PACKAGE.rglob("*.py"))


def program(path):
    """Return the code of a module, or of all cells of a notebook."""
    if path.suffix == ".py":
        return path.read_text("utf-8")
    return "\n".join(cell["source"] for cell in code_cells(path))


@pytest.mark.parametrize("path", [*MODULES, *NOTEBOOKS], ids=lambda p: p.stem)
def test_whole_numbers_fit_in_the_32_bits_of_a_browser(path):
    found = list(too_large(program(path)))
    assert not found, f"{path.relative_to(ROOT)}: write a float or a dtype: {found}"


@pytest.mark.parametrize(
    ("largest", "too_much"),
    [
        ("np.arange(46341) ** 2", "np.arange(46342) ** 2"),
        ("2 ** np.arange(31)", "2 ** np.arange(32)"),
        ("1 << np.arange(31)", "1 << np.arange(32)"),
        ("np.array([3, 5]) ** 13", "np.array([3, 5]) ** 14"),
        ("np.full(3, 46340) ** 2", "np.full(3, 46341) ** 2"),
        ("np.arange(65536).sum()", "np.arange(65537).sum()"),
        ("np.cumsum(np.arange(65536))", "np.cumsum(np.arange(65537))"),
        ("np.prod(np.arange(1, 13))", "np.prod(np.arange(1, 14))"),
        ("np.arange(1, 13).prod()", "np.arange(1, 14).prod()"),
        ("np.cumprod(np.arange(1, 13))", "np.cumprod(np.arange(1, 14))"),
        ("np.arange(46341) * np.arange(46341)", "np.arange(46342) * np.arange(46342)"),
    ],
)
def test_what_stands_there_may_be_as_large_as_32_bits_hold(largest, too_much):
    for source, found in ((largest, []), (too_much, [too_much])):
        exact = eval(source, {"np": np})  # with the 64 bits of this machine
        assert (np.asarray(exact).astype(np.int32) != exact).any() == bool(found)
        assert list(too_large(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("k = np.arange(60_000)\nk * k", "k * k"),
        ("k = np.arange(60_000)\nk **= 2", "k ** 2"),
        ("k, x = np.arange(60_000), 2\nk**2", "k ** 2"),
        (
            "k = np.minimum(np.arange(60_000), 50_000)[3:].T\n(1 + k) ** 2",
            "(1 + k) ** 2",
        ),
        ("n = 60_000\nk = np.arange(n)\n-(k**2)", "k ** 2"),
        ("def f(n):\n    return np.arange(n) ** 2", "np.arange(n) ** 2"),
        ("def f(a):\n    return a.astype(int) ** 2", "a.astype(int) ** 2"),
        ("def f(n):\n    return np.prod(np.arange(n))", "np.prod(np.arange(n))"),
        ("2 ** np.arange(n, dtype=int)", "2 ** np.arange(n, dtype=int)"),
    ],
)
def test_arrays_are_followed_and_powers_of_what_is_unknown_are_named(source, found):
    assert list(too_large(source)) == [found]


@pytest.mark.parametrize(
    "source",
    [
        "np.arange(n) ** 2.0",
        "2.0 ** np.arange(n)",
        "np.arange(1.0, n) ** 2",
        "np.arange(n, dtype=np.int64) ** 2",
        "np.arange(n) / n ** 2",
        "(1.0 + np.arange(n)) ** 2",
        "k = np.arange(9)\nk = k / 3\nk**n",  # given something else
        "k = np.arange(9)\nfor k in things:\n    k**9",
        "k = np.arange(9)\ndef f(k):\n    return k**99",
        "def f():\n    k = np.arange(9)\nk**99",
        "x**2",
        "10**12",  # Python's own numbers have no end
    ],
)
def test_floats_told_types_and_what_is_no_array_pass(source):
    assert list(too_large(source)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_output_names_a_type_that_is_another_in_a_browser(path):
    said = [output_text(cell) for cell in code_cells(path)]
    assert not [text for text in said if "np.int" in text]
