"""Figures as part of the page: inlined SVG that follows the page's colours."""

import html
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from algollm_helpers.book.inlining import inline


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
