"""The card that stands for a page where it is shared: title, book, and a drawing.

1200 by 630 pixels, the size that services ask for. A card has the same bytes each time
it is drawn with the same Matplotlib; no page loads it.
"""

import io
import re
from collections import Counter
from functools import partial
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.locale import _

from algollm_helpers.book.figures import CYCLE, INK, MUTED, STYLE
from algollm_helpers.book.judging import VERDICTS

from . import drawings

WIDTH, HEIGHT, DPI = 1200, 630, 100
COLOURS = 48
LOOK = STYLE | {
    "axes.prop_cycle": cycler(color=CYCLE),  # no marks: the strokes are thick enough
    "figure.constrained_layout.use": False,
    "lines.solid_capstyle": "round",
}
EDGE, COLUMN = 0.06, 0.46  # of the width: the margin, and how wide the words run
SIZES, LINES = (46, 40, 34, 28), 4  # points that a title may have, and lines
# The first comes with Matplotlib; the others, if installed, know Chinese.
FONTS = ("DejaVu Serif", "Noto Serif CJK SC", "Noto Sans CJK SC")
_WORDS = re.compile(r"[⺀-鿿]|[^\s⺀-鿿]+\s*")  # Chinese lines may end anywhere


class Card(NamedTuple):
    """What a card shows."""

    title: str
    drawing: drawings.Drawing


def card_of(env: BuildEnvironment, page: str, title: str) -> Card:
    """Return the card of a page; a lab has the drawing of its chapter."""
    stem = page.rpartition("/")[2].removesuffix("_lab")
    if stem == "claims":
        found = env.book_claims.values()  # type: ignore[attr-defined]
        counts = Counter(each.record.verdict for each in found)
        bars = partial(drawings.bars, counts={_(v): counts[v] for v in VERDICTS})
        return Card(title, drawings.Drawing(bars, drawings.BARS))
    known = drawings.CHAPTERS | drawings.LABS
    return Card(title, known.get(stem, drawings.HILL))


def font_of(text: str) -> str | None:
    """Return an installed font that has every letter of a text, if there is one."""
    wanted = {ord(letter) for letter in text if not letter.isspace()}
    for family in FONTS:
        try:
            path = findfont(FontProperties(family=family), fallback_to_default=False)
        except ValueError:  # it is not installed
            continue
        if wanted <= set(get_font(path).get_charmap()):
            return family
    return None


def _broken(text: Text, title: str) -> tuple[int, list[str]]:
    """Return the largest size in which a title fits, and its lines; `text` measures."""

    def fits(line: str) -> bool:
        text.set_text(line.rstrip())
        return bool(text.get_window_extent().width <= COLUMN * WIDTH)

    for size in SIZES:
        text.set_fontsize(size)
        lines = [""]
        for word in _WORDS.findall(title):
            if lines[-1] and not fits(lines[-1] + word):
                lines.append("")
            lines[-1] += word
        if len(lines) <= LINES and all(map(fits, lines)):
            return size, [line.rstrip() for line in lines]
    raise ExtensionError(f"a card has no room for the title {title!r}")


def _write(fig: Figure, title: str, line: str) -> None:
    """Write a title in the middle of the left half, and a line below."""
    ruler = fig.text(0, 0, "")
    size, lines = _broken(ruler, title)
    ruler.remove()
    step = 1.3 * size / 72 * DPI / HEIGHT
    for number, words in enumerate(lines):
        y = 0.5 + step * ((len(lines) - 1) / 2 - number - 0.25)
        fig.text(EDGE, y, words, fontsize=size, color=INK)
    fig.text(EDGE, 0.1, line, fontsize=16, color=MUTED)


def drawn(card: Card, name: str) -> Figure:
    """Return a card as a figure; without a font for its words, the drawing speaks."""
    line = _("An executable book on gradient descent and loss")
    font = font_of(card.title + line)
    with mpl.rc_context(LOOK | {"font.family": font or FONTS[0]}):
        fig = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
        strip = Rectangle((0, 0), 1, 0.02, color=CYCLE[0], transform=fig.transFigure)
        fig.patches.append(strip)
        fig.text(EDGE, 0.86, name, fontsize=28, color=CYCLE[0], weight="bold")
        if font is not None:
            _write(fig, card.title, line)
        ax = fig.add_axes((0.56, 0.14, 0.38, 0.74))
        ax.axis("off")
        card.drawing.draw(ax)
    return fig


def png(card: Card, name: str) -> bytes:
    """Return a card as a PNG file of few colours, which keeps it small."""
    with mpl.rc_context(LOOK):
        canvas = FigureCanvasAgg(drawn(card, name))
        canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    picture = Image.fromarray(pixels).convert("RGB")
    picture = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    picture.save(buffer, "png", optimize=True)
    return buffer.getvalue()
