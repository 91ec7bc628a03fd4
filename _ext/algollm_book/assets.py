"""What a page loads: nothing from elsewhere, and nothing that it does not use."""

import re
from typing import Any

from sphinx.application import Sphinx

ONLY_WITH = {  # files that go on each page otherwise: what needs them
    "answers.css": re.compile('<form class="answer'),
    "answers.js": re.compile('<form class="answer'),
    "sphinx-design.min.css": re.compile(r'class="(?:[^"]* )?sd-'),
    "design-tabs.js": re.compile(r'class="(?:[^"]* )?sd-tab-'),
    "folding.css": re.compile('<details class="fold '),
    "folding.js": re.compile('<details class="fold code"'),
    "landing.css": re.compile('class="book-lead'),
    "scorecard.css": re.compile('<form class="scorecard-filter"'),
    "scorecard.js": re.compile('<form class="scorecard-filter"'),
}


def _tidy(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave out what a page does not use, and roles that ARIA has withdrawn.

    That is Thebe, which would load from elsewhere; second copies; and what cards,
    tabs, folded code, answers and the scorecard's controls need, where there are none.
    """
    body = context.get("body") or ""
    unused = ["thebe", *(n for n, use in ONLY_WITH.items() if not use.search(body))]
    for files in ("script_files", "css_files"):
        kept: dict[str, Any] = {}
        for file in context.get(files, ()):
            name = str(file.filename or file.attributes.get("body"))
            if not any(word in name.lower() for word in unused):
                kept.setdefault(name.partition(" =")[0], file)
        context[files] = list(kept.values())
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> None:
    """Look over each page before it is written."""
    app.add_js_file("device.js", priority=100)  # before the scripts that call it
    app.connect("html-page-context", _tidy, priority=900)
