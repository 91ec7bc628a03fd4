"""Ways into a page for keyboard and screen reader: skip links, and ids of one place."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

EXPLORER = re.compile(r'<div class="(?:explorer|live)" id="([^"]+)"')


class UniqueIds(SphinxPostTransform):
    """Number the ids that sphinx-exercise gives to each exercise and each solution.

    The first keeps its own, so that an address which leads to it still does.
    """

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Go through the sections of the page."""
        seen: dict[str, int] = {}
        for section in self.document.findall(nodes.section):
            for i, name in enumerate(section["ids"]):
                seen[name] = seen.get(name, 0) + 1
                if seen[name] > 1:
                    section["ids"][i] = f"{name}-{seen[name]}"


def _find_explorer(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Tell the template where its second skip link leads, if anywhere."""
    first = EXPLORER.search(context.get("body", ""))
    context["first_explorer"] = first[1] if first else None


def setup(app: Sphinx) -> None:
    """Register the transform, and look at each page."""
    app.add_post_transform(UniqueIds)
    app.connect("html-page-context", _find_explorer, priority=600)
