"""Compare stored outputs with a fresh run, by nbval, as quiet as `execute` runs them.

usage: python tools/compare.py [NOTEBOOK ...]        (default: all chapters)

Several notebooks run two at a time. How long each took is told at the end, and does
not decide.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import budgets
from execute import QUIET, ROOT, asked_for

PYTEST = ["-q", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"]
NBVAL = ["--nbval", "--nbval-current-env", "-p", "listening"]


def main() -> None:
    """Run the notebooks' cells as tests; exit as pytest does."""
    purpose = "Compare stored outputs with a fresh run."
    paths = [path.resolve() for path in asked_for("compare", purpose)]
    os.environ.update(QUIET)  # for the kernels, wherever they start
    workers = ["-n2", "--dist=loadfile"] if len(paths) > 1 else ["-n0"]
    before = budgets.yardstick()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = [f"--rootdir={paths[0].parent}", f"--junitxml={report}"]
        code = pytest.main([*PYTEST, *NBVAL, *workers, *options, *map(str, paths)])
        taken = budgets.seconds(report)
    print(budgets.table(taken, (before + budgets.yardstick()) / 2))
    sys.exit(code)


if __name__ == "__main__":
    main()
