"""What is told to the page, and when nothing is."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Emit = Callable[[str, str], object]


class _Page:
    """Who listens."""

    emit: Emit = staticmethod(lambda kind, content: None)
    quiet = False  # a cell that only prepares for another one shows nothing


def begin(emit: Emit) -> None:
    """Tell everything to `emit` from now on."""
    _Page.emit = staticmethod(emit)


def tell(kind: str, **content: object) -> None:
    """Tell the page something that a cell shows."""
    if not _Page.quiet:
        _Page.emit(kind, json.dumps(content, ensure_ascii=False))


def is_quiet() -> bool:
    """Return whether nothing is shown just now."""
    return _Page.quiet


@contextmanager
def quietly(quiet: bool) -> Iterator[None]:
    """Show nothing while this lasts, if it is asked for."""
    _Page.quiet = quiet
    try:
        yield
    finally:
        _Page.quiet = False
