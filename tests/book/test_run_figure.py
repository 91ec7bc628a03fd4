"""Tests for book.run_figure: what was measured is drawn, all of it, and named."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.book.figures import STYLE
from algollm_helpers.book.run_figure import (
    MOST,
    OPENING,
    draw_end_of_numbers,
    draw_held_out,
    draw_measured,
    drawn,
    set_logarithmic,
)

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def ax():
    with rc_context(STYLE):
        yield Figure().add_subplot()


def run(rows=30, **others):
    step = np.arange(1.0, rows + 1)
    return {"step": step, "loss": 3 - step / rows} | others


def texts(columns):
    picture = ET.fromstring(drawn(columns, "a title", "a description"))
    return [text.text for text in picture.iter(f"{SVG}text")]


# --- The picture --------------------------------------------------------------


def test_a_picture_is_whole_and_says_what_it_shows_to_those_who_cannot_see_it():
    picture = drawn(run(), "<b> & rate", 'says "no"')
    assert picture.startswith(OPENING)
    assert picture.endswith("</svg>\n")
    root = ET.fromstring(picture)
    assert root.attrib["role"] == "img"
    about = [root.find(f"{SVG}{name}").text for name in ("title", "desc")]
    assert about == ["<b> & rate", 'says "no"']
    assert picture == drawn(run(), "<b> & rate", 'says "no"')


def test_there_is_a_panel_for_what_was_measured_and_none_for_the_rest():
    nothing = np.full(30, np.nan)
    shown = texts(run(grad_norm=nothing, lr=np.linspace(1, 0, 30), leak=np.ones(30)))
    assert {"a title", "step", "loss", "learning rate"} <= set(shown)
    assert not {"gradient norm", "update / weights", "held-out loss"} & set(shown)
    valid = np.where(np.arange(30) % 10 == 9, 2.5, np.nan)
    both = texts(run(grad_norm=np.ones(30), update_ratio=np.zeros(30), valid=valid))
    assert {"gradient norm", "update / weights", "held-out loss"} <= set(both)


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_run_without_a_single_number_is_drawn_all_the_same(loss):
    columns = {"step": np.array([7.0]), "loss": np.array([loss])}
    assert f"step 7: the loss is {loss}" in texts(columns)


# --- Its parts ----------------------------------------------------------------


def test_of_few_steps_each_is_drawn(ax):
    values = np.array([3.0, np.nan, 1.0, np.inf, 2.0])
    draw_measured(ax, np.arange(5.0), values)
    (line,) = ax.lines
    assert_array_equal(line.get_xydata(), [[0, 3], [2, 1], [4, 2]])
    assert not ax.collections


@pytest.mark.parametrize("rows", [MOST, MOST + 1, 20 * MOST + 7])
def test_of_many_steps_mean_and_range_are_drawn_and_none_is_left_out(rows, ax):
    rng = np.random.default_rng(rows)
    values = rng.normal(size=rows)
    draw_measured(ax, np.arange(float(rows)), values)
    (line,) = ax.lines
    assert len(line.get_xdata()) == MOST
    if rows % MOST == 0:
        assert_allclose(line.get_ydata().mean(), values.mean(), atol=1e-12)
    if rows > MOST:
        (band,) = ax.collections
        corners = band.get_paths()[0].vertices[:, 1]
        assert (corners.min(), corners.max()) == (values.min(), values.max())


def test_the_held_out_loss_is_drawn_where_it_was_measured(ax):
    valid = np.array([np.nan, 2.5, np.nan, 2.25])
    columns = {"step": np.arange(4.0), "loss": np.ones(4), "valid": valid}
    draw_measured(ax, columns["step"], columns["loss"])
    draw_held_out(ax, columns)
    assert_array_equal(ax.lines[1].get_xydata(), [[1, 2.5], [3, 2.25]])
    assert [line.get_label() for line in ax.lines] == ["loss", "held-out loss"]


def test_the_first_loss_that_is_no_number_is_marked(ax):
    columns = {"step": np.array([5.0, 6, 7]), "loss": np.array([1, np.nan, np.inf])}
    draw_end_of_numbers(ax, columns)
    (line,) = ax.lines
    assert line.get_xdata() == [6, 6]
    assert line.get_label() == "step 6: the loss is nan"


@pytest.mark.parametrize(
    ("values", "first_digits"),
    [([1, 5], {"1", "2", "5"}), ([1e-5, 1], {"1"}), ([3, 4000], {"1"})],
)
def test_an_axis_of_factors_has_plain_numbers_and_no_more_than_fit(
    values, first_digits, ax
):
    ax.plot(values)
    set_logarithmic(ax)
    ax.figure.draw_without_rendering()
    low, high = ax.get_ylim()
    labels = ax.get_yticklabels()
    shown = [t.get_text() for t in labels if low <= t.get_position()[1] <= high]
    assert 2 <= len(shown) <= 6
    assert {label.lstrip("0.")[0] for label in shown} <= first_digits


def test_a_loss_that_leaps_far_is_drawn_by_its_logarithm():
    calm, wild = run(), run()
    calm["loss"][3], wild["loss"][3] = 30 * calm["loss"].min(), 100.0
    assert "40" in texts(calm)
    assert not {"40", "60", "80"} & set(texts(wild))
