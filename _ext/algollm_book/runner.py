"""Run, Edit, Stop and Reset at each code cell: Python in the reader's own browser.

The toolbars are part of a page; `run.js` wakes them. Nothing is fetched before a reader
asks, and then only files of this site, which `runner_store` has checked one by one.
Where no source of them can be reached, the site is built without toolbars.
"""

import html
import json
import os
import sys
from pathlib import Path
from shutil import copyfile
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from .runner_pack import archive, notices, weight
from .runner_store import FILES, Unreachable, cache_folder, gather
from .runner_words import words

REQUIRE = "REQUIRE_RUNNER"
PLACE = "_static/runner"
NEEDS_INSTALL = "needs-install"  # the tag of a cell that cannot run in a browser
REASONS = {  # the tag beside it: the words, which are translated when a page is written
    "needs-processes": "It starts several processes, and a browser has one: this cell "
    "runs in JupyterLab.",
    "needs-results": "It uses what several processes have measured, and a browser has "
    "one: this cell runs in JupyterLab.",
}


class ToolbarNode(nodes.General, nodes.Element):
    """Holds what one can do with a cell, or says why it does not run here."""


class VerdictNode(nodes.General, nodes.Element):
    """Stands in a claim's box: it can be measured anew."""


class Toolbars(SphinxPostTransform):
    """Give each code cell its toolbar, and each claim's box its button."""

    default_priority = 12  # before cells are folded, each with its toolbar
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Go through the cells in the order in which they run."""
        if not has_runner(self.app):
            return
        cells = [
            cell
            for cell in self.document.findall(nodes.container)
            if cell.get("nb_element") == "cell_code"
        ]
        for number, cell in enumerate(cells, 1):
            reason = self._reason(cell)
            _code_of(cell).append(ToolbarNode(number=number, reason=reason))
            for box in [] if reason else list(cell.findall(nodes.container)):
                if "claim" in box["classes"]:
                    box += VerdictNode(number=number)

    def _reason(self, cell: nodes.container) -> str | None:
        """Return why a cell does not run on the page; None if it does."""
        tags = cell["cell_metadata"].get("tags", ())
        if NEEDS_INSTALL not in tags:
            return None
        reasons = [REASONS[tag] for tag in tags if tag in REASONS]
        if len(reasons) != 1:
            raise ExtensionError(
                f"{self.env.docname}, cell {cell['cell_index'] + 1}: with "
                f"{NEEDS_INSTALL} expected one of {', '.join(REASONS)}, "
                f"got {', '.join(tags)}"
            )
        return reasons[0]


def _code_of(cell: nodes.container) -> nodes.container:
    """Return the part of a cell that folds with its code."""
    return next(
        part
        for part in cell.findall(nodes.container)
        if "cell_input" in part["classes"]
    )


def has_runner(app: Sphinx) -> bool:
    """Return whether cells run on the pages of this build."""
    return bool(getattr(app.env, "book_runner", None))


def _find(app: Sphinx) -> None:
    """Look for the files, if the site is to have them."""
    app.env.book_runner = {}  # type: ignore[attr-defined]
    if not app.config.run_in_page or app.builder.format != "html":
        return
    try:
        app.env.book_runner = gather(cache_folder())  # type: ignore[attr-defined]
    except Unreachable as error:
        line = f"No cell runs in the page: Python for the browser is not here. {error}."
        if os.environ.get(REQUIRE):
            raise ExtensionError(f"{line} {REQUIRE} asks for it.") from None
        # Not a warning of Sphinx, by which `-W` would fail: the site is whole.
        print(line, file=sys.stderr)  # noqa: T201


def _visit_toolbar(self: HTML5Translator, node: ToolbarNode) -> None:
    number = node["number"]
    if node["reason"]:
        say = html.escape(_(node["reason"]))
        self.body.append(f'<p class="run-note" data-cell="{number}">{say}</p>\n')
        raise nodes.SkipNode
    label = html.escape(_("Cell {number}").format(number=number))
    said = (_("Run"), _("Edit"), _("Stop"), _("Reset"))
    run, *others = (html.escape(word) for word in said)
    self.body.append(
        f'<div class="run-bar pst-js-only" role="toolbar" aria-label="{label}" '
        f'data-cell="{number}"><button type="button">{run}</button>'
        f'<button type="button" tabindex="-1">{others[0]}</button>'
        f'<button type="button" tabindex="-1" disabled>{others[1]}</button>'
        f'<button type="button" tabindex="-1" disabled>{others[2]}</button></div>\n'
    )
    raise nodes.SkipNode


def _visit_verdict(self: HTML5Translator, node: VerdictNode) -> None:
    say = html.escape(_("Run this verdict"))
    self.body.append(
        f'<p class="run-verdict pst-js-only" data-cell="{node["number"]}">'
        f'<button type="button">{say}</button></p>\n'
    )
    raise nodes.SkipNode


def _load(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Put the script on a page that has a toolbar, and a place for what it says."""
    body = context.get("body", "")
    if 'class="run-bar' not in body:
        return
    app.add_css_file("runner/run.css")
    app.add_js_file("runner/run.js", loading_method="defer")
    refusal = html.escape(
        _(
            "Opened from a disk, a page may not run Python. From a server it may: "
            "`make serve` is one for this computer."
        )
    )
    context["body"] = (
        f'{body}<p class="run-status" role="status" data-refusal="{refusal}"></p>\n'
    )


def _write(app: Sphinx, error: Exception | None) -> None:
    """Put beside the pages what they will ask for."""
    if error or not has_runner(app):
        return
    files: dict[str, Path] = app.env.book_runner  # type: ignore[attr-defined]
    target = Path(app.outdir, PLACE)
    (target / "pyodide").mkdir(parents=True, exist_ok=True)
    for path in FILES.glob("*.[jc]s*"):
        folder = target / "pyodide" if path.suffix == ".json" else target
        copyfile(path, folder / path.name)
    for name, path in files.items():
        copyfile(path, target / "pyodide" / name)
    (wheel,) = (path for name, path in files.items() if name.startswith("matplotlib-"))
    packed = target / "book.zip"
    packed.write_bytes(archive(Path(app.srcdir), wheel))
    megabytes = round(weight([packed, *files.values()]) / 1e6)
    said = json.dumps(words() | {"megabytes": megabytes}, ensure_ascii=False)
    (target / "words.json").write_text(said, encoding="utf-8")
    (target / "NOTICES.txt").write_text(notices(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register what the pages have."""
    app.add_config_value("run_in_page", False, "html", bool)
    app.add_node(ToolbarNode, html=(_visit_toolbar, None))
    app.add_node(VerdictNode, html=(_visit_verdict, None))
    app.add_post_transform(Toolbars)
    app.connect("builder-inited", _find)
    app.connect("html-page-context", _load)
    app.connect("build-finished", _write)
