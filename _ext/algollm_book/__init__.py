"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `assets` serves MathJax from here, `pictures` puts
figures into the page so that they follow its colours, `explorers` turns stored
widgets into native controls, `live` gives pages what answers the hand, with the data of
`trained`; `scorecard` carries verdicts to the pages.
"""

from sphinx.application import Sphinx

from . import assets, explorers, live, pictures, scorecard


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in (assets, pictures, explorers, live, scorecard):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
