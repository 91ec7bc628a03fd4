"""What notebooks and pages are made with: verdicts, exercises, explorers, figures.

A chapter takes what it uses from here. Each name is fetched when it is asked for, so
that a page without an explorer does not wait for ipywidgets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from algollm_helpers.book.benchmark import Benchmark as Benchmark
    from algollm_helpers.book.claims import record as record
    from algollm_helpers.book.deviation import mean_std as mean_std
    from algollm_helpers.book.exercises import check as check
    from algollm_helpers.book.explorers import explore as explore
    from algollm_helpers.book.explorers import live as live
    from algollm_helpers.book.judging import judge as judge
    from algollm_helpers.book.notebook import setup as setup

_MODULES = {  # public name -> module that has it
    "Benchmark": "benchmark",
    "check": "exercises",
    "explore": "explorers",
    "judge": "judging",
    "live": "explorers",
    "mean_std": "deviation",
    "record": "claims",
    "setup": "notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
