"""What a page loads: nothing from elsewhere, and nothing that it does not use."""

from typing import Any

from sphinx.application import Sphinx


def _tidy(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave out what a page does not use, and roles that ARIA has withdrawn.

    That is Thebe, which would load from elsewhere, and second copies.
    """
    kept, seen = [], set()
    for script in context.get("script_files", ()):
        name = str(script.filename or script.attributes.get("body"))
        name = name.partition(" =")[0]
        if "thebe" not in name.lower() and name not in seen:
            kept.append(script)
            seen.add(name)
    context["script_files"] = kept
    sheets = context.get("css_files", ())
    context["css_files"] = [s for s in sheets if "thebe" not in str(s.filename).lower()]
    body = context.get("body", "")
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> None:
    """Look over each page before it is written."""
    app.connect("html-page-context", _tidy, priority=900)
