"""Tests for algollm_book.moved: old addresses lead to where things are now."""

import pytest
from sphinx.errors import ExtensionError

import addresses
from algollm_book.moved import Place, also, link, moves
from tests.support.pages import page, site

AT = "https://book.example/algo-llm"
OLD, NEW = Place("a.html", "old"), Place("a.html", "new")


def test_every_old_address_of_the_small_book_leads_somewhere(small_sites):
    listed = {
        "intro.html": set(),
        "old/walk.html": {"the-slope", "nearly-there", "bench"},
        "sub/walk.html": {"the-incline", "the-slope", "slope", "sitting"},
    }
    for folder in small_sites.values():
        assert addresses.missing(listed, folder) == []


def test_a_place_that_stayed_on_its_page_has_both_names(homeless):
    section = homeless("sub/walk.html").find(id="the-incline").find_parent("section")
    assert section["id"] in {"slope", "the-slope"}
    assert "Downhill." in section.get_text()


def test_a_place_that_left_its_page_leaves_a_line_with_a_link(homeless):
    walk = homeless("sub/walk.html")
    (line,) = walk.select(".moved")
    assert line["id"] == "sitting"
    assert line.a["href"] == "rest.html#benches"
    assert [s["src"] for s in walk.select("script[src*='moved.js']")]


def test_other_pages_are_left_alone(homeless):
    for name in ("start", "sub/rest"):
        assert not homeless(f"{name}.html").select(".moved, script[src*='moved.js']")


def test_a_page_that_moved_leaves_one_that_sends_on(homeless, small):
    old = homeless("old/walk.html")
    assert old.select_one("a.moved-page")["href"] == "../sub/walk.html#slope"
    assert old.select_one(".moved#bench a")["href"] == "../sub/rest.html#benches"
    refresh = old.select_one("noscript meta")["content"]
    assert refresh == "0; url=../sub/walk.html#slope"
    assert not old.select('link[rel="canonical"]')
    for name, now in (("old/walk.html", "/sub/walk.html"), ("intro.html", "/")):
        (said,) = small(name).select('link[rel="canonical"]')
        assert said["href"] == AT + now


@pytest.mark.parametrize(
    ("new", "address"),
    [
        (Place("sub/b.html", ""), "b.html"),
        (Place("sub/a.html", "x"), "a.html#x"),
        (Place("c.html", "x"), "../c.html#x"),
        (Place("c.html", "梯"), "../c.html#%E6%A2%AF"),
    ],
)
def test_a_link_starts_from_the_page_it_is_on(new, address):
    assert link("sub/a.html", new) == address


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<section class="a" id="new"><h2>x</h2>',
            '<section class="a" id="new"><span id="old"></span><h2>x</h2>',
        ),
        ('<dt id="new">x</dt>', '<dt id="new"><span id="old"></span>x</dt>'),
        ('<table id="new"><tr>', '<span id="old"></span><table id="new"><tr>'),
        ('<p>x<br id="new"></p>', '<p>x<span id="old"></span><br id="new"></p>'),
    ],
)
def test_the_old_name_stands_where_html_allows_it(body, expected):
    assert also(body, OLD, NEW) == expected


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<p id="newer">', r"a\.html#old goes to a\.html#new, which is not there"),
        ('<p id="new"><p id="old">', r"a\.html#old has moved, but is still there"),
    ],
)
def test_a_name_of_nothing_or_of_two_things_is_refused(body, fault):
    with pytest.raises(ExtensionError, match=fault):
        also(body, OLD, NEW)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('"a" = "b.html"', "a place is like .*got 'a'"),
        ('"a.html" = 7', "a place is like .*got 7"),
        ('"a.html#" = "b.html"', "a place is like .*got 'a.html#'"),
        ('"a.html" = "a.html#x"', "a.html cannot go to a.html#x, on the same page"),
        ('"a.html#x" = "a.html"', "a.html#x cannot go to a.html, on the same page"),
        (
            '"a.html" = "b.html"\n"b.html" = "c.html"',
            "a.html goes to b.html, which has moved itself",
        ),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path, table, fault):
    (tmp_path / "table.toml").write_text(table)
    with pytest.raises(ExtensionError, match=fault):
        moves(tmp_path / "table.toml")


def test_where_there_is_no_table_nothing_has_moved(tmp_path):
    assert moves(tmp_path / "table.toml") == {}


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('"old.html" = "gone.html"', "old.html goes to gone.html, which is not there"),
        ('"old.html" = "index.html#x"', "old.html goes to index.html#x, which is not"),
        ('"index.html" = "b.html"', "index.html has moved, but is still there"),
        ('"b.html#here" = "index.html"', "b.html#here has moved, but is still there"),
    ],
)
def test_a_book_that_says_it_moved_to_nowhere_is_not_built(tmp_path, table, fault):
    pages = {"index.md": "# A\n\n```{toctree}\nb\n```", "b.md": "# B\n\n(here)=\n\nx"}
    with (
        pytest.raises(ExtensionError, match=fault),
        site(tmp_path, pages | {"_moved.toml": table}),
    ):
        pass


def test_a_table_in_which_everything_stayed_needs_no_script(tmp_path):
    pages = {"index.md": "# A\n\n## B", "_moved.toml": '"index.html#c"="index.html#b"'}
    with site(tmp_path, pages) as app:
        assert page(app, "index").find(id="c")
        assert not (app.outdir / "_static" / "moved.js").exists()


# --- In a browser, from files ---------------------------------------------------

MOVES = {
    "intro.html": "start.html",
    "old/walk.html": "sub/walk.html#slope",
    "old/walk.html#bench": "sub/rest.html#benches",
    "old/walk.html#nearly-there": "sub/walk.html#nearly-there",
    "sub/walk.html#sitting": "sub/rest.html#benches",
}


@pytest.fixture(scope="module")
def browse(context, small_sites):
    """Return a function that opens an address of the small book, from its files."""
    root = small_sites[""].as_uri()
    readers = {
        scripts: context(java_script_enabled=scripts) for scripts in (True, False)
    }

    def browsed(name, scripts=True):
        page = readers[scripts].new_page()
        page.goto(f"{root}/{name}")
        return page

    browsed.root = root
    yield browsed
    for reader in readers.values():
        reader.close()


@pytest.mark.browser
@pytest.mark.parametrize("old", MOVES)
def test_a_browser_goes_where_it_is_now(browse, old):
    page = browse(old)
    page.wait_for_url(f"{browse.root}/{MOVES[old]}")
    page.close()


@pytest.mark.browser
def test_a_link_on_the_page_itself_is_followed_too(browse):
    page = browse("sub/walk.html#the-incline")
    assert page.locator("section:has(#the-incline) p").first.is_visible()
    page.evaluate("location.hash = 'sitting'")
    page.wait_for_url(f"{browse.root}/sub/rest.html#benches")
    page.close()


@pytest.mark.browser
def test_without_scripts_a_page_sends_on(browse):
    page = browse("intro.html", scripts=False)
    page.wait_for_url(f"{browse.root}/start.html")
    page.close()


@pytest.mark.browser
def test_without_scripts_a_line_shows_where_a_place_is_now_if_it_is_asked_for(browse):
    page = browse("sub/walk.html", scripts=False)
    assert page.locator(".moved").count() == 1
    assert not page.locator(".moved").is_visible()
    page.close()
    page = browse("sub/walk.html#sitting", scripts=False)
    page.locator(".moved a").click()
    page.wait_for_url(f"{browse.root}/sub/rest.html#benches")
    page.close()
