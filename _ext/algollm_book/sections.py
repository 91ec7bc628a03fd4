"""What a page says, section by section: what the search looks through.

A section, a claim and a word of the glossary are each found by themselves. Read from
the pages as they are before references are filled in, so that an incremental build
needs no more than is stored.
"""

import html
import re
from collections.abc import Iterable, Iterator
from keyword import iskeyword
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.environment import BuildEnvironment

from .stored import alt_text

# What is practised, summed up or listed there is taught elsewhere, so it ranks lower.
SECTIONS = {"exercises": 0.5, "test-yourself": 0.5, "what-we-measured": 0.6}
LAB = 0.85
PAGES = {
    "chapters/claims": 0.5,
    "chapters/bibliography": 0.5,
    "chapters/questions": 0.75,  # answers in short what a chapter teaches
    "chapters/after": LAB,
}
# A claim's box is found by its id, not before the section that explains it.
CLAIM = 0.6
# Commands of formulas that are not named like a character of HTML, or show nothing
SYMBOLS = {"cdot": "·", "dots": "…", "ldots": "…", "cdots": "…", "partial": "∂"}
SILENT = {"bar", "left", "lVert", "mathrm", "operatorname", "right", "rVert", "text"}


class Entry(NamedTuple):
    """What can be found: a section, a claim or a word of the glossary."""

    anchor: str
    heading: str
    under: str  # the headings above it, below that of the page
    text: str  # prose, of which excerpts are shown
    pictures: str  # alternative texts and captions
    code: str  # the names in it, each once
    weight: float


class Text:
    """Collects what a section says, kind by kind."""

    def __init__(self, env: BuildEnvironment) -> None:
        self.env = env
        self.prose: list[str] = []
        # Sets in order: a picture and its cell tell the same.
        self.pictures: dict[str, None] = {}
        self.code: dict[str, None] = {}

    def add(self, node: nodes.Node) -> None:
        """Add a node and all below it, but for what has an entry of its own."""
        if _is_left_out(node):
            return
        if isinstance(node, nodes.literal_block):
            names = re.findall(r"[^\W\d]\w{2,}", node.astext())
            self.code |= dict.fromkeys(name for name in names if not iskeyword(name))
        elif isinstance(node, nodes.image):
            self.pictures[node.get("alt", "")] = None
        elif isinstance(node, nodes.caption):
            self.pictures[self._words(node)] = None
        elif isinstance(node, nodes.TextElement):
            self.prose.append(self._words(node))
        elif isinstance(node, nodes.Element) and not _stands_apart(node):
            self.pictures[alt_text(node.get("cell_metadata", {}))] = None
            for child in node.children:
                self.add(child)

    def entry(self, anchor: str, heading: str, under: str, weight: float) -> Entry:
        """Return the entry of all that was added."""
        prose, pictures = (_joined(t) for t in (self.prose, self.pictures))
        code = " ".join(self.code)
        return Entry(anchor, heading, under, prose, pictures, code, weight)

    def _words(self, node: nodes.Node) -> str:
        """Return the text as a reader sees it, so far as it is known by now."""
        if isinstance(node, nodes.math):
            return formula(node.astext())
        if isinstance(node, nodes.image):
            return ""
        if isinstance(node, addnodes.pending_xref) and not node.get("refexplicit"):
            return self._reference(node)
        if isinstance(node, nodes.Text):
            return node.astext()
        return "".join(map(self._words, node.children))

    def _reference(self, node: addnodes.pending_xref) -> str:
        domain, kind, target = node["refdomain"], node["reftype"], node["reftarget"]
        if domain == "cite" or kind == "eq":
            return ""
        if (domain, kind) == ("std", "doc"):
            name = target if target in self.env.titles else f"chapters/{target}"
            return self.env.titles[name].astext() if name in self.env.titles else ""
        if (domain, kind) == ("std", "ref"):
            return str(self.env.domaindata["std"]["labels"].get(target, ("",))[-1])
        return node.astext()


def _stands_apart(node: nodes.Element) -> bool:
    """Tell whether a node is indexed by itself, or shows what another page says."""
    kinds = (nodes.section, addnodes.glossary, addnodes.toctree)
    if isinstance(node, kinds) or {"claim", "scorecard"} & set(node["classes"]):
        return True
    return node.tagname == "solution_node"  # not to be read beforehand


def _is_left_out(node: nodes.Node) -> bool:
    """Tell whether a node is no words of the page, such as what a cell printed."""
    if isinstance(node, (nodes.raw, nodes.math_block)):
        return True
    if not isinstance(node, nodes.literal_block):
        return False
    above = node.parent
    return "mime_type" in above or above.get("nb_element") == "cell_code_output"


def _joined(texts: Iterable[str]) -> str:
    text = " ".join(" ".join(texts).split())
    return re.sub(r"\( ?\)|(?<=\() | (?=[.,;:)])", "", text)  # where a source was cited


def formula(tex: str) -> str:
    """Return a short formula as plain text."""
    tex = re.sub(r"\\[dt]?frac\{([^{}]*)\}(?=\{)", r"\1/", tex)
    tex = re.sub(r"\\([A-Za-z]+)", lambda name: _symbol(name[1]), tex)
    return " ".join(re.sub(r"\\.|[{}_]", "", tex).split())


def _symbol(name: str) -> str:
    if name in SILENT:
        return ""
    character = SYMBOLS.get(name) or html.unescape(f"&{name};")
    return name if character.startswith("&") else character


def entries(env: BuildEnvironment, docname: str) -> Iterator[Entry]:
    """Yield all that can be found on a page, from the top down."""
    page = PAGES.get(docname, LAB if docname.endswith("_lab") else 1.0)
    document = env.get_doctree(docname)
    for section in document.findall(nodes.section):
        if not isinstance(section[0], nodes.title):  # an exercise has a section inside
            continue
        chain = [section, *_sections_above(section)]
        weight = page
        for one in chain:
            weight *= SECTIONS.get(one["ids"][0], 1.0)
        headings = [_heading(one) for one in chain]
        under = " › ".join(reversed(headings[1:-1]))
        text = Text(env)
        for child in section.children[1:]:
            text.add(child)
        anchor = section["ids"][0] if len(chain) > 1 else ""
        yield text.entry(anchor, headings[0], under, weight)
        where = " › ".join(reversed(headings[:-1]))
        yield from _claims(env, section, where, weight * CLAIM)
        yield from _words(env, section, where, weight)


def _sections_above(section: nodes.Element) -> Iterator[nodes.section]:
    above = section.parent
    while isinstance(above, nodes.section):
        yield above
        above = above.parent


def _heading(section: nodes.section) -> str:
    return section[0].astext()


def _own(section: nodes.Element, kind: type[nodes.Element]) -> Iterator[nodes.Element]:
    """Yield the nodes of a kind in a section but not in a section below it."""
    for child in section.children:
        if isinstance(child, kind):
            yield child
        if isinstance(child, nodes.Element) and not (
            isinstance(child, nodes.section) and isinstance(child[0], nodes.title)
        ):
            yield from _own(child, kind)


def _claims(
    env: BuildEnvironment, section: nodes.section, under: str, weight: float
) -> Iterator[Entry]:
    for box in _own(section, nodes.container):
        if "claim" in box["classes"]:
            text = Text(env)
            for child in box.children:
                text.add(child)
            heading = next(
                box.findall(nodes.strong)
            ).astext()  # the id before the claim
            text.prose[0] = text.prose[0].removeprefix(heading)
            yield text.entry(box["ids"][0], heading, under, weight)


def _words(
    env: BuildEnvironment, section: nodes.section, under: str, weight: float
) -> Iterator[Entry]:
    for item in _own(section, nodes.definition_list_item):
        terms = [child for child in item.children if isinstance(child, nodes.term)]
        text = Text(env)
        text.add(item.children[-1])
        for term in terms:
            if term["ids"]:
                yield text.entry(term["ids"][0], term.astext(), under, weight)
