"""Pictures of Matplotlib as parts of the page."""

import itertools
import re

from algollm_helpers.book.inlining import inline

_ID = re.compile(r'(id="|#)(?=f[0-9a-f]{8}-)')  # and what refers to it
_count = itertools.count(1)


def inlined(svg: str) -> str:
    """Return an SVG for the page, its ids unlike those that the page has already."""
    return inline(_ID.sub(rf"\g<1>run{next(_count)}-", svg))
