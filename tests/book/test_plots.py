"""Tests for book.plots: the artists hold the numbers they were given."""

import io

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.book import plots
from algollm_helpers.book.figures import STYLE


@pytest.fixture
def ax():
    with rc_context(STYLE):
        yield Figure().add_subplot()


W = np.array([-1.0, 0.0, 2.0])
LOSS = np.array([17.0, 10.0, 2.0])


def test_a_hill_is_the_loss_with_ground_down_to_the_frame(ax):
    line = plots.draw_hill(ax, W, LOSS)
    assert_array_equal(line.get_xydata(), np.column_stack([W, LOSS]))
    (ground,) = ax.collections
    outline = ground.get_paths()[0].vertices
    assert outline[:, 1].max() == LOSS.max()
    assert outline[:, 1].min() == ax.get_ylim()[0] < LOSS.min()


def test_the_last_place_is_a_ball_and_those_before_are_dots(ax):
    dots, ball = plots.draw_balls(ax, W, LOSS)
    assert_array_equal(dots.get_xydata(), [[-1, 17], [0, 10]])
    assert_array_equal(ball.get_xydata(), [[2, 2]])
    assert ball.get_markersize() > dots.get_markersize()
    for artist in (dots, ball):
        assert artist.get_linestyle() == "None"
        assert artist.get_markevery() == 1, "the cycle would leave dots out"


def test_a_single_place_is_a_ball_without_dots(ax):
    dots, ball = plots.draw_balls(ax, 3.0, 1.0)
    assert len(dots.get_xdata()) == 0
    assert_array_equal(ball.get_xydata(), [[3.0, 1.0]])


def test_a_tangent_passes_its_point_with_the_slope_asked_for(ax):
    line = plots.draw_slope(ax, (1.0, 5.0), -4.0, half_width=0.5)
    assert_array_equal(line.get_xydata(), [[0.5, 7.0], [1.5, 3.0]])
    assert line.get_linestyle() == "--"


def test_an_arrow_goes_from_tail_to_tip(ax):
    arrow = plots.draw_arrow(ax, (0.0, 1.0), (3.0, 2.0), color="C2")
    assert arrow in ax.patches
    ax.set(xlim=(-1, 4), ylim=(0, 3))
    outline = arrow.get_path().vertices  # shaft and head, in data coordinates
    for end in [(0.0, 1.0), (3.0, 2.0)]:
        assert np.abs(outline - end).max(axis=1).min() < 0.05
    head = outline[np.abs(outline - [3.0, 2.0]).max(axis=1) < 0.4]
    tail = outline[np.abs(outline - [0.0, 1.0]).max(axis=1) < 0.4]
    assert len(head) > len(tail), "the head is at the end"


def test_contours_lie_where_the_loss_has_their_level(ax):
    # The loss w1 + 10 w2 is linear, so its level curves are known lines, and a
    # grid whose axes were swapped would show.
    w1, w2 = np.linspace(0, 4, 9), np.linspace(0, 1, 5)
    drawn = plots.draw_contours(ax, w1, w2, w1 + 10 * w2[:, None], levels=[3, 6])
    assert_array_equal(drawn.levels, [3, 6])
    for level, curve in zip(drawn.levels, drawn.get_paths(), strict=True):
        x, y = curve.vertices.T
        assert_allclose(x + 10 * y, level, atol=1e-12)


def test_a_path_is_drawn_in_the_order_visited_with_every_mark(ax):
    path = np.array([[2.0, 1.0], [1.0, -0.5], [0.5, 0.25]])
    line = plots.draw_path(ax, path, label="lr = 0.3")
    assert_array_equal(line.get_xydata(), path)
    assert line.get_label() == "lr = 0.3"
    assert line.get_markevery() == 1
    other = plots.draw_path(ax, path, label="lr = 0.1")
    for look in ("color", "marker", "linestyle"):
        assert getattr(line, f"get_{look}")() != getattr(other, f"get_{look}")()


def test_crosses_mark_the_places_given(ax):
    marks = plots.draw_crosses(ax, [(0, 1), (2, 3)])
    assert_array_equal(marks.get_xydata(), [[0, 1], [2, 3]])
    assert marks.get_linestyle() == "None"


def test_lines_of_text_stand_in_order_within_the_axes_at_even_distances(ax):
    texts = plots.draw_lines(ax, ["emma", "yy", "ava", "o"])
    assert [text.get_text() for text in texts] == ["emma", "yy", "ava", "o"]
    heights = [text.get_position()[1] for text in texts]
    assert_allclose(np.diff(heights), -1 / 4, rtol=1e-12)
    assert 0 < heights[-1] < heights[0] < 1
    assert {text.get_va() for text in texts} == {"baseline"}, "a y hangs down"
    assert not ax.axison


@pytest.mark.parametrize("names", [["a", "b", "c"], ["a", "b", "c", "d"]])
def test_a_cycle_joins_each_station_to_the_next_and_the_ways_in_and_out(ax, names):
    texts = plots.draw_cycle(ax, names, enter="in", leave="out", leave_after=2)
    assert [text.get_text() for text in texts] == [*names, "in", "out"]
    ax.figure.savefig(io.BytesIO(), format="svg")  # the boxes get their sizes
    boxes = [text.get_bbox_patch() for text in texts]
    joined = [(boxes.index(a.patchA), boxes.index(a.patchB)) for a in ax.patches]
    n = len(names)
    around = [(i, (i + 1) % n) for i in range(n)]
    assert joined == [*around, (n, 0), (2, n + 1)]


def test_a_cycle_runs_clockwise_from_the_top_inside_the_frame(ax):
    names = ["top", "right", "bottom", "left"]
    texts = plots.draw_cycle(ax, names, enter="in", leave="out", leave_after=3)
    places = np.array([text.get_position() for text in texts])
    assert_allclose(places[:4], [[0, 1], [1.25, 0], [0, -1], [-1.25, 0]], atol=1e-12)
    assert (places > [ax.get_xlim()[0], ax.get_ylim()[0]]).all()
    assert (places < [ax.get_xlim()[1], ax.get_ylim()[1]]).all()


def test_the_ground_and_the_marks_wear_the_roles_of_the_style(ax):
    # Colours outside figures.ROLES would not follow the page into dark mode.
    assert same_color(plots.draw_hill(ax, W, LOSS).get_color(), plots.MUTED)
    assert same_color(plots.draw_crosses(ax, [(0, 1)]).get_color(), plots.INK)
