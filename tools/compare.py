"""Compare stored outputs with a fresh run, by nbval, as quiet as `execute` runs them.

usage: python tools/compare.py [OPTION OF PYTEST ...] NOTEBOOK ...
"""

import os
import sys

import pytest

from execute import QUIET, ROOT

NBVAL = "--nbval --nbval-current-env --nbval-cell-timeout 120".split()


def main() -> None:
    """Run the notebooks' cells as tests; exit as pytest does."""
    os.environ.update(QUIET)  # for the kernels, wherever they start
    sys.exit(
        pytest.main(["-q", "-c", f"{ROOT / 'pyproject.toml'}", *NBVAL, *sys.argv[1:]])
    )


if __name__ == "__main__":
    main()
