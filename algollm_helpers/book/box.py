"""The box in which a notebook shows a verdict, and how it is read back.

The box holds its record twice: for the eye, and as JSON inside the HTML.
"""

import html
import json
import re

from algollm_helpers.book.ledger import TRIED, Table
from algollm_helpers.book.records import Record


class Box:
    """A record as text and as HTML."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def __repr__(self) -> str:
        record = self.record
        if not record.parts:
            return f"{record.id} {record.headline}: {record.finding}"
        lines = [f"{record.id} {record.headline}:"]
        for part in record.outcomes.values():
            lines.append(f"  “{part.says}” {part.headline}: {part.finding}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        record = self.record
        stored = {k: v for k, v in record._asdict().items() if k != "parts" or v}
        payload = html.escape(json.dumps(stored, ensure_ascii=False))
        return (
            f'<div class="claim" data-claim="{payload}" '
            'style="border-left: 4px solid; padding: 0.3em 1em">'
            f"<p><strong>{record.id}</strong> {html.escape(record.row.claim)}</p>"
            f"{_verdict(record)}{_table(record.table)}{_tried(record.tried)}</div>"
        )


def _verdict(record: Record) -> str:
    if not record.parts:
        return f"<p>{_marked(record.headline, record.finding)}</p>"
    items = "".join(
        f"<li><em>“{html.escape(part.says)}”</em><br>"
        f"{_marked(part.headline, part.finding)}</li>"
        for part in record.outcomes.values()
    )
    return f"<p><strong>{html.escape(record.headline)}.</strong></p><ul>{items}</ul>"


def _marked(headline: str, finding: str) -> str:
    return f"<strong>{html.escape(headline)}.</strong> {html.escape(finding)}"


def _table(table: Table | None) -> str:
    if table is None:
        return ""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in table.head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _tried(tried: dict[str, str]) -> str:
    if not tried:
        return ""
    text = "; ".join(TRIED[kind].format(what) for kind, what in tried.items())
    return f"<p><small>Tried: {html.escape(text)}.</small></p>"


def from_html(text: str) -> Record | None:
    """Read the record back from a verdict box, None where there is none."""
    match = re.search(r'<div class="claim" data-claim="([^"]*)"', text)
    return Record(**json.loads(html.unescape(match[1]))) if match else None
