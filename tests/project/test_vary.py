"""Tests for tools/vary: what each variation does to claims whose answer is known."""

import numpy as np
import pytest

import vary
from algollm_helpers.book import mean_std
from algollm_helpers.book.benchmark import Span
from cones import Notebook
from execute import QUIET
from snapshots import alone
from tests.support.toys import write

pytestmark = pytest.mark.slow

START = """import numpy as np
from algollm_helpers.book import mean_std, record


def walk(lr, steps):  # to lr * steps, exactly for the rates used here
    w = 0.0
    for _ in range(steps):
        w += lr
    return w"""
CELLS = [
    # C1: 10; with three times the steps 30, with half and twice the rate 5 and 20
    "end = walk(0.25, 40)",
    'record("C1", "holds" if end < 20 else "false", end=end)',
    "draws = np.random.default_rng(0).normal(size=8)\nfirst = draws[0]",
    'record("C2", {"one": "holds", "two": "false"}, first=first)',
    'record("C3", "holds", all=mean_std(draws))',
    'assert end == 10\nrecord("C4", "holds", end=end)',
    'steps = 5\nfive = {5: 5}[steps]\nrecord("C5", "holds", five=five)',
    'record("C6", "holds", six=6, word="six")',
    "steps, turns = 5, 0\nwhile steps == 15:\n    turns += 1",
    'record("C7", "holds", turns=turns)',
    # A loop's assertion ends the cell; an older `found` must not pass for the new one.
    "found = 1.0\nfor end in [walk(0.5, 2)]:\n    assert end == 1\nfound = end",
    'record("C8", "holds", found=found)',
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return the notebook and what `repeat` gives for it."""
    path = write(tmp_path_factory.mktemp("toys") / "toy.ipynb", START, *CELLS)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUIET.items():
            patch.setenv(name, value)  # so that it is taken back
        with alone(1) as pool:
            return Notebook(path), *pool.submit(vary.repeat, path).result()


@pytest.fixture(scope="module")
def table(run):
    """Return the entries of the table, by claim and variation."""
    notebook, base, found = run
    return {
        claim.id: {
            name: vary.entry(claim, notebook.statements, base, repeated)
            for name, repeated in found.items()
        }
        for claim in notebook.claims.values()
    }


def test_a_verdict_and_a_number_that_are_others_are_said(table):
    assert table["C1"] == {
        "other seeds": "·",
        "steps × 3": "**holds → false**; end 10 → 30",
        "rates × ½": "end 10 → 5",
        "rates × 2": "**holds → false**; end 10 → 20",
    }


def test_another_seed_is_another_draw(table):
    old, new = (np.random.default_rng(seed).normal() for seed in (0, 1000))
    assert table["C2"]["other seeds"] == f"first {old:.3g} → {new:.3g}"
    assert table["C2"]["steps × 3"] == "·"


def test_a_number_within_its_deviation_is_the_same(table):
    old, new = (
        mean_std(np.random.default_rng(seed).normal(size=8)) for seed in (0, 1000)
    )
    assert 0 < abs(old.mean - new.mean) < old.std
    assert table["C3"]["other seeds"] == "same"


def test_an_assertion_that_fails_is_named_and_the_cell_goes_on(table):
    assert table["C4"]["steps × 3"] == (
        "**cell 13 fails:** `assert end == 10`; end 10 → 30"
    )


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("C5", "cell 15: KeyError: 15"),
        ("C7", "cell 19: more than 5 seconds"),
        ("C8", "cell 23: AssertionError: `assert end == 1`"),
    ],
)
def test_what_rests_on_a_statement_that_failed_was_not_measured(claim, reason, table):
    assert table[claim]["steps × 3"] == f"**not measured**, {reason}"
    assert table[claim]["other seeds"] == "·"


def test_what_holds_nothing_to_vary_is_marked(table):
    assert set(table["C6"].values()) == {"·"}


def test_the_report_names_each_change(run):
    lines = list(vary.report(*run))
    assert lines[1] == "| claim | other seeds | steps × 3 | rates × ½ | rates × 2 |"
    assert sum(line.startswith("| C") for line in lines) == 8
    assert "- cell 3: `walk(0.25, 40)` → `walk(0.25, 120)`" in lines
    assert (
        "- cell 7: `np.random.default_rng(0)` → `np.random.default_rng(1000)`" in lines
    )


@pytest.mark.parametrize(
    ("before", "after", "is_moved"),
    [
        (10, 11, False),
        (10, 11.01, True),
        (-10, -8.9, True),
        (0, 0, False),
        (0, 1e-3, True),
        (1e-16, 5e-16, False),
        (1.0, float("nan"), True),
        (mean_std([1.0, 2.0, 3.0]), mean_std([2.0, 3.0, 4.0]), False),
        (mean_std([1.0, 2.0, 3.0]), mean_std([2.1, 3.1, 4.1]), True),
        (mean_std([1.0, 2.0, 3.0]), 2.0, True),
        (Span(2.0, 3.0), Span(2.1, 3.2), False),
        (Span(2.0, 3.0), Span(2.0, 3.4), True),
        ("one", "one", False),
        ("one", "two", True),
        (np.int64(3), np.int64(3), False),
        (True, False, True),
    ],
)
def test_what_counts_as_moved(before, after, is_moved):
    assert vary.moved(before, after) is is_moved
