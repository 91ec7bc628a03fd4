"""Tests for algollm_book.runner: where toolbars are put, and a site without them."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from sphinx.errors import ExtensionError

from algollm_book import runner
from tests.support import tiny
from tests.support.book import ROOT, code_cells
from tests.support.pages import book, cell, page, site


def tagged(source, *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


def claim_box():
    """Return the output of a claim's cell, from a notebook of the book."""
    for found in code_cells(ROOT / "chapters" / "descent.ipynb"):
        for output in found["outputs"]:
            if 'class="claim"' in output.get("data", {}).get("text/html", ""):
                return output["data"]
    raise AssertionError("descent settles no claim")


PAGES = {
    "index.ipynb": book(
        new_markdown_cell("# Title"),
        tagged("a = 1", "fold-imports"),
        tagged("b = 2", "fold-figure"),
        cell({"text/plain": "shown"}),
        tagged("import mpi4py", "needs-install", "needs-processes"),
        cell(claim_box()),
        new_markdown_cell("Text."),
        new_code_cell('answer = ...\ncheck("descent-first-step", answer)'),
    ),
    "other.md": "---\norphan: true\n---\n# Other\n\n```python\nprint()\n```\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        tiny.use(patch, tmp_path_factory.mktemp("cache"), only=tiny.good)
        patch.setattr(runner, "archive", lambda *_: b"packed")
        folder = tmp_path_factory.mktemp("runner")
        with site(folder, PAGES, run_in_page=True) as app:
            yield app


def bars(tree):
    return tree.select("[role=toolbar]")


def test_each_cell_has_one_toolbar_named_by_its_place_on_the_page(built):
    labels = [bar["aria-label"] for bar in bars(page(built, "index"))]
    assert labels == ["Cell 1", "Cell 2", "Cell 3", "Cell 5", "Cell 6"]
    for bar in bars(page(built, "index")):
        assert [b.string for b in bar.select("button")] == [
            "Run",
            "Edit",
            "Stop",
            "Reset",
        ]
        assert bar.find_parent(class_="cell_input") is not None


def test_a_toolbar_stands_below_the_code_that_it_runs(built):
    sources = [c["source"] for c in PAGES["index.ipynb"].cells if c.cell_type == "code"]
    for bar in bars(page(built, "index")):
        (code,) = bar.parent.select(
            ":scope > .highlight-default, :scope > [class*=highlight]"
        )
        assert code.get_text().strip() == sources[int(bar["data-cell"]) - 1]


def test_a_toolbar_is_one_tab_stop_and_what_cannot_act_is_disabled(built):
    for bar in bars(page(built, "index")):
        buttons = bar.select("button")
        assert [b.get("tabindex", "0") for b in buttons] == ["0", "-1", "-1", "-1"]
        assert [b.has_attr("disabled") for b in buttons] == [False, False, True, True]
        assert "pst-js-only" in bar["class"]  # without scripts it could do nothing


def test_the_toolbar_of_a_folded_cell_folds_with_its_code(built):
    first, second, third, *_ = bars(page(built, "index"))
    for bar in (first, second):
        assert bar.find_parent("details", class_="fold")
    assert not third.find_parent("details")


def test_a_cell_that_needs_an_installation_says_so_instead(built):
    (note,) = page(built, "index").select(".run-note")
    assert note["data-cell"] == "4"
    assert note.string.startswith("It starts several processes")
    assert not note.find_parent(class_="cell").select("button")


@pytest.mark.parametrize(
    "others", [(), ("needs-processes", "needs-results"), ("needs-x",)]
)
def test_a_cell_that_needs_an_installation_for_no_reason_or_two_is_refused(
    monkeypatch, tmp_path, others
):
    tiny.use(monkeypatch, tmp_path / "cache", a=tiny.good)
    wrong = book(new_markdown_cell("# Title"), tagged("1", "needs-install", *others))
    with (
        pytest.raises(
            ExtensionError, match=r"index, cell 2: .* needs-processes, needs-"
        ),
        site(tmp_path / "site", {"index.ipynb": wrong}, run_in_page=True),
    ):
        pass


def test_a_claim_can_be_measured_anew_from_its_box(built):
    (place,) = page(built, "index").select(".claim .run-verdict")
    assert place["data-cell"] == "5"
    assert place.button.string == "Run this verdict"


def test_a_page_without_cells_loads_nothing_of_it_and_may_compile_nothing(built):
    for name, runs in (("index", True), ("other", False)):
        tree = page(built, name)
        assert bool(tree.select("script[src*=runner]")) is runs
        assert bool(tree.select("link[href*=runner]")) is runs
        assert bool(tree.select("[role=status].run-status")) is runs
        (meta,) = tree.select("meta[http-equiv=Content-Security-Policy]")
        assert ("'wasm-unsafe-eval'" in meta["content"]) is runs
        assert "'unsafe-eval'" not in meta["content"].replace("wasm-unsafe-eval", "")


def test_beside_the_pages_lies_all_that_they_ask_for(built):
    folder = built.outdir / runner.PLACE
    there = {path.name for path in folder.iterdir()}
    scripts = {
        path.name for path in runner.FILES.iterdir() if path.suffix in {".js", ".css"}
    }
    assert there == scripts | {"pyodide", "book.zip", "words.json", "NOTICES.txt"}
    python = {path.name: path.read_bytes() for path in (folder / "pyodide").iterdir()}
    official = json.loads(python.pop("pyodide-lock.json"))
    assert official["packages"]["numpy"]
    assert python == tiny.CONTENT
    said = json.loads((folder / "words.json").read_text("utf-8"))
    assert said["megabytes"] == 0


@pytest.mark.parametrize("sources", [{"a": tiny.none}, {"a": tiny.forged}])
def test_where_no_source_is_good_the_site_has_no_buttons_and_one_line_says_so(
    monkeypatch, tmp_path, capsys, sources
):
    monkeypatch.delenv(runner.REQUIRE, raising=False)
    tiny.use(monkeypatch, tmp_path / "cache", **sources)
    with site(tmp_path / "site", PAGES, run_in_page=True) as app:
        assert not bars(page(app, "index"))
        assert not page(app, "index").select(".run-verdict, .run-note, .run-status")
        assert not (app.outdir / runner.PLACE).exists()
        # No warning of Sphinx, by which `-W` would fail.
        assert "No cell runs" not in app.warning.getvalue()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("No cell runs in the page: ")
    assert "3 of 3 files are missing" in line


def test_where_it_is_asked_for_a_site_without_it_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv(runner.REQUIRE, "1")
    tiny.use(monkeypatch, tmp_path / "cache", a=tiny.none)
    with (
        pytest.raises(ExtensionError, match="REQUIRE_RUNNER asks for it"),
        site(tmp_path / "site", PAGES, run_in_page=True),
    ):
        pass


def test_left_out_it_asks_no_source_and_leaves_no_trace(monkeypatch, tmp_path, capsys):
    def never(names, keep):
        raise AssertionError("asked")

    tiny.use(monkeypatch, tmp_path / "cache", a=never)
    with site(tmp_path / "site", PAGES) as app:
        assert not bars(page(app, "index"))
    assert capsys.readouterr().err == ""
