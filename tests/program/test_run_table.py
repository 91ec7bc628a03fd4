"""Tests for program.run_table: what a table says, in any order, and what is refused."""

import io
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from algollm_helpers.clinic_run import Run
from algollm_helpers.program.paths import Stream
from algollm_helpers.program.run_table import COLUMNS, parsed, read
from tests.support.small import few


def table(text):
    return parsed(text.encode(), "'run.csv'")


def columns(text):
    return {name: values.tolist() for name, values in table(text).columns.items()}


# --- What it says -------------------------------------------------------------


def test_the_order_of_the_columns_does_not_matter_and_unknown_ones_are_named():
    found = table("note,valid, loss ,step,\nx,,2.5,1,\ny,2.25,inf,7,\n")
    assert found.others == ("note", "")
    assert found.steps.tolist() == [1, 7]
    assert found.columns["loss"].tolist() == [2.5, np.inf]
    assert_array_equal(found.columns["valid"], [np.nan, 2.25])
    assert found.measured == ["step", "loss", "valid"]


def test_a_column_that_is_empty_throughout_was_not_measured():
    assert table("step,loss,valid\n1,2,\n2,1,\n").measured == ["step", "loss"]


def test_losses_that_are_no_numbers_are_data_and_not_empty_fields():
    found = columns("step,loss\n1,NaN\n2,\n3,-inf\n4,1e400\n5,-2\n")
    assert found["step"] == [1, 3, 4, 5]
    assert str(found["loss"]) == "[nan, -inf, inf, -2.0]"


def test_what_is_measured_on_a_line_without_a_loss_counts_for_the_step_before():
    # As loggers write that give the held-out loss a line of its own.
    found = table("step,loss,valid\n0,,9\n10,3,\n12,,2.5\n20,2,1.5\n25,,7\n")
    assert found.steps.tolist() == [10, 20]
    assert found.columns["valid"].tolist() == [2.5, 1.5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["", "mark"])
def test_lines_end_and_files_begin_as_programs_write_them(start, end):
    text = f'{start}step,"loss"{end}{end}1,"2"{end},{end}2, 3 '
    assert columns(text) == {"step": [1, 2], "loss": [2, 3]}


@few
@given(
    st.permutations(COLUMNS),
    st.lists(st.floats(0), min_size=1, max_size=5),
)
def test_every_number_reads_back_to_the_last_bit(order, numbers):
    lines = [",".join(order)]
    for i, number in enumerate(numbers):
        lines.append(",".join(str(i) if c == "step" else repr(number) for c in order))
    for name, values in table("\n".join(lines)).columns.items():
        expected = list(range(len(numbers))) if name == "step" else numbers
        assert_array_equal(values, expected)


def test_what_a_table_may_hold_is_what_the_rule_reads():
    arrays = [field.name for field in fields(Run) if "ndarray" in str(field.type)]
    assert sorted(COLUMNS) == sorted(arrays)


def test_a_table_is_read_from_a_file_and_from_stdin(tmp_path, monkeypatch):
    raw = b"step,loss\n1,2\n"
    (tmp_path / "run.csv").write_bytes(raw)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    for source in (tmp_path / "run.csv", Stream.STDIN):
        assert read(source).columns["loss"].tolist() == [2]


# --- What is refused ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'run.csv' is empty; expected a line with the names of the columns"),
        ("\n \n", "'run.csv' is empty; "),
        ("step\n1\n", "has no column 'loss'; its first line names 'step'; expected"),
        ("1,2\n3,4\n", "no column 'step'; its first line names '1', '2'; expected"),
        (
            "step;loss\n1;2\n",
            "first line names 'step;loss'; expected 'step' and 'loss'",
        ),
        ("Step,Loss\n1,2\n", "first line names 'Step', 'Loss'; expected"),
        ("step,loss,loss\n1,2,3\n", "has more than one column 'loss'; expected one"),
        ("step,loss\n", "'run.csv' holds no loss; expected a line for each step"),
        ("step,loss\n1,\n", "'run.csv' holds no loss"),
        (
            "step,loss\n1,2\n2\n",
            "line 3: expected 2 fields as in the first line, g",
        ),
        ("step,loss\n1,2,3\n", "line 2: expected 2 fields as in the first line, got 3"),
        ("step,loss\n1,two\n", "line 2: its loss is 'two'; expected a number, or noth"),
        ("step,loss\n1,2_0\n", "line 2: its loss is '2_0'; expected a number"),
        ("step,loss\n1,2\n\n,3\n", "line 4: its step is ''; expected a number"),
        ("step,loss\n1.5,2\n", "line 2: its step is 1.5; expected a whole number >= 0"),
        ("step,loss\n-1,2\n", "line 2: its step is -1; expected a whole number >= 0"),
        ("step,loss\nnan,2\n", "line 2: its step is nan; expected a whole number"),
        ("step,loss\ninf,2\n", "line 2: its step is inf; expected a whole number"),
        (
            "step,loss\n7,2\n\n7,1\n",
            "line 4: its step is 7 and that of line 2 is 7; expected steps that rise",
        ),
        ("step,loss\n7,2\n8,\n8,1\n", "line 4: its step is 8 and that of line 3 is 8"),
        ("step,loss,lr\n1,2,-.1\n", "line 2: its lr is -.1; expected a number >= 0"),
        ("step,loss,lr\n1,2,x\n", "line 2: its lr is 'x'; expected a number, or noth"),
        (
            'step,loss\n1,"2\n',
            "line 2: unexpected end of data; expected fields betw",
        ),
        ("step,loss\n1," + "9" * 60 + "x\n", "its loss is '" + "9" * 40 + "…'"),
        ("a,b,c,d,e,f,g,h,i\n1\n", "names 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', …"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  (compared below)
        table(text)
    said = str(refusal.value)
    assert said.startswith("'run.csv'")
    assert message in said
    assert "\n" not in said


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["", "mark"])
def test_what_is_not_utf_8_is_refused_with_its_line(start):
    message = (
        "'run.csv', line 3, is not UTF-8: it holds the byte 0xe9; save it as UTF-8"
    )
    with pytest.raises(ValueError, match=message):
        parsed(start + b"step,loss\n1,2\n2,\xe9\n", "'run.csv'")


def test_a_folder_and_a_file_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder; expected a CSV file$"):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(Path(tmp_path / "none.csv"))
