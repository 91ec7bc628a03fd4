"""Tests for tools/sources: the numbers that a cell prints, asserts, or is set to."""

from fractions import Fraction
from unittest import mock

import pytest
from nbformat.v4 import new_code_cell, new_output

from algollm_helpers.book.box import Box
from algollm_helpers.book.ledger import Claim, ledger
from algollm_helpers.book.records import Record
from sources import given, quotes


def cell(source="", *outputs):
    return new_code_cell(source, outputs=list(outputs))


def text(words):
    return new_output("stream", text=words)


def values(found, kind):
    return {one.number.value for one in found if one.kind == kind}


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        ("lr, steps = 0.1, 2_000", ["1/10", 2000]),
        ("w = [-1.5, 1e-3]", ["-3/2", "1/1000"]),
        ("n = 2**15", [2**15, 2]),
        ("n = 12 * 64", [768, 12, 64]),
        ("s = x**2 + y[3]", []),
        ("for seed in range(5):\n    run(seed, width=64)", [5, 64]),
        ("def f(x, k=7):\n    return x / 3", [7, 3]),
        ("fig, ax = plt.subplots(figsize=(4.8, 3.6))", []),
        ("ax.plot([0, 17], lw=3)\nax.set(xlim=(0, 9))", []),
        ("explore('hill', draw, {'lr': (0.1, 0.4)}, height=9)", ["1/10", "2/5"]),
        ("x = y.round(3)", []),
        ("print(f'{loss:.2f} after 30')", []),
        ("name, on = '37', True", []),
        ("%timeit -n 12 f()\nx = 5", [5]),
        ("huge = 1e999", []),
    ],
)
def test_settings_are_literals_but_for_indices_squares_and_looks(source, settings):
    assert values(given(cell(source), {}), "setting") == set(map(Fraction, settings))


def test_literals_of_an_assertion_are_told_from_settings():
    found = given(cell("n = 40\nassert abs(x - 0.37) < .005\nassert won == 13, n"), {})
    assert values(found, "setting") == {40}
    assert values(found, "assertion") == set(map(Fraction, ("0.37", "0.005", "13")))


def test_printed_text_and_the_value_of_a_cell_count_and_a_picture_does_not():
    svg = {"image/svg+xml": "<text>99</text>", "text/plain": "<Figure 480x320>"}
    shown = [
        text("loss 0.37, −2\n"),
        new_output("execute_result", data={"text/plain": "1,694"}, execution_count=1),
        new_output("display_data", data=svg),
    ]
    expected = set(map(Fraction, ("0.37", "-2", "1694")))
    assert values(given(cell("", *shown), {}), "output") == expected


def test_a_printed_count_keeps_what_it_is_counted_from():
    found = given(cell("", text("13 of 40 stuck\n3/8, 7 out\nof 9; 5 and 6")), {})
    pairs = {
        (one.number.text, one.partner and one.partner.text)
        for one in found
        if one.kind == "output"
    }
    expected = {("13", "40"), ("40", None), ("3/8", None), ("7", "9"), ("9", None)}
    assert pairs == expected | {("5", None), ("6", None)}


def test_of_a_verdict_the_numbers_of_the_run_count_and_not_the_typed_sentence():
    row = Claim("loss", ("S0",), "It takes 7 steps.", "{n:.0f} of 24 steps.")
    with mock.patch.dict(ledger(), {"C98": row}):
        box = Box(Record("C98", "false", {"n": "13"}))
        data = {"text/html": box._repr_html_(), "text/plain": repr(box)}
    assert "24" in data["text/html"]
    found = given(cell("", new_output("display_data", data=data)), {})
    assert values(found, "output") == {13}


def test_an_explorer_gives_the_numbers_of_all_its_frames_and_controls():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}}
    states = {
        "a": {"children": ["IPY_MODEL_b", "IPY_MODEL_c"]},
        "b": {"_options_labels": ["0.1", "0.5"], "value": 3},
        "c": {"children": ["IPY_MODEL_d"]},
        "d": {"value": "<svg><text>99</text></svg><td>loss</td><td>2.16&nbsp;%</td>"},
        "other": {"value": "<td>88</td>"},
    }
    shown = new_output("display_data", data=view | {"text/plain": "sha256 9315"})
    found = given(cell("", shown), states)
    assert values(found, "explorer") == set(map(Fraction, ("0.1", "0.5", "2.16")))
    assert values(found, "output") == set()


def test_an_assertion_quotes_the_prose_by_a_message_with_a_number():
    source = (
        'assert won == 4, "four of the five"\n'
        'assert a < 0.5, "ends at 0.37"\n'
        'assert b, "why not"\n'
        "assert c, job.stderr\n"
    )
    found = [(words, [n.value for n in literals]) for words, literals in quotes(source)]
    assert found == [("four of the five", [4]), ("ends at 0.37", [Fraction(1, 2)])]
