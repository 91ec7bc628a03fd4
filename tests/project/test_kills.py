"""Tests for tools/kills: who notices that what a claim rests on was destroyed."""

import json

import pytest

import kills
from execute import QUIET
from snapshots import alone
from tests.support.toys import write

pytestmark = pytest.mark.slow

START = (
    "import numpy as np\nfrom algollm_helpers.book import record\n\nxs = np.arange(9.0)"
)
HALVING = "n, turns = 8.0, 0\nwhile n > 0.5:\n    n = n / 2.0\n    turns += 1"
CELLS = {  # by claim: cells, the last of which records
    "C1": [
        "total = float((xs * 2.0).sum())",
        'record("C1", "holds" if abs(total - 72) < 1 else "false", total=total)',
    ],
    "C2": ['record("C2", "holds", total=total)'],
    "C3": ['word = {2.0: "a"}[1.0 + 1.0]\nrecord("C3", "holds", n=len(word))'],
    "C4": [
        HALVING,
        'record("C4", "holds" if turns == 4 else "false", turns=turns)',
    ],
    "C5": ["y = 3.0 * 2.0\nassert y == 6", 'record("C5", "holds", y=y)'],
    "C6": ['size = len(xs)\nrecord("C6", "holds" if size == 9 else "false", n=size)'],
    "C7": [
        'many = "holds" if size > 4 else "false"',
        'record("C7", {"many": many, "all": "holds"}, n=size)',
    ],
}


@pytest.fixture(scope="module")
def examine():
    """Return what examines a notebook in a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUIET.items():
            patch.setenv(name, value)  # so that it is taken back
        with alone(1) as pool:
            yield lambda *given: pool.submit(kills.examine, *given).result()


@pytest.fixture(scope="module")
def results(examine, tmp_path_factory):
    place = tmp_path_factory.mktemp("toys") / "toy.ipynb"
    sources = [source for cells in CELLS.values() for source in cells]
    found = examine(write(place, START, *sources))
    assert [result.claim for result in found] == list(CELLS)
    return {result.claim: result for result in found}


def test_a_verdict_that_depends_on_its_data_is_killed_across_cells(results):
    fates = results["C1"].fates
    assert {fate.fate for fate in fates} == {"killed"}
    assert {fate.by for fate in fates} == {"verdict"}
    assert {fate.kind for fate in fates} == {"data", "code", "number"}
    assert {fate.cell for fate in fates} == {1, 3}
    assert results["C1"].row()["verdict"] == "computed"


def test_a_typed_verdict_survives_what_changes_its_numbers(results):
    assert {fate.fate for fate in results["C2"].fates} == {"survived"}
    row = results["C2"].row()
    assert row["verdict"] == "typed"
    assert len(row["survivors"]) == len(results["C2"].fates) > 3


def test_a_broken_program_is_no_evidence(results):
    counts = results["C3"].counts
    assert counts["stillborn"] > 0
    assert counts["killed"] == counts["survived"] == 0


def test_what_does_not_end_is_stopped_and_counted_apart(results):
    counts = results["C4"].counts
    assert counts["endless"] > 0
    assert counts["killed"] > 0
    endless = [fate.after for fate in results["C4"].fates if fate.fate == "endless"]
    assert "n = n * 2.0" in endless


def test_an_assertion_of_the_cone_kills_whatever_the_verdict(results):
    assert {fate.by for fate in results["C5"].fates} == {"assertion"}
    assert results["C5"].row()["verdict"] == "typed"


def test_what_changes_nothing_that_is_recorded_is_idle(results):
    idle = [fate for fate in results["C6"].fates if fate.fate == "idle"]
    assert "xs = _spoil('noise', np.arange(9.0))" in [fate.after for fate in idle]
    assert results["C6"].counts["killed"] > 0


def test_a_verdict_is_looked_at_part_by_part(results):
    result = results["C7"]
    assert result.row()["verdict"] == {"many": "computed", "all": "typed"}
    assert {part for fate in result.fates for part in fate.parts} == {"many"}
    told = "\n".join(result.lines())
    assert "no change gave part 'all' another verdict" in told
    assert "part 'many'" not in told


def test_a_claim_is_known_by_its_id_wherever_its_cells_stand(
    results, examine, tmp_path
):
    sources = ["first = 1", START, "second = first + 1", *CELLS["C1"]]
    path = write(tmp_path / "moved.ipynb", *sources)
    (moved,) = examine(path, "C1")
    assert moved.notebook == "moved"
    there = [f._replace(cell=(f.cell - 1) // 2) for f in results["C1"].fates]
    here = [f._replace(cell=(f.cell - 1) // 2) for f in moved.fates]
    shift = {0: 1, 1: 3}
    assert here == [f._replace(cell=shift[f.cell]) for f in there]


def test_a_hidden_dependence_makes_the_cone_all_cells_from_its_first_on(
    examine, tmp_path
):
    cells = ["a = [1.0]\nb = a", "b.append(2.0)", "total = sum(a) * 1.0"]
    last = 'record("C1", "holds" if total == 3 else "false", total=total)'
    path = write(tmp_path / "hidden.ipynb", START, *cells, last)
    (result,) = examine(path)
    assert result.counts["killed"] > 0
    assert result.counts["survived"] == 0


def test_a_notebook_that_does_not_run_says_where(examine, tmp_path):
    path = write(tmp_path / "broken.ipynb", START, "assert xs.sum() < 0", *CELLS["C1"])
    with pytest.raises(RuntimeError, match=r"broken.ipynb, cell 3: AssertionError"):
        examine(path)


def test_results_stand_beside_those_of_other_claims_in_the_order_of_ids(
    results, tmp_path
):
    place = tmp_path / "kills.json"
    other = results["C5"]._replace(claim="C10", notebook="other")
    kills.save([other, results["C1"]], place)
    kills.save([results["C2"]], place)
    kept = json.loads(place.read_text("utf-8"))
    assert list(kept["claims"]) == ["C1", "C2", "C10"]
    killed = results["C1"].counts["killed"] + other.counts["killed"]
    decided = killed + results["C2"].counts["survived"]
    assert kept["total"]["rate"] == round(killed / decided, 3)
    assert kept["total"]["claims_typed"] == 2
    assert kept["total"]["claims_killed"] == 2
    kills.save([results["C4"]], place, whole={"toy"})
    assert list(json.loads(place.read_text("utf-8"))["claims"]) == ["C4", "C10"]


def test_an_unknown_claim_is_answered_with_the_usage(tmp_path, capsys):
    path = write(tmp_path / "toy.ipynb", START, *CELLS["C1"])
    with pytest.raises(SystemExit) as ended:
        kills.main([str(path), "--claim", "C99"])
    assert ended.value.code == 2
    assert "no notebook named here records 'C99'" in capsys.readouterr().err
