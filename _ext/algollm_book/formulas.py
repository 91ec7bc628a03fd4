"""Formulas as MathML: translated when the site is built, drawn by the browser itself.

Nothing is left to a script, so a formula is there with the text around it, is read
aloud and can be selected. Its source stays beside it, for programs that ask for TeX.
"""

import html
import re
from functools import cache

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
CLASSES = "math notranslate nohighlight"
OPENS, CLOSES = re.compile(r"[(\[‘“]+$"), re.compile(r"^[.,;:!?)\]’”]+")


@cache
def _translator() -> LatexToMathML:
    return LatexToMathML(annotation=True, fancy_error=False)


def mathml(tex: str, *, display: bool) -> str:
    r"""Return a formula as MathML Core.

    Parameters
    ----------
    tex : str
        The formula in LaTeX, without dollars.
    display : bool
        Whether it stands on a line of its own.

    Raises
    ------
    math_core.LatexError
        If the formula holds what is not known, as a misspelt command.

    Examples
    --------
    >>> mathml("x", display=False).partition("<annotation")[0]
    '<math><semantics><mi>x</mi>'
    """
    return _translator().convert_with_local_state(tex.strip(), displaystyle=display)


def _translated(node: nodes.Element, *, display: bool) -> str:
    tex = node.astext()
    try:
        return mathml(tex, display=display)
    except LatexError as error:
        LOGGER.warning("formula %r: %s", tex, error, location=node)
        return f"<code>{html.escape(tex)}</code>"


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS=CLASSES))
    self.body.append(f"{_translated(node, display=False)}</span>")
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", "", CLASS=CLASSES))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(f"{_translated(node, display=True)}</div>\n")
    raise nodes.SkipNode


class KeepTogether(SphinxPostTransform):
    """Let no line end between a formula and a mark that belongs to it.

    Browsers break lines on both sides of whatever is not text.
    """

    default_priority = 900  # after the others have put their words in
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Put such a formula and its marks into one element."""
        for formula in list(self.document.findall(nodes.math)):
            parent, at = formula.parent, formula.parent.index(formula)
            before = _cut(parent[at - 1 : at], OPENS)
            after = _cut(parent[at + 1 : at + 2], CLOSES)
            if before or after:
                together = nodes.inline(classes=["together"])
                parent[at] = together
                together += [nodes.Text(before), formula, nodes.Text(after)]


def _cut(neighbour: list[nodes.Node], marks: re.Pattern[str]) -> str:
    """Take marks away from a neighbour, if it is text and has them, and return them."""
    for text in neighbour:
        if isinstance(text, nodes.Text) and (found := marks.search(text.astext())):
            text.parent.replace(text, nodes.Text(marks.sub("", text.astext())))
            return found[0]
    return ""


def _configure(app: Sphinx, config: Config) -> None:
    config.html_math_renderer = "mathml"


def setup(app: Sphinx) -> None:
    """Register the renderer, and choose it."""
    app.add_post_transform(KeepTogether)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("config-inited", _configure)
