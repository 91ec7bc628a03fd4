"""Stand-in for IPython.display: what is displayed goes to the page."""

from inpage.showing import display

__all__ = ["display"]
