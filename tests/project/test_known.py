"""Tests for tools/known: what JupyterLab is told, on a book of three pages."""

import json

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from algollm_helpers.book.ledger import ledger
from known import Known
from tests.support.book import ROOT

TOC = """
root: intro
parts:
  - chapters:
      - file: chapters/hill
        sections:
          - file: chapters/hill_lab
      - file: chapters/symbols
"""
BIB = """
@article{one1999, author={Ada One}, title={Steps}, journal={J}, year={1999}}
@article{two2001, author={Ada One and Bo Two}, title={More}, journal={J}, year={2001}}
@article{all2003, author={A One and B Two and C Six}, title={All}, journal={J},
  year={2003}}
"""
WORDS = """# Symbols

```{glossary}
slope
  How *steep* the ground is, see {term}`hills <hill>`:
  $dL$ over `dw`.

hill
  Ground.
```
"""
EXERCISE = (
    "```{{exercise-start}} Walk\n:label: ex-{}\n```\nHow?\n```{{exercise-end}}\n```"
)


def cells(*texts):
    return new_notebook(cells=[new_markdown_cell(text) for text in texts])


@pytest.fixture
def root(tmp_path):
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "references.bib").write_text(BIB)
    (chapters / "symbols.md").write_text(WORDS)
    hill = cells("# The hill", EXERCISE.format("first"), EXERCISE.format("second"))
    lab = cells("# Lab: The hill", "(lab-c1)=\n## C1: up\n", EXERCISE.format("third"))
    for name, book in (("hill", hill), ("hill_lab", lab)):
        (chapters / f"{name}.ipynb").write_text(json.dumps(book))
    return tmp_path


def test_pages_have_the_title_of_their_first_line(root):
    assert Known(root).pages() == {
        "hill": {"url": "hill.ipynb", "title": "The hill"},
        "hill_lab": {"url": "hill_lab.ipynb", "title": "Lab: The hill"},
        "symbols": {"url": "symbols.md", "title": "Symbols"},
    }


def test_a_page_without_a_title_is_named(root):
    (root / "chapters" / "symbols.md").write_text("No title.")
    with pytest.raises(ValueError, match=r"symbols\.md has no title"):
        Known(root).pages()


def test_a_label_leads_to_the_cell_of_its_heading(root):
    lab = json.loads((root / "chapters" / "hill_lab.ipynb").read_text())
    place = f"hill_lab.ipynb#cell-id={lab['cells'][1]['id']}"
    expected = {"page": "hill_lab", "url": place, "title": "C1: up"}
    assert Known(root).labels() == {"lab-c1": expected}


def test_exercises_are_counted_through_the_book_in_the_order_of_its_pages(root):
    numbers = {"ex-first": 1, "ex-second": 2, "ex-third": 3}
    assert Known(root).exercises() == numbers


def test_a_definition_is_plain_text(root):
    assert Known(root).terms() == {
        "slope": "How steep the ground is, see hills: dL over dw.",
        "hill": "Ground.",
    }


def test_sources_are_cited_by_author_and_year_as_on_the_site(root):
    sources = Known(root).sources()
    labels = {key: source["label"] for key, source in sources.items()}
    assert labels == {
        "one1999": "One, 1999",
        "two2001": "One and Two, 2001",
        "all2003": "One et al., 2003",
    }
    assert sources["two2001"]["full"] == "Ada One and Bo Two. More. J, 2001."


def test_every_claim_leads_to_the_cell_that_settled_it():
    claims = Known(ROOT).claims()
    assert claims.keys() == ledger().keys()
    for claim_id, claim in claims.items():
        name, _, cell_id = claim["url"].partition("#cell-id=")
        book = json.loads((ROOT / "chapters" / name).read_text("utf-8"))
        (cell,) = [cell for cell in book["cells"] if cell["id"] == cell_id]
        assert f'"{claim_id}"' in "".join(cell["source"])
        assert claim["headline"].startswith(claim["verdict"].removesuffix(" …"))
        assert name == f"{claim['page']}.ipynb"
        assert claim["measured"]
        assert all(claim["measured"])


def test_the_book_is_cited_as_its_files_say(root):
    (root / "_config.yml").write_text("copyright: '1999'\nhtml: {baseurl: ''}\n")
    cited = "title: Hills\nauthors:\n  - name: Ada One\nversion: 0.3.0\n"
    (root / "CITATION.cff").write_text(cited)
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- a\n")
    said = Known(root).citation()
    assert said.startswith("@misc{algollm,\n  title = {{Hills}},")
    assert said.endswith("  year = {1999},\n  note = {Version 0.3.0}\n}")
