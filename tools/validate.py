"""Run notebooks again, and compare what they show with what is stored in them.

usage: python tools/validate.py [NOTEBOOK ...]        (default: all chapters)

nbval gives each a fresh kernel, without a network, and two run side by side. How
long they took is printed at the end; it does not decide.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import budgets
from execute import QUIET, ROOT

PYTEST = "-m pytest -q --dist loadfile -p no:cacheprovider -c pyproject.toml"
NBVAL = "-p nbval.plugin --nbval --nbval-current-env"


def main() -> None:
    """Compare the notebooks named on the command line, or all; exit as pytest does."""
    names = [Path(name).resolve() for name in sys.argv[1:]]
    paths = names or sorted(ROOT.glob("chapters/*.ipynb"))
    workers = "-n2" if len(paths) > 1 else "-n0"
    before = budgets.yardstick()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = [f"--rootdir={paths[0].parent}", f"--junitxml={report}"]
        done = subprocess.run(
            [
                sys.executable,
                *PYTEST.split(),
                *NBVAL.split(),
                workers,
                *options,
                *paths,
            ],
            cwd=ROOT,
            env=os.environ | QUIET,
            check=False,
        )
        taken = budgets.seconds(report)
    print(budgets.table(taken, (before + budgets.yardstick()) / 2))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
