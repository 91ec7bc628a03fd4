"""How a figure looks, and the one way in which it becomes SVG.

The colours have roles. On the website each role is a variable of the page's
style sheet, so the same file is readable on a light and on a dark ground.
"""

import hashlib
import io
import re
from itertools import chain
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure

INK = "#1f2933"  # text and axes
MUTED = "#6b7785"  # what is there but not the point
GRID = "#d5dbe1"

# Okabe and Ito's palette, darkened until each colour has a contrast of at least
# 3 on white. Marker and dash repeat what the colour says, for grey print.
CYCLE = ("#0072b2", "#c8501e", "#00805c", "#a94f86", "#8a6a00")
MARKERS = ("o", "s", "^", "D", "v")
DASHES = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)))

ROLES = {"ink": INK, "muted": MUTED, "grid": GRID} | {
    f"c{i}": colour for i, colour in enumerate(CYCLE)
}

STYLE: dict[Any, Any] = {
    "figure.figsize": (4.8, 3.2),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=CYCLE)
    + cycler(marker=MARKERS)
    + cycler(linestyle=DASHES),
    "font.size": 11,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "algollm",
}

LONG = 30  # points of a line, above which its markers would run together

# Coordinates only: a long number in a label is a measurement and stays whole.
_COORDINATES = re.compile(
    r'(?<= )(?:d|x|y|width|height|points)="[^"]*"|(?:translate|rotate)\([^)]*\)'
)
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_NOISE = (  # what carries nothing: (pattern, replacement)
    (re.compile(r"\s*<metadata>.*?</metadata>|\s*<!--.*?-->", re.DOTALL), ""),
    (re.compile(r' transform="rotate\(-?0 [^)]*\)"| rotate\(-?0 [^)]*\)'), ""),
    (re.compile(r"font-family: 'DejaVu Sans'[^;\"]*"), "font-family: sans-serif"),
)
_ID = re.compile(r' ?\bid="([^"]+)"')


class _Canvas(FigureCanvasSVG):
    """An SVG canvas whose layout measures texts with one renderer for all figures.

    A renderer keeps the size of each text it has met, and frames share most of theirs.
    """

    _ruler = RendererSVG(1, 1, io.StringIO())  # type: ignore[no-untyped-call]

    def get_renderer(self) -> RendererSVG:
        """Return the renderer that `Figure` asks its canvas for to measure with."""
        return self._ruler


def _two_decimals(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def svg(fig: Figure, *, salt: str = "") -> str:
    """Return a figure as one `<svg>` element, the same bytes on every machine.

    Lines of many points keep a few of their markers, to tell them apart in grey.
    Dates and program names are left out and coordinates are rounded to 0.01 pt,
    so last bits that differ between processors do not reach the file. Ids that
    nothing refers to are dropped; the others are made unique, because many
    figures share a page.

    Parameters
    ----------
    fig : Figure
        The figure; its size decides the size of the picture.
    salt : str, optional
        Told to the ids; needed only where equal pictures share a page.

    Returns
    -------
    str
        The element, without XML prolog.
    """
    for line in chain(fig.lines, *(ax.lines for ax in fig.axes)):
        drawn = line.get_linestyle() != "None"  # without a line, marks are the data
        if drawn and np.size(line.get_xdata()) > LONG and line.get_markevery() is None:
            line.set_markevery(0.15)
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        canvas = _Canvas(fig)  # its figure is drawn once, not twice as by `savefig`
        bare = {"Date": None, "Creator": None}
        canvas.print_svg(buffer, metadata=bare)  # type: ignore[no-untyped-call]
    text = buffer.getvalue()
    text = text[text.index("<svg") :].rstrip()
    for pattern, replacement in _NOISE:
        text = pattern.sub(replacement, text)
    text = _COORDINATES.sub(lambda m: _LONG_NUMBER.sub(_two_decimals, m[0]), text)
    # matplotlib's ids hash unrounded numbers: ours count, in order of appearance.
    used = dict.fromkeys(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    for number, name in enumerate(used):
        text = re.sub(rf'(id="|#){re.escape(name)}(?=[")])', rf"\1@-{number}", text)
    text = _ID.sub(lambda m: m[0] if m[1].startswith("@-") else "", text)
    prefix = "f" + hashlib.sha256((salt + text).encode()).hexdigest()[:8]
    return re.sub(r'(id="|#)@-', rf"\1{prefix}-", text)
