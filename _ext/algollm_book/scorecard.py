"""Verdicts on the pages: boxes in the chapters, words in prose, and the scorecard.

All of them come from the stored outputs of the notebooks, read once per build.
"""

import html
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import ReferenceRole, SphinxDirective, SphinxRole

from algollm_helpers.book.box import from_html
from algollm_helpers.book.claims import Found, collect, number_of
from algollm_helpers.book.judging import VERDICTS
from algollm_helpers.book.ledger import TRIED, Claim, ledger
from algollm_helpers.book.records import Record, same_number

from .finder import value_of
from .folding import FoldNode
from .stored import notebook_at


def heads() -> tuple[str, ...]:
    """Return what stands above the columns of a scorecard."""
    return _("Claim"), _("The essays say"), _("Verdict"), _("Measured")


def _collect(app: Sphinx) -> None:
    """Read every notebook of the book: records by claim, with their pages."""
    paths = sorted(Path(app.srcdir, "chapters").glob("*.ipynb"))
    pages = ((f"chapters/{path.stem}", notebook_at(path)) for path in paths)
    # Sphinx lets extensions hang what they know on the environment, untyped.
    app.env.book_claims = collect(pages)  # type: ignore[attr-defined]


def lookup(env: BuildEnvironment, claim_id: str) -> Found:
    """Return what a notebook has recorded of a claim, for the page being read."""
    recorded: dict[str, Found] = env.book_claims  # type: ignore[attr-defined]
    if claim_id not in recorded:
        raise ExtensionError(f"{env.docname}: no notebook has recorded {claim_id!r}")
    found = recorded[claim_id]
    env.note_dependency(env.doc2path(found.place))
    return found


def slug(verdict: str) -> str:
    """Return the class that gives a verdict its colour."""
    return f"verdict-{value_of(verdict)}"


def link_to(env: BuildEnvironment, found: Found, text: str) -> nodes.Element:
    """Return a link to the box of a claim, in the page that settles it."""
    uri = "" if found.place == env.docname else _relative(env, found.place)
    target = f"{uri}#claim-{found.record.id.lower()}"
    return nodes.reference("", text, refuri=target, internal=True)


def _relative(env: BuildEnvironment, docname: str) -> str:
    return env.app.builder.get_relative_uri(env.docname, docname)


class ClaimRole(SphinxRole):
    """{claim}`C43`: the id, linked to the cell that settles it, and the verdict.

    A condition, which may be long, is left to the box and shown when pointed at.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        found = lookup(self.env, self.text)
        record = found.record
        verdict = _(record.verdict) + (" …" if record.verdict == "holds if" else "")
        link = link_to(self.env, found, f"{record.id}: {verdict}")
        link["classes"] += ["verdict", slug(record.verdict)]
        parts = [f"“{p.says}”: {_(p.headline)}" for p in record.outcomes.values()]
        link["reftitle"] = "; ".join(parts) or _(record.headline)
        return [link], []


class FindingRole(SphinxRole):
    """{finding}`C43`: the measured sentence; {finding}`C73.cheap`: that of a part."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the sentence."""
        claim_id, dot, name = self.text.partition(".")
        record = lookup(self.env, claim_id).record
        if not dot:
            return [nodes.inline("", record.finding)], []
        if name not in record.outcomes:
            raise ExtensionError(
                f"{self.env.docname}: {claim_id} has no part {name!r}, "
                f"only {sorted(record.outcomes)}"
            )
        return [nodes.inline("", record.outcomes[name].finding)], []


class MeasuredRole(ReferenceRole):
    """{measured}`0.37 <C105.end>`: one number of a claim, as the run printed it.

    The text, which may be left out, is for whoever reads the source; a page whose text
    is not what the run printed is not built.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number."""
        found = lookup(self.env, self.target.partition(".")[0])
        try:
            printed = number_of({found.record.id: found}, self.target)
        except LookupError as error:
            raise ExtensionError(f"{self.env.docname}: {error}") from None
        if not self.has_explicit_title:
            return [nodes.inline("", printed)], []
        if not same_number(self.title, printed):
            raise ExtensionError(
                f"{self.env.docname}: {self.title!r} is not {self.target}, "
                f"of which the run printed {printed!r}"
            )
        return [nodes.inline("", self.title)], []


def counted(path: Path) -> dict[str, str]:
    """Return the numbers of ``tools/kills.json`` that pages may quote."""
    total = json.loads(path.read_text("utf-8"))["total"]
    return {
        "rate": f"{total['rate']:.0%}",
        "killed": f"{total['killed']:,}",
        "decided": f"{total['killed'] + total['survived']:,}",
        "claims": f"{total['claims']}",
        "without": f"{total['claims'] - total['claims_killed']}",
    }


class KillsRole(SphinxRole):
    """{kills}`rate`: a number of what ``tools/kills.py`` has counted last."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number."""
        path = Path(self.env.srcdir, "tools", "kills.json")
        self.env.note_dependency(str(path))
        numbers = counted(path)
        if self.text not in numbers:
            raise ExtensionError(
                f"{self.env.docname}: kills has no number {self.text!r}, "
                f"only {sorted(numbers)}"
            )
        return [nodes.inline("", numbers[self.text])], []


class Scorecard(SphinxDirective):
    """The table of one chapter's claims."""

    required_arguments = 1  # stem of the chapter

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        (chapter,) = self.arguments
        rows = [
            (claim, lookup(self.env, claim_id))
            for claim_id, claim in ledger().items()
            if claim.chapter == chapter
        ]
        if not rows:
            raise self.error(f"no claims to show for {chapter!r}")
        kinds = "scorecard", f"chapter-{chapter}"
        table = _table(heads(), [self._row(*row) for row in rows], *kinds)
        self.set_source_info(table)
        for paragraph in table.findall(nodes.paragraph):
            paragraph.source, paragraph.line = table.source, table.line
        return [table]

    def _row(self, claim: Claim, found: Found) -> nodes.row:
        record = found.record
        source = ", ".join(claim.essays)
        cells = (
            nodes.entry(
                "", nodes.paragraph("", "", link_to(self.env, found, record.id))
            ),
            _entry(f"{claim.claim} ({source})" if source else claim.claim),
            _entry(_(record.headline)),
            nodes.entry("", *_measured(record), *_tried(record)),
        )
        classes = [slug(record.verdict), *(f"essay-{e.lower()}" for e in claim.essays)]
        return nodes.row("", *cells, classes=classes, ids=[record.id])


class Tally(SphinxDirective):
    """How many claims have which verdict, each number a link to their rows."""

    def run(self) -> list[nodes.Node]:
        """Count."""
        given = Counter(lookup(self.env, i).record.verdict for i in ledger())
        page = _relative(self.env, "chapters/claims")
        tally = nodes.bullet_list("", classes=["tally"])
        for verdict in VERDICTS:
            target = f"{page}?verdict={value_of(verdict)}"
            number = nodes.strong("", str(given[verdict]))
            link = nodes.reference("", "", number, refuri=target, internal=True)
            link += nodes.Text(" " + _(verdict))
            line = nodes.paragraph("", "", link)
            tally += nodes.list_item("", line, classes=[slug(verdict)])
        return [tally]


class Standings(SphinxDirective):
    """How the claims of each chapter came out: counts, and a bar for the eye."""

    def run(self) -> list[nodes.Node]:
        """Count by chapter, in the order of the ledger."""
        counts: dict[str, dict[str, int]] = {}
        for claim_id, claim in ledger().items():
            row = counts.setdefault(claim.chapter, dict.fromkeys(VERDICTS, 0))
            row[lookup(self.env, claim_id).record.verdict] += 1
        heads = "".join(
            f'<th scope="col" class="{slug(v)}">{html.escape(_(v))}</th>'
            for v in VERDICTS
        )
        body = "".join(self._row(chapter, row) for chapter, row in counts.items())
        text = (
            f'<table class="standings"><thead><tr><th scope="col">{_("Chapter")}</th>'
            f"{heads}<td></td></tr></thead><tbody>{body}</tbody></table>"
        )
        return [nodes.raw("", text, format="html")]

    def _row(self, chapter: str, row: dict[str, int]) -> str:
        notebook = notebook_at(Path(self.env.doc2path(f"chapters/{chapter}")))
        title = notebook["cells"][0]["source"].splitlines()[0].lstrip("# ")
        target = nodes.make_id(title)
        cells = "".join(f'<td class="{slug(v)}">{n}</td>' for v, n in row.items())
        bar = "".join(
            f'<span class="{slug(v)}" style="flex-grow: {n}"></span>'
            for v, n in row.items()
            if n
        )
        return (
            f'<tr><th scope="row"><a href="#{target}">{html.escape(title)}</a></th>'
            f'{cells}<td aria-hidden="true"><div>{bar}</div></td></tr>'
        )


def _entry(text: str) -> nodes.entry:
    return nodes.entry("", nodes.paragraph(text, text))


def _table(heads: Iterable[str], rows: list[nodes.row], *kinds: str) -> nodes.table:
    head = nodes.thead("", nodes.row("", *(_entry(h) for h in heads)))
    columns = [nodes.colspec(colwidth=1) for _cell in rows[0]]  # by the sheet
    body = nodes.tbody("", *rows)
    group = nodes.tgroup("", *columns, head, body, cols=len(columns))
    return nodes.table("", group, classes=[*kinds])


def _measured(record: Record) -> list[nodes.Element]:
    """Return the finding, or the parts: words, verdict and finding of each."""
    if not record.parts:
        return [nodes.paragraph(record.finding, record.finding)]
    parts = nodes.bullet_list("", classes=["parts"])
    for part in record.outcomes.values():
        says = f"“{part.says}”"
        parts += nodes.list_item(
            "",
            nodes.paragraph(says, says, classes=["says"]),
            _marked(_(part.headline) + ".", part.finding, "judged"),
            classes=[slug(part.verdict)],
        )
    return [parts]


def _tried(record: Record) -> list[nodes.Element]:
    if not record.tried:
        return []
    tried = "; ".join(
        _(TRIED[kind]).format(what) for kind, what in record.tried.items()
    )
    text = _("Tried: {what}.").format(what=tried)
    return [nodes.paragraph(text, text, classes=["tried"])]


def _evidence(record: Record) -> list[nodes.Element]:
    """Return further numbers and what was tried, behind a line that opens."""
    inside = _tried(record)
    line = _("How it was tried")
    if table := record.table:
        rows = [nodes.row("", *map(_entry, row)) for row in table.rows]
        inside = [_table(table.head, rows, "numbers"), *inside]
        line = (
            _("More numbers, and how it was tried")
            if record.tried
            else _("More numbers")
        )
    return [FoldNode("", *inside, line=line, classes=["evidence"])] if inside else []


class ClaimBoxes(SphinxTransform):
    """Turn the verdict boxes of a notebook's output into parts of the page."""

    default_priority = 5  # before translation, so that the sentences take part in it

    def apply(self, **kwargs: object) -> None:
        """Replace each output that holds a record."""
        for raw in list(self.document.findall(nodes.raw)):
            record = from_html(raw.astext())
            if record is None:
                continue
            bundle = raw.parent.parent  # of all forms of this output
            box = self._box(record)
            for node in box.findall(nodes.paragraph):
                node.source, node.line = bundle.source, bundle.line
            bundle.replace_self(box)

    def _box(self, record: Record) -> nodes.Element:
        box = nodes.container("", _marked(record.id, record.row.claim))
        verdict = _(record.headline) + "."
        if record.parts:
            box += [_marked(verdict, "", "judged"), *_measured(record)]
        else:
            box += _marked(verdict, record.finding, "judged")
        box += _evidence(record)
        box["classes"] += ["claim", slug(record.verdict)]
        box["ids"] += [f"claim-{record.id.lower()}"]
        return box


def _marked(mark: str, text: str, *classes: str) -> nodes.paragraph:
    """Return a paragraph that begins in bold; translators see its raw source."""
    # The class is the paragraph's: a translation takes the place of all inside.
    rest = f" {text}" if text else ""
    inside = nodes.strong("", mark), nodes.Text(rest)
    return nodes.paragraph(f"**{mark}**{rest}", "", *inside, classes=[*classes])


def setup(app: Sphinx) -> None:
    """Register roles, directive and transform."""
    app.add_role("claim", ClaimRole())
    app.add_role("finding", FindingRole())
    app.add_role("measured", MeasuredRole())
    app.add_role("kills", KillsRole())
    app.add_directive("scorecard", Scorecard)
    app.add_directive("tally", Tally)
    app.add_directive("standings", Standings)
    app.add_transform(ClaimBoxes)
    app.connect("builder-inited", _collect)
