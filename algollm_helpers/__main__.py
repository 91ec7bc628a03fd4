"""Lets ``python -m algollm_helpers`` run the program ``algollm``."""

import sys

from algollm_helpers.program.cli import main

if __name__ == "__main__":
    sys.exit(main())
