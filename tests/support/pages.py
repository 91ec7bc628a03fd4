"""Small documents, and the pages that the book's extension makes of them."""

from contextlib import contextmanager

import nbformat
from bs4 import BeautifulSoup
from ipywidgets.embed import dependency_state
from myst_nb.core.render import WIDGET_STATE_MIMETYPE, WIDGET_VIEW_MIMETYPE
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.testing.util import SphinxTestApp

VERSION = {"version_major": 2, "version_minor": 0}  # of the widgets' protocol


def cell(*bundles, alt=""):
    """Return a code cell that has shown these bundles of data, by kind."""
    outputs = [new_output("display_data", data=bundle) for bundle in bundles]
    metadata = {"mystnb": {"image": {"alt": alt}}} if alt else {}
    return new_code_cell("pass", outputs=outputs, metadata=metadata, execution_count=1)


def stored(*widgets):
    """Return the state of widgets as a notebook stores it."""
    state = dependency_state(widgets, drop_defaults=False)
    return {WIDGET_STATE_MIMETYPE: {"state": state} | VERSION}


def view(widget):
    """Return the bundle that shows a widget."""
    return {WIDGET_VIEW_MIMETYPE: {"model_id": widget.model_id} | VERSION}


def book(*cells, widgets=()):
    """Return a notebook of these cells."""
    metadata = {"language_info": {"name": "python"}}
    if widgets:
        metadata["widgets"] = stored(*widgets)
    return new_notebook(cells=list(cells), metadata=metadata)


def write(folder, pages):
    """Write pages into a folder: each a text, or a notebook, by its file's name."""
    for name, page in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = page if isinstance(page, str) else nbformat.writes(page)
        path.write_text(text, encoding="utf-8")


@contextmanager
def site(folder, pages, **settings):
    """Build the pages with the book's extension; the first is the root."""
    write(folder, {"conf.py": ""} | pages)
    root = next(iter(pages)).partition(".")[0]
    settings = {
        "exclude_patterns": ["_build"],
        "extensions": ["myst_nb", "algollm_book"],
        "html_theme": "basic",
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "root_doc": root,
    } | settings
    app = SphinxTestApp(srcdir=folder, confoverrides=settings)
    try:
        app.build()
        yield app
    finally:
        app.cleanup()


def page(app, name):
    """Return a built page, parsed."""
    return BeautifulSoup(
        (app.outdir / f"{name}.html").read_text("utf-8"), "html.parser"
    )
