"""A few claims as cards, for a visitor who has yet to meet the scorecard."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from algollm_helpers.book.claims import Found

from .scorecard import link_to, lookup, slug

SENTENCES = re.compile(r"(?<=[.]) (?=[A-Z0-9])")


class ClaimCards(SphinxDirective):
    """Claims by their ids, each with its verdict and the first that was measured."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make a card of each."""
        found = [lookup(self.env, name) for name in self.arguments[0].split()]
        cards = nodes.container("", *map(self._card, found), classes=["claim-cards"])
        for paragraph in cards.findall(nodes.paragraph):
            self.set_source_info(paragraph)
        return [cards]

    def _card(self, found: Found) -> nodes.container:
        record = found.record
        verdict = nodes.strong("", _(record.verdict))
        first = SENTENCES.split(record.finding)[0]
        link = link_to(self.env, found, _("How it was tested"))
        return nodes.container(
            "",
            nodes.paragraph("", "", verdict, classes=["judged"]),
            nodes.paragraph(record.row.claim, record.row.claim, classes=["says"]),
            *_parts(found),
            nodes.paragraph(first, first),
            nodes.paragraph("", "", link),
            classes=["claim-card", slug(record.verdict)],
        )


def _parts(found: Found) -> list[nodes.bullet_list]:
    """Return which part of the claim came out how, where they differ."""
    outcomes = found.record.outcomes.values()
    if len({outcome.verdict for outcome in outcomes}) < 2:
        return []
    parts = nodes.bullet_list("", classes=["parts"])
    for outcome in outcomes:
        text = f"“{outcome.says}”: {_(outcome.verdict)}"
        line = nodes.paragraph("", text)
        parts += nodes.list_item("", line, classes=[slug(outcome.verdict)])
    return [parts]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("claim-cards", ClaimCards)
