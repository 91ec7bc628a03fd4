"""Tests for algollm_book.cards: words that fit, small files, the same bytes."""

import io
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from sphinx.errors import ExtensionError

from algollm_book import cards, drawings
from algollm_helpers.book.judging import VERDICTS
from tests.support.book import NOTEBOOKS, notebook

TITLES = [
    "A large model is not derived. It is pushed into shape.",
    *(notebook(path)["cells"][0]["source"].splitlines()[0][2:] for path in NOTEBOOKS),
]


def card(title, drawing=drawings.HILL):
    return cards.Card(title, drawing)


@pytest.mark.parametrize("title", TITLES)
def test_every_title_of_the_book_fits_beside_the_drawing(title):
    fig = cards.drawn(card(title), "AlgoLLM")
    renderer = FigureCanvasAgg(fig).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in fig.texts]
    left_of_the_drawing = fig.axes[0].get_window_extent(renderer).x0
    for box in boxes:
        assert box.x0 >= 0.05 * cards.WIDTH
        assert box.x1 <= left_of_the_drawing
        assert 0 < box.y0 < box.y1 < cards.HEIGHT
    boxes.sort(key=lambda box: -box.y0)
    assert all(a.y0 > b.y1 for a, b in pairwise(boxes))
    words = " ".join(text.get_text() for text in fig.texts)
    assert title in words


@pytest.mark.parametrize("drawing", [drawings.HILL, *drawings.CHAPTERS.values()])
def test_a_card_is_small_and_the_same_each_time(drawing):
    longest = card(max(TITLES, key=len), drawing)
    first, second = (cards.png(longest, "AlgoLLM") for _ in range(2))
    assert first == second
    assert len(first) <= 60_000
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.size == (1200, 630)
        right = np.asarray(picture.convert("L"))[80:540, 650:]
        assert (right < 200).mean() > 0.01  # something is drawn there


def test_nothing_is_drawn_outside_of_a_card():
    for drawing in [drawings.HILL, *drawings.CHAPTERS.values()]:
        pixels = cards.png(card("A", drawing), "AlgoLLM")
        with Image.open(io.BytesIO(pixels)) as picture:
            edges = np.asarray(picture.convert("L"))
        assert (edges[:30] > 250).all()
        assert (edges[:600, -30:] > 250).all()


def test_a_title_that_fits_nowhere_is_refused_and_named():
    title = "word " * 60
    with pytest.raises(ExtensionError, match="no room for the title 'word word"):
        cards.drawn(card(title), "AlgoLLM")


def test_a_long_title_is_set_smaller_than_a_short_one():
    def size(title):
        return max(t.get_fontsize() for t in cards.drawn(card(title), "x").texts)

    assert size("Short") == cards.SIZES[0]
    assert size("Backpropagation, " * 4) < cards.SIZES[0]


def test_without_a_font_for_its_words_a_card_has_its_name_and_drawing():
    unknown = chr(0x10FFFD)  # for private use: no font has it
    assert cards.font_of("Gradient ∇") == cards.FONTS[0]
    assert cards.font_of(unknown) is None
    fig = cards.drawn(card(unknown), "AlgoLLM")
    assert [text.get_text() for text in fig.texts] == ["AlgoLLM"]
    assert fig.axes[0].lines


def env(*verdicts):
    found = [SimpleNamespace(record=SimpleNamespace(verdict=v)) for v in verdicts]
    return SimpleNamespace(book_claims=dict(enumerate(found)))


def test_a_lab_shows_what_its_chapter_shows_and_other_pages_the_hill():
    for page in ("chapters/loss", "chapters/loss_lab"):
        shown = cards.card_of(env(), page, "T").drawing
        assert shown is drawings.CHAPTERS["loss"]
    lab = cards.card_of(env(), "chapters/after", "T").drawing
    assert lab is drawings.LABS["after"]
    assert cards.card_of(env(), "index", "T").drawing is drawings.HILL


def test_the_scorecard_shows_how_many_claims_got_each_verdict():
    shown = cards.card_of(env("false", "holds", "false"), "chapters/claims", "T")
    fig = cards.drawn(shown, "AlgoLLM")
    counts = [bar.get_width() for bar in fig.axes[0].patches]
    assert counts == [{"holds": 1, "false": 2}.get(verdict, 0) for verdict in VERDICTS]
