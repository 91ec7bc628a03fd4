"""A verdict as the page shows it: the box of the site, made without Sphinx."""

import html
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from algollm_helpers.book.ledger import Table
from algollm_helpers.book.records import Record
from inpage.telling import tell


def tell_record(record: Record) -> None:
    """Tell a verdict, and whether it is the one that the book has stored."""
    measured = record.verdict, record.numbers, [*record.parts.values()]
    tell(
        "claim",
        id=record.id,
        verdict=record.verdict,
        claim=f"<p><strong>{record.id}</strong> {_text(record.row.claim)}</p>",
        finding=_finding(record) + _table(record.table),
        same=_stored().get(record.id) == measured,
    )


def _text(words: str) -> str:
    """Return words as HTML, with the quotes that the site sets."""
    return html.escape(re.sub(r"(?<!\w)'(?=\w)", "‘", words).replace("'", "’"))


def _finding(record: Record) -> str:
    if not record.parts:
        return _judged(record.headline, record.finding)
    parts = "".join(
        f'<li class="verdict-{part.verdict.replace(" ", "-")}">'
        f'<p class="says">“{_text(part.says)}”</p>'
        f"{_judged(part.headline, part.finding)}</li>"
        for part in record.outcomes.values()
    )
    return f'{_judged(record.headline, "")}<ul class="parts">{parts}</ul>'


def _judged(headline: str, finding: str) -> str:
    said = f"<strong>{_text(headline)}.</strong> {_text(finding)}"
    return f'<p class="judged">{said.strip()}</p>'


def _table(table: Table | None) -> str:
    if table is None:
        return ""
    head, *body = (
        "".join(f"<{tag}>{_text(cell)}</{tag}>" for cell in row)
        for tag, row in [("th", table.head), *(("td", row) for row in table.rows)]
    )
    rows = "".join(f"<tr>{row}</tr>" for row in body)
    return (
        f'<table class="table numbers"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


@cache
def _stored() -> dict[str, tuple[Any, ...]]:
    """Return verdict, numbers and verdicts of the parts of each claim of the book."""
    text = files("algollm_helpers").joinpath("data/claims.json").read_text("utf-8")
    return {
        claim["id"]: (
            claim["verdict"],
            claim["numbers"],
            [part["verdict"] for part in claim["parts"]],
        )
        for claim in json.loads(text)["claims"]
    }
