"""Tables that a cell shows: rows of words, drawn by the page."""

import html
from collections.abc import Sequence


class Table:
    """A table of words; as a cell's last expression it shows itself.

    Parameters
    ----------
    head : sequence of str
        What stands above each column.
    rows : sequence of sequence of str
        The rows, each as long as `head`.

    Raises
    ------
    ValueError
        If a row has another length.
    """

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            if len(row) != len(head):
                raise ValueError(
                    f"a row must have {len(head)} entries, as the head, got {row!r}"
                )
        self._head, self._rows = tuple(head), [tuple(row) for row in rows]

    def __repr__(self) -> str:
        return "\n".join(" | ".join(row) for row in [self._head, *self._rows])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(x)}</th>' for x in self._head)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(x)}</td>" for x in row) + "</tr>"
            for row in self._rows
        )
        return (
            f'<table class="table book-words"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )
