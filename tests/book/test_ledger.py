"""Tests for book.ledger: how rows are read, filled and refused."""

import pytest

from algollm_helpers.book import ledger as module
from algollm_helpers.book.ledger import TRIED, Claim, Part, Table, fill, ledger
from tests.support.book import CLAIMED

HEAD = '[C01]\nchapter = "x"\nessays = ["S1"]\nclaim = "y"\n'
PARTS = """
[C01.parts.cheap]
says = "is cheap"
finding = "{ratio:.1f} times."
condition = "the net is small"
[C01.parts.exact]
says = "and exact"
finding = "Off by {gap:.0e}."
"""
REST = """
[C01.table]
head = ["width", "loss"]
rows = [["8", "{a:.2f}"], ["64", "{b:.2f}"]]
[C01.tried]
seeds = "{seeds:.0f}"
steps = "2,000"
"""


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Return a function that reads the rows of a text."""

    def reading(text):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "claims.toml").write_text(text, encoding="utf-8")
        monkeypatch.setattr(module, "files", lambda name: tmp_path)
        return ledger.__wrapped__()

    return reading


def test_a_row_of_one_finding(read):
    row = read(HEAD + 'finding = "{n:.0f}."\ncondition = "c"\nsettles = ["K2"]')["C01"]
    assert row == Claim("x", ("S1",), "y", "{n:.0f}.", "c", ("K2",))
    assert row.formats() == {"n": ".0f"}


def test_a_row_of_parts_with_a_table_and_what_was_tried(read):
    row = read(HEAD + 'value = "gap"' + PARTS + REST)["C01"]
    assert row.parts == {
        "cheap": Part("is cheap", "{ratio:.1f} times.", "the net is small"),
        "exact": Part("and exact", "Off by {gap:.0e}."),
    }
    rows = (("8", "{a:.2f}"), ("64", "{b:.2f}"))
    assert row.table == Table(("width", "loss"), rows)
    assert row.tried == {"seeds": "{seeds:.0f}", "steps": "2,000"}
    assert row.value == "gap"
    assert list(row.formats()) == ["ratio", "gap", "a", "b", "seeds"]


def test_a_number_may_stand_in_several_templates_in_one_format(read):
    text = HEAD + 'finding = "{a:.2f} and {a:.2f}."' + REST.replace("{b", "{a")
    assert read(text)["C01"].formats() == {"a": ".2f", "seeds": ".0f"}


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ('finding = "z"\nfindings = "z"', "'findings'"),
        ("", "either a finding or parts"),
        ('finding = "z"' + PARTS, "either a finding or parts"),
        ('condition = "c"' + PARTS, "a part has the condition, not 'c'"),
        (PARTS.partition("[C01.parts.exact]")[0], r"one part .*\['cheap'\]"),
        (PARTS.replace("says", "words"), "'words'"),
        ('[C01.parts.a]\nsays = "a"', "missing .* 'finding'"),
        ('finding = "z"' + REST.replace('"8", ', ""), r"row .* as \('width', 'loss'\)"),
        ('finding = "z"' + REST.replace('"8", ', '"8", "9", '), "row .* as long as"),
        ('finding = "z"' + REST.replace("rows", "row"), "'row'"),
        ('finding = "z"' + REST.replace('"width"', '""'), r"words over it, got \('', "),
        ('finding = "z"' + REST.replace("steps", "step"), r"tried \['step'\]"),
        ('finding = "z"\nvalue = "gap"', r"value 'gap' is none of the numbers \[\]"),
        ('finding = "{a:.1f}"' + REST, "a is formatted both as '.1f' and '.2f'"),
        ('finding = "{a} {a:.1f}"', "a is formatted both as '' and '.1f'"),
        ('finding = "{}"', "a plain name, got '{}'"),
        ('finding = "{a.b}"', "a plain name, got '{a.b}'"),
        ('finding = "{a!r}"', "a plain name, got '{a!r}'"),
        ('finding = "{a"', "expected '}'"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_by_name(read, rest, message):
    with pytest.raises(ValueError, match=f"claims.toml, C01: .*{message}"):
        read(HEAD + rest)


def test_a_template_is_filled_with_text_and_keeps_its_own_braces():
    assert fill("{a:.2f} {{of}} {b}", {"a": "1 ± 2", "b": "{x}"}) == "1 ± 2 {of} {x}"


def test_each_kind_of_what_was_tried_has_its_place():
    assert [words.format("7") for words in TRIED.values()] == [
        "7 seeds",
        "7 steps",
        "7",
        "rates 7",
        "against 7",
    ]


def test_the_ledger_is_complete_and_in_order():
    rows = ledger()
    assert list(rows) == [f"C{i:02d}" for i in range(1, 132)]
    assert {row.chapter for row in rows.values()} == set(CLAIMED)
    essays = {essay for row in rows.values() for essay in row.essays}
    assert essays == {"S0", "S1", "S2", "S3", "S4"}
    settled = {question for row in rows.values() for question in row.settles}
    assert settled == {f"K{i}" for i in range(1, 45)}
