"""Tests for algollm_helpers.graph_picture, and of how plots draws what it lays out."""

import itertools

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.backprop import Value
from algollm_helpers.book.figures import STYLE
from algollm_helpers.book.plots import draw_graph
from algollm_helpers.graph_picture import picture


def two_weights():
    # h = 2 · 0.5 = 1, y = 1 · 1.5, miss -4.5, loss 20.25; blame from the end: -9 for
    # miss and y, -9 · 1.5 for h, -9 · 1 for w2, -13.5 · 2 for w1, -13.5 · 0.5 for x
    x, w1, w2 = Value(2.0), Value(0.5), Value(1.5)
    h = x * w1
    y = h * w2
    loss = (y - 6.0) ** 2
    return loss, {x: "x", w1: "w1", w2: "w2", h: "A", y: "B", loss: "L"}


def random_graph(seed):
    rng = np.random.default_rng(seed)
    leaves = [Value(v) for v in rng.normal(size=3)]
    pool = list(leaves)
    for _ in range(8):
        i, j = rng.integers(len(pool), size=2)
        pool.append(pool[i] * pool[j] if rng.random() < 0.5 else pool[i] + pool[j])
    root = sum(pool[1:], pool[0])
    return root, {leaf: f"w{k}" for k, leaf in enumerate(leaves)}


def carried(p):
    """Return {(from, to): (value, share)} by name."""
    pairs = [(p.names[i], p.names[j]) for i, j in p.edges]
    return dict(zip(pairs, zip(p.values, p.shares, strict=True), strict=True))


def test_the_chain_worked_by_hand():
    loss, names = two_weights()
    loss.backward()
    assert carried(picture(loss, names)) == {
        ("x", "A"): (2.0, -6.75),
        ("w1", "A"): (0.5, -27.0),
        ("A", "B"): (1.0, -13.5),
        ("w2", "B"): (1.5, -9.0),
        ("B", ""): (1.5, -9.0),  # the subtraction has no name
        ("", "L"): (-4.5, -9.0),
    }


def test_a_chain_is_a_line_with_its_weights_above():
    loss, names = two_weights()
    p = picture(loss, names)
    at = {name: tuple(place) for name, place in zip(p.names, p.places, strict=True)}
    assert at == {
        "x": (0, 0),
        "A": (1, 0),
        "w1": (1, 1),
        "B": (2, 0),
        "w2": (2, 1),
        "": (3, 0),
        "L": (4, 0),
    }


def test_before_backward_nothing_has_come_back():
    loss, names = two_weights()
    assert_array_equal(picture(loss, names).shares, np.zeros(6))


def test_a_constant_is_left_out_and_a_named_leaf_is_not():
    w, six = Value(1.0), Value(6.0)
    total = w + six
    assert picture(total, {w: "w"}).names == ("w", "")
    assert set(picture(total, {w: "w", six: "6"}).names) == {"w", "6", ""}


@pytest.mark.parametrize("seed", range(20))
def test_the_shares_at_a_value_add_up_to_its_gradient(seed):
    root, names = random_graph(seed)
    root.backward()
    p = picture(root, names)
    collected = np.zeros(len(p.nodes))
    np.add.at(collected, p.edges[:, 0], p.shares)
    collected[-1] += 1.0  # the root's own
    assert_allclose(collected, [node.grad for node in p.nodes], atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_no_two_boxes_share_a_place_and_arrows_never_point_left(seed):
    root, names = random_graph(seed)
    p = picture(root, names)
    assert len(np.unique(p.places, axis=0)) == len(p.nodes)
    run = np.diff(p.places[p.edges][..., 0], axis=1)
    assert (run >= 0).all()
    assert p.nodes[-1] is root
    assert p.places[-1, 1] == 0


@pytest.mark.parametrize("uses", [2, 3])
def test_arrows_between_the_same_boxes_are_kept_apart(uses):
    a = Value(3.0)
    root = Value(9.0, (a,) * uses, (1.0,) * uses)
    p = picture(root, {a: "a"})
    assert len(p.middles) == uses
    for one, other in itertools.combinations(p.middles, 2):
        assert np.linalg.norm(one - other) > 0.3


def test_an_arrow_over_several_columns_goes_round_the_boxes_between():
    a = Value(2.0)
    b = a + 1.0
    p = picture(b + a, {a: "a"})
    (long,) = np.flatnonzero(np.diff(p.places[p.edges][..., 0])[:, 0] > 1)
    between = (p.places[:, 1] == 0) & (p.places[:, 0] > 0)
    assert np.abs(p.places[between] - p.middles[long]).max(axis=1).min() >= 0.5


def test_refuses_a_leaf_and_a_name_for_a_stranger():
    with pytest.raises(ValueError, match=r"a leaf has no graph to draw: Value\(3"):
        picture(Value(3.0), {})
    loss, names = two_weights()
    with pytest.raises(ValueError, match=r"\['stranger'\] are no part of the graph"):
        picture(loss, names | {Value(1.0): "stranger"})


@pytest.fixture
def drawn():
    loss, names = two_weights()
    loss.backward()
    p = picture(loss, names)
    with rc_context(STYLE):
        fig = Figure()
        ax = fig.subplots()
        numbers = {"forward": [*"abcdef"], "backward": [*"uvwxyz"]}
        texts = draw_graph(ax, p.places, p.names, p.edges, p.middles, **numbers)
        FigureCanvasAgg(fig).draw()
    return p, ax, texts


def test_boxes_and_numbers_are_drawn_where_the_layout_says(drawn):
    p, ax, (boxes, ahead, back) = drawn
    assert [box.get_text() for box in boxes] == list(p.names)
    assert_array_equal([box.get_position() for box in boxes], p.places)
    assert "".join(t.get_text() for t in ahead + back) == "abcdefuvwxyz"
    for texts in (ahead, back):
        assert_array_equal([t.xy for t in texts], p.middles)
    assert len(ax.patches) == len(p.edges)


def test_forward_stands_above_or_left_and_backward_opposite(drawn):
    p, _, (_, ahead, back) = drawn
    for (i, j), there, here in zip(p.edges, ahead, back, strict=True):
        forward, backward = there.get_window_extent(), here.get_window_extent()
        if p.places[i, 0] == p.places[j, 0]:  # a vertical arrow
            assert forward.x1 < backward.x0
        else:
            assert forward.y0 > backward.y1


@pytest.mark.parametrize("height", [0.5, -0.5, 0.0])
def test_an_arc_passes_its_middle(height):
    ax = Figure(figsize=(4, 4)).subplots()
    graph = {"places": [(0, 0), (2, 0)], "edges": [(0, 1)], "middles": [(1, height)]}
    draw_graph(ax, names=["a", "b"], forward=["1"], backward=["2"], **graph)
    FigureCanvasAgg(ax.figure).draw()
    a, control, b = ax.patches[0].get_path().vertices[:3]  # of a parabola
    assert_allclose((a + 2 * control + b) / 4, (1, height), atol=0.02)
