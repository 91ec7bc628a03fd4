"""Tests for book.benchmark: ratios kind by kind, the best of several, refusals."""

import json

import pytest

from algollm_helpers.book.benchmark import Benchmark, Span


def rows(one, two=None):
    """Return a rung's rows with these medians on one thread and on two."""
    rungs = {"1": {"seconds": one}} | ({"2": {"seconds": two}} if two else {})
    return {n: row | {"least": 0.0} for n, row in rungs.items()}


def kind(*, slow, quick, peer):
    small = {"rungs": {"slow": slow, "quick": quick, "peer": peer}}
    large = {"0.8M": {"rungs": {"quick": rows(7.0), "peer": rows(3.5)}}}
    return {"microgpt": small, "large": large, "speed": slow["1"]["seconds"]}


KINDS = {  # the second computer is three times as slow, and prefers two threads
    "new": kind(slow=rows(10.0), quick=rows(2.0, 4.0), peer=rows(1.0, 0.5)),
    "old": kind(slow=rows(30.0), quick=rows(8.0, 3.0), peer=rows(4.0, 6.0)),
}
BENCH = Benchmark(KINDS)


def test_a_ratio_is_taken_within_a_kind_and_its_range_over_kinds():
    # 10 / 2 and 30 / 3, at each kind's better number of threads; the medians of
    # different kinds never meet: 30 / 2 and 10 / 3 are no ratios.
    assert BENCH.ratio("slow", "quick") == Span(5.0, 10.0)
    assert BENCH.ratio("slow", "quick", threads=1) == Span(30 / 8, 5.0)
    assert BENCH.ratio("quick", "quick") == (1.0, 1.0)


def test_a_ratio_turned_round_is_its_inverse():
    there, back = BENCH.ratio("peer", "quick"), BENCH.ratio("quick", "peer")
    assert there == pytest.approx((1 / back.high, 1 / back.low), rel=1e-15)


def test_of_several_rungs_and_threads_the_best_counts():
    assert BENCH.best("old", "quick", "peer") == {
        "seconds": 3.0,
        "least": 0.0,
        "rung": "quick",
        "threads": 2,
    }
    assert BENCH.best("old", "quick", "peer", threads=1)["rung"] == "peer"
    assert BENCH.ratio("slow", ("quick", "peer")) == (10.0, 20.0)
    assert BENCH.seconds("quick", "peer") == (0.5, 3.0)
    assert BENCH.seconds("quick", size="0.8M") == (7.0, 7.0)
    # A rung that may be missing is no obstacle as long as one is there.
    assert BENCH.best("new", "slow", "compiled")["rung"] == "slow"


def test_anything_that_can_be_told_of_an_entry_has_a_range():
    assert BENCH.span(lambda entry: 1 / entry["speed"]) == Span(1 / 30, 0.1)


def test_one_kind_alone_is_a_range_of_one():
    alone = Benchmark({"old": KINDS["old"]})
    assert alone.ratio("slow", "quick") == (10.0, 10.0)
    assert f"{alone.ratio('slow', 'quick'):.1f}" == "10.0"


@pytest.mark.parametrize(
    ("span", "spec", "shown"),
    [
        (Span(5.04, 5.06), ".1f", "5.0 to 5.1"),
        (Span(5.06, 5.14), ".1f", "5.1"),
        (Span(1000.0, 1694.0), ",.0f", "1,000 to 1,694"),
        (Span(0.5, 0.75), ".0%", "50% to 75%"),
        (Span(1.5, 2.5), "", "1.5 to 2.5"),
    ],
)
def test_a_range_prints_both_ends_where_they_differ(span, spec, shown):
    assert format(span, spec) == shown


def test_str_is_the_format_without_a_specification():
    assert str(Span(1.0, 2.0)) == f"{Span(1.0, 2.0)}" == "1.0 to 2.0"


def test_the_file_is_read_by_kind(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"kinds": KINDS}), "utf-8")
    assert Benchmark.read(path) == BENCH


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"threads": 2}, "no measurement of slow at microgpt with 2 threads, new"),
        ({"size": "0.8M"}, "no measurement of slow at 0.8M .* quick, peer"),
    ],
)
def test_what_was_not_measured_is_refused(wanted, message):
    with pytest.raises(ValueError, match=message):
        BENCH.best("new", "slow", **wanted)
