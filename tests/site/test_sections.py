"""Tests for algollm_book.sections: what of a page can be found, and where it leads."""

from unittest import mock

import pytest
from nbformat.v4 import new_markdown_cell, new_output

from algollm_book.sections import entries, formula
from algollm_helpers.book.box import Box
from algollm_helpers.book.judging import judge
from algollm_helpers.book.ledger import Claim, ledger
from algollm_helpers.book.records import settle
from tests.support.pages import book, cell, page, site

WATER = """# Water

All about water {cite}`smith`.

```{toctree}
chapters/ice_lab
words
```

## Rain

It falls at $v > \\tfrac{2}{\\eta_k}$, see {doc}`words`, {term}`drop`.

$$hidden$$

```python
import umbrella
```

### Hail & snow

Colder.

## Exercises

Find a cloud.

### Harder

Find two.
"""
WORDS = """# Words

## Glossary

Before.

```{glossary}
drop
  A little water.

cloud
  Many {term}`drop`.
```
"""
SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>"
ROWS = {"C07": Claim("ice", (), "Ice floats.", "{n} of them.")}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with mock.patch.dict(ledger(), ROWS, clear=True):
        record = Box(settle("C07", judge(True), {"n": 9}))._repr_html_()
        ice = book(
            new_markdown_cell("# Ice\n\nIt is cold."),
            new_markdown_cell("## A pond\n\nIt freezes."),
            cell({"image/svg+xml": SVG, "text/plain": "Figure"}, alt="A white pond."),
            cell(
                {"text/html": record, "text/plain": "a box"}, {"text/plain": "wombat"}
            ),
        )
        ice.cells[-1].outputs.append(new_output("stream", text="quokka"))
        ice.cells[-1].source = "thickness = frozen(pond)"
        pages = {
            "water.md": WATER,
            "words.md": WORDS,
            "chapters/ice_lab.ipynb": ice,
            "refs.bib": "@misc{smith, title={Wet}, author={Smith, A.}, year={2000}}",
        }
        settings = {
            "myst_enable_extensions": ["dollarmath"],
            "extensions": ["myst_nb", "sphinxcontrib.bibtex", "algollm_book"],
            "bibtex_bibfiles": ["refs.bib"],
            "suppress_warnings": ["bibtex"],
        }
        with site(tmp_path_factory.mktemp("sections"), pages, **settings) as app:
            yield app


@pytest.fixture(scope="module")
def found(app):
    """Return every entry, by its address."""
    names = sorted(app.env.found_docs)
    listed = [
        (f"{name}.html#{e.anchor}", e) for name in names for e in entries(app.env, name)
    ]
    made = dict(listed)
    assert len(made) == len(listed)
    return made


def test_every_section_claim_and_word_has_an_entry_and_nothing_else(found):
    assert set(found) == {
        "chapters/ice_lab.html#",
        "chapters/ice_lab.html#a-pond",
        "chapters/ice_lab.html#claim-c07",
        "water.html#",
        "water.html#rain",
        "water.html#hail-snow",
        "water.html#exercises",
        "water.html#harder",
        "words.html#",
        "words.html#glossary",
        "words.html#term-drop",
        "words.html#term-cloud",
    }


def test_an_entry_leads_to_a_place_on_its_page(app, found):
    for address in found:
        name, _, anchor = address.partition(".html#")
        assert not anchor or page(app, name).find(id=anchor)


def test_prose_is_what_a_reader_sees_and_no_code(found):
    assert found["water.html#"].text == "All about water."
    rain = found["water.html#rain"]
    assert rain.text == "It falls at v > 2/ηk, see Words, drop."
    assert rain.code == "umbrella"
    assert found["water.html#hail-snow"].text == "Colder."


def test_a_section_knows_what_stands_above_it(found):
    assert found["water.html#hail-snow"].heading == "Hail & snow"
    assert found["water.html#hail-snow"].under == "Rain"
    assert found["water.html#rain"].under == ""
    assert found["words.html#term-drop"].under == "Glossary"
    assert found["chapters/ice_lab.html#claim-c07"].under == "A pond"


def test_of_a_cell_the_picture_is_told_and_the_names_are_kept(found):
    pond = found["chapters/ice_lab.html#a-pond"]
    assert pond.text == "It freezes."
    assert pond.pictures == "A white pond."
    assert {"thickness", "frozen", "pond"} <= set(pond.code.split())
    assert not {"wombat", "quokka"} & set(str(pond).split())  # what it printed


def test_a_claim_is_found_by_its_id_with_what_came_of_it(found):
    claim = found["chapters/ice_lab.html#claim-c07"]
    assert claim.heading == "C07"
    assert claim.text == "Ice floats. holds. 9 of them."


def test_a_word_of_the_glossary_has_its_definition(found):
    assert found["words.html#term-cloud"].heading == "cloud"
    assert found["words.html#term-cloud"].text == "Many drop."
    assert found["words.html#glossary"].text == "Before."


def test_practice_labs_and_claims_weigh_less_than_what_teaches(found):
    weight = {address: entry.weight for address, entry in found.items()}
    assert weight["water.html#rain"] == weight["words.html#term-drop"] == 1
    assert weight["water.html#exercises"] < 1
    assert weight["water.html#harder"] == weight["water.html#exercises"]
    assert weight["chapters/ice_lab.html#a-pond"] < 1
    claim = weight["chapters/ice_lab.html#claim-c07"]
    assert claim < weight["chapters/ice_lab.html#a-pond"]


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\eta", "η"),
        (r"w_{k+1} = w_k - \eta\,\nabla L(w_k)", "wk+1 = wk - η∇ L(wk)"),
        (r"\frac{2}{\lambda_{\max}}", "2/λmax"),
        (r"10^{-12}", "10^-12"),
        (r"\mathrm{e}^{x} \cdot x_1, \dots, x_d", "e^x · x1, …, xd"),
        (r"\partial L / \partial w", "∂ L / ∂ w"),
        ("x < 3", "x < 3"),
    ],
)
def test_a_formula_in_an_excerpt_is_read_as_text(tex, text):
    assert formula(tex) == text
