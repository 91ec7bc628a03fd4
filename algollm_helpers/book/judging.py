"""From what was measured to a verdict: the book's rule, as a truth table.

The rule in words stands on the scorecard's page, ``chapters/claims.md``.
"""

from collections.abc import Iterable

import numpy as np

VERDICTS = ("holds", "holds if", "in part", "not at this scale", "false")


class Verdict(str):
    """A verdict that was computed: `judge` and `whole` alone make one."""

    __slots__ = ()


def judge(
    within: bool | np.bool,
    beyond: bool | np.bool | None = None,
    *,
    shown: bool | np.bool = True,
) -> Verdict:
    """Return the verdict on a sentence from what its cases said.

    Parameters
    ----------
    within : bool
        Whether the sentence agreed with every case that was tried inside its bounds:
        inside its condition where it has one, otherwise wherever it claims to hold.
    beyond : bool, optional
        The same for the cases outside the condition; None where none is in question.
    shown : bool
        Whether what was run can decide: the effect is larger than its own deviation,
        and the sizes that the sentence speaks of were reached.

    Returns
    -------
    Verdict
        "not at this scale" where it cannot be decided, "false" where a case inside
        disagrees, "holds if" where only cases outside do, otherwise "holds".

    Raises
    ------
    TypeError
        If one of them is anything but a bool of Python or NumPy: a number or an array
        is a measurement, and what is asked for is a test of it.

    Examples
    --------
    >>> gaps = [1e-12, 3e-13]
    >>> judge(max(gaps) < 1e-9)
    'holds'
    >>> judge(max(gaps) < 1e-9, beyond=0.2 < 1e-9)
    'holds if'
    """
    for name, given in (("within", within), ("beyond", beyond), ("shown", shown)):
        optional = name == "beyond" and given is None
        if not optional and not isinstance(given, bool | np.bool):
            raise TypeError(f"{name} must be True or False, got {given!r}")
    if not shown:
        return Verdict("not at this scale")
    if not within:
        return Verdict("false")
    return Verdict("holds" if beyond is None or beyond else "holds if")


def whole(parts: Iterable[str]) -> Verdict:
    """Return the verdict on a claim from those on its parts.

    Parts that agree give their own. If every part holds, some under a condition, the
    whole holds under those conditions.

    Examples
    --------
    >>> whole(["holds", "holds"]), whole(["holds", "false"])
    ('holds', 'in part')
    >>> whole(["holds", "holds if"])
    'holds if'
    """
    verdicts = set(parts)
    if verdicts == {"holds", "holds if"}:
        return Verdict("holds if")
    return Verdict(verdicts.pop() if len(verdicts) == 1 else "in part")
