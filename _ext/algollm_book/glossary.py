"""Words of the glossary where they are used, and the way back.

Below a page that links words their definitions stand, hidden; `glossary.js` shows each
beside its word. In the glossary an entry lists the sections that link it. Neither is
part of the page's text, so search finds a word where it is explained.
"""

import html
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

Place = tuple[str, str]  # a document and an anchor in it


def places(env: BuildEnvironment) -> dict[str, Place]:
    """Return where each word of the glossary is defined, by the word in lower case."""
    return dict(env.domaindata["std"]["terms"])


def words_of(doctree: nodes.document) -> Iterator[addnodes.pending_xref]:
    """Yield the links to words of a page that is not resolved yet."""
    for link in doctree.findall(addnodes.pending_xref):
        if link["reftype"] == "term":
            yield link


def reading_order(env: BuildEnvironment, page: str) -> Iterator[str]:
    """Yield a page and all below it, as one turns them."""
    yield page
    for child in env.toctree_includes.get(page, ()):
        yield from reading_order(env, child)


def _section_of(node: nodes.Node) -> nodes.section:
    """Return the innermost section with a title; that of an exercise has none."""
    section = node.parent
    while not (
        isinstance(section, nodes.section) and isinstance(section[0], nodes.title)
    ):
        section = section.parent
    return section


def uses(env: BuildEnvironment) -> dict[Place, dict[Place, str]]:
    """Return for each word where it is linked: the places, and what they are called."""
    found: dict[Place, dict[Place, str]] = {}
    defined = places(env)
    for page in reading_order(env, env.config.root_doc):
        for link in words_of(env.get_doctree(page)):
            place = defined.get(link["reftarget"].lower())
            if place is None or place[0] == page:
                continue
            section, name = _section_of(link), env.titles[page].astext()
            anchor = ""
            if isinstance(section.parent, nodes.section):
                anchor, name = section["ids"][0], f"{name} › {section[0].astext()}"
            found.setdefault(place, {})[page, anchor] = name
    return found


class UsedIn(nodes.General, nodes.Element):
    """The links from an entry to the sections that use it."""


def _visit_used_in(self: HTML5Translator, node: UsedIn) -> None:
    links = "".join(
        f'<li><a class="reference internal" href="{html.escape(address)}">'
        f"{html.escape(name)}</a></li>"
        for address, name in node["links"]
    )
    title = html.escape(
        _("Where it is used ({number})").format(number=len(node["links"]))
    )
    self.body.append(
        f'<details class="used-in"><summary>{title}</summary><ul>{links}</ul></details>'
    )
    raise nodes.SkipNode


class WaysBack(SphinxPostTransform):
    """Give each entry of a glossary the links to the sections that use it."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Go through the entries, if this page has any."""
        page = self.env.docname
        if page not in {doc for doc, _label in places(self.env).values()}:
            return
        used = uses(self.env)
        for item in self.document.findall(nodes.definition_list_item):
            ids = [i for term in item.findall(nodes.term) for i in term["ids"]]
            there: dict[Place, str] = {}
            for anchor in ids:
                there |= used.get((page, anchor), {})
            links = [(self._address(page, *p), name) for p, name in there.items()]
            if links:
                _meaning(item).append(UsedIn(links=links))

    def _address(self, page: str, other: str, anchor: str) -> str:
        uri: str = self.app.builder.get_relative_uri(page, other)
        return f"{uri}#{anchor}" if anchor else uri


def _meaning(item: nodes.definition_list_item) -> nodes.definition:
    return next(item.findall(nodes.definition))


def _entries(glossary: nodes.document) -> dict[str, tuple[nodes.term, nodes.Element]]:
    """Return word and definition of each entry by its anchor."""
    return {
        anchor: (term, _meaning(item))
        for item in glossary.findall(nodes.definition_list_item)
        for term in item.findall(nodes.term)
        for anchor in term["ids"]
    }


def definitions(builder: StandaloneHTMLBuilder, page: str) -> str:
    """Return the definitions of the words that a page links, as hidden HTML."""
    env = builder.env
    defined = places(env)
    targets = [link["reftarget"].lower() for link in words_of(env.get_doctree(page))]
    wanted = dict.fromkeys(defined[t] for t in targets if t in defined)
    # On the page of the glossary itself a word stands there already.
    sources = {name: env.get_doctree(name) for name, _anchor in wanted if name != page}
    entries = {name: _entries(source) for name, source in sources.items()}
    cards = []
    for glossary, anchor in wanted:
        if glossary == page:
            continue
        source, (term, definition) = sources[glossary], entries[glossary][anchor]
        card = nodes.container(ids=[f"about-{anchor}"], classes=["definition"])
        card += nodes.paragraph("", "", nodes.strong("", term.astext()))
        card += definition.deepcopy().children
        uri = f"{builder.get_relative_uri(page, glossary)}#{anchor}"
        link = nodes.reference("", _("In the glossary"), refuri=uri, internal=True)
        card += nodes.paragraph("", "", link)
        for inner in card.findall(addnodes.pending_xref):
            inner["refdoc"] = page
        sheet = source.copy()
        sheet += card
        env.resolve_references(sheet, page, builder)
        cards.append(builder.render_partial(card)["fragment"])
    return f'<div class="definitions" hidden>{"".join(cards)}</div>' if cards else ""


def _add_definitions(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if doctree is not None and isinstance(app.builder, StandaloneHTMLBuilder):
        context["body"] += definitions(app.builder, page)


def _renew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write a glossary anew whatever page has changed: it may use other words now."""
    return sorted({doc for doc, _label in places(env).values()})


def setup(app: Sphinx) -> None:
    """Register node and transform, and add to each page."""
    app.add_node(UsedIn, html=(_visit_used_in, None))
    app.add_post_transform(WaysBack)
    app.connect("env-updated", _renew)
    # Before what looks at the whole of a page, such as for formulas.
    app.connect("html-page-context", _add_definitions, priority=400)
