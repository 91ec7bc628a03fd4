"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `assets` serves MathJax from here, `pictures` puts
figures into the page so that they follow its colours, `explorers` turns stored
widgets into native controls, `scorecard` carries verdicts to the pages. `landmarks`
and `sidebar` make ways into a page and between pages, `glossary` shows a word's
definition where it is linked, `bookmark` offers to go on where one stopped.
"""

from sphinx.application import Sphinx

from . import (
    assets,
    bookmark,
    explorers,
    glossary,
    landmarks,
    pictures,
    scorecard,
    sidebar,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in (
        assets,
        pictures,
        explorers,
        scorecard,
        glossary,
        landmarks,
        sidebar,
        bookmark,
    ):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
