"""Tests for algollm_book.drawings: what a card shows is true of its chapter."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.testing import assert_allclose

from algollm_book import drawings
from algollm_helpers.book.figures import CYCLE, GRID
from tests.support.book import ORDER

EVERY = {"hill": drawings.HILL} | drawings.CHAPTERS | drawings.LABS


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_each_chapter_has_a_drawing_of_its_own():
    assert list(drawings.CHAPTERS) == ORDER
    assert len({each.alt for each in EVERY.values()}) == len(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_says_what_one_sees_in_a_sentence(ax, name):
    EVERY[name].draw(ax)
    assert ax.has_data() or ax.patches
    assert EVERY[name].alt.endswith(".")


def test_what_is_foretold_lies_below_the_largest_size_and_above_the_floor(ax):
    drawings.after(ax)
    *sizes, floor, star = (line.get_ydata() for line in ax.lines)
    assert [loss[-1] for loss in sizes] == sorted(loss[-1] for loss in sizes)[::-1]
    assert floor.max() < star[0] < sizes[-1][-1]
    for loss in sizes:  # what the size costs stays; the rest falls to a tenth
        assert_allclose(loss[0] - loss[-1], 2 - 2 / 10)


def test_the_ball_stays_on_the_hill_and_its_steps_grow_shorter(ax):
    drawings.hill(ax)
    _, walk = ax.lines
    x, y = walk.get_data()
    assert_allclose(y - x**2, y[0] - x[0] ** 2)
    steps = np.abs(np.diff(x))
    assert (np.diff(steps) < 0).all()


def test_every_path_ends_on_the_line_of_solutions_and_meets_it_squarely(ax):
    drawings.closed_form(ax)
    line, *rest = ax.lines
    along = np.diff(line.get_xydata(), axis=0)[0]
    paths = [each.get_xydata() for each in rest if len(each.get_xydata()) == 2]
    assert len(paths) == 4
    for path in paths:
        assert_allclose(path[1] @ [0.6, 0.8], 1)  # the equation
        assert_allclose(np.diff(path, axis=0)[0] @ along, 0, atol=1e-12)


def test_the_third_loss_asks_four_times_as_much_on_one_side(ax):
    drawings.loss(ax)
    squared, absolute, quantile = (line.get_ydata() for line in ax.lines)
    assert squared[0] == squared[-1] == 4
    assert absolute[0] == absolute[-1] == 2
    assert_allclose(quantile[-1], 4 * quantile[0])


def test_one_rate_creeps_one_arrives_and_one_flies_apart(ax):
    drawings.learning_rate(ax)
    creeps, arrives, flies = (line.get_ydata()[-1] for line in ax.lines)
    # On x² each step multiplies x by 1 - 2 lr, and the loss by its square.
    assert_allclose(creeps, 0.92**24)
    assert_allclose(arrives, 0.3**24, rtol=1e-6)
    assert_allclose(flies, 1.12**24)


def squares(ax, colour):
    return [
        (round(p.get_x() - 0.07), -round(p.get_y() - 0.07))
        for p in ax.patches
        if isinstance(p, Rectangle)
        and p.get_facecolor() == Rectangle((0, 0), 1, 1, color=colour).get_facecolor()
    ]


def test_a_position_sees_itself_and_those_before_it(ax):
    drawings.microgpt(ax)
    places = [(column, row) for row in range(7) for column in range(7)]
    assert squares(ax, GRID) == [(c, r) for c, r in places if c > r]
    assert squares(ax, CYCLE[0]) == [(c, r) for c, r in places if c < r]


def test_a_stage_does_one_thing_at_a_time_and_each_pass_once(ax):
    drawings.scale(ax)
    assert len(ax.patches) == 4 * 4 * 2
    for stage in range(4):
        row = [p for p in ax.patches if round(p.get_y() - 0.1) == -stage]
        spans = sorted((p.get_x(), p.get_x() + p.get_width()) for p in row)
        assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_a_bar_is_as_long_as_its_count_which_stands_beside_it(ax):
    counts = {"holds": 3, "false": 1}
    drawings.bars(ax, counts)
    assert [patch.get_width() for patch in ax.patches] == [3, 1]
    words = [text.get_text().strip() for text in ax.texts]
    assert words == ["3", "holds", "1", "false"]


def test_blame_runs_from_the_end_to_the_start_along_edges(ax):
    drawings.backprop(ax)
    edges = {tuple(map(tuple, line.get_xydata())) for line in ax.lines}
    arrows = [(note.xyann, note.xy) for note in ax.texts]
    assert [end[0] for _, end in arrows] == [2, 1, 0]
    assert all((end, start) in edges for start, end in arrows)


def test_the_walk_crosses_the_valley_at_each_step_and_comes_closer(ax):
    drawings.descent(ax)
    walk = ax.lines[0].get_xydata()
    assert (np.diff(np.linalg.norm(walk, axis=1)) < 0).all()
    assert (np.sign(walk[1:, 1]) == -np.sign(walk[:-1, 1])).all()
