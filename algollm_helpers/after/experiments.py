"""Runs that take longer than a lab may: which there are, and what they gave.

Lab: ``chapters/after.ipynb``. ``make after`` measures every part of every experiment
and writes the rows into ``data/after.json``, from which the page reads them.
"""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from math import isclose
from typing import Any, NamedTuple

from algollm_helpers.after import (
    bowls,
    cooldown,
    letters,
    lora,
    rare,
    scaling,
    width,
    wishes,
)

Row = dict[str, Any]  # the settings of a part, then the numbers it gave


class Experiment(NamedTuple):
    """One function, called with the settings of each part."""

    measure: Callable[..., Row]  # settings -> numbers or lists of them, by name
    parts: tuple[Row, ...]
    small: int = 0  # the place of a part that takes less than a second
    within: float = 1e-3  # how far, in itself, a number may be off on another processor


EXPERIMENTS = {
    "wishes": Experiment(wishes.measure, wishes.PARTS, within=0.02),
    "width": Experiment(width.measure, width.PARTS, within=0.02),
    "bowls": Experiment(bowls.measure, bowls.PARTS, within=0.02),
    "scaling": Experiment(scaling.measure, scaling.PARTS, within=0.02),
    "rare": Experiment(rare.measure, rare.PARTS, within=0.02),
    "letters": Experiment(letters.measure, letters.PARTS, within=0.02),
    "cooldown": Experiment(cooldown.measure, cooldown.PARTS, within=0.02),
    "lora": Experiment(lora.measure, lora.PARTS, within=0.02),
}


def row(name: str, part: int) -> Row:
    """Measure one part: return its settings and what it gave, to six digits."""
    experiment = EXPERIMENTS[name]
    settings = experiment.parts[part]
    return settings | {
        key: _rounded(number) for key, number in experiment.measure(**settings).items()
    }


def _rounded(number: Any) -> Any:
    if isinstance(number, list | tuple):
        return [_rounded(each) for each in number]
    return number if isinstance(number, int) else float(f"{number:.6g}")


def stored(name: str, **only: Any) -> list[Row]:
    """Return the rows of an experiment that `make after` wrote.

    Parameters
    ----------
    name : str
        A key of `EXPERIMENTS`.
    **only
        Settings; rows with others are left out.

    Raises
    ------
    ValueError
        If there is no such experiment, or no row with these settings.
    """
    experiments = _stored()
    if name not in experiments:
        there = ", ".join(experiments)
        raise ValueError(f"no stored experiment {name!r}; there are {there}")
    rows: list[Row] = experiments[name]
    found = [row for row in rows if only.items() <= row.items()]
    if not found:
        raise ValueError(f"no row of {name!r} has {only}; one has {rows[0]}")
    return found


@cache
def _stored() -> dict[str, list[Row]]:
    source = files("algollm_helpers") / "data" / "after.json"
    experiments: dict[str, list[Row]] = json.loads(source.read_text("utf-8"))
    return experiments


def agree(old: Row, new: Row, *, within: float) -> bool:
    """Tell whether two rows say the same, up to what another processor's sums change.

    A training run magnifies rounding errors, the more in single precision and at high
    rates. Numbers may differ by `within` of themselves, or by a tenth of that if they
    are small; whole numbers and words may not.
    """
    return old.keys() == new.keys() and all(
        _near(old[key], new[key], within) for key in old
    )


def _near(old: Any, new: Any, within: float) -> bool:
    if isinstance(old, str | int) or type(old) is not type(new):
        return bool(old == new)
    if isinstance(old, list):
        pairs = zip(old, new, strict=False)
        return len(old) == len(new) and all(_near(*pair, within) for pair in pairs)
    return isclose(old, new, rel_tol=within, abs_tol=within / 10)
