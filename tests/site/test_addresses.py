"""Old addresses still lead there: the list, and how tools/addresses.py keeps it."""

import pytest

import addresses

PAGE = """<nav id="pst-menu"></nav><article class="bd-article">
<section id="downhill"><h1>Downhill</h1><span id="lab-c43"></span>
<div id="claim-c43"></div><dl><dt id="term-loss">loss</dt></dl>
<div id="equation-eq-step"></div><div id="ex-descent-late"></div>
<h2 id="A"></h2>
<div id="exercise-content"></div><div id="chapters/descent-solution-3"></div>
<span id="id7"></span><svg id="f1"><path id="f1-0"/></svg></section></article>"""
MOVED = (
    '<p class="moved" id="shelf"></p><a class="moved-page" href="sub/new.html">x</a>'
)


@pytest.mark.slow
def test_every_address_that_ever_was_leads_somewhere():
    listed = addresses.read(addresses.LIST.read_text("utf-8"))
    lost = addresses.missing(listed, addresses.SITE)
    assert not lost, "say in _moved.toml where these are now:\n" + "\n".join(lost)


def test_the_list_holds_the_pages_from_before_and_is_in_order():
    text = addresses.LIST.read_text("utf-8")
    listed = addresses.read(text)
    assert addresses.written(listed) == text
    assert "three-ways-in" in listed["intro.html"]
    claims = [p for places in listed.values() for p in places if p.startswith("claim-")]
    assert len(claims) == len(set(claims)) == 131


def test_what_can_be_linked_is_what_the_author_named():
    named = "downhill lab-c43 claim-c43 term-loss equation-eq-step ex-descent-late"
    assert addresses.anchors(PAGE) == set(named.split())


def test_a_page_without_an_article_has_an_address_and_no_places(tmp_path):
    (tmp_path / "search.html").write_text('<div id="search-results"></div>')
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "macros.html").write_text(PAGE)
    assert addresses.pages(tmp_path) == {"search.html": set()}


def test_the_list_is_read_as_it_was_written():
    listed = {"b.html": {"two", "one"}, "a/b.html": set()}
    assert addresses.written(listed) == "a/b.html\nb.html\n  one\n  two\n"
    assert addresses.read(addresses.written(listed)) == listed


def test_a_page_or_a_place_that_is_gone_is_missing(tmp_path):
    (tmp_path / "here.html").write_text(PAGE)
    listed = {"here.html": {"downhill", "uphill"}, "gone.html": {"x"}}
    assert addresses.missing(listed, tmp_path) == ["here.html#uphill", "gone.html"]


def test_a_page_that_sends_on_has_the_places_of_where_it_sends(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "new.html").write_text(PAGE)
    (tmp_path / "old.html").write_text(MOVED)
    listed = {"old.html": {"downhill", "shelf", "cellar"}}
    assert addresses.missing(listed, tmp_path) == ["old.html#cellar"]


def test_the_tool_adds_what_is_new_and_takes_nothing_off(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(addresses, "LIST", tmp_path / "list.txt")
    monkeypatch.setattr(addresses, "SITE", tmp_path / "site")
    (tmp_path / "list.txt").write_text("gone.html\n  x\nhere.html\n  uphill\n")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "here.html").write_text(
        '<article class="bd-article"><p id="downhill"></p></article>'
    )
    (tmp_path / "site" / "more.html").write_text("")
    addresses.main()
    assert (tmp_path / "list.txt").read_text() == (
        "gone.html\n  x\nhere.html\n  downhill\n  uphill\nmore.html\n"
    )
    assert capsys.readouterr().out == "1 new pages, 1 new places\n"
