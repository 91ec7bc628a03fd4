"""Shows objects on a page as a notebook would: figures, verdicts, explorers, text."""

import itertools
import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from inpage import streams
from inpage.telling import is_quiet, tell

# By type, what makes SVG of an object: `setup` enters that of figures.
printers: dict[type, Callable[[Any], str]] = {}
_ID = re.compile(r'(id="|#)(?=f[0-9a-f]{8}-)')  # and what refers to it
_count = itertools.count(1)


def display(*things: object) -> None:
    """Show objects, each in its best form."""
    streams.flush()
    if not is_quiet():
        for thing in things:
            _show(thing)


def _show(thing: Any) -> None:
    from algollm_helpers.book.box import Box
    from inpage import moving

    printer = next((printers[t] for t in type(thing).__mro__ if t in printers), None)
    if printer is not None:
        tell("figure", html=inlined(printer(thing)))
    elif isinstance(thing, Box):
        _tell_record(thing)
    elif (text := moving.html_of(thing)) is not None:
        tell("html", html=text)
    elif hasattr(thing, "_repr_html_"):
        tell("html", html=thing._repr_html_())
    else:
        tell("text", text=f"{thing!r}\n")


def inlined(svg: str) -> str:
    """Return an SVG for the page, its ids unlike those that the page has already."""
    from algollm_helpers.book.inlining import inline

    return inline(_ID.sub(rf"\g<1>run{next(_count)}-", svg))


def _tell_record(box: Any) -> None:
    """Tell a verdict, and whether it is the one that the book has stored."""
    record = box.record
    claim, rest = box._repr_html_().removesuffix("</div>").split("</p>", 1)
    tell(
        "claim",
        id=record.id,
        verdict=record.verdict,
        claim=claim[claim.index("<p>") :] + "</p>",
        finding=rest,
        same=_stored().get(record.id)
        == (record.verdict, record.numbers, [*record.parts.values()]),
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
