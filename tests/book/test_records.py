"""Tests for book.records: verdict and numbers on a row, parts, and what is refused."""

import itertools

import numpy as np
import pytest

from algollm_helpers.book.deviation import MeanStd
from algollm_helpers.book.judging import judge, whole
from algollm_helpers.book.ledger import ledger
from algollm_helpers.book.records import Outcome, Record, checked, same_number, settle

pytestmark = pytest.mark.usefixtures("rows")
HOLDS, IF, FALSE = judge(True), judge(True, False), judge(False)
SAID = {"share": 0.2468, "n": 8}


def test_a_record_holds_the_numbers_as_they_are_printed():
    record = settle("C01", FALSE, SAID)
    assert record == ("C01", "false", {"share": "25%", "n": "8"}, {})
    assert record.finding == "25% of 8 drops."
    assert record.headline == "false"


def test_a_mean_is_recorded_with_its_deviation_as_one_number():
    record = settle("C01", HOLDS, {"share": MeanStd(0.2468, 0.031), "n": 5})
    assert record.numbers == {"share": "25% ± 3%", "n": "5"}
    assert record.finding == "25% ± 3% of 5 drops."


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (-0.2468, "−25%"),
        (-0.001, "0%"),
        (MeanStd(-0.2468, 0.031), "−25% ± 3%"),
        (MeanStd(-0.001, 0.031), "0% ± 3%"),
    ],
)
def test_a_number_is_recorded_as_print_writes_it(value, printed):
    record = settle("C01", HOLDS, {"share": value, "n": 8})
    assert record.numbers["share"] == printed
    assert record.finding == f"{printed} of 8 drops."


def test_a_unit_stands_behind_both_numbers_of_a_finding(monkeypatch, rows):
    row = rows["C01"]._replace(finding="{angle:.1f°} off the axis.")
    monkeypatch.setitem(ledger(), "C01", row)
    record = settle("C01", HOLDS, {"angle": MeanStd(11.26, 0.5)})
    assert record.finding == "11.3° ± 0.5° off the axis."


def test_a_condition_completes_the_verdict_that_needs_it_and_no_other():
    assert settle("C02", IF, SAID).headline == "holds if the drops are cold"
    assert settle("C02", HOLDS, SAID).headline == "holds"
    assert settle("C02", FALSE, SAID).headline == "false"


def test_each_part_has_its_verdict_its_condition_and_its_finding():
    record = settle("C03", {"cold": IF, "wet": FALSE}, SAID)
    assert record.verdict == record.headline == "in part"
    assert list(record.parts) == ["wet", "cold"]  # the ledger's order
    assert record.outcomes == {
        "wet": Outcome("is <wet>", "false", "false", "25% of 8 drops."),
        "cold": Outcome(
            "and cold", "holds if", "holds if it is winter & night", "8 drops."
        ),
    }
    assert record.finding == "25% of 8 drops. 8 drops."


@pytest.mark.parametrize(
    "both", [*itertools.product((HOLDS, FALSE, judge(True, shown=False)), repeat=2)]
)
def test_the_claim_has_the_verdict_of_its_parts_or_is_in_part(both):
    record = settle("C03", dict(zip(("wet", "cold"), both, strict=True)), SAID)
    assert record.verdict == whole(both)
    assert record.headline == (both[0] if both[0] == both[1] else "in part")


def test_parts_that_all_hold_on_conditions_keep_their_own(monkeypatch, rows):
    parts = {n: p._replace(condition=f"{n}!") for n, p in rows["C03"].parts.items()}
    monkeypatch.setitem(ledger(), "C03", rows["C03"]._replace(parts=parts))
    record = settle("C03", {"wet": IF, "cold": IF}, SAID)
    assert record.verdict == "holds if"
    assert record.headline == "holds if wet!; and if cold!"
    headlines = [part.headline for part in record.outcomes.values()]
    assert headlines == ["holds if wet!", "holds if cold!"]
    half = settle("C03", {"wet": HOLDS, "cold": IF}, SAID)
    assert (half.verdict, half.headline) == ("holds if", "holds if cold!")


def test_table_and_what_was_tried_share_the_numbers_of_the_finding():
    record = settle("C04", HOLDS, SAID | {"lake": 1 / 3, "sand": 0})
    assert record.table == (
        ("<place>", "share"),
        (("sea", "25%"), ("<a> & b", "0.33")),
    )
    assert list(record.tried.items()) == [  # in the order of a box
        ("seeds", "8"),
        ("rates", "0.1 and 0.2"),
        ("baseline", "dry <sand>: 0"),
    ]


def test_a_claim_without_them_has_neither_parts_nor_table_nor_trials():
    record = settle("C01", HOLDS, SAID)
    assert (record.outcomes, record.table, record.tried) == ({}, None, {})


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("C99", HOLDS, {}), "unknown claim 'C99': .* from C01 to C04"),
        (("C01", HOLDS, {"share": "a", "n": 1}), "C01: share = 'a': Unknown format"),
        (
            ("C01", HOLDS, {"share": np.ones(5), "n": 1}),
            r"C01: share = array\(.*unsupported format",
        ),
        (("C01", HOLDS, {"share": 1}), r"C01: got numbers \['share'\], .*'n', 'share'"),
        (("C01", HOLDS, SAID | {"x": 1}), r"got numbers \['n', 'share', 'x'\]"),
        (("C04", HOLDS, SAID | {"sand": 1}), r"claims.toml has \['lake', 'n', 'sand'"),
        (("C04", HOLDS, SAID | {"lake": 1}), r"claims.toml has \['lake', 'n', 'sand'"),
        (("C01", IF, SAID), "C01: 'holds if' needs a condition"),
        (("C03", {"wet": IF, "cold": IF}, SAID), "C03.wet: 'holds if' needs a cond"),
        (("C03", {"wet": HOLDS}, SAID), r"C03: got parts \['wet'\], .*'cold', 'wet'"),
        (("C03", {"wet": HOLDS, "cold": IF, "hot": IF}, SAID), "got parts .*'hot'"),
        (("C03", HOLDS, SAID), r"C03: got parts \[\], claims.toml has \['cold', 'wet'"),
        (("C01", {"wet": HOLDS}, SAID), r"C01: got parts \['wet'\], .* has \[\]"),
        (("C01", {}, SAID), r"C01: 'in part' needs parts"),
        (("C01", whole([HOLDS, FALSE]), SAID), "C01: 'in part' needs parts"),
    ],
)
def test_recording_refuses_and_says_why(args, message):
    with pytest.raises(ValueError, match=message):
        settle(*args)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("C01", "true", SAID), r"C01: expected a verdict of judge\(\), got 'true'"),
        (("C01", True, SAID), r"C01: expected a verdict of judge\(\), got True"),
        (("C03", {"wet": HOLDS, "cold": "holds"}, SAID), "C03.cold: .* got 'holds'"),
    ],
)
def test_a_verdict_that_was_not_computed_is_refused(args, message):
    with pytest.raises(TypeError, match=message):
        settle(*args)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            Record("C01", "true", {"share": "1", "n": "1"}),
            "C01: unknown verdict 'true'",
        ),
        (Record("C01", "holds", {"share": "1"}), r"C01: got numbers \['share'\]"),
        (
            Record("C03", "a", {"share": "1", "n": "1"}, {"wet": "a", "cold": "a"}),
            "C03.wet: unknown verdict 'a'",
        ),
        (
            Record(
                "C03",
                "holds",
                {"share": "1", "n": "1"},
                {"wet": "holds", "cold": "false"},
            ),
            "C03: verdict 'holds', its parts give 'in part'",
        ),
    ],
)
def test_a_record_that_nobody_settled_is_refused(record, message):
    with pytest.raises(ValueError, match=message):
        checked(record)


@pytest.mark.parametrize(
    ("text", "printed", "same"),
    [
        ("0.37", "0.37", True),
        ("0.38", "0.37", False),
        ("0.370", "0.37", False),
        ("0.3", "0.37", False),
        ("0.37", "0.3", False),
        ("37", "37%", False),
        ("37%", "37%", True),
        ("−0.05", "-0.05", True),
        ("-0.05", "−0.05", True),
        ("0.05", "-0.05", False),
        ("3e-8", "3·10⁻⁸", True),
        ("3·10⁻⁸", "3·10⁻⁷", False),
        ("2.30 ± 0.04", "2.30 ± 0.04", True),
        ("2.30 ±\n0.04", "2.30 ± 0.04", True),
        ("2.30", "2.30 ± 0.04", True),
        ("38%", "38% ± 4%", True),
        ("0.04", "2.30 ± 0.04", False),
        ("2.30 ± 0.05", "2.30 ± 0.04", False),
        ("2.31", "2.30 ± 0.04", False),
        ("2.30 ± 0.04", "2.30", False),
        ("", "2.30", False),
        ("1,234", "1234", False),
    ],
)
def test_a_number_in_prose_is_the_printed_one_or_another(text, printed, same):
    assert same_number(text, printed) is same
