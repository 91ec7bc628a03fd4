"""All claims with what was measured, as JSON for other programs.

``make execute`` writes ``data/claims.json`` with the outputs of the notebooks, and
``data/claims.schema.json`` says what it holds. The site offers both, and the command
``algollm claims`` prints the first.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from algollm_helpers.book.claims import Found
from algollm_helpers.book.judging import VERDICTS
from algollm_helpers.book.ledger import ledger
from algollm_helpers.book.records import Record

Entry = Mapping[str, Any]  # one claim, as it stands in the file


def published(found: Mapping[str, Found]) -> str:
    """Return the text of the file that holds these claims.

    Parameters
    ----------
    found : mapping of str to Found
        Verdicts by claim id, as :func:`~algollm_helpers.book.claims.collect` returns
        them; a place is the name of a page, such as ``"chapters/loss"``.
    """
    return _text(_entry(one) for one in found.values())


def renewed(text: str, place: str, found: Mapping[str, Found]) -> str:
    """Return the text of the file after one notebook was executed.

    Parameters
    ----------
    text : str
        The file before.
    place : str
        Name of the page whose notebook was executed.
    found : mapping of str to Found
        The verdicts that it holds now, by claim id. What else the file said of this
        notebook is dropped; what it says of others is kept.

    Raises
    ------
    ValueError
        If the file before was not one of ours.
    """
    try:
        before = json.loads(text)["claims"]
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"claims.json is damaged ({error}); `git checkout` has it as it was"
        ) from None
    others = [
        entry
        for entry in before
        if entry["notebook"] != f"{place}.ipynb" and entry["id"] not in found
    ]
    return _text([*others, *map(_entry, found.values())])


def _text(entries: Iterable[Entry]) -> str:
    by_id = {entry["id"]: entry for entry in entries}
    whole = {
        "$schema": "claims.schema.json",
        "verdicts": VERDICTS,
        "chapters": list(dict.fromkeys(row.chapter for row in ledger().values())),
        "claims": [by_id[claim_id] for claim_id in ledger() if claim_id in by_id],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _entry(found: Found) -> Entry:
    record, place = found
    row, table = record.row, record.table
    return {
        "id": record.id,
        "chapter": row.chapter,
        "essays": row.essays,
        "claim": row.claim,
        "verdict": record.verdict,
        "condition": _condition(record.headline),
        "finding": record.finding,
        "parts": _parts(record),
        "numbers": {name: record.numbers[name] for name in row.formats()},
        "value": row.value or None,
        "table": table and table._asdict(),
        "tried": record.tried,
        "settles": row.settles,
        "notebook": f"{place}.ipynb",
        "address": f"{place}.html#claim-{record.id.lower()}",
    }


def _parts(record: Record) -> list[Entry]:
    return [
        {
            "name": name,
            "says": part.says,
            "verdict": part.verdict,
            "condition": _condition(part.headline),
            "finding": part.finding,
        }
        for name, part in record.outcomes.items()
    ]


def _condition(headline: str) -> str | None:
    """Return what completes "holds if", None for any other verdict."""
    return (
        headline.removeprefix("holds if ") if headline.startswith("holds if") else None
    )
