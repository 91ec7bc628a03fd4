"""Tests for algollm_book.mathfont: a font with what the formulas need, and no more."""

import base64
import io
import re
from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont

from algollm_book.formulas import mathml
from algollm_book.mathfont import ITALIC, SHEET, characters, cut, sheet
from tests.support.pages import page, site


def font(page):
    """Return the font for a page."""
    return TTFont(io.BytesIO(cut(frozenset(characters(page)))))


def test_what_counts_is_what_is_shown_and_its_italics():
    text = "<p>z</p>" + mathml(r"x_\eta < \max", display=False)
    assert characters(text) >= set("xη<max") | {"𝑥", "𝜂", "𝑚"}
    assert not characters(text) & set("z\\")


@pytest.mark.parametrize(("letter", "italic"), [("a", "𝑎"), ("h", "ℎ"), ("Ω", "𝛺")])
def test_each_letter_has_its_italic_form(letter, italic):
    assert ITALIC[letter] == italic


def test_the_font_draws_what_stands_in_formulas_and_nothing_else():
    text = mathml(r"\sum_i \sqrt{x_i} \ge 0", display=True)
    drawn = {chr(code) for code in font(text).getBestCmap()}
    assert drawn == characters(text)
    assert "√" in drawn


def test_it_knows_how_formulas_are_set_and_whose_it_is():
    made = font(mathml(r"\left(\frac{a}{b}\right)", display=True))
    assert made["MATH"].table.MathConstants.AxisHeight.Value > 0
    assert len(made.getGlyphOrder()) > 20  # a bracket of each height
    assert "STIX" in made["name"].getDebugName(0)
    assert "Open Font License" in made["name"].getDebugName(13)


def test_a_line_is_no_higher_for_a_formula_on_any_system():
    # Windows takes the extent of the tallest sign unless bit 7 says not to.
    made = font(mathml("x", display=False))
    assert made["OS/2"].fsSelection & 1 << 7
    for table, names in (
        ("hhea", ("ascent", "descent", "lineGap")),
        ("OS/2", ("sTypoAscender", "sTypoDescender", "sTypoLineGap")),
    ):
        up, down, gap = (getattr(made[table], name) for name in names)
        assert up - down + gap == made["head"].unitsPerEm


def test_root_signs_are_all_as_wide_as_the_small_one_and_rise_in_even_steps():
    made = font(mathml(r"\sqrt{x}", display=False))
    variants = made["MATH"].table.MathVariants
    at = variants.VertGlyphCoverage.glyphs.index(made.getBestCmap()[ord("√")])
    forms = variants.VertGlyphConstruction[at]
    heights = [record.AdvanceMeasurement for record in forms.MathGlyphVariantRecord]
    steps = [b / a for a, b in pairwise(heights)]
    assert all(1.2 < step < 1.3 for step in steps)
    names = [record.VariantGlyph for record in forms.MathGlyphVariantRecord]
    for name, height in zip(names, heights, strict=True):
        glyph = made["glyf"][name]
        assert abs(glyph.yMax - glyph.yMin - height) < 5
    names += [part.glyph for part in forms.GlyphAssembly.PartRecords]
    assert len({made["hmtx"][name][0] for name in names}) == 1
    reach = made["glyf"][names[0]].xMax  # a little into the line above what is rooted
    assert all(made["glyf"][name].xMax <= reach for name in names)


def test_the_same_characters_give_the_same_bytes():
    first = sheet(frozenset("xy"))
    cut.cache_clear()
    assert sheet(frozenset("yx")) == first


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    pages = {
        "index.md": "# Words\n\n```{toctree}\nmaths\n```",
        "maths.md": "# Maths\n\n$x^2$",
    }
    with site(
        tmp_path_factory.mktemp("mathfont"),
        pages,
        myst_enable_extensions=["dollarmath"],
    ) as app:
        yield app


@pytest.mark.parametrize(("name", "asked"), [("maths", 1), ("index", 0), ("search", 0)])
def test_a_page_asks_for_the_font_if_it_has_a_formula(app, name, asked):
    links = [tag["href"] for tag in page(app, name).select("link[rel=stylesheet]")]
    assert sum(SHEET in link for link in links) == asked


def test_the_sheet_holds_the_font_for_all_pages(app):
    text = (app.outdir / "_static" / SHEET).read_text("utf-8")
    (data,) = re.findall(r"base64,([\w+/=]+)", text)
    made = TTFont(io.BytesIO(base64.b64decode(data)))
    assert {chr(code) for code in made.getBestCmap()} == {"x", "𝑥", "2"}
