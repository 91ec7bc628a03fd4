"""The font of the formulas: what the pages need of one, in a style sheet of its own.

Browsers draw MathML with a font that knows how: how tall a root may grow, where a limit
stands. Not every device has one, so STIX Two Math goes along, cut down to what stands
in formulas. It lies in the style sheet itself: so it comes with the rest of what a page
waits for, and one that was opened as a file may use it, too.
"""

import base64
import html
import io
import re
import unicodedata
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

FONT = "ziamath/fonts/STIXTwoMath-Regular.ttf"  # of the package ziamath, which uses it
SHEET = "formulas.css"
FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
# The source beside a formula is not shown.
UNSEEN = re.compile(r"<annotation.*?</annotation>|<[^>]*>", re.DOTALL)
ITALIC = {  # a letter that stands alone is drawn as that of the italic alphabet
    unicodedata.normalize("NFKC", chr(code)): chr(code)
    for code in (0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C))
    if unicodedata.category(chr(code)) != "Cn"
}
# Decoded while the page is still being read, it is there when text is first drawn.
FETCH = """document.fonts.load('1em "Book Math"');"""
ROOTS = (1480, 1860, 2350)  # heights of the taller root signs, in 1/1000 of the size
FACE = """/* STIX Two Math, © The STIX Fonts Project Authors, SIL OFL 1.1 */
@font-face {{
  font-family: "Book Math";
  src: url("data:font/woff2;base64,{data}") format("woff2");
}}
math {{ font-family: "Book Math", math; font-size: 1.15em; }}
.bd-article div.math {{ margin: 1.2rem 0; overflow: auto hidden; }}
.bd-article span.math {{ display: inline; }}
.together {{ white-space: nowrap; }}
div.math > math {{ flex: 1; }}
"""


def characters(page: str) -> set[str]:
    """Return what stands in the formulas of a page of HTML.

    Examples
    --------
    >>> sorted(characters("a <math><mi>b</mi><mo>&lt;</mo></math>"))
    ['<', 'b', '𝑏']
    """
    seen = {
        character
        for formula in FORMULA.findall(page)
        for character in html.unescape(UNSEEN.sub("", formula))
    }
    roots = {"√"} if re.search("<m(sqrt|root)>", page) else set()
    return seen | roots | {ITALIC[letter] for letter in seen & ITALIC.keys()}


@cache
def cut(wanted: frozenset[str]) -> bytes:
    """Return the font with these characters alone, and all their sizes, as WOFF2."""
    font = TTFont(str(distribution("ziamath").locate_file(FONT)), recalcTimestamp=False)
    options = subset.Options(
        bidi_closure=False,
        hinting=False,
        layout_features=[],
        name_IDs=[0, 1, 2, 13, 14],  # its authors and its licence go along
        notdef_outline=True,
    )
    options.drop_tables += ["DSIG", "GDEF", "GPOS", "GSUB"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in wanted])
    subsetter.subset(font)
    _even_roots(font)
    # A line with a formula is as high as others, on Windows, too, which else takes the
    # extent of the tallest sign for the height of a line.
    font["hhea"].lineGap = font["OS/2"].sTypoLineGap = 0
    font["OS/2"].fsSelection |= 1 << 7  # USE_TYPO_METRICS
    font.flavor = "woff2"
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def _even_roots(font: TTFont) -> None:
    """Make the tall forms of the root sign as narrow as the small one, in even steps.

    Browsers keep room for the widest form before they know how tall the root will be:
    in STIX that is half a letter, which would stand as a gap behind each small root.
    And its second form is so tall that a single index would hang a line lower.
    """
    root = font.getBestCmap().get(ord("√"))
    if root is None:
        return
    variants = font["MATH"].table.MathVariants
    forms = variants.VertGlyphConstruction[
        variants.VertGlyphCoverage.glyphs.index(root)
    ]
    width, _ = font["hmtx"][root]
    for record, height in zip(forms.MathGlyphVariantRecord[1:], ROOTS, strict=True):
        _fit(font, record.VariantGlyph, width, height / record.AdvanceMeasurement)
        record.AdvanceMeasurement = height
    for part in forms.GlyphAssembly.PartRecords:
        _fit(font, part.glyph, width, 1)


def _fit(font: TTFont, name: str, width: int, taller: float) -> None:
    """Give a glyph another width, and scale its height."""
    glyph, (advance, _) = font["glyf"][name], font["hmtx"][name]
    glyph.coordinates.scale((width / advance, taller))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, glyph.xMin)


def sheet(wanted: frozenset[str]) -> str:
    """Return the style sheet that holds the font with these characters."""
    return FACE.format(data=base64.b64encode(cut(wanted)).decode("ascii"))


def _link(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Ask for the font where a formula stands, in the text or its list of contents."""
    shown = (context.get(key) or "" for key in ("body", "toc"))
    if any("<math" in text for text in shown):
        app.add_css_file(SHEET)
        app.add_js_file(None, body=FETCH, priority=0)


def _write(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        pages = (path.read_text("utf-8") for path in Path(app.outdir).rglob("*.html"))
        wanted = frozenset[str]().union(*map(characters, pages))
        if wanted:
            path = Path(app.outdir, "_static", SHEET)
            path.write_text(sheet(wanted), encoding="utf-8")


def _forget(app: Sphinx) -> None:
    """Take away the sheet of an earlier build, whose checksum pages would ask by."""
    Path(app.outdir, "_static", SHEET).unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Put the font on pages with formulas, and write it when all pages are known."""
    app.connect("builder-inited", _forget)
    app.connect("html-page-context", _link)
    app.connect("build-finished", _write)
