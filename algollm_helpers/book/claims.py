"""Verdicts on the essays' claims, recorded by the cell that measures.

``data/claims.toml`` holds the sentences; a run supplies the verdict and the
numbers. The site reads both back from the stored notebooks, so a number that is
printed anywhere has one source.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from IPython.display import display

from algollm_helpers.book.box import Box, from_html
from algollm_helpers.book.ledger import ledger
from algollm_helpers.book.records import Record, checked, settle


def record(
    claim_id: str, verdict: str | Mapping[str, str], /, **numbers: object
) -> None:
    """Show the verdict on a claim, and leave it in the notebook's output.

    Parameters
    ----------
    claim_id : str
        Id of a row of ``claims.toml``, such as ``"C43"``.
    verdict : Verdict or mapping of str to Verdict
        What :func:`~algollm_helpers.book.judging.judge` says of the run; for a row
        that has parts, of each part by its name. The verdict of the whole then follows;
        see :func:`~algollm_helpers.book.judging.whole`.
    **numbers : object
        A value for each field of the row's templates, formatted as it says there. One
        of :func:`~algollm_helpers.book.deviation.mean_std` prints with its deviation.

    Raises
    ------
    TypeError
        If a verdict is not one of `judge`.
    ValueError
        If the id is unknown, the row has no condition where "holds if" needs one, or
        parts and numbers are not those that the row names.

    Examples
    --------
    >>> from algollm_helpers.book.judging import judge
    >>> record("C99999", judge(24 == 24))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: unknown claim 'C99999': the ledger goes from C01 to C...
    """
    display(Box(settle(claim_id, verdict, numbers)))


class Found(NamedTuple):
    """A record, and where it was read."""

    record: Record
    place: str  # name of the notebook


def collect(notebooks: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Found]:
    """Read every verdict from the stored outputs of notebooks.

    Parameters
    ----------
    notebooks : iterable of (str, mapping)
        Name and parsed JSON of each notebook.

    Returns
    -------
    dict of str to Found
        The verdicts by claim id, each with the name of its notebook.

    Raises
    ------
    ValueError
        If a claim is recorded twice, is unknown, or what is stored is not what the
        ledger and its numbers give.
    """
    found: dict[str, Found] = {}
    for name, notebook in notebooks:
        for cell in notebook["cells"]:
            for output in cell.get("outputs", ()):
                text = "".join(output.get("data", {}).get("text/html", ""))
                if (read := from_html(text)) is None:
                    continue
                _check_stored(name, read, text)
                if read.id in found:
                    first = found[read.id].place
                    raise ValueError(
                        f"{read.id} is recorded twice: in {first} and {name}"
                    )
                found[read.id] = Found(read, name)
    return found


def _check_stored(name: str, read: Record, text: str) -> None:
    if read.id not in ledger():
        raise ValueError(f"{name} records {read.id!r}, which is not in the ledger")
    try:
        checked(read)
    except ValueError as error:
        raise ValueError(f"{name}: {error}; run `make execute`") from None
    if text != Box(read)._repr_html_():
        raise ValueError(
            f"{name}: the stored box of {read.id} is not what its numbers and "
            "claims.toml give; run `make execute`"
        )


def number_of(found: Mapping[str, Found], name: str) -> str:
    """Return one number of a claim, as the run printed it.

    Parameters
    ----------
    found : mapping of str to Found
        The verdicts by claim id, as :func:`collect` returns them.
    name : str
        Claim and number, such as ``"C105.end"``.

    Raises
    ------
    LookupError
        If no notebook has recorded the claim, or it has no number of this name.
    """
    claim_id, _dot, number = name.partition(".")
    if claim_id not in found:
        raise LookupError(f"no notebook has recorded {claim_id!r}")
    numbers = found[claim_id].record.numbers
    if number not in numbers:
        raise LookupError(
            f"{claim_id} has no number {number!r}, only {sorted(numbers)}"
        )
    return numbers[number]
