"""Tests for parallel.demos: what the chapter reads from them."""

from algollm_helpers.parallel import mpi
from algollm_helpers.parallel.demos import DEMOS
from tests.support.jobs import DEMOS as MODULE
from tests.support.jobs import PATIENCE, demo, demos

FIELDS = {
    "data": "losses loss_gap param_gaps bitwise grad_gap grad_gap_unweighted_mean "
    "grad_gap_sum",
    "tensor": "loss_gap grad_gap sums sums_per_layer",
    "pipeline": "runs",
    "hybrid": "grid loss_gap grad_gap",
}


def test_each_prints_one_line_with_these_fields():
    found = demos(2, *DEMOS, "--n-layer=2", "--steps=3")
    assert list(found) == list(DEMOS) == list(FIELDS)
    for name, fields in found.items():
        assert list(fields)[:2] == ["demo", "ranks"]
        assert fields["ranks"] == 2
        assert set(fields) == {"demo", "ranks", *FIELDS[name].split()}
    runs = found["pipeline"]["runs"]
    expected = "schedule micro loss_gap grad_gap idle bubble peak".split()
    assert [set(run) for run in runs] == 2 * [set(expected)]


def test_data_parallel_training_is_close_and_wrong_reductions_are_not():
    found = demo(4, "data", "--n-layer=1", "--steps=100")
    assert len(found["losses"]) == len(found["param_gaps"]) == 100
    assert found["loss_gap"] < 1e-10
    assert found["param_gaps"][-1] < 1e-10
    assert found["grad_gap"] < 1e-12
    # the unweighted mean is off by percents, the sum by about ranks − 1
    assert 0.005 < found["grad_gap_unweighted_mean"] < 0.5
    assert 2 < found["grad_gap_sum"] < 4


def test_one_rank_is_one_process_to_the_last_bit():
    found = demo(1, "data", "--steps=5")
    assert found["bitwise"]
    assert found["grad_gap"] == found["grad_gap_sum"] == 0


def test_an_unknown_demonstration_is_refused():
    assert mpi.run(1, MODULE, ["magic"], timeout=PATIENCE).code == 2
