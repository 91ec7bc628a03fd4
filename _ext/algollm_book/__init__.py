"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `formulas` turns TeX into MathML and
`mathfont` brings its font, `assets` leaves out what no page uses, `pictures` puts figures into the page so that they follow its colours, `explorers` turns stored
widgets into native controls, `scorecard` carries verdicts to the pages.
"""

from sphinx.application import Sphinx

from . import assets, explorers, formulas, mathfont, pictures, scorecard


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in (assets, formulas, mathfont, pictures, explorers, scorecard):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
