"""The committed benchmark results: whole, anonymous, and consistent in themselves."""

import json
from itertools import islice

import numpy as np
import pytest

from algollm_helpers.engine import Tensor
from benchmarks import by_hand, gradient, replay, scalar, tape
from benchmarks.work import microgpt_run
from tests.support.book import ROOT

TEXT = (ROOT / "benchmarks" / "results.json").read_text("utf-8")
RESULTS = json.loads(TEXT)
RUNGS = RESULTS["microgpt"]["rungs"]


@pytest.mark.parametrize(("rung", "steps"), [(replay, 60), (by_hand, 60), (scalar, 3)])
def test_the_rungs_that_need_no_peer_agree_with_the_engine(rung, steps):
    work = microgpt_run()
    ours, theirs = (
        np.array([float(loss) for loss in islice(train(work), steps)])
        for train in (tape.train, rung.train)
    )
    assert np.abs(ours - theirs).max() <= 1e-12


def test_every_rung_was_measured_five_times_and_trains_the_same_model():
    names = {"scalar", "tape", "by_hand", "numba", "torch", "torch_fused", "jax"}
    assert set(RUNGS) == names
    assert RESULTS["rounds"] >= 5
    for name, rung in RUNGS.items():
        assert rung["loss_gap"] <= 1e-12, name
        assert 0 < rung["least"] <= rung["seconds"] <= rung["greatest"], name


def test_the_ratios_are_those_of_the_medians():
    ratios = RESULTS["microgpt"]["times_as_fast"]
    for sentence, ratio in ratios.items():
        fast, slow = sentence.split(" than ")
        exact = RUNGS[slow]["seconds"] / RUNGS[fast]["seconds"]
        assert ratio == pytest.approx(exact, rel=2e-3), sentence


def test_the_bars_of_the_book_are_met():
    ratios = RESULTS["microgpt"]["times_as_fast"]
    assert ratios["tape than scalar"] >= 1000
    assert ratios["tape than torch"] >= 6
    assert ratios["tape than jax"] >= 1
    assert ratios["numba than torch"] >= 20
    for part in RESULTS["large"].values():
        assert part["tape_times_as_fast_as_torch"] >= 1


@pytest.mark.parametrize("size", ["0.8M", "10.7M"])
def test_the_larger_sizes_compare_best_with_best(size):
    part = RESULTS["large"][size]
    for peer in ("torch_fused", "jax"):
        times = part["times"]
        best = {
            rung: min(times[f"{rung}, threads {n}"]["seconds"] for n in (1, 2))
            for rung in ("tape", peer)
        }
        key = f"tape_times_as_fast_as_{peer.removesuffix('_fused')}"
        assert part[key] == pytest.approx(best[peer] / best["tape"], rel=2e-3)


@pytest.mark.parametrize("size", ["0.8M", "10.7M"])
def test_the_larger_sizes_train_the_same_model_on_every_rung(size):
    part = RESULTS["large"][size]
    assert set(part["float64_loss_gaps"]) == {"tape", "torch_fused", "jax"}
    assert max(part["float64_loss_gaps"].values()) <= 1e-12
    # float32 against the run in float64
    assert max(time["loss_gap"] for time in part["times"].values()) <= 1e-4


def test_value_and_gradient_were_timed_on_the_network_of_the_chapter():
    shapes = [(row["width"], row["batch"]) for row in RESULTS["gradient"]]
    assert shapes == list(gradient.SHAPES)
    # Half the sum of squares: at x = 0 nothing, and its slope is x itself.
    x = Tensor(np.array([[0.5, -2.0]]))
    value = gradient.loss(x, [])
    value.backward()
    assert value.data == 2.125
    assert x.grad.tolist() == [[0.5, -2.0]]


def test_nothing_in_the_file_names_the_machine():
    # Names of this machine are no test: it is another one than that which measured.
    assert set(RESULTS["machine"]) == {"cores", "processor", "system"}
    assert "/" not in TEXT
