"""Matplotlib's backend on a page: `show` shows each open figure and closes it."""

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_svg import FigureCanvasSVG

from inpage.showing import display

# Matplotlib looks for these names.
FigureCanvas, FigureManager = FigureCanvasSVG, FigureManagerBase


def show(*args: object, **kwargs: object) -> None:
    """Show what is open, in the order of its making."""
    for manager in Gcf.get_all_fig_managers():
        display(manager.canvas.figure)
    Gcf.destroy_all()


def forget() -> None:
    """Close what is open: its cell came to no good end."""
    Gcf.destroy_all()
