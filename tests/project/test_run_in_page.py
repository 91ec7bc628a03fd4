"""Tests for tools/run_in_page.py: what differs is named, a run told in a line."""

import pytest

import run_in_page
from run_in_page import Ran, differences, told

SAID = {"printed": "a\nb", "verdicts": "C01\nholds.", "figures": "1", "errors": ""}


def test_what_is_said_as_stored_is_no_difference():
    assert list(differences(3, SAID, dict(SAID))) == []
    assert list(differences(3, SAID, SAID | {"printed": " a\nb\n"})) == []


@pytest.mark.parametrize("kind", SAID)
def test_each_kind_of_words_is_compared_and_named_with_its_cell(kind):
    (line,) = differences(3, SAID, SAID | {kind: "another"})
    assert line.startswith(f"cell 3, {kind}: ")
    assert "another" in line


def test_what_only_one_of_both_has_is_a_difference():
    assert len(list(differences(1, SAID | {"explorer-a": "rate"}, SAID))) == 1
    assert len(list(differences(1, SAID, SAID | {"explorer-a": "rate"}))) == 1


def test_a_run_is_told_with_its_seconds_and_all_that_differs():
    ran = Ran({1: 0.5, 4: 2.0}, 3, 8.25, ["cell 4, printed: 'a' != 'b'"])
    first, second = told("loss", ran).splitlines()
    assert first == (
        "loss: 2 cells (3 left out), start 8.2 s, cells 2.5 s, longest 2.0 s (cell 4), "
        "1 differences"
    )
    assert second == "  cell 4, printed: 'a' != 'b'"
    (only,) = told("loss", ran._replace(differences=[], left_out=0)).splitlines()
    assert only.startswith("loss: 2 cells, start ")
    assert only.endswith(", no differences")


def test_without_a_runner_it_says_how_to_have_one(monkeypatch, tmp_path):
    monkeypatch.setattr(run_in_page, "SITE", tmp_path)
    monkeypatch.setattr(run_in_page.sys, "argv", ["run_in_page.py"])
    with pytest.raises(SystemExit, match="REQUIRE_RUNNER=1 make book"):
        run_in_page.main()
