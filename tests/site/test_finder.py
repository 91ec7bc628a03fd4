"""Tests for algollm_book.finder: its controls, its files, and who loads them."""

import json
from unittest import mock

import pytest
from sphinx.errors import ExtensionError

from algollm_helpers.book.box import Box
from algollm_helpers.book.judging import VERDICTS, judge
from algollm_helpers.book.ledger import Claim, ledger
from algollm_helpers.book.records import settle
from tests.support.book import PACKAGE, ROOT
from tests.support.pages import book, cell, page, site

ROWS = {
    "C01": Claim("water", ("S1", "S3"), "Water is wet.", "{n} drops."),
    "C02": Claim("fire", ("S3",), "Fire is hot.", "{n} fires.", "it burns"),
}


@pytest.fixture(scope="module", autouse=True)
def rows():
    with mock.patch.dict(ledger(), ROWS, clear=True):
        yield


def notebook(claim_id, verdict):
    html = Box(settle(claim_id, verdict, {"n": 7}))._repr_html_()
    return book(cell({"text/html": html, "text/plain": "a box"}))


@pytest.fixture(scope="module")
def app(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("finder")
    pages = {
        "intro.md": "# Intro\n\n```{toctree}\n:glob:\nchapters/*\n```",
        "chapters/claims.md": "# Scores\n\n```{scorecard-filter}\n```",
        "chapters/fire.ipynb": notebook("C02", judge(True, False)),
        "chapters/water_lab.ipynb": notebook("C01", judge(False)),
    }
    loaded = ["scorecard.js", "other.js"], ["scorecard.css", "other.css"]
    (folder / "static").mkdir()
    for name in (*loaded[0], *loaded[1]):
        (folder / "static" / name).touch()
    settings = {"html_static_path": ["static"]}
    settings |= {"html_js_files": loaded[0], "html_css_files": loaded[1]}
    with site(folder, pages, **settings) as app:
        yield app


def form(app):
    return page(app, "chapters/claims").select_one("form.scorecard-filter")


def test_the_controls_wait_for_the_script_and_say_what_they_are_for(app):
    assert form(app).has_attr("hidden")
    assert form(app)["aria-label"] == "Claims"
    labels = [label.span.get_text() for label in form(app).select("form > label")]
    assert labels == ["Search the claims", "Chapter", "Essay", "Order"]
    assert form(app).legend.get_text() == "Verdict"
    for label in form(app).select("label"):
        assert len(label.select("input, select")) == 1


def test_every_verdict_every_essay_and_three_orders_are_offered(app):
    verdicts = form(app).select("input[name=verdict]")
    values = ["", *(verdict.replace(" ", "-") for verdict in VERDICTS)]
    assert [choice["value"] for choice in verdicts] == values
    assert [choice.has_attr("checked") for choice in verdicts] == [
        value == "" for value in values
    ]
    words = [choice.parent.get_text().strip() for choice in verdicts]
    assert words == ["all", *VERDICTS]
    essays = form(app).select("select[name=essay] option")
    assert [option["value"] for option in essays] == ["", "s1", "s3"]
    orders = form(app).select("select[name=sort] option")
    assert [option["value"] for option in orders] == ["chapter", "id", "verdict"]
    chapters = form(app).select("select[name=chapter] option")
    assert [option["value"] for option in chapters] == [""]  # headings name the others


def test_what_the_script_says_stands_in_the_page(app):
    assert form(app).output["data-said"] == "{shown} of {all} claims"
    problem = form(app).select_one("[role=alert]")
    assert problem.get_text() == ""
    assert "{asked}" in problem["data-said"]
    assert "{known}" in problem["data-said"]


def test_only_a_page_with_the_controls_loads_their_script_and_style(app):
    def loads(name):
        tags = page(app, name).select("script[src], link[rel=stylesheet]")
        names = [tag.get("src") or tag["href"] for tag in tags]
        return {n.rpartition("/")[2].partition("?")[0] for n in names}

    ours, others = {"scorecard.js", "scorecard.css"}, {"other.js", "other.css"}
    assert loads("chapters/claims") >= ours | others
    assert loads("intro") & ours == loads("genindex") & ours == set()
    assert loads("intro") >= others


def test_the_claims_are_a_file_of_the_site_and_so_is_their_schema(app):
    whole = json.loads((app.outdir / "claims.json").read_text("utf-8"))
    told = [(c["id"], c["verdict"], c["finding"]) for c in whole["claims"]]
    assert told == [("C01", "false", "7 drops."), ("C02", "holds if", "7 fires.")]
    places = [claim["address"] for claim in whole["claims"]]
    assert places == [
        "chapters/water_lab.html#claim-c01",
        "chapters/fire.html#claim-c02",
    ]
    for address in places:
        name, _, anchor = address.partition(".html#")
        assert page(app, name).find(id=anchor)
    schema = (PACKAGE / "data" / "claims.schema.json").read_bytes()
    assert (app.outdir / whole["$schema"]).read_bytes() == schema


def test_a_build_that_failed_offers_no_files(tmp_path):
    pages = {"index.md": "# Index\n\n{claim}`C77`"}
    with pytest.raises(ExtensionError), site(tmp_path, pages):
        pass
    assert not list(tmp_path.rglob("claims*.json"))


@pytest.mark.slow
def test_the_site_of_the_book_offers_what_the_package_holds():
    for name in ("claims.json", "claims.schema.json"):
        built = (ROOT / "_build" / "html" / name).read_bytes()
        assert built == (PACKAGE / "data" / name).read_bytes()
