"""Exercises that are answered on the page, as `check` answers them in the notebook.

Where a cell waits for a number, or a list of them, the page has a field instead.
`answers.js` compares what is typed there; it gets the answers, tolerances and hints
of ``exercises.toml``, whose sentences are translated with the page. Without a script,
and on paper, the cell stands there as before. A function is written in the notebook.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from algollm_helpers.book.exercises import HINT, OTHER, RIGHT, exercises

from .runner import has_runner

ASKS = re.compile(r'^answer = \.\.\..*\ncheck\("([^"]+)", answer\)$', re.MULTILINE)
IN_THE_NOTEBOOK = "answer-in-notebook"  # the class of a cell that a field stands for


class KeptNode(nodes.General, nodes.Element):
    """Takes what a reader types, and keeps it."""


class AnswerNode(KeptNode, addnodes.translatable):
    """Stands before the cell of an exercise that asks for numbers."""

    def preserve_original_messages(self) -> None:
        """Keep the sentences as they are written: nothing is translated yet."""
        self["sentences"] = {}

    def apply_translated_message(
        self, original_message: str, translated_message: str
    ) -> None:
        """Take over the translation of one sentence."""
        self["sentences"][original_message] = translated_message

    def extract_original_messages(self) -> Sequence[str]:
        """Return the sentences of the exercise."""
        exercise = exercises()[self["name"]]
        hints = [wrong["hint"] for wrong in exercise["wrong"]]
        return [exercise["expects"], exercise["right"], *hints]

    def says(self, message: str) -> str:
        """Return a sentence in the language of the page."""
        return str(self["sentences"].get(message, message))


class FunctionNode(nodes.General, nodes.Element):
    """Stands before the cell of an exercise that asks for a function."""


class Answering(SphinxTransform):
    """Put a field, or a line, before each cell that waits for an answer."""

    default_priority = 5  # before translation, so that the sentences take part in it

    def apply(self, **kwargs: object) -> None:
        """Look for the cells; which need a field is known from the data."""
        for cell, name in list(self._cells()):
            if name not in exercises():
                place = f"{self.env.docname}, cell {cell['cell_index'] + 1}"
                known = ", ".join(sorted(exercises()))
                raise ExtensionError(f"{place}: no exercise {name!r} among {known}")
            node: nodes.Element = FunctionNode()
            if "cases" not in exercises()[name]:
                if not _is_of_numbers(answer := exercises()[name]["answer"]):
                    raise ExtensionError(
                        f"{name}: expected a number or a list of numbers as the "
                        f"answer, got {answer!r}"
                    )
                node = AnswerNode(name=name)
                cell["classes"].append(IN_THE_NOTEBOOK)
            node.source, node.line = cell.source, cell.line
            cell.parent.insert(cell.parent.index(cell), node)

    def _cells(self) -> Iterator[tuple[nodes.container, str]]:
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                code = next(cell.findall(nodes.literal_block), None)
                if code and (asked := ASKS.search(code.astext())):
                    yield cell, asked[1]


def _is_of_numbers(answer: object) -> bool:
    entries = answer if isinstance(answer, list) else [answer]
    return all(type(entry) in {int, float} for entry in entries)


def _data(node: AnswerNode, exercise: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the script needs: what is compared, and what is then said."""
    expects = node.says(exercise["expects"])
    return {
        "answer": exercise["answer"],
        "tolerance": exercise.get("tolerance", 0),
        "right": _(RIGHT).format(right=node.says(exercise["right"])),
        "wrong": [
            [wrong["answer"], _(HINT).format(hint=node.says(wrong["hint"]))]
            for wrong in exercise["wrong"]
        ],
        "other": _(OTHER),
        "none": _("No answer yet: type {expects}.").format(expects=expects),
        "kind": _("Expected {expects}, got {{answer}}.").format(expects=expects),
        "twice": _("{answer} can be read in two ways: type {whole} or {part}."),
    }


def _visit_answer(self: HTML5Translator, node: AnswerNode) -> None:
    name, exercise = node["name"], exercises()[node["name"]]
    data = json.dumps(_data(node, exercise), ensure_ascii=False).replace("<", "\\u003c")
    label = _("Your answer: {expects}").format(expects=node.says(exercise["expects"]))
    name, label = html.escape(name), html.escape(label)
    self.body.append(kept_before(self, node))
    self.body.append(
        f'<form class="answer pst-js-only" data-exercise="{name}">'
        f'<label for="answer-{name}">{label}</label>'
        f'<input id="answer-{name}" aria-describedby="ex-{name}" autocomplete="off" '
        'autocapitalize="off" spellcheck="false">'
        f'<button type="submit">{html.escape(_("Check"))}</button>'
        f'<output for="answer-{name}"></output>'
        f'<script type="application/json">{data}</script></form>\n'
    )
    raise nodes.SkipNode


def kept_before(self: HTML5Translator, node: KeptNode) -> str:
    """Return the line that a page's first field has above it: where all is kept."""
    if next(self.document.findall(KeptNode)) is not node:
        return ""
    say = html.escape(_("Your guesses and answers are kept on this device only."))
    forget, gone = html.escape(_("Forget them all")), html.escape(_("Forgotten."))
    return (
        f'<p class="answers-kept pst-js-only" role="status">{say} '
        f'<button type="button" hidden data-forgotten="{gone}">{forget}</button></p>\n'
    )


def _visit_function(self: HTML5Translator, node: FunctionNode) -> None:
    if has_runner(self.builder.app):
        say = _("This one asks for a function: edit the cell below, and run it.")
    else:
        say = _(
            "This one asks for a function: write it in the notebook, where cells run."
        )
    self.body.append(f'<p class="answer-runs">{html.escape(say)}</p>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the transform and what it leaves on a page."""
    app.add_node(AnswerNode, html=(_visit_answer, None))
    app.add_node(FunctionNode, html=(_visit_function, None))
    app.add_transform(Answering)
