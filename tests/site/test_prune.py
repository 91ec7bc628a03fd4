"""Tests for algollm_book.prune: what no page asks for goes, and all else stays."""

from types import SimpleNamespace

import pytest

from algollm_book.prune import _prune, without_icons

FACE = """@font-face{font-family:Font Awesome\\ 6 Free;src:url(../a.woff2)}"""


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (f"a{{b:c}}{FACE}d{{e:f}}", "a{b:c}d{e:f}"),
        ('x{y:z}.fa-0:before{content:"0"}', "x{y:z}"),
        ('}.fa-a:before,.fa-b-c:before{content:"\\f1"}.p{q:r}', "}.p{q:r}"),
        ('}.fa-a:before,.own:before{content:"a"}', None),
        ('}.own .fa-a:before{content:"a"}', None),
        (".fa-lg{font-size:1.25em}", None),
        ("@font-face{font-family:Own}", None),
        ('.fa-a:before{content:"{"}', None),
    ],
)
def test_of_a_style_sheet_only_icons_go(css, left):
    assert without_icons(css) == (css if left is None else left)


@pytest.fixture
def site(tmp_path):
    for name in (
        "own.js",
        "scripts/theme.js",
        "scripts/theme.js.map",
        "scripts/fontawesome.js",
        "styles/theme.css",
        "locales/zh_CN/LC_MESSAGES/theme.mo",
        "vendor/fontawesome/webfonts/fa-solid-900.woff2",
        "images/logo_colab.png",
        "images/own.png",
    ):
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a\n//# sourceMappingURL=theme.js.map", encoding="utf-8")
    return tmp_path


def left(folder):
    paths = (folder / "_static").rglob("*")
    return {p.relative_to(folder / "_static").as_posix() for p in paths if p.is_file()}


def app(folder, kind="html"):
    return SimpleNamespace(outdir=folder, builder=SimpleNamespace(format=kind))


def test_files_that_no_page_asks_for_go_and_their_maps(site):
    kept = {"own.js", "scripts/theme.js", "styles/theme.css", "images/own.png"}
    _prune(app(site), None)
    assert left(site) == kept
    assert (site / "_static/scripts/theme.js").read_text("utf-8") == "a"
    _prune(app(site), None)  # a second build finds nothing more
    assert left(site) == kept


@pytest.mark.parametrize(
    ("kind", "error"), [("", None), ("html", RuntimeError("the build failed"))]
)
def test_nothing_goes_where_no_pages_were_made(site, kind, error):
    before = left(site)
    _prune(app(site, kind), error)
    assert left(site) == before
