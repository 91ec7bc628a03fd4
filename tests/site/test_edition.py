"""Tests for algollm_book.edition: version and date, from files and never the clock."""

from datetime import date

import pytest
from sphinx.errors import ExtensionError

from algollm_book.edition import edition, releases
from tests.support.pages import write

CITATION = 'title: "A book"\nauthors:\n  - name: We\nversion: 0.2.0\n'
CHANGES = "# Changelog\n\n## Unreleased\n\n- c\n\n## 0.2.0, 2026-03-01\n\n- b\n"


@pytest.fixture(autouse=True)
def _nobody_says_when(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def test_a_changelog_is_read_from_the_newest_on():
    assert releases(CHANGES + "\n### Known limits\n\n- d\n") == [
        ("", None, "- c"),
        ("0.2.0", date(2026, 3, 1), "- b\n\n### Known limits\n\n- d"),
    ]


@pytest.mark.parametrize(
    "heading", ["0.2.0", "0.2, 2026-03-01", "v0.2.0, 2026-03-01", "Next"]
)
def test_a_heading_of_another_form_is_refused_and_named(heading):
    with pytest.raises(ExtensionError, match=f"CHANGELOG.md: .*got '{heading}'"):
        releases(f"# Changelog\n\n## {heading}\n\n- a\n")


def made(folder, citation=CITATION, changes=CHANGES):
    write(folder, {"CITATION.cff": citation, "CHANGELOG.md": changes})
    return edition(folder)


def test_a_version_that_the_changelog_dates_is_released_on_that_day(tmp_path):
    said = made(tmp_path)
    assert said == ("A book", ["We"], "0.2.0", date(2026, 3, 1), True)


def test_a_version_that_it_does_not_name_is_not_released_and_has_no_day(tmp_path):
    said = made(tmp_path, CITATION.replace("0.2.0", "0.3.0"))
    assert (said.version, said.day, said.released) == ("0.3.0", None, False)


def test_whoever_builds_may_say_the_day_of_the_commit(tmp_path, monkeypatch):
    # 2026-03-02 00:00 UTC is 20,514 days after 1970; a second earlier is 1 March.
    for seconds, day in ((20_514 * 86_400, 2), (20_514 * 86_400 - 1, 1)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
        assert made(tmp_path).day == date(2026, 3, day)


def test_a_day_that_is_no_number_of_seconds_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ExtensionError, match="seconds since 1970, got 'yesterday'"):
        made(tmp_path)
