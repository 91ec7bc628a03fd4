"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `formulas` turns TeX into MathML, and `mathfont` brings
its font. `pictures` puts figures into the page so that they follow its colours, in few
characters by `compact`; `explorers` turns stored widgets into native controls;
`scorecard` carries verdicts to the pages. `assets` and `prune` leave out what no page
uses, and `policy` shuts each page to all that is not of this site.
"""

from sphinx.application import Sphinx

from . import (
    assets,
    explorers,
    formulas,
    mathfont,
    pictures,
    policy,
    prune,
    scorecard,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in (
        assets,
        formulas,
        mathfont,
        pictures,
        explorers,
        scorecard,
        prune,
        policy,
    ):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
