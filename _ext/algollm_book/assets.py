"""What a page loads: MathJax from this site, and nothing that it does not use."""

from importlib.metadata import distribution
from pathlib import Path
from shutil import copyfile
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

# Its own extension is not used: it would copy 24 MB.
PACKAGE = "sphinx-mathjax-offline"
SCRIPT = f"{PACKAGE}/static/mathjax/tex-svg.js"

# Jupyter Book puts all of _static on each page; these go only where this is written.
ONLY_WITH = {
    "_static/folding.css": '<details class="fold">',
    "_static/folding.js": '<details class="fold">',
}


def _configure(app: Sphinx, config: Config) -> None:
    config.mathjax_path = "mathjax/tex-svg.js"
    # The menu and the speech engine would load further files when opened.
    options = {"enableMenu": False}
    config.mathjax3_config = {"options": options} | (config.mathjax3_config or {})


def _copy(app: Sphinx) -> None:
    # Not by html_static_path: Jupyter Book puts each script found there on each page.
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "mathjax", "tex-svg.js")
    target.parent.mkdir(parents=True, exist_ok=True)
    copyfile(str(distribution(PACKAGE).locate_file(SCRIPT)), target)


def _tidy(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave out what a page does not use, and roles that ARIA has withdrawn.

    That is Thebe, which would load from elsewhere; second copies; and MathJax on a
    page that has no maths itself but stands above pages that have.
    """
    body = context.get("body", "")
    for kind in ("css_files", "script_files"):
        context[kind] = [
            file
            for file in context.get(kind, ())
            if ONLY_WITH.get(str(file.filename), "") in body
        ]
    kept, seen = [], set()
    if not app.env.domaindata["math"]["has_equations"].get(page):
        seen |= {"window.MathJax", "_static/mathjax/tex-svg.js"}
    for script in context["script_files"]:
        name = str(script.filename or script.attributes.get("body"))
        name = name.partition(" =")[0]
        if "thebe" not in name.lower() and name not in seen:
            kept.append(script)
            seen.add(name)
    context["script_files"] = kept
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> None:
    """Point Sphinx to the copy, make it, and watch over the rest."""
    app.connect("config-inited", _configure)
    app.connect("builder-inited", _copy)
    app.connect("html-page-context", _tidy, priority=900)
