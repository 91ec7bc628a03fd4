"""Code that a reader may skip: folded behind one line that says what it does.

A cell's tag says of which kind it is. What it shows, a figure or a verdict, stays on
the page; only its code folds, into a native ``<details>``, which opens without a
script and by searching the page. Cells that show nothing join the next one's line.

The same cells are folded elsewhere, by marks that `tools/folds.py` writes from the tag:
metadata for JupyterLab, and the tag ``hide-input``, which is taken back here, since
MyST-NB would act on it, too. ``fold-solution`` has no line here: it is for the code of
a solution, which the page has folded already.
"""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html import HTMLTranslator

PREFIX = "fold-"
SOLUTION = "fold-solution"
KINDS = {  # the words are translated when a page is written
    "fold-imports": "What is imported",
    "fold-figure": "How this figure is drawn",
    "fold-live": "How the live figure is drawn",
    "fold-measure": "How this is measured",
    "fold-check": "How this is checked",
}


def fold_of(metadata: Mapping[str, Any]) -> str | None:
    """Return the tag that folds a cell, if it has one.

    Raises
    ------
    ValueError
        If it has a tag of an unknown kind, or two of them.
    """
    tags = [tag for tag in metadata.get("tags", ()) if tag.startswith(PREFIX)]
    if len(tags) > 1 or not {*tags} <= {*KINDS, SOLUTION}:
        known = ", ".join([*KINDS, SOLUTION])
        raise ValueError(f"expected one of {known}, got {', '.join(tags)}")
    return tags[0] if tags else None


class FoldNode(nodes.General, nodes.Element):
    """Holds what opens by a click on its line: code, or the evidence of a claim."""


class SwitchNode(nodes.General, nodes.Element):
    """Opens and closes every fold of a page."""


class FoldCode(SphinxPostTransform):
    """Fold the code of the cells whose tags ask for it."""

    default_priority = 15  # after the transforms that look for outputs in their cells
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Fold, and put a switch for all of them before the first."""
        tagged = [cell for cell in self._cells() if self._tag(cell)]
        for cell in tagged:
            cell.attributes.pop("hide_mode", None)  # else MyST-NB folds it, too
        folded = [cell for cell in tagged if self._tag(cell) != SOLUTION]
        runs = list(_runs(folded))
        for run in runs:
            self._fold(run)
        if runs:
            runs[0][-1].insert(0, SwitchNode())

    def _cells(self) -> Iterator[nodes.container]:
        for node in self.document.findall(nodes.container):
            if node.get("nb_element") == "cell_code":
                yield node

    def _tag(self, cell: nodes.container) -> str | None:
        """Return the tag that folds a cell."""
        try:
            return fold_of(cell["cell_metadata"])
        except ValueError as error:
            place = f"{self.env.docname}, cell {cell['cell_index'] + 1}"
            raise ExtensionError(f"{place}: {error}") from None

    def _fold(self, run: list[nodes.container]) -> None:
        """Fold the code of a run into its last cell."""
        kinds = dict.fromkeys(str(self._tag(cell)) for cell in run)
        fold = FoldNode(
            line=" · ".join(_(KINDS[kind]) for kind in kinds), classes=["code"]
        )
        *others, last = run
        for cell in others:
            cell.parent.remove(cell)
            fold += cell
        code = last.children[0]
        last.replace(code, fold)
        fold += code


def _runs(cells: list[nodes.container]) -> Iterator[list[nodes.container]]:
    """Yield rows of cells, each up to the first that shows something."""
    run: list[nodes.container] = []
    for cell in cells:
        if run and (_shows(run[-1]) or not _follows(cell, run[-1])):
            yield run
            run = []
        run.append(cell)
    if run:
        yield run


def _shows(cell: nodes.container) -> bool:
    return len(cell.children) > 1


def _follows(cell: nodes.container, other: nodes.container) -> bool:
    siblings = cell.parent.children
    return cell.parent is other.parent and (
        siblings.index(cell) == siblings.index(other) + 1
    )


def _visit_fold(self: HTMLTranslator, node: FoldNode) -> None:
    line = html.escape(node["line"])
    kinds = " ".join(["fold", *node["classes"]])
    self.body.append(f'<details class="{kinds}"><summary>{line}</summary>\n')


def _depart_fold(self: HTMLTranslator, node: FoldNode) -> None:
    self.body.append("</details>\n")


def _visit_switch(self: HTMLTranslator, node: SwitchNode) -> None:
    label = html.escape(_("Show all code"))
    self.body.append(
        '<label class="fold-switch pst-js-only">'
        f'<input type="checkbox" role="switch" autocomplete="off">{label}</label>\n'
    )


def _depart_switch(self: HTMLTranslator, node: SwitchNode) -> None:
    """Nothing is left to close."""


def setup(app: Sphinx) -> None:
    """Register the transform and what it leaves on a page."""
    app.add_node(FoldNode, html=(_visit_fold, _depart_fold))
    app.add_node(SwitchNode, html=(_visit_switch, _depart_switch))
    app.add_post_transform(FoldCode)
