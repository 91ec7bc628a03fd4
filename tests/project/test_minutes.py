"""Tests for tools/minutes.py, and for the minutes that the notebooks promise."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import minutes
from tests.support.book import NOTEBOOKS


def page(*texts, code=()):
    return new_notebook(cells=[*map(new_markdown_cell, texts), *code])


def drawing(**metadata):
    output = new_output("display_data", {"image/svg+xml": "<svg/>"})
    tags = {"tags": ["fold-figure"]}
    return new_code_cell("draw()", outputs=[output], metadata=tags | metadata)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Five words stand right here.", 5),
        ("A {term}`learning rate <step>` is read, its target not.", 8),
        ("At {measured}`2.30 <C43.loss>` nats.", 3),
        ("[A link](https://example.org/a/b).", 2),
        ("Here $a + b = c$ is one.", 4),
        ("$$\na + b\n$$", 1),
        ("```{note}\n:class: wide\nInside.\n```", 1),
        ("(label)=\n## A heading", 2),
        ("| a | b |\n|---|---|\n| c | d |", 4),
        ("", 0),
    ],
)
def test_words_are_what_a_reader_reads(text, count):
    assert minutes.words(text) == count


def test_prose_code_and_figures_take_their_time():
    # 200 words: one minute; 20 lines: one; a figure: a half
    assert minutes.taken(page("word " * 200)) == 1
    twenty = new_code_cell("\n".join(f"a = {i}" for i in range(20)))
    assert minutes.taken(page(code=[twenty])) == 1
    assert minutes.taken(page(code=[drawing()])) == 0.5
    assert minutes.taken(page("word " * 200, code=[twenty, drawing()])) == 2.5


def test_a_box_is_read_as_prose():
    html = f'<div class="claim"><b>C1</b>{"word " * 199}</div>'
    box = new_output("display_data", {"text/html": html})
    cell = new_code_cell("a", outputs=[box], metadata={"tags": ["fold-measure"]})
    assert minutes.taken(page(code=[cell])) == 1


def test_what_is_folded_asked_or_not_shown_takes_none():
    folded = new_code_cell("a = 1", metadata={"tags": ["fold-imports"]})
    asked = new_code_cell('answer = ...\ncheck("descent-late", answer)')
    unseen = drawing(tags=["fold-live", "remove-output"])
    assert minutes.taken(page(code=[folded, asked, unseen])) == 0


def test_exercises_and_questions_are_a_readers_own_time():
    own = "## Exercises\n" + "word " * 300 + "\n## Test yourself\n" + "word " * 300
    assert minutes.taken(page(own, "## What we measured")) == 3 / 200


@pytest.mark.parametrize(("exact", "steps"), [(0, 0), (30, 30), (30.1, 35), (34.9, 35)])
def test_steps_hurry_nobody(exact, steps):
    assert minutes.in_steps(exact) == steps


def test_an_opening_without_minutes_is_named():
    with pytest.raises(ValueError, match=r"\*Time:\* N minutes.*'# A page'"):
        minutes.stated(page("# A page"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_takes_the_minutes_that_it_promises(path):
    notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
    stated, takes = minutes.stated(notebook), minutes.taken(notebook)
    assert stated == minutes.in_steps(takes), f"{path.stem} takes {takes:.1f} minutes"
