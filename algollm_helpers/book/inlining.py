"""A figure as a part of a page: its colours are the page's, and so is its width."""

import re

from algollm_helpers.book.compact import compact
from algollm_helpers.book.figures import ROLES

PIXELS_PER_POINT = 1.5  # 11 pt in a figure then match the text around it
SIZE = re.compile(r'(<text style="[^"]*?)font-size: ([\d.]+px); font-family: [^;"]+')


def inline(svg: str) -> str:
    """Return an SVG of ours with its colours turned into the page's variables.

    Its size becomes a natural width in pixels; those of its words and the width of its
    lines become variables. The style sheet lets each follow the column in its own way.
    """
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # it is in the sheet
    for role, colour in ROLES.items():
        svg = svg.replace(colour, f"var(--book-{role})")
    svg = SIZE.sub(r"\1--size: \2", svg).replace("stroke-width: ", "--line: ")
    svg = re.sub(r'width="([\d.]+)pt" height="[\d.]+pt"', _pixels, svg, count=1)
    return compact(svg)


def _pixels(match: re.Match[str]) -> str:
    return f'width="{float(match[1]) * PIXELS_PER_POINT:.0f}"'
