"""Tests for tools/cones: what a claim rests on, read from the cells."""

import pytest

from cones import Notebook
from tests.support.toys import write

RECORD = 'record("C1", "holds", a=a)'
F = "def f():\n    return k"


@pytest.mark.parametrize(
    ("sources", "needed"),
    [
        (["b = 1", "a = 2"], [1]),
        (["a = 1", "a = 2"], [1]),
        (["b = 1", "a = b", "b = 3"], [0, 1]),
        (["a, b = 1, 2"], [0]),
        (["a = 1", "if b:\n    a = 2"], [0, 1]),
        (["import numpy as np", "np.seterr(all='raise')", "a = np.ones(2)"], [0, 2]),
        # changed in place
        (["a = 1", "a += 1"], [0, 1]),
        (["a = [1]", "a.append(2)"], [0, 1]),
        (["a = [1]", "a[0] = 2"], [0, 1]),
        (["a = [1]", "train(a.first)"], [0, 1]),
        (["a = [1]", "for x in (1, 2):\n    a.append(x)"], [0, 1]),
        (["rng = make()", "b = rng.normal()", "a = rng.normal()"], [0, 1, 2]),
        # shown alone
        (["a = [1]", "print(a)"], [0]),
        (["a = [1]", "ax.plot(a)"], [0]),
        (["a = [1]", "draw_path(ax, a)"], [0]),
        # the own names of loops, comprehensions and functions
        (["c = [1]", "for c in (1, 2):\n    a = c"], [1]),
        (["c = 5", "a = [c for c in (1, 2)]"], [1]),
        (["c = 5", "a = [c for _ in (1, 2)]"], [0, 1]),
        (["c = 1", "for _ in b:\n    c = []\n    c.append(1)\n    a = c"], [1]),
        (["k = 1", "def f(k):\n    return k", "a = f(2)"], [1, 2]),
        (["k = 1", "def f():\n    k = 2\n    return k", "a = f()"], [1, 2]),
        (["k = 1", "def f(x=k):\n    return x", "a = f()"], [0, 1, 2]),
        # A function reads what there is when it is called.
        (["k = 1", F, "k = 2", "a = f()"], [1, 2, 3]),
        (["k = 1", F, "a = f()", "k = 2"], [0, 1, 2]),
        (["k = 1", F, "def g():\n    return f()", "k = 2", "a = g()"], [1, 2, 3, 4]),
    ],
)
def test_a_cone_holds_what_is_needed_and_nothing_else(sources, needed, tmp_path):
    notebook = Notebook(write(tmp_path / "toy.ipynb", *sources, RECORD))
    expected = [sources[i] for i in needed]
    assert [s.source for s in notebook.claims["C1"].cone] == [*expected, RECORD]
    assert notebook.claims["C1"].cells == [2 * i + 1 for i in (*needed, len(sources))]


def test_assertions_of_the_recording_cell_belong_to_the_cone_and_others_do_not(
    tmp_path,
):
    cells = ["a, b, c = 1, 2, 3", "d = 4", "assert c == 3"]
    last = f"{RECORD}\nassert b == d"
    notebook = Notebook(write(tmp_path / "toy.ipynb", *cells, last))
    found = [s.source for s in notebook.claims["C1"].cone]
    assert found == [*cells[:2], RECORD, "assert b == d"]


def test_a_statement_keeps_its_comments_and_its_decorators(tmp_path):
    source = "@cache\ndef f():\n    return 1  # shape ()\n\n\na = f()"
    path = write(tmp_path / "toy.ipynb", source)
    first, second = (s.source for s in Notebook(path).statements)
    assert first == "@cache\ndef f():\n    return 1  # shape ()"
    assert second == "a = f()"


@pytest.mark.parametrize(
    ("verdict", "typed"),
    [
        ('"holds"', {"": True}),
        ("judge(True)", {"": True}),
        ("judge(limit < 5)", {"": True}),
        ("judge(len(word) == 5)", {"": True}),
        ("judge(True and not word)", {"": True}),
        ("word", {"": True}),
        ("judge(a < limit)", {"": False}),
        ('"holds" if a < 3 else "false"', {"": False}),
        ("judge(close(a))", {"": False}),
        ("judge(given() < 5)", {"": False}),
        ("judge(loss(1) < 5)", {"": False}),
        ("found", {"": False}),
        ("judge(limit in empty)", {"": True}),
        ("judge(len(empty) > 2)", {"": True}),
        # A literal that a measurement is put into is one no longer.
        ("judge(len(filled) > 2)", {"": False}),
        ("judge(max(table.values()) < limit)", {"": False}),
        ("judge(count == 5)", {"": False}),
        ("judge(chosen == 5)", {"": False}),
        (
            '{"one": judge(a < 3), "two": judge(True)}',
            {"one": False, "two": True},
        ),
    ],
)
def test_a_typed_verdict_is_told_from_a_computed_one(verdict, typed, tmp_path):
    cells = [
        "import numpy as np\nfrom algollm_helpers.loss import loss",
        "from algollm_helpers.book import judge, record",
        'limit, word = 5, "holds"\nword = "holds"',
        "a = np.ones(1).sum()\nfound = judge(a == 1)",
        "empty, filled, table, count, chosen = [], [], {}, 0, 0",
        "for x in (1, 2):\n    filled.append(a)\n    table[x] = a\n    count += a > x",
        "if a > 0:\n    chosen = 5",
        "def close(x):\n    return x < 2",
        "def given():\n    return 3",
        f'record("C1", {verdict}, a=a)',
    ]
    claim = Notebook(write(tmp_path / "toy.ipynb", *cells)).claims["C1"]
    assert claim.typed() == typed
