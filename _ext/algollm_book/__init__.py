"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `assets` serves MathJax from here, `pictures` puts
figures into the page so that they follow its colours, `explorers` turns stored
widgets into native controls, `live` gives pages what answers the hand, with the data of
`trained`; `scorecard` carries verdicts to the pages.

`address` knows where the site is, `sharing` describes each page to those who list or
share it, with the `cards` and their `drawings`, `published` writes what the site has
for machines, and `moved` keeps old addresses working, some of them by a `bare` page.
`colophon` says which `edition` this is and how to cite it.
"""

from sphinx.application import Sphinx

from . import (
    address,
    assets,
    colophon,
    explorers,
    live,
    moved,
    pictures,
    published,
    scorecard,
    sharing,
)

PARTS = (
    address,
    assets,
    pictures,
    explorers,
    live,
    scorecard,
    colophon,
    sharing,
    published,
    moved,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
