"""Tests for tools/after: it writes what it measured, keeps the rest, and compares."""

import json

import pytest

import after
from algollm_helpers.after.experiments import EXPERIMENTS, Experiment, row


def half(n):
    return {"half": n / 2}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Two experiments and an empty file; all is measured in this process."""
    for name in list(EXPERIMENTS):
        monkeypatch.delitem(EXPERIMENTS, name)
    for name, parts in (("one", ({"n": 1}, {"n": 2})), ("two", ({"n": 3},))):
        monkeypatch.setitem(EXPERIMENTS, name, Experiment(half, parts))
    monkeypatch.setattr(after, "FILE", tmp_path / "after.json")
    after.FILE.write_text("{}", "utf-8")
    monkeypatch.setattr(after, "ProcessPoolExecutor", Here)
    return after.FILE


class Here:
    """A pool that works in this process."""

    def __init__(self, jobs, *_):
        assert jobs == 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def map(self, function, *arguments):
        """Call as the pool would."""
        assert function is row
        return map(function, *arguments)


def test_it_writes_every_row_and_then_finds_the_file_as_it_is(place, capsys):
    assert after.main([]) == 0
    rows = {"one": [{"n": 1, "half": 0.5}, {"n": 2, "half": 1.0}]}
    rows["two"] = [{"n": 3, "half": 1.5}]
    assert json.loads(place.read_text("utf-8")) == rows
    assert after.main(["--check"]) == 0
    assert capsys.readouterr().out == "one: as in the file\ntwo: as in the file\n"


def test_one_experiment_alone_leaves_the_rows_of_the_others(place):
    kept = [{"n": 3, "half": 9.0}]
    place.write_text(json.dumps({"two": kept}), "utf-8")
    assert after.main(["one"]) == 0
    held = json.loads(place.read_text("utf-8"))
    assert list(held) == ["one", "two"]  # in the order of the experiments
    assert held["two"] == kept


def test_a_row_that_is_another_or_missing_is_told_and_nothing_is_written(place, capsys):
    after.main([])
    true = place.read_text("utf-8")
    other = true.replace("1.0}", "1.1}")
    assert other != true
    place.write_text(other, "utf-8")
    assert after.main(["--check"]) == 1
    out = capsys.readouterr().out
    assert "one: not as in the file" in out
    assert "'half': 1.1}\n   measured {'n': 2, 'half': 1.0}" in out
    assert place.read_text("utf-8") == other
    place.write_text("{}", "utf-8")
    assert after.main(["--check", "two"]) == 1
    assert "the file has 0 rows, 1 were measured" in capsys.readouterr().out


def test_an_unknown_experiment_is_refused_by_name(place, capsys):
    with pytest.raises(SystemExit):
        after.main(["three"])
    assert "no experiment 'three'; there are one, two" in capsys.readouterr().err
