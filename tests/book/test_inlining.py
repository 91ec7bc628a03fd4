"""Tests for algollm_helpers.book.inlining: figures that become parts of a page."""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from algollm_helpers.book.figures import CYCLE, ROLES, STYLE, svg
from algollm_helpers.book.inlining import inline


@pytest.mark.parametrize(("role", "colour"), ROLES.items())
def test_each_colour_becomes_the_variable_of_its_role(role, colour):
    drawn = f'<path style="fill: {colour}; stroke: {colour}"/>'
    variable = f"var(--book-{role})"
    assert inline(drawn) == f'<path style="fill: {variable}; stroke: {variable}"/>'


def test_a_colour_without_a_role_stays():
    assert (
        inline('<path style="stroke: #123456"/>') == '<path style="stroke: #123456"/>'
    )


@pytest.mark.parametrize(
    ("points", "pixels"), [("100", "150"), ("345.6", "518"), ("0.5", "1")]
)
def test_the_width_is_in_pixels_and_the_height_follows(points, pixels):
    # 1.5 pixels a point: 11 pt are 16.5 pixels, the size of the text around.
    drawn = f'<svg viewBox="0 0 1 1" width="{points}pt" height="2.5pt">'
    assert inline(drawn) == f'<svg viewBox="0 0 1 1" width="{pixels}">'


def test_only_the_picture_itself_is_resized():
    inner = '<svg width="10pt" height="10pt"></svg>'
    assert inline(inner + inner) == '<svg width="15"></svg>' + inner


def test_the_size_of_words_is_for_the_sheet_and_that_of_a_formulas_signs_stays():
    words = '<text style="font-size: 11px; font-family: sans-serif; fill: red">a</text>'
    signs = '<text><tspan style="font-size: 7.7px; font-family: x">2</tspan></text>'
    sized = '<text style="--size: 11px; fill: red">a</text>'
    assert inline(words + signs) == sized + signs


def test_the_width_of_lines_is_for_the_sheet():
    drawn = '<path style="stroke: red; stroke-width: 1.8"/>'
    assert inline(drawn) == '<path style="stroke: red; --line: 1.8"/>'


def test_style_elements_are_left_to_the_sheet():
    drawn = '<svg><style type="text/css">\n*{a}\n</style><g/><style>b</style></svg>'
    assert inline(drawn) == "<svg><g/></svg>"


def test_of_a_real_figure_no_colour_of_the_style_and_no_point_remains():
    with mpl.rc_context(STYLE):
        fig = Figure()
        ax = fig.add_subplot()
        for i in range(len(CYCLE)):
            ax.plot([0, i])
        drawn = inline(svg(fig))
    assert not [colour for colour in ROLES.values() if colour in drawn]
    used = {role for role in ROLES if f"var(--book-{role})" in drawn}
    assert used == set(ROLES)
    assert 'pt"' not in drawn
    assert "<style" not in drawn
