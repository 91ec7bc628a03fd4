"""Tests for book.figures: the SVG is stable, lean and ours."""

import io
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from algollm_helpers.book.figures import CYCLE, DASHES, INK, MARKERS, MUTED, STYLE, svg


def drawn(y, **kwargs):
    with mpl.rc_context(STYLE):
        fig = Figure()
        fig.add_subplot().plot(range(len(y)), y, **kwargs)
        return svg(fig)


def test_one_svg_element_without_date_or_program():
    text = drawn([1, 3, 2])
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert text.startswith("<svg")
    assert not re.search(r"20\d\d-|Matplotlib|<metadata|<!--", text)


def test_last_bits_do_not_reach_the_file():
    # 1e-7 of 100 pt shows in matplotlib's own six decimals, not in our two.
    y = np.array([0.1, 0.23, 0.3])
    assert drawn(y) == drawn(y * [1, 1 + 1e-7, 1])
    assert drawn(y) != drawn(y * [1, 1.01, 1])


def test_a_number_in_a_label_stays_whole():
    with mpl.rc_context(STYLE):
        fig = Figure()
        fig.add_subplot().set_title("loss 1.757512")
    assert ">loss 1.757512<" in svg(fig)


def test_every_id_is_referred_to_and_differs_between_salts():
    with mpl.rc_context(STYLE):
        fig = Figure()
        fig.add_subplot().plot([1, 2], "o")
    first, second = svg(fig, salt="1"), svg(fig, salt="2")
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text, own in zip((first, second), ids, strict=True):
        assert own == set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))


@pytest.mark.parametrize(("points", "markers"), [(30, 30), (300, 12)])
def test_markers_of_long_lines_are_thinned_and_of_short_ones_kept(points, markers):
    uses = drawn(np.zeros(points), marker="o").count(f"fill: {CYCLE[0]}")
    assert uses <= markers + 1
    assert uses >= min(markers, 5)


@pytest.mark.parametrize("style", ["", " ", "none", "None"])
@pytest.mark.parametrize("points", [30, 31, 400])
def test_points_without_a_line_are_all_drawn(points, style):
    text = drawn(np.zeros(points), marker="o", linestyle=style)
    assert text.count(f"fill: {CYCLE[0]}") in {points, points + 1}  # 1: the shape
    with mpl.rc_context(STYLE):
        fig = Figure()
        fig.add_subplot().scatter(range(points), np.zeros(points), color=CYCLE[0])
    assert svg(fig).count("<use ") >= points


def test_the_layout_is_that_of_matplotlib_whatever_was_measured_before():
    places = []
    for size in (11, 20):
        for draw in (svg, lambda fig: fig.savefig(io.BytesIO(), format="svg")):
            with mpl.rc_context(STYLE):
                fig = Figure()
                fig.add_subplot().set_ylabel("$w$", size=size)
                draw(fig)
            places.append(fig.axes[0].get_position().bounds)
    assert places[0] == places[1] != places[2] == places[3]


def luminance(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize(
    ("colour", "ratio"), [(INK, 7), (MUTED, 4.5), *((c, 3) for c in CYCLE)]
)
def test_colours_stand_out_on_white_as_wcag_asks(colour, ratio):
    assert 1.05 / (luminance(colour) + 0.05) >= ratio


def test_colour_marker_and_dash_vary_together():
    for channel in (CYCLE, MARKERS, DASHES):
        assert len(set(channel)) == len(CYCLE)
