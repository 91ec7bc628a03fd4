"""Tests for tools/words: pictures may differ, what is said may not."""

import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import portable
import words
from algollm_book.stored import STATE, VIEW


def frame(picture, label):
    return f'<div role="img" aria-label="{label}"><svg>{picture}</svg></div>'


def book(text="2.36\n", svg="<svg>a</svg>", frames=("a", "b"), index=0, digest="00"):
    """Return a notebook that prints, draws and shows an explorer of two frames."""
    view = {"text/plain": f"Explorer, sha256 {digest}", VIEW: {"model_id": "box"}}
    figure = {"text/plain": "<Figure size 480x320 with 1 Axes>", "image/svg+xml": svg}
    cell = new_code_cell()
    cell.outputs = [
        new_output("stream", text=text),
        new_output("display_data", data=figure),
        new_output("display_data", data=view),
    ]
    children = {"children": ["IPY_MODEL_one", "IPY_MODEL_two", "IPY_MODEL_slider"]}
    states = {"box": children, "slider": {"index": index, "_options_labels": ["1"]}}
    for name, picture in zip(("one", "two"), frames, strict=True):
        states[name] = {"value": frame(picture, f"{name} = 1")}
    stored = {key: {"state": state} for key, state in states.items()}
    metadata = {"widgets": {STATE: {"state": stored}}}
    return new_notebook(cells=[cell], metadata=metadata)


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """Return a function: how a fresh notebook differs from the usual one."""

    def run(fresh):
        nbformat.write(book(), tmp_path / "n.ipynb")
        monkeypatch.setattr(portable, "execute", lambda path: fresh)
        return list(portable.differences(tmp_path / "n.ipynb", words.without_pictures))

    return run


def test_other_strokes_and_the_digest_of_them_make_no_difference(compare):
    fresh = book(svg="<svg>other</svg>", frames=("x", "y"), digest="ff")
    assert compare(fresh) == []


def test_a_printed_digit_is_a_difference(compare):
    (line,) = compare(book(text="2.37\n"))
    assert line == r"cell 0, text: '2.36\n' != '2.37\n'"


def test_the_place_of_a_slider_is_a_difference(compare):
    assert len(compare(book(index=1))) == 1


def test_each_frames_description_and_each_figure_is_told(compare):
    fresh = book()
    two = fresh.metadata.widgets[STATE]["state"]["two"]["state"]
    two["value"] = frame("b", "two = 2")
    (line,) = compare(fresh)
    assert "two = 1" in line
    assert "two = 2" in line
    fresh = book()
    del fresh.cells[0].outputs[1]
    assert compare(fresh)


def test_the_notebook_itself_keeps_its_pictures():
    one = book()
    before = nbformat.writes(one)
    words.without_pictures(one)
    assert nbformat.writes(one) == before


@pytest.mark.parametrize("text", ["2.36\n", "2.37\n"])
def test_one_difference_fails(text, tmp_path, monkeypatch, capsys):
    path = tmp_path / "n.ipynb"
    nbformat.write(book(), path)
    monkeypatch.setattr(sys, "argv", ["words.py", str(path)])
    monkeypatch.setattr(portable, "execute", lambda path: book(text=text))
    with pytest.raises(SystemExit) as stopped:
        words.main()
    assert stopped.value.code == (text != "2.36\n")
    assert ("n.ipynb: same" in capsys.readouterr().out) == (text == "2.36\n")
