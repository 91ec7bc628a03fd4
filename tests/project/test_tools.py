"""Tests for tools/budgets.py: what is marked and what fails."""

import subprocess
import sys

import pytest

from tests.support.book import ROOT


def judged(folder, **seconds):
    cases = "".join(
        f'<testcase classname="chapters.{name}.ipynb" name="Cell {i}" time="{t}"/>'
        for name, times in seconds.items()
        for i, t in enumerate(times)
    )
    report = folder / "report.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "budgets.py", report],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "within", "beyond"),
    [("loss", 29.9, 30.1), ("loss_lab", 89.9, 90.1), ("scale", 89.9, 90.1)],
)
def test_a_notebook_fails_beyond_three_times_its_budget(name, within, beyond, tmp_path):
    done = judged(tmp_path, **{name: [within - 1, 1]})
    assert done.returncode == 0
    assert "over its budget" in done.stdout
    late = judged(tmp_path, **{name: [beyond - 1, 1]})
    assert late.returncode == 1
    assert late.stderr.endswith(f"budget: {name}\n")


def test_one_within_its_budget_is_not_marked_and_none_is_an_error(tmp_path):
    assert "over" not in judged(tmp_path, loss=[5.0, 4.9]).stdout
    assert judged(tmp_path).returncode == 1
