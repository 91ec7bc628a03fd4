"""What the theme brings along and no page of the book asks for.

Its icons are in `book.css`, drawn anew, so its icon font goes, with the two thousand
names of icons that make a third of its style sheet; and so go translations for the
builder, maps for debuggers and what belongs to Thebe.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

from sphinx.application import Sphinx

UNUSED = (
    "locales",
    "vendor",  # Font Awesome
    "images/logo_*",
    "scripts/fontawesome.js*",
    "sphinx-thebe.*",
    "*webpack-macros.html",
    "**/*.map",
)
MAP = re.compile(r"\s*(/\*|//)# sourceMappingURL=\S+?(\*/|$)")
FACE = re.compile(r"@font-face\{[^{}]*Font Awesome[^{}]*\}")
ICON = re.compile(r"(?<=[{}/])(\.fa-[\w-]+:before,?)+\{content:[^{}]*\}")


def without_icons(css: str) -> str:
    r"""Return a minified style sheet without the icon font and the names of its icons.

    Examples
    --------
    >>> without_icons('a{b:c}.fa-a:before,.fa-b:before{content:"\\f000"}.fa-lg{d:e}')
    'a{b:c}.fa-lg{d:e}'
    """
    return ICON.sub("", FACE.sub("", css))


def _sheets_and_scripts(static: Path) -> Iterator[Path]:
    for folder in ("scripts", "styles"):
        yield from sorted((static / folder).glob("*.*s"))


def _prune(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for pattern in UNUSED:
        for path in list(static.glob(pattern)):
            rmtree(path) if path.is_dir() else path.unlink()
    for path in _sheets_and_scripts(static):
        text = MAP.sub("", path.read_text("utf-8"))
        text = without_icons(text) if path.suffix == ".css" else text
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Prune when all is written."""
    app.connect("build-finished", _prune)
