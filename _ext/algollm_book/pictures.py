"""Figures as part of the page: inlined SVG that follows the page's colours."""

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from algollm_helpers.book.figures import ROLES

from .compact import compact

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


class InlineFigures(SphinxPostTransform):
    """Put each notebook figure into the page, with its alternative text."""

    default_priority = 10  # after myst-nb has chosen among the forms of an output
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Replace images that the notebooks drew."""
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.app.srcdir, image["uri"].lstrip("/"))
            if "jupyter_execute" in path.parts and path.suffix == ".svg":
                svg = inline(path.read_text("utf-8"))
                label = html.escape(image.get("alt", ""))
                text = (
                    f'<div class="picture" role="img" aria-label="{label}">{svg}</div>'
                )
                image.replace_self(nodes.raw("", text, format="html"))


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(InlineFigures)
