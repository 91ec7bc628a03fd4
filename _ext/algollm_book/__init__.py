"""The book's own Sphinx extension: what the stock tools leave to third parties.

`stored` reads the notebooks. `assets` serves MathJax from here, `pictures` puts
figures into the page so that they follow its colours, `explorers` turns stored
widgets into native controls, `scorecard` carries verdicts to the pages, and `search`
lets readers find the `sections`.
"""

from sphinx.application import Sphinx

from . import assets, explorers, pictures, scorecard, search


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    for part in (assets, pictures, explorers, scorecard, search):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
