"""Tests for tools/mutants: what is changed, what is not, and what spoiling does."""

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from algollm_helpers import descent
from algollm_helpers.book import mean_std
from cones import Notebook
from mutants import NotSpoilt, mutant, sites, spoil, spoil_result, spread
from tests.support.small import few
from tests.support.toys import write

floats = hnp.arrays(
    float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e3, 1e3)
)


@few
@given(floats)
def test_negated_twice_is_the_same_and_scaled_is_ten_times(x):
    assert np.array_equal(spoil("negated", spoil("negated", x)), x)
    assert np.array_equal(spoil("scaled", x), 10 * x)


@few
@given(floats)
def test_noise_keeps_the_shape_and_shuffling_the_numbers(x):
    assert spoil("noise", x).shape == x.shape
    if x.size > 1:
        assert sorted(spoil("shuffled", x).ravel()) == sorted(x.ravel())


def test_noise_is_as_large_as_what_it_replaces():
    noise = spoil("noise", np.full(100_000, 7.0))
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(7, rel=0.01)
    assert abs(noise.mean()) < 0.1


def test_noise_for_labels_is_labels():
    labels = np.repeat([2, 3, 5], 100)
    noise = spoil("noise", labels)
    assert set(noise.tolist()) == {2, 3, 4, 5}
    assert noise.dtype == labels.dtype
    assert not np.array_equal(noise, labels)


def test_values_keep_their_structure():
    value = {"a": [1, (2.5, True)], "b": mean_std([1.0, 3.0]), "c": print}
    spoilt = spoil("negated", value)
    assert spoilt["a"] == [-1, (-2.5, False)]
    assert spoilt["b"]._asdict() == {"mean": -2.0, "std": -(2**0.5)}
    assert spoilt["c"] is print
    assert type(spoilt["b"]) is type(value["b"])


def test_the_letters_of_documents_are_shuffled():
    documents = ["emma", "olivia", "a"]
    spoilt = spoil("noise", documents)
    assert spoilt != documents
    assert [sorted(text) for text in spoilt] == [sorted(text) for text in documents]


@pytest.mark.parametrize(
    ("way", "value"),
    [("negated", "emma"), ("noise", "a"), ("shuffled", 3.0), ("scaled", {"f": len})],
)
def test_what_holds_nothing_to_spoil_is_refused(way, value):
    with pytest.raises(NotSpoilt):
        spoil(way, value)


def test_a_function_gives_a_spoilt_result_or_gets_shuffled_arrays():
    assert spoil_result("negated", max)(2, 3) == -3
    x = np.arange(9.0)
    shuffled = spoil_result("shuffled", np.cumsum)(x)
    assert shuffled[-1] == x.sum()
    assert not np.array_equal(shuffled, np.cumsum(x))
    with pytest.raises(NotSpoilt):
        spoil_result("shuffled", abs)(3)


START = "import numpy as np\nfrom algollm_helpers import descent"
VALUES = {"np": np, "descent": descent}


@pytest.fixture
def changes(tmp_path):
    """Return what gives each change of a claim's cell, as kind, before and after."""

    def found(source, record='record("C1", "holds", a=a)'):
        path = write(tmp_path / "toy.ipynb", START, f"{source}\n{record}")
        notebook = Notebook(path)
        made = []
        for site in sites(notebook.claims["C1"], VALUES):
            cell = [s for s in notebook.statements if s.cell == site.statement.cell]
            other = mutant(site, cell)
            assert ast.unparse(ast.parse(other.source)).endswith(
                record.replace('"', "'")
            )
            made.append((other.kind, other.after))
        return made

    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b + c", [("code", "a = b - c")]),
        ("a = b * c", [("code", "a = b / c")]),
        ("a = 2 * b", [("code", "a = 2 / b"), ("number", "a = 20 * b")]),
        ("a = b > c", [("code", "a = b <= c")]),
        ("a = b == c", [("code", "a = b != c")]),
        ("a = -b", [("code", "a = +b")]),
        ("a = np.dot(b, 0.5)", [("number", "a = np.dot(b, 5.0)")]),
        ("a = np.fit(b, steps=9)", [("code", "a = np.fit(b, steps=0)")]),
        ("a = b\na -= c", [("code", "a += c")]),
        # left alone: places, seeds, settings, digits, sizes
        ("a = b[0]", []),
        ("a = b[1 + 1]", []),
        ("a = b[b > 0]", [("code", "a = b[b <= 0]")]),
        ("a = np.random.default_rng(3).normal(0.5)", [("number", None)]),
        ("a = np.mean(b, axis=0)", []),
        ("a = round(b, 2)", []),
        ("a = b\nassert a > 2.0", []),
        ("a = b\nprint(a + 1)", []),
        ("a = b\nplots.draw_hill(ax, a + 1)", []),
    ],
)
def test_code_is_changed_where_it_measures(source, expected, changes):
    found = [change for change in changes(source) if change[0] != "data"]
    if expected and expected[0][1] is None:
        assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    else:
        assert found == expected


def test_what_a_name_is_bound_to_is_spoilt_unless_it_is_drawn(changes):
    assert changes("a = b") == [("data", "a = _spoil('noise', b)")]
    assert changes("a, c = b, d") == [
        ("data", "a, c = (_spoil('noise', b), d)"),
        ("data", "a, c = (b, _spoil('negated', d))"),
    ]
    assert changes("a = rng.normal()") == []


def test_a_helper_is_spoilt_and_other_functions_are_not(changes):
    found = changes("a = descent.central_difference(np.exp, b)")
    assert [kind for kind, _ in found] == ["data", "helper"]
    after = "_spoil_result('scaled', descent.central_difference)(np.exp, b)"
    assert found[1][1] == f"a = {after}"


@pytest.mark.parametrize(
    "verdict",
    ["judge(a > 2.0)", '"holds" if a > 2.0 else "false"'],
)
def test_a_verdict_is_left_alone_wherever_it_is_made(verdict, changes):
    inside = changes("a = b", f'record("C1", {verdict}, a=a)'.replace('"', "'"))
    apart = changes(f"a = b\nv = {verdict}", 'record("C1", v, a=a)')
    assert inside == apart == [("data", "a = _spoil('noise', b)")]


def test_a_computed_verdict_is_decided_by_what_it_reads_and_not_by_what_it_shows(
    changes,
):
    source = "def f():\n    return d\n\n\na = f()\nc = f()"
    shown = "record('C1', judge(a > 2), a=a, c=c)"
    assert changes(source, shown) == [("data", "a = _spoil('noise', f())")]
    typed = "record('C1', 'holds', a=a, c=c)"
    assert len(changes(source, typed)) == 2


def test_the_first_mutants_are_spread_over_kinds_and_statements(tmp_path):
    lines = [f"a{i} = descent.central_difference(f, b{i} + c)" for i in range(20)]
    total = " + ".join(f"a{i}" for i in range(20))
    record = 'record("C1", "holds", a=a)'
    path = write(tmp_path / "toy.ipynb", START, *lines, f"a = {total}\n{record}")
    claim = Notebook(path).claims["C1"]
    first = spread(sites(claim, VALUES))[:6]
    assert [site.kind for site in first] == ["helper", "data", "code"] * 2
    assert len({site.statement.cell for site in first}) >= 4
    assert [s.node for s in spread(sites(claim, VALUES))[:6]] == [s.node for s in first]
