"""Finding claims: the controls above the scorecard, and all claims as files.

What the controls do is in ``scorecard.js``, how they look in ``scorecard.css``.
"""

import html
from importlib.resources import files
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from algollm_helpers.book.judging import VERDICTS
from algollm_helpers.book.ledger import ledger
from algollm_helpers.book.published import published

DATA = "claims.json"
SCHEMA = "claims.schema.json"


class ScorecardFilter(SphinxDirective):
    """Words, filters and an order for the rows of the scorecard."""

    def run(self) -> list[nodes.Node]:
        """Return the controls, hidden until `scorecard.js` wakes them."""
        named = {essay for claim in ledger().values() for essay in claim.essays}
        essays = {essay.lower(): essay for essay in sorted(named)}
        orders = {
            "chapter": _("by chapter"),
            "id": _("by number"),
            "verdict": _("by verdict"),
        }
        said = html.escape(_("{shown} of {all} claims"))
        unknown = html.escape(
            _("The address asks for “{asked}”, which is unknown. Known are: {known}.")
        )
        text = (
            '<form class="scorecard-filter" role="search" '
            f'aria-label="{html.escape(_("Claims"))}" '
            'autocomplete="off" hidden>'
            f"<label><span>{html.escape(_('Search the claims'))}</span>"
            '<input type="search" name="q" autocomplete="off" spellcheck="false">'
            "</label>"
            # Their names are the headings of the page, which the script reads.
            + _select("chapter", _("Chapter"), {"": _("all")})
            + _select("essay", _("Essay"), {"": _("all")} | essays)
            + _select("sort", _("Order"), orders)
            + _verdicts()
            + f'<p><output data-said="{said}"></output>'
            f'<button type="button">{html.escape(_("Show all"))}</button></p>'
            f'<p class="scorecard-problem" role="alert" data-said="{unknown}"></p>'
            "</form>"
        )
        return [nodes.raw("", text, format="html")]


def _select(name: str, title: str, options: dict[str, str]) -> str:
    choices = "".join(
        f'<option value="{value}">{html.escape(label)}</option>'
        for value, label in options.items()
    )
    return (
        f"<label><span>{html.escape(title)}</span>"
        f'<select name="{name}" autocomplete="off">{choices}</select></label>'
    )


def _verdicts() -> str:
    """Return a button for each verdict, with room for the number of its rows."""
    options = {"": _("all")} | {value_of(v): _(v) for v in VERDICTS}
    buttons = "".join(
        f'<label class="verdict-{value}"><input type="radio" name="verdict" '
        f'value="{value}" autocomplete="off"{"" if value else " checked"}>'
        f"<span>{html.escape(label)} <small></small></span></label>"
        for value, label in options.items()
    )
    return (
        f'<fieldset class="explorer-buttons"><legend>{html.escape(_("Verdict"))}'
        f"</legend>{buttons}</fieldset>"
    )


def value_of(verdict: str) -> str:
    """Return how an address names a verdict."""
    return verdict.replace(" ", "-")


def _write(app: Sphinx, error: Exception | None) -> None:
    """Put all claims, and what describes them, at the root of the site."""
    if error or app.builder.format != "html":
        return
    found = app.env.book_claims  # type: ignore[attr-defined]
    schema = files("algollm_helpers").joinpath("data", SCHEMA)
    Path(app.outdir, DATA).write_text(published(found), "utf-8")
    Path(app.outdir, SCHEMA).write_text(schema.read_text("utf-8"), "utf-8")


def setup(app: Sphinx) -> None:
    """Register the controls and the files."""
    app.add_directive("scorecard-filter", ScorecardFilter)
    app.connect("build-finished", _write)
