"""The committed benchmark results: whole, anonymous, and consistent in themselves."""

from itertools import islice

import numpy as np
import pytest

from algollm_helpers.book import Benchmark
from algollm_helpers.engine import Tensor
from benchmarks import browser, by_hand, gradient, replay, scalar, tape
from benchmarks.kinds import NEWEST, OLDER
from benchmarks.measure import LARGE, RUNGS
from benchmarks.parts import LARGE_RUNGS, OPTIONAL, PARTS
from benchmarks.work import microgpt_run
from tests.support.book import ROOT
from tests.support.browser import CHROMIUM

RESULTS = ROOT / "benchmarks" / "results.json"
BENCH = Benchmark.read(RESULTS)
ENGINE = ("tape", "replay")
PYTORCH = ("torch", "torch_fused", "torch_compile")  # its best counts
SIZES = list(LARGE)
per_kind = pytest.mark.parametrize("entry", BENCH.kinds.values(), ids=BENCH.kinds)


def rows(part):
    """Return all rows of a part's rungs."""
    return [row for rung in part["rungs"].values() for row in rung.values()]


@pytest.mark.parametrize(("rung", "steps"), [(replay, 60), (by_hand, 60), (scalar, 3)])
def test_the_rungs_that_need_no_peer_agree_with_the_engine(rung, steps):
    work = microgpt_run()
    ours, theirs = (
        np.array([float(loss) for loss in islice(train(work), steps)])
        for train in (tape.train, rung.train)
    )
    assert np.abs(ours - theirs).max() <= 1e-12


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_rung_of_the_page_agrees_with_the_engine_and_says_what_ran_it():
    work = microgpt_run()
    found = browser.measured(work, runs=1)
    ours = np.array([float(loss) for loss in tape.train(work)])
    assert np.abs(ours - found["losses"]).max() <= 1e-12
    assert found["seconds"] > 0
    assert found["version"].startswith("Chrom")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_page_that_cannot_train_says_why():
    run = {"names": ["ada", "eva"], "params": [0.0], "rate": 0.01, "runs": 1}
    with pytest.raises(RuntimeError, match=r"did not train: .*parameters, got 1"):
        browser.answer(run)


def test_without_a_browser_there_is_no_rung_of_the_page(monkeypatch):
    monkeypatch.setattr(browser.doctor, "chromium", lambda: None)
    with pytest.raises(RuntimeError, match="no browser here, expected one of"):
        browser.measured(microgpt_run(), runs=1)


def test_both_kinds_of_processor_were_measured():
    assert set(BENCH.kinds) == {NEWEST, OLDER}
    new, old = BENCH.kinds[NEWEST], BENCH.kinds[OLDER]
    assert new["how"] == "native"
    assert "AVX512F" in new["instructions"].split()
    assert ("AVX512F" in old["instructions"]) == (old["how"] == "forced")
    for library in ("numpy", "torch", "xla"):
        assert new["libraries"][library] != old["libraries"][library]


@per_kind
def test_every_part_was_measured_in_five_rounds(entry):
    assert set(entry["rounds"]) == set(PARTS)
    assert min(entry["rounds"].values()) >= 5
    for part in (entry["microgpt"], *entry["large"].values()):
        for name, rung in part["rungs"].items():
            readings = {row["readings"] for row in rung.values()}
            assert readings == {1} if RUNGS[name].once else min(readings) >= 5


@per_kind
def test_every_rung_trains_the_same_model_on_one_thread_and_on_two(entry):
    rungs = entry["microgpt"]["rungs"]
    assert set(rungs) | OPTIONAL == set(RUNGS)
    for name, rung in rungs.items():
        assert set(rung) == {str(n) for n in RUNGS[name].threads}, name
    assert max(row["loss_gap"] for row in rows(entry["microgpt"])) <= 1e-12


@pytest.mark.parametrize("size", SIZES)
@per_kind
def test_the_larger_sizes_train_the_same_model_on_every_rung(entry, size):
    part = entry["large"][size]
    assert set(part["rungs"]) == set(part["float64_loss_gaps"]) == set(LARGE_RUNGS)
    assert all(set(rung) == {"1", "2"} for rung in part["rungs"].values())
    assert max(part["float64_loss_gaps"].values()) <= 1e-12
    # float32 against the run in float64
    assert max(row["loss_gap"] for row in rows(part)) <= 1e-4


@per_kind
def test_medians_lie_in_their_ranges_and_one_thread_is_one_core(entry):
    for part in (entry["microgpt"], *entry["large"].values()):
        for rung in part["rungs"].values():
            for threads, row in rung.items():
                assert 0 < row["least"] <= row["seconds"] <= row["greatest"]
                width = (row["greatest"] - row["least"]) / row["seconds"]
                assert 0 <= row["spread"] <= width + 1e-3
                assert row["cores"] <= int(threads) + 0.05


@per_kind
def test_the_slow_rung_is_timed_over_enough_steps(entry):
    row = entry["microgpt"]["rungs"]["scalar"]["1"]
    assert row["extrapolated"]
    assert row["timed_steps"] >= 300
    # Of a normal distribution the quartiles lie 1.35 deviations apart, and a median
    # is off by 1.25 of them over the root of the number of readings.
    assert row["spread"] / 1.35 * 1.25 / row["readings"] ** 0.5 <= 0.05


def test_the_bars_of_the_book_are_met_on_both_kinds():
    assert BENCH.ratio("scalar", ENGINE).low >= 1000
    assert BENCH.ratio(PYTORCH, ENGINE).low >= 6
    assert BENCH.ratio("jax", ENGINE, threads=1).low >= 1
    assert BENCH.ratio("torch", "numba").low >= 20
    assert BENCH.ratio("browser", "numba").high <= 3
    assert BENCH.ratio("browser", "by_hand", threads=1).high < 1  # as the lab says


@pytest.mark.parametrize("size", SIZES)
def test_the_engine_is_level_with_pytorch_at_larger_sizes(size):
    assert BENCH.ratio("torch_fused", ENGINE, size=size).low >= 1


def test_the_file_shows_where_jax_wins():
    on_two, on_one = (BENCH.ratio("jax", ENGINE, threads=n) for n in (2, 1))
    assert on_two.low < 1  # on one kind of processor at least
    assert on_two.high < on_one.low  # a second core helps JAX, and the engine not


@per_kind
def test_value_and_gradient_were_timed_on_the_network_of_the_chapter(entry):
    shapes = [(row["width"], row["batch"]) for row in entry["gradient"]]
    assert shapes == list(gradient.SHAPES)
    # Half the sum of squares: at x = 0 nothing, and its slope is x itself.
    x = Tensor(np.array([[0.5, -2.0]]))
    value = gradient.loss(x, [])
    value.backward()
    assert value.data == 2.125
    assert x.grad.tolist() == [[0.5, -2.0]]


@per_kind
def test_a_long_run_takes_no_more_memory_than_its_first_tenth(entry):
    long = entry["memory"]["long"]
    assert long["steps"] >= 10_000
    assert long["peak_bytes"] <= 1.02 * long["peak_bytes_after_a_tenth"]


@per_kind
def test_nothing_in_the_file_names_the_machine(entry):
    # Names of this machine are no test: it is another one than that which measured.
    about = {"how", "processor", "instructions", "cores", "system", "libraries"}
    assert set(entry) == about | {"versions", "rounds", *PARTS}
    assert "/" not in RESULTS.read_text("utf-8")
