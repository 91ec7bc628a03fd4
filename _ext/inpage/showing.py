"""Shows objects on a page as a notebook would: figures, verdicts, explorers, text."""

from collections.abc import Callable
from typing import Any

from algollm_helpers.book.box import Box
from inpage import moving, streams, verdicts
from inpage.drawing import inlined
from inpage.telling import is_quiet, tell

# By type, what makes SVG of an object: `setup` enters that of figures.
printers: dict[type, Callable[[Any], str]] = {}


def display(*things: object) -> None:
    """Show objects, each in its best form."""
    streams.flush()
    if not is_quiet():
        for thing in things:
            _show(thing)


def _show(thing: Any) -> None:
    printer = next((printers[t] for t in type(thing).__mro__ if t in printers), None)
    if printer is not None:
        tell("figure", html=inlined(printer(thing)))
    elif isinstance(thing, Box):
        verdicts.tell_record(thing.record)
    elif (text := moving.html_of(thing)) is not None:
        tell("html", html=text)
    elif hasattr(thing, "_repr_html_"):
        tell("html", html=thing._repr_html_())
    else:
        tell("text", text=f"{thing!r}\n")
