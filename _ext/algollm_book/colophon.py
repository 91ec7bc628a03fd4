"""Which edition this is, at the foot of each page and in a form that can be cited."""

from functools import partial
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .edition import Edition, edition


def bibtex(said: Edition, *, year: str, address: str) -> str:
    """Return an entry for BibTeX; doubled braces keep capitals and whole names.

    The year is that of the edition's day, if it has one.
    """
    fields = {
        "title": f"{{{said.title}}}",
        "author": " and ".join(f"{{{name}}}" for name in said.authors),
        "year": str(said.day.year) if said.day else year,
        "note": f"Version {said.version}",
        "url": address,
    }
    lines = [f"  {name} = {{{text}}}" for name, text in fields.items() if text]
    return "@misc{algollm,\n" + ",\n".join(lines) + "\n}"


class CitationDirective(SphinxDirective):
    """Show how to cite this edition, as BibTeX."""

    def run(self) -> list[nodes.Node]:
        """Return the entry."""
        folder = Path(self.env.srcdir)
        for name in ("CITATION.cff", "CHANGELOG.md"):
            self.env.note_dependency(str(folder / name))
        text = bibtex(
            edition(folder),
            year=self.config.copyright,
            address=self.config.html_baseurl,
        )
        return [nodes.literal_block(text, text, language="bibtex")]


def _offer(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    context["book_edition"] = partial(edition, Path(app.srcdir))  # for the footer


def setup(app: Sphinx) -> None:
    """Register the directive, and give templates the edition."""
    app.add_directive("citation", CitationDirective)
    app.connect("html-page-context", _offer)
