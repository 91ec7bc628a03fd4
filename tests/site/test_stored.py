"""Tests for algollm_book.stored: what it reads from a notebook's file."""

import json

import ipywidgets
import nbformat
from nbformat.v4 import new_markdown_cell

from algollm_book.stored import VIEW, alt_text, notebook_at, states_of
from tests.support.pages import book, cell, view


def test_each_source_and_each_text_of_an_output_is_one_string(tmp_path):
    path = tmp_path / "a.ipynb"
    lines = ["a\n", "b – ü"]
    written = book(
        new_markdown_cell("".join(lines)), cell({"text/html": "".join(lines)})
    )
    path.write_text(nbformat.writes(written), encoding="utf-8")
    assert json.loads(path.read_bytes())["cells"][0]["source"] == lines  # in the file
    text, code = notebook_at(path)["cells"]
    assert text["source"] == "a\nb – ü"
    assert code["outputs"][0]["data"]["text/html"] == "a\nb – ü"


def test_a_notebook_is_read_once(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(nbformat.writes(book()), encoding="utf-8")
    first = notebook_at(path)
    path.unlink()
    assert notebook_at(path) is first


def test_widgets_are_found_by_their_ids():
    widget = ipywidgets.HTML("a word")
    states = states_of(book(widgets=[widget]))
    assert states[widget.model_id]["value"] == "a word"
    assert states[widget.model_id]["_model_name"] == "HTMLModel"
    assert view(widget)[VIEW]["model_id"] in states
    assert states_of(book()) == {}


def test_alternative_text_is_empty_where_none_is_given():
    assert alt_text(cell(alt="Two lines.")["metadata"]) == "Two lines."
    assert [alt_text(m) for m in ({}, {"mystnb": {}}, {"mystnb": {"image": {}}})] == (
        ["", "", ""]
    )
