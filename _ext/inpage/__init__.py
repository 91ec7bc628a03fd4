"""The notebook that a page is: runs its cells and tells the page what they show.

It stands where IPython and a kernel stand in Jupyter. The worker of the page loads it,
but nothing in it knows of a browser, so tests run it in any Python: `begin` is given a
function that takes what is told, `kind` by `kind`, as JSON.
"""

from inpage.moving import draw, move, tabulate
from inpage.running import begin, run

__all__ = ["begin", "draw", "move", "run", "tabulate"]
