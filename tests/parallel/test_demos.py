"""Tests for parallel.demos: what the chapter reads from them, on real ranks.

That a model split over ranks has the loss and the gradient of one process is seen
here for every way of splitting. Starting ranks takes longer than what they do, so
each number of ranks is started once, and many tests read what it printed.
"""

import json
from functools import cache
from itertools import product

import pytest

from algollm_helpers.gpt.documents import Tokenizer, load_docs
from algollm_helpers.parallel import demos, mpi
from algollm_helpers.pipeline_schedule import SCHEDULES, simulate
from tests.support.jobs import PATIENCE

MODULE = "algollm_helpers.parallel.demos"
JOBS = {  # what runs in one start, by its number of ranks
    1: "data tensor pipeline --steps 5 --micro 3",
    # 64 documents, padded to some 10 tokens of 16 numbers: about 80 kB a message,
    # too long to be parked until the other one receives
    2: "data tensor pipeline hybrid --n-layer 2 --batch 256 --steps 3 --micro 1 4 8",
    # neither layers nor documents can be divided by the ranks
    4: "data tensor pipeline hybrid --n-layer 5 --batch 9 --steps 100 --micro 1 5 8",
    6: "pipeline hybrid --n-layer 7 --batch 8 --micro 4",
}
FIELDS = {
    "data": "losses loss_gap param_gaps copies_alike bitwise grad_gap "
    "grad_gap_unweighted_mean grad_gap_sum",
    "tensor": "loss_gap grad_gap sums sums_per_layer parameters",
    "pipeline": "runs",
    "hybrid": "grid loss_gap grad_gap",
}

pytestmark = pytest.mark.mpi


@cache
def printed(ranks, options=None):
    """Return what demonstrations on `ranks` ranks print, by name."""
    args = (options or JOBS[ranks]).split()
    job = mpi.run(ranks, MODULE, args, timeout=PATIENCE)
    assert job.code == 0, job.stderr
    return {line["demo"]: line for line in map(json.loads, job.stdout.splitlines())}


def test_each_prints_one_line_with_these_fields():
    found = printed(2)
    assert list(found) == list(demos.DEMOS) == list(FIELDS)
    for name, fields in found.items():
        assert list(fields)[:2] == ["demo", "ranks"]
        assert fields["ranks"] == 2
        assert set(fields) == {"demo", "ranks", *FIELDS[name].split()}
    expected = "schedule micro loss_gap grad_gap idle bubble peak".split()
    assert {tuple(run) for run in found["pipeline"]["runs"]} == {tuple(expected)}


def test_data_parallel_training_is_close_and_wrong_reductions_are_not():
    found = printed(4)["data"]
    assert found["copies_alike"]
    assert len(found["losses"]) == len(found["param_gaps"]) == 100
    assert found["loss_gap"] < 1e-10
    assert found["param_gaps"][-1] < 1e-10
    assert found["grad_gap"] < 1e-12
    # the unweighted mean is off by percents, the sum by about ranks − 1
    assert 0.005 < found["grad_gap_unweighted_mean"] < 0.5
    assert 2 < found["grad_gap_sum"] < 4


def test_one_rank_is_one_process_to_the_last_bit():
    found = printed(1)["data"]
    assert found["bitwise"]
    assert found["grad_gap"] == found["grad_gap_sum"] == 0


@pytest.mark.parametrize(("ranks", "layers"), [(1, 4), (2, 2), (4, 5)])
def test_layers_that_are_split_give_loss_and_gradient_of_one_process(ranks, layers):
    found = printed(ranks)["tensor"]
    assert found["ranks"] == ranks
    assert found["sums"] == layers * 4  # in each layer two forward and two back
    assert found["sums_per_layer"] == 4
    assert found["loss_gap"] < 1e-12
    assert found["grad_gap"] < 1e-12


def test_in_float32_split_layers_differ_by_rounding_alone():
    found = printed(2, "tensor --dtype float32")["tensor"]
    assert 1e-12 < found["grad_gap"] < 1e-6


@pytest.mark.parametrize(
    ("stages", "micro"), [(1, [3]), (2, [1, 4, 8]), (4, [1, 5, 8]), (6, [4])]
)
def test_a_pipeline_gives_loss_and_gradient_and_waits_as_foretold(stages, micro):
    runs = printed(stages)["pipeline"]["runs"]
    for found, (schedule, m) in zip(runs, product(SCHEDULES, micro), strict=True):
        assert (found["schedule"], found["micro"]) == (schedule, m)
        assert found["loss_gap"] < 1e-12
        assert found["grad_gap"] < 1e-12
        expected = simulate(schedule, stages=stages, micro=m)
        assert found["idle"] == pytest.approx(expected.idle, abs=1e-12)
        assert found["bubble"] == pytest.approx(expected.idle, abs=1e-12)
        assert found["peak"] == expected.peak


@pytest.mark.parametrize(("ranks", "grid"), [(2, [1, 2]), (4, [2, 2]), (6, [3, 2])])
def test_a_grid_of_ranks_gives_loss_and_gradient_of_one_process(ranks, grid):
    found = printed(ranks)["hybrid"]
    assert found["grid"] == grid
    assert found["loss_gap"] < 1e-12
    assert found["grad_gap"] < 1e-12


def test_each_seed_draws_its_own_weights_and_names():
    job = mpi.run(2, MODULE, ["data", "--steps", 1, "--seeds", 1, 2, 1])
    first, second, again = map(json.loads, job.stdout.splitlines())
    assert first == again
    assert first["losses"] != second["losses"]
    assert first["grad_gap_sum"] != second["grad_gap_sum"]


def test_the_names_have_every_letter_of_the_whole_list():
    assert Tokenizer.of(demos.names()) == Tokenizer.of(load_docs())


def test_an_unknown_demonstration_is_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        demos.main(["magic"])
    assert refused.value.code == 2
    assert "invalid choice: 'magic'" in capsys.readouterr().err
