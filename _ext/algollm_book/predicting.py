"""Predict, then see: a reader's guess, and the reading that opens after it.

Where a paragraph says **Predict.**, a field takes a guess. The paragraph **Read the
figure.** that follows the prediction's figure waits until there is one, or until it is
asked for. In the notebook, without a script and on paper all is open.
"""

import hashlib
import html
from collections.abc import Iterator
from typing import TypeGuard

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from .answering import KeptNode, kept_before

PREDICT, READ = "Predict", "Read the"  # figure, or numbers


class GuessNode(KeptNode):
    """Stands after the paragraph that asks for a prediction."""


class Predicting(SphinxTransform):
    """Put a field after each prediction, and join it with its reading."""

    default_priority = 5  # before translation: the marks are words of the source

    def apply(self, **kwargs: object) -> None:
        """Go through the paragraphs."""
        for asks in list(self.document.findall(nodes.paragraph)):
            if not _has(asks, PREDICT):
                continue
            # By its words: a guess at what was asked before is no guess at this.
            digest = hashlib.sha256(asks.astext().encode()).hexdigest()[:8]
            guess = GuessNode(name=f"{self.env.docname}#{digest}", of=digest)
            reading = _reading_of(asks)
            if reading is not None:
                guess["opens"] = f"reading-{digest}"
                reading["ids"].append(guess["opens"])
                reading["classes"].append("reading")
            asks.parent.insert(asks.parent.index(asks) + 1, guess)


def _has(node: nodes.Node, mark: str) -> TypeGuard[nodes.paragraph]:
    """Tell whether a node is a paragraph that has the mark, in bold."""
    return isinstance(node, nodes.paragraph) and any(
        isinstance(child, nodes.strong) and child.astext().startswith(mark)
        for child in node.children
    )


def _reading_of(asks: nodes.paragraph) -> nodes.paragraph | None:
    """Return the reading of the figure that a prediction is about.

    Between them are cells, and before the first of these what belongs to the question.
    """
    seen = False
    for node in _after(asks):
        if _is_cell(node):
            seen = True
        elif seen:
            return node if _has(node, READ) else None
        elif _has(node, PREDICT) or isinstance(node, nodes.section):
            return None
    return None


def _after(node: nodes.Element) -> Iterator[nodes.Node]:
    siblings = node.parent.children
    yield from siblings[siblings.index(node) + 1 :]


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _visit(self: HTML5Translator, node: GuessNode) -> None:
    opens = html.escape(node.get("opens", ""))
    show = html.escape(_("Show me"))
    button = f'<button type="button" aria-controls="{opens}">{show}</button>'
    field = f"guess-{node['of']}"
    kept = html.escape(_("Kept. Now look.") if opens else _("Kept."))
    self.body.append(kept_before(self, node))
    self.body.append(
        f'<form class="answer guess pst-js-only" data-exercise="{node["name"]}">'
        f'<label for="{field}">{html.escape(_("Your guess"))}</label>'
        f'<input id="{field}" autocomplete="off" spellcheck="false" required>'
        f'<button type="submit">{html.escape(_("Keep"))}</button>'
        + (button if opens else "")
        + f'<output for="{field}" data-kept="{kept}"></output></form>\n'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the transform and what it leaves on a page."""
    app.add_node(GuessNode, html=(_visit, None))
    app.add_transform(Predicting)
