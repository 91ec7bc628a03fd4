"""Tests for algollm_helpers.after.experiments: the file holds what the code gives."""

import json

import pytest
from threadpoolctl import threadpool_limits

from algollm_helpers.after import experiments
from algollm_helpers.after.experiments import EXPERIMENTS, Experiment, agree
from tests.support.book import PACKAGE

FILE = json.loads((PACKAGE / "data" / "after.json").read_text("utf-8"))


def test_the_file_has_every_part_of_every_experiment_in_order():
    assert list(FILE) == list(EXPERIMENTS)
    for name, experiment in EXPERIMENTS.items():
        settings = [
            {key: row[key] for key in part}
            for row, part in zip(FILE[name], experiment.parts, strict=True)
        ]
        assert settings == list(experiment.parts), name


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_small_part_comes_out_as_the_file_has_it(name):
    small = EXPERIMENTS[name].small
    with threadpool_limits(1):  # on a busy computer, more wait for each other
        new = experiments.row(name, small)
    assert new.keys() > EXPERIMENTS[name].parts[small].keys(), "it measured nothing"
    within = EXPERIMENTS[name].within
    assert agree(FILE[name][small], new, within=within), new


@pytest.mark.parametrize(
    ("new", "same"),
    [
        ({"n": 1, "loss": 2.0019}, True),
        ({"n": 1, "loss": 2.0021}, False),
        ({"n": 2, "loss": 2.0}, False),
        ({"n": 1, "loss": 2.0, "more": 0.0}, False),
        ({"n": 1}, False),
        ({"n": "1", "loss": 2.0}, False),
        ({"n": 1, "loss": [2.0]}, False),
    ],
)
def test_rows_agree_to_the_share_that_is_asked(new, same):
    assert agree({"n": 1, "loss": 2.0}, new, within=1e-3) is same


@pytest.mark.parametrize(
    ("new", "same"),
    [
        ([1.0009, 0.0001], True),
        ([1.0, 0.00011], False),
        ([1.0], False),
        (1.0, False),
    ],
)
def test_lists_agree_number_by_number_and_small_numbers_to_a_tenth_of_it(new, same):
    assert agree({"curve": [1.0, 0.0]}, {"curve": new}, within=1e-3) is same


def test_whole_numbers_agree_if_they_are_the_same():
    assert not agree({"tokens": 10_000}, {"tokens": 10_001}, within=1e-3)


def test_a_part_is_its_settings_and_what_was_measured_to_six_digits(monkeypatch):
    def third(n):
        return {"third": n / 3, "all": [n / 3, n], "count": 7}

    parts = ({"n": 1}, {"n": 2})
    monkeypatch.setitem(EXPERIMENTS, "thirds", Experiment(third, parts))
    expected = {"n": 2, "third": 0.666667, "all": [0.666667, 2], "count": 7}
    assert experiments.row("thirds", 1) == expected


def test_rows_are_chosen_by_their_settings():
    for name, experiment in EXPERIMENTS.items():
        assert experiments.stored(name) == FILE[name]
        for part in experiment.parts:
            assert len(experiments.stored(name, **part)) == 1


def test_what_is_not_stored_is_refused_by_name():
    with pytest.raises(ValueError, match="no stored experiment 'alchemy'; there are"):
        experiments.stored("alchemy")
    for name in EXPERIMENTS:
        with pytest.raises(ValueError, match=r"has \{'n': 'none'\}; one has"):
            experiments.stored(name, n="none")
