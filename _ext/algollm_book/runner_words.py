"""What the runner says on a page, in the language of the site."""

from sphinx.locale import _


def words() -> dict[str, str]:
    """Return each sentence by the name that the scripts know it by."""
    return {
        "fetch": _(
            "Starting Python in this page: {megabytes} MB, once, from this site."
        ),
        "above": _("Running what cell {number} needs: cell {other}."),
        "running": _("Running cell {number}."),
        "done": _("Cell {number} is done, after {seconds} s."),
        "raised": _("Cell {number} raised an error."),
        "raisedAbove": _("Cell {other}, which cell {number} needs, raised an error."),
        "stopped": _(
            "Stopped. With the next cell that you run, Python starts anew, and so do "
            "the cells above it."
        ),
        "broken": _("Python broke down: {why} It starts anew with the next cell."),
        "output": _("Output of your run of cell {number}"),
        "code": _("Code of cell {number}"),
        "figure": _("Figure drawn by your code"),
        "place": _("Cell {cell}, line {line}:"),
        "calls": _("All calls that led there"),
        "cut": _("What was printed after this is not shown: it is too long."),
        "empty": _("It shows nothing."),
        "keys": _("Ctrl+Enter runs the cell, Escape leaves it."),
        "keep": _("Keep my edits on this device"),
        "here": _("Run on this page:"),
        "same": _("The verdict and every number are those of the book."),
        "apart": _("This is not what the book has measured; it stands above."),
        "edited": _("With your edits, this is not the book's claim any more."),
        "reset": _("Cell {number} is as it was."),
        "gone": _("Python was stopped since: run the cell again to move this figure."),
    }
