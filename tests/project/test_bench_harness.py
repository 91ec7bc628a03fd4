"""The benchmark's harness: switches, threads, refusals, and what it keeps of rounds."""

import json
import os
import subprocess

import numpy as np
import pytest

from benchmarks import kinds, measure, parts, run
from benchmarks.kinds import NEWEST, OLDER, SWITCHES, Kind
from benchmarks.measure import RUNGS, SCALAR_STEPS, representative
from benchmarks.parts import Job
from benchmarks.work import microgpt_run

NATIVE = Kind(NEWEST, "native", {}, {})
FORCED = Kind(OLDER, "forced", {"NPY_DISABLE_CPU_FEATURES": "X86_V4"} | SWITCHES, {})


@pytest.mark.parametrize("switches", [{}, FORCED.switches], ids=["native", "forced"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_process_gets_the_switches_of_its_kind_and_no_others(
    switches, threads, monkeypatch
):
    for name in kinds.CHOICES:
        monkeypatch.setenv(name, "of the workplace")
    found = kinds.environment(switches, threads)
    for name in kinds.CHOICES - {"XLA_FLAGS"}:
        assert found.get(name) == switches.get(name)
    flags = found["XLA_FLAGS"].split()
    assert ("--xla_cpu_max_isa=AVX2" in flags) == bool(switches)
    assert ("--xla_cpu_multi_thread_eigen=false" in flags) == (threads == 1)
    assert found["OMP_NUM_THREADS"] == found["NPROC"] == str(threads)


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system cannot say which cores"
)
def test_a_process_on_one_core_sees_one_and_its_parent_all_again():
    before = os.sched_getaffinity(0)
    with kinds.cores(1):
        assert len(os.sched_getaffinity(0)) == 1
    with pytest.raises(KeyError), kinds.cores(1):
        raise KeyError
    assert os.sched_getaffinity(0) == before


def test_a_library_that_does_as_it_likes_is_named():
    says = {"numpy": ["X86_V3", False], "torch": ["AVX512", True], "mkl": ["?", None]}
    assert kinds.disobeyed(says, avx512=False) == ["torch (AVX512)"]
    assert kinds.disobeyed(says, avx512=True) == ["numpy (X86_V3)"]


def reports(monkeypatch, *, native, forced):
    """Let the libraries of this machine say something else."""
    found = {
        False: {"newer": native, "says": {"numpy": ["", bool(native)]}},
        True: {"newer": [], "says": {"numpy": ["X86_V4", forced]}},
    }
    for entry in found.values():
        entry["instructions"] = ["AVX2"]
    monkeypatch.setattr(kinds, "report", lambda switches: dict(found[bool(switches)]))


def test_a_processor_with_avx512_is_measured_as_both_kinds(monkeypatch):
    reports(monkeypatch, native=["X86_V4", "AVX512_ICL"], forced=False)
    new, old = kinds.kinds()
    assert (new.name, new.how, new.switches) == (NEWEST, "native", {})
    assert (old.name, old.how) == (OLDER, "forced")
    assert old.switches == SWITCHES | {"NPY_DISABLE_CPU_FEATURES": "X86_V4,AVX512_ICL"}


def test_a_processor_without_is_measured_as_it_is(monkeypatch):
    reports(monkeypatch, native=[], forced=False)
    (only,) = kinds.kinds()
    assert (only.name, only.how, only.switches) == (OLDER, "native", {})


def test_a_switch_that_did_not_take_ends_the_run(monkeypatch):
    reports(monkeypatch, native=["X86_V4"], forced=True)
    with pytest.raises(RuntimeError, match=r"without AVX-512 \(forced\).*numpy \(X86"):
        kinds.kinds()


def test_mkl_and_onednn_are_heard_among_other_lines():
    intel = "Intel(R) Advanced Vector Extensions 512 (Intel(R) AVX-512) enabled"
    line = "MKL_VERBOSE oneMKL 2024 build 1 for Intel(R) 64 architecture {}, Lnx 2GHz\n"
    dnn = "onednn_verbose,v1,info,cpu,isa:Intel AVX2\nonednn_verbose,v1,exec,cpu\n"
    assert kinds.heard(line.format(intel) + "{}\n" + dnn) == {
        "mkl": (intel, True),
        "onednn": ("Intel AVX2", False),
    }
    # Elsewhere than on Intel's processors MKL keeps its instructions to itself.
    assert kinds.heard(line.format("processors")) == {"mkl": ("processors", None)}
    assert kinds.heard("nothing of the kind\n") == {}


def test_a_failure_is_told_by_its_last_line():
    with pytest.raises(
        RuntimeError, match=r"benchmarks.measure snail microgpt: KeyErr"
    ):
        kinds.run_module(
            "benchmarks.measure", "snail", "microgpt", switches={}, threads=1
        )


def answers(monkeypatch, *, fails=()):
    """Let measurements take no time; return the order in which they are made."""
    order = []

    def printed(_module, rung, task, *, switches, threads):
        order.append((bool(switches), rung, threads))
        if rung in fails:
            raise subprocess.TimeoutExpired(rung, 1)
        return f'a warning\n{{"seconds": {len(order)}.0}}\n'

    monkeypatch.setattr(parts, "run_module", printed)
    return order


def test_kinds_rungs_and_threads_take_turns_in_each_round(monkeypatch):
    order = answers(monkeypatch)
    jobs = [Job("tape", "t", 1), Job("tape", "t", 2), Job("jax", "t", 1)]
    found = parts.rounds_of([NATIVE, FORCED], jobs, rounds=2)
    once = [(forced, j.rung, j.threads) for j in jobs for forced in (False, True)]
    assert order == once * 2
    assert [r["seconds"] for r in found[OLDER][jobs[1]]] == [4.0, 10.0]


def test_what_compiles_longest_is_measured_in_the_first_round_alone(monkeypatch):
    answers(monkeypatch)
    jobs = [Job("torch_compile", "t", 1), Job("tape", "t", 1)]
    found = parts.rounds_of([NATIVE], jobs, rounds=3)[NEWEST]
    assert [len(readings) for readings in found.values()] == [1, 3]


def test_what_scatters_most_is_read_more_often_kind_by_kind(monkeypatch):
    order = answers(monkeypatch)
    jobs = [Job("scalar", "t", 1), Job("tape", "t", 1)]
    found = parts.rounds_of([NATIVE, FORCED], jobs, rounds=2)
    turns = RUNGS["scalar"].turns
    assert turns > 1
    assert [len(found[NEWEST][job]) for job in jobs] == [2 * turns, 2]
    assert [forced for forced, rung, _ in order if rung == "scalar"] == (
        [False, True] * turns * 2
    )


def test_only_a_rung_that_may_be_missing_is_left_out(monkeypatch):
    order = answers(monkeypatch, fails={"torch_compile"})
    jobs = [Job("torch_compile", "t", 1), Job("tape", "t", 1)]
    found = parts.rounds_of([NATIVE, FORCED], jobs, rounds=2)
    assert list(found[NEWEST]) == list(found[OLDER]) == [jobs[1]]
    assert [rung for _, rung, _ in order].count("torch_compile") == 1
    assert len(found[OLDER][jobs[1]]) == 2
    answers(monkeypatch, fails={"tape"})
    with pytest.raises(subprocess.TimeoutExpired):
        parts.rounds_of([NATIVE], jobs[1:], rounds=1)


def test_the_spread_is_that_of_the_quartiles():
    reading = {"timed_steps": 10, "extrapolated": False, "cores": 1.0}
    five = [reading | {"seconds": s} for s in (8.0, 9.0, 10.0, 12.0, 100.0)]
    found = parts.summary(five)
    # One slow reading of five moves neither the median nor the quartiles.
    assert (found["seconds"], found["least"], found["greatest"]) == (10.0, 8.0, 100.0)
    assert found["spread"] == pytest.approx((12 - 9) / 10)
    assert (found["readings"], found["timed_steps"]) == (5, 50)


def test_the_gap_is_the_largest_of_all_rounds():
    rounds = [{"losses": [1.0, 2.0]}, {"losses": [1.5, 2.0]}]
    assert parts.gap(rounds, [1.0, 2.25, 7.0]) == 0.5


def test_a_gap_that_is_not_a_number_is_not_lost_among_numbers():
    for losses in ([np.nan, 1.0], [1.0, np.nan]):
        assert np.isnan(parts.gap([{"losses": losses}], [1.0, 1.0]))


@pytest.mark.parametrize("off", [1e-3, np.nan])
def test_a_rung_that_trains_another_model_is_not_published(off):
    good, bad = {"1": {"loss_gap": 1e-15}}, {"1": {"loss_gap": 0.0}}
    bad["2"] = {"loss_gap": off}
    kept, left_out = parts.the_same_model({"tape": good, "torch_compile": bad})
    assert kept == {"tape": good}
    assert left_out == {"torch_compile": f"its losses are off by {off:.1g}"}
    with pytest.raises(ValueError, match="losses of jax are off by"):
        parts.the_same_model({"tape": good, "jax": bad})


def test_no_stretch_of_the_slow_rung_has_texts_nearer_to_those_of_the_run():
    work = microgpt_run()

    def off(steps):
        mean, whole = (
            sum(t.size - 1 for t in w.tokens) / len(w.tokens)
            for w in (work.first(steps), work)
        )
        return abs(mean / whole - 1)

    found = off(representative(work))
    assert found < 0.03  # and time is counted by token
    assert found == min(map(off, SCALAR_STEPS))


def test_the_first_fifth_of_the_steps_is_not_timed(monkeypatch):
    ticks = []  # what each step takes: the first two are slow

    def train(work):
        for i, _ in enumerate(work.tokens):
            ticks.append(100.0 if i < 2 else 0.5)
            yield float(i)

    monkeypatch.setattr(measure.time, "perf_counter", lambda: sum(ticks))
    found = measure.timed(train, microgpt_run().first(10))
    assert found["seconds"] == 0.5
    assert found["timed_steps"] == 8
    assert found["losses"] == list(range(10))


def test_every_rung_is_a_module_that_is_there():
    for rung in RUNGS.values():
        assert (run.RESULTS.parent / f"{rung.module}.py").exists()


HEAD = {NEWEST: {"processor": "A", "cores": 2}}


def test_a_part_is_added_to_what_the_same_computer_measured():
    parted = {"large": 1, "growth": 2, "rounds": {"large": 5, "growth": 5}}
    stored = {
        NEWEST: HEAD[NEWEST] | parted,
        OLDER: {"processor": "B", "large": 3},
    }
    found = run.started(stored, HEAD, ["large"])
    assert found == stored  # nothing is lost if the run ends before its time
    fresh = run.merged(found[NEWEST], 4, "large", 7)
    rounds = {"growth": 5, "large": 7}
    assert fresh == stored[NEWEST] | {"large": 4, "rounds": rounds}


def test_two_computers_are_not_mixed_in_one_entry():
    stored = {NEWEST: {"processor": "B", "cores": 2, "growth": 2, "rounds": {}}}
    with pytest.raises(
        ValueError, match=r"'newest': growth were .* another processor;"
    ):
        run.started(stored, HEAD, ["large"])
    everything = run.started(stored, HEAD, list(parts.PARTS))
    assert everything == {NEWEST: HEAD[NEWEST] | {"rounds": {}}}
    assert run.started({}, HEAD, ["large"]) == everything  # the first of its kind


def test_results_are_put_in_place_in_one_piece(tmp_path, monkeypatch):
    target = tmp_path / "results.json"
    monkeypatch.setattr(run, "RESULTS", target)
    run.write({"kinds": {}})
    run.write({"kinds": {NEWEST: {}}})
    assert json.loads(target.read_text("utf-8")) == {"kinds": {NEWEST: {}}}
    assert list(tmp_path.iterdir()) == [target]
