"""Tests for tools/binding: a changed digit is seen, and a right one is let pass."""

from unittest import mock

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from algollm_helpers.book.claims import Found
from algollm_helpers.book.ledger import Claim, ledger
from algollm_helpers.book.records import Record
from binding import Page


def page(prose, source="", printed="", *, more=(), records=None):
    """Return a page of one section: a heading, a code cell with its output, prose."""
    outputs = [new_output("stream", text=printed)] if printed else []
    cells = [
        new_markdown_cell("## Title"),
        new_code_cell(source, outputs=outputs),
        new_markdown_cell(prose),
        *more,
    ]
    return Page("loss", cells, {}, records or {})


def kinds(*args, **kwargs):
    return [(one.number.text, one.kind) for one in page(*args, **kwargs).found]


def recorded(**numbers):
    return {"C22": Found(Record("C22", "false", numbers), "loss")}


@pytest.mark.parametrize(
    ("prose", "wrong", "source", "printed"),
    [
        ("It ends at 0.37.", "It ends at 0.38.", "", "end 0.3712"),
        ("It ends at 0.37.", "It ends at 0.47.", "", "end 0.37"),
        ("In 1,694 steps.", "In 1,695 steps.", "", "1694"),
        ("In 1,694 steps.", "In 2,694 steps.", "", "1,694"),
        ("It is 63 per cent.", "It is 64 per cent.", "", "0.6312"),
        ("It is 63%.", "It is 64%.", "", "63%"),
        ("It is 6.4 ×.", "It is 6.5 ×.", "", "6.41"),
        ("It is 12 × 34.", "It is 12 × 35.", "", "12 34"),
        ("At 2.30 ± 0.04.", "At 2.30 ± 0.05.", "", "2.30 ± 0.04"),
        ("At 2.30 ± 0.04.", "At 2.31 ± 0.04.", "", "2.30 ± 0.04"),
        ("From 0.3 to 0.4.", "From 0.3 to 0.5.", "", "0.3 0.4"),
        ("Near 10⁻⁶.", "Near 10⁻⁷.", "", "1e-06"),
        ("Near 1e-6.", "Near 1e-7.", "", "0.000001"),
        ("Near $10^{-6}$.", "Near $10^{-7}$.", "assert gap < 1e-6", ""),
        ("At −0.02.", "At −0.03.", "", "-0.02"),
        ("It is ½.", "It is ¼.", "", "0.50"),
        ("It is $x = 3.02$.", "It is $x = 3.03$.", "", "3.02"),
        ("It ends at 0.37.", "It ends at 0.36.", "assert round(x, 2) == 0.37", ""),
        ("It ends at 0.37.", "It ends at 0.36.", "assert abs(x - 0.37) < .005", ""),
        ("The width is 64.", "The width is 65.", "net(width=64)", ""),
        ("It has 768 tokens.", "It has 769 tokens.", "n = 12 * 64", ""),
        ("About 1,200 steps.", "About 1,300 steps.", "", "1,234"),
        ("13 of 40 starts", "14 of 40 starts", "n = 14", "13 of 40"),
        ("13 of 40 starts", "13 of 41 starts", "n = 41", "13 of 40"),
        ("five of six seeds", "four of six seeds", "n = 4", "5 of 6"),
        ("five of six seeds", "four of six seeds", "n = 6\nassert won == 5", ""),
        ("4 times in 100", "5 times in 100", "n = 5", "4.32%"),
        ("10.7 million of them", "10.8 million of them", "", "10,745,088"),
    ],
)
def test_a_changed_digit_is_seen(prose, wrong, source, printed):
    assert {kind for _, kind in kinds(prose, source, printed)} <= {
        *("assertion", "output", "setting", "count"),
    }
    assert "unbound" in {kind for _, kind in kinds(wrong, source, printed)}
    seen = {m.text: m.kind for m in page(prose, source, printed).mutants}
    assert seen
    assert "unbound" in seen.values()


def test_a_number_is_looked_for_in_its_own_section_alone():
    outputs = [new_output("stream", text="0.99")]
    other = [new_markdown_cell("## B\nAgain 0.37."), new_code_cell("", outputs=outputs)]
    after = [*other, new_markdown_cell("## C\nIt is 0.99, not 0.37.")]
    found = kinds("It is 0.37, not 0.99.", "", "0.37", more=after)
    assert found == [
        ("0.37", "output"),
        ("0.99", "unbound"),
        ("0.37", "unbound"),
        ("0.99", "output"),  # the cell stands just before the heading
        ("0.37", "unbound"),
    ]


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("Set by `--steps 37`.", [("37", "code")]),
        (
            "It was 0.37 {cite}`smith`. And 0.38.",
            [("0.37", "cited"), ("0.38", "unbound")],
        ),
        ("We judge 131 claims.", [("131", "ledger")]),
        ("We judge 132 claims.", [("132", "unbound")]),
        ("See 131 rows.", [("131", "unbound")]),
    ],
)
def test_what_needs_no_run_and_what_another_vouches_for(prose, found):
    assert kinds(prose) == found


def test_what_an_essay_says_is_compared_with_the_ledger():
    row = Claim("loss", ("S2",), "Training takes 4 minutes.")
    with mock.patch.dict(ledger(), {"C98": row}, clear=True):
        assert kinds("Essay S2 says 4 minutes.")[-1] == ("4", "essay")
        assert kinds("Essay S2 says 5 minutes.")[-1] == ("5", "unbound")
        assert kinds("It takes 4 minutes.") == [("4", "unbound")]
        cells = page("Essay S2 says 4 minutes.").cells
        other = Page("descent", cells, {}, {})  # which does not settle it
        assert other.found[-1].kind == "unbound"


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("{measured}`0.37 <C22.end>`", "measured"),
        ("{measured}`0.38 <C22.end>`", "unbound"),
        ("{measured}`0.3 <C22.end>`", "unbound"),
        ("{measured}`C22.end`", "measured"),
        ("{measured}`C22.start`", "unbound"),
        ("{measured}`0.37 <C23.end>`", "unbound"),
        ("{measured}`−2.30 ± 0.04 <C22.low>`", "measured"),
        ("{measured}`−2.30 ±\n0.04 <C22.low>`", "measured"),
        ("{measured}`−2.30 <C22.low>`", "measured"),  # the mean alone
        ("{measured}`2.30 ± 0.04 <C22.low>`", "unbound"),
    ],
)
def test_the_text_of_a_role_is_what_the_run_printed(role, kind):
    records = recorded(end="0.37", low="-2.30 ± 0.04")
    found = kinds(f"It ends at {role}.", records=records)
    assert {kind for _, kind in found if kind != "label"} == {kind}
    if kind == "measured":
        mutants = page(f"It ends at {role}.", records=records).mutants
        assert {mutant.kind for mutant in mutants} == {"unbound"}


def test_a_phrase_that_an_assertion_quotes_is_bound_wherever_it_stands():
    quote = 'n = 4\nassert round(days) == 18, "shorter, 71 and 18"'
    far = [new_markdown_cell("## B\nThey are shorter, 71\nand 18 days, here.")]
    bound = page("Text.", quote, "71 18 19", more=far)
    assert [(f.number.text, f.kind) for f in bound.found] == [
        ("71", "unbound"),  # it stands in no test
        ("18", "quoted"),
    ]
    assert not [line for line in bound.loose() if "quotes" in line]
    near = page("They are shorter, 71 and 18.", quote, "71 18 19")
    kinds = {m.text: m.kind for m in near.mutants if m.found.kind == "quoted"}
    assert kinds == {"28": "unbound", "19": "unbound"}  # though 19 is printed, too


def test_the_whole_of_a_pair_is_bound_together_with_its_part():
    mutants = page("13 of 40 starts", "n = 41", "13 of 40").mutants
    assert {m.text: m.kind for m in mutants} == dict.fromkeys(
        ("23", "14", "50", "41"), "unbound"
    )


@pytest.mark.parametrize(
    ("prose", "times"), [("71 and 19", 0), ("71 and 18. 71 and 18", 2)]
)
def test_a_quote_that_does_not_stand_once_is_told(prose, times):
    (line,) = [
        line
        for line in page(prose, 'assert n == 18, "18"', "71 18 19").loose()
        if "quotes" in line
    ]
    assert f"stands {times} times: 18" in line


def test_lists_name_the_cell_the_number_and_where_else_it_stands():
    more = [new_markdown_cell("## B\nIt ended at 0.37, I think.")]
    book = page("Text.", "", "0.37", more=more, records=recorded(end="0.37"))
    (line,) = book.loose()
    cell = book.cells[3]["id"]
    assert line.startswith(f"{cell}  0.37  | It ended at 0.37, I think.")
    assert line.endswith(f"| C22.end or output of {book.cells[1]['id']}")


def test_a_digit_that_could_be_another_is_told_for_results_alone():
    (line,) = page("It ends at 0.37.", "", "0.37 0.47").unseen()
    assert line.endswith("  0.37 -> 0.47 passes (output)  | It ends at 0.37.")
    assert not list(page("It ends at 0.37.", "", "0.37 0.99").unseen())
    assert not list(page("The width is 64.", "a, b = 64, 65").unseen())


def test_a_small_number_of_a_pair_is_no_setting():
    assert kinds("20 of 40 names", "n, m = 20, 40")[0] == ("20", "setting")
    assert kinds("3 of 40 names", "n, m = 3, 40")[0] == ("3", "unbound")


def test_a_result_is_not_taken_for_a_setting():
    assert kinds("At 2.00.", "n = 2", "2.00") == [("2.00", "output")]
    assert kinds("At 2.00.", "n = 2") == [("2.00", "unbound")]
    assert kinds("At 2 and 20.", "n = [2, 20]") == [("2", "count"), ("20", "setting")]
