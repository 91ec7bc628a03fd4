"""The shape of the notebooks: openings, endings, short cells, numbers with a source."""

import re

import pytest

from algollm_book.stored import VIEW, alt_text, states_of
from algollm_helpers.book.box import from_html
from algollm_helpers.book.explorers import digest
from algollm_helpers.book.typeset import typeset
from tests.support.book import NOTEBOOKS, ORDER, ROOT, code_cells, notebook

MAX_CODE_LINES = 15
MAX_COLUMNS = 74


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_code_cells_are_short_and_ran_top_to_bottom(path):
    cells = code_cells(path)
    for cell in cells:
        lines = [line for line in cell["source"].splitlines() if line.strip()]
        assert len(lines) <= MAX_CODE_LINES, cell["source"]
        assert max(map(len, lines)) <= MAX_COLUMNS, cell["source"]
        assert "import *" not in cell["source"], cell["source"]
        kinds = {output["output_type"] for output in cell["outputs"]}
        assert "error" not in kinds, cell["source"]
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))


def prose(path):
    cells = notebook(path)["cells"]
    return "\n".join(c["source"] for c in cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize("stem", ORDER)
def test_a_chapter_opens_and_ends_like_the_others(stem):
    path = ROOT / "chapters" / f"{stem}.ipynb"
    text, code = prose(path), [cell["source"] for cell in code_cells(path)]
    opening = notebook(path)["cells"][0]["source"]
    parts = ("After this chapter you can", "*You need*", "*Time:*")
    missing = [part for part in parts if part not in opening]
    assert not missing, f"{stem} opens without {missing}"
    ending = ["## Exercises", "## Test yourself", "## What we measured"]
    assert re.findall(r"^## .*$", text, re.MULTILINE)[-3:] == ending
    parts = ("**In four sentences.**", "**Sources.**", "**Where next.**")
    missing = [part for part in parts if part not in text.partition(ending[-1])[2]]
    assert not missing, f"{stem} ends without {missing}"
    assert text.count("{exercise-start}") >= 6
    assert text.count(":::{dropdown}") >= 5
    assert sum("\nexplore(" in f"\n{source}" for source in code) >= 2
    assert any("\nlive(" in f"\n{source}" for source in code)


def test_every_source_is_listed_once_and_cited():
    entries = (ROOT / "references.bib").read_text("utf-8")
    keys = re.findall(r"^@\w+\{(\w+),", entries, re.MULTILINE)
    titles = re.findall(r"^\s*title\s*=\s*\{(.*)\},?$", entries, re.MULTILINE)
    plain = [re.sub(r"\W", "", title).lower() for title in titles]
    assert len(keys) == len(set(plain))
    pages = [prose(path) for path in NOTEBOOKS]
    pages += [path.read_text("utf-8") for path in ROOT.glob("chapters/*.md")]
    roles = re.findall(r"\{cite[^}]*\}`([^`]*)`", "".join(pages))
    assert {key.strip() for role in roles for key in role.split(",")} == set(keys)


@pytest.mark.parametrize("stem", ORDER)
def test_the_card_of_a_chapter_promises_its_minutes(stem):
    opening = notebook(ROOT / "chapters" / f"{stem}.ipynb")["cells"][0]["source"]
    minutes = re.search(r"\*Time:\*\s+(\d+)\s+minutes", opening)
    assert minutes, f"{stem}: no '*Time:* N minutes' in its opening"
    card = (ROOT / "index.md").read_text("utf-8").partition(f":link: chapters/{stem}\n")
    promised = re.search(r"(\d+) minutes", card[2])
    assert promised, f"{stem}: no card with minutes in index.md"
    assert promised[1] == minutes[1]


@pytest.mark.parametrize("stem", ORDER)
def test_a_lab_is_named_after_its_chapter_and_leads_back_to_it(stem):
    title = prose(ROOT / "chapters" / f"{stem}.ipynb").splitlines()[0]
    assert (ROOT / f"chapters/{stem}_lab.ipynb").exists(), f"{stem} has no lab"
    lab = prose(ROOT / "chapters" / f"{stem}_lab.ipynb")
    assert lab.splitlines()[0] == title.replace("# ", "# Lab: ", 1)
    assert f"{{doc}}`{stem}`" in lab.partition("\n## ")[0]
    assert "*Time:*" in lab
    for part in ("**Sources.**", "**Where next.**"):
        assert part in lab.partition("## What we measured")[2]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_names_neither_machine_nor_version(path):
    metadata = notebook(path)["metadata"]
    assert set(metadata) <= {"kernelspec", "language_info", "widgets", "myst"}
    assert set(metadata["myst"]) == {"html_meta"}  # what the page says about itself
    assert metadata["language_info"] == {"name": "python"}
    assert metadata["kernelspec"]["name"] == "python3"


def drawings(path):
    """Yield the cells that show a figure or an explorer on the site."""
    for cell in code_cells(path):
        shown = {kind for out in cell["outputs"] for kind in out.get("data", {})}
        hidden = "remove-output" in cell["metadata"].get("tags", ())
        if shown & {"image/svg+xml", VIEW} and not hidden:
            yield cell


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_drawing_is_svg_and_has_alternative_text(path):
    for cell in drawings(path):
        shown = alt_text(cell["metadata"])
        assert len(shown) >= 30, f"what does this show?\n{cell['source']}"
    for cell in code_cells(path):
        kinds = {kind for out in cell["outputs"] for kind in out.get("data", {})}
        assert "image/png" not in kinds, f"nbval does not compare PNG\n{cell['source']}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_explorers_show_the_frames_that_their_cells_printed_a_digest_of(path):
    # nbval compares the printed digest with a fresh run and skips the frames; this
    # compares the stored frames with the printed digest.
    for cell in code_cells(path):
        for output in cell["outputs"]:
            text = output.get("data", {}).get("text/plain", "")
            if text.startswith("Explorer, sha256 "):
                model = output["data"][VIEW]["model_id"]
                stored = digest(model, states_of(notebook(path)))
                assert text == f"Explorer, sha256 {stored}", cell["source"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_numbers_of_boxes_and_explorers_are_written_as_in_print(path):
    shown = []
    for state in states_of(notebook(path)).values():
        shown += state.get("_options_labels", ())
        shown += re.findall(r"<t[dh][^>]*>([^<]*)</t", str(state.get("value", "")))
    for cell in code_cells(path):
        for output in cell["outputs"]:
            if record := from_html(output.get("data", {}).get("text/html", "")):
                shown += record.numbers.values()
    assert shown
    assert not [text for text in shown if text != typeset(text)]
