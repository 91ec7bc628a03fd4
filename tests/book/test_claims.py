"""Tests for book.claims: what is recorded, read back, and refused."""

import copy
import re

import numpy as np
import pytest

from algollm_helpers.book import claims
from algollm_helpers.book.deviation import MeanStd
from tests.support.book import NOTEBOOKS, ORDER, ROOT, notebook

ROW = claims.Claim("descent", ("S1",), "Water is wet.", "{share:.0%} of {n} drops.")
ROWS = {"C01": ROW, "C02": ROW._replace(condition="the drops are cold")}


@pytest.fixture
def ledger(monkeypatch):
    monkeypatch.setattr(claims, "ledger", lambda: ROWS)


def page(*boxes):
    """Return a notebook whose outputs are the given boxes."""
    data = [{"data": {"text/html": [html]}} for html in boxes]
    return {"cells": [{"cell_type": "code", "outputs": data}]}


def box(claim_id="C01", verdict="holds", **numbers):
    record = claims.settle(claim_id, verdict, numbers or {"share": 0.25, "n": 8})
    return claims._Box(record)


def test_a_record_holds_the_numbers_as_they_are_printed(ledger):
    record = claims.settle("C01", "false", {"share": 0.2468, "n": 8})
    assert record == ("C01", "false", {"share": "25%", "n": "8"})
    assert record.finding == "25% of 8 drops."


def test_a_mean_is_recorded_with_its_deviation_as_one_number(ledger):
    share = MeanStd(0.2468, 0.031)
    record = claims.settle("C01", "holds", {"share": share, "n": 5})
    assert record.numbers == {"share": "25% ± 3%", "n": "5"}
    assert record.finding == "25% ± 3% of 5 drops."
    assert claims.from_html(claims._Box(record)._repr_html_()) == record


def test_a_unit_stands_behind_both_numbers_of_a_finding(monkeypatch):
    row = ROW._replace(finding="{angle:.1f°} off the axis.")
    monkeypatch.setattr(claims, "ledger", lambda: {"C01": row})
    record = claims.settle("C01", "holds", {"angle": MeanStd(11.26, 0.5)})
    assert record.finding == "11.3° ± 0.5° off the axis."


def test_a_condition_completes_the_verdict(ledger):
    assert box("C02", "holds if").record.headline == "holds if the drops are cold"
    assert repr(box("C02", "holds if")).startswith(
        "C02 holds if the drops are cold: 25%"
    )


def test_what_is_recorded_is_read_back(ledger):
    html = box(share=1 / 3, n='"&<')._repr_html_()
    (found,) = claims.collect([("a", page("<p>none</p>", html))]).values()
    assert found.record.numbers == {"share": "33%", "n": '"&<'}


def test_what_is_read_back_knows_its_place(ledger):
    first, second = box()._repr_html_(), box("C02", "holds if")._repr_html_()
    found = claims.collect([("a", page(first)), ("b", page("<p>none</p>", second))])
    assert {i: read.place for i, read in found.items()} == {"C01": "a", "C02": "b"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("C99", "holds", {}), "unknown claim 'C99'"),
        (("C01", "true", {"share": 1, "n": 1}), "C01: verdict 'true' is not one of"),
        (("C01", "holds", {"share": "a", "n": 1}), "C01: share = 'a': Unknown format"),
        (
            ("C01", "holds", {"share": np.ones(5), "n": 1}),
            r"C01: share = array\(.*unsupported format",
        ),
        (("C01", "holds", {"share": 1}), r"C01: got numbers \['share'\]"),
        (("C01", "holds if", {"share": 1, "n": 1}), "C01: verdict 'holds if'"),
        (("C02", "holds", {"share": 1, "n": 1}), "C02: verdict 'holds' with condition"),
    ],
)
def test_recording_refuses_and_says_why(ledger, args, message):
    with pytest.raises(ValueError, match=message):
        claims.settle(*args)


def test_a_claim_recorded_twice_is_named_with_both_places(ledger):
    html = box()._repr_html_()
    with pytest.raises(ValueError, match=r"C01 is recorded twice: in a and b"):
        claims.collect([("a", page(html)), ("b", page(html))])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("25% of 8", "26% of 8", "stored box of C01"),  # a tampered sentence
        ("25%&quot;", "26%&quot;", "stored box of C01"),  # a tampered number
        ("C01", "C77", "'C77', which is not in the ledger"),
        ("&quot;holds&quot;", "&quot;true&quot;", "unknown verdict 'true'"),
    ],
)
def test_a_stored_box_that_was_changed_by_hand_is_refused(ledger, old, new, message):
    html = box()._repr_html_()
    assert old in html
    with pytest.raises(ValueError, match=message):
        claims.collect([("a", page(html.replace(old, new)))])


@pytest.mark.parametrize(
    ("last", "message"),
    [('finding = "z"\nfindings = "z"', "'findings'"), ("", "missing .* 'finding'")],
)
def test_a_row_with_a_misspelt_or_a_missing_key_is_refused(
    monkeypatch, tmp_path, last, message
):
    rows = f'[C01]\nchapter = "x"\nessays = []\nclaim = "y"\n{last}\n'
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "claims.toml").write_text(rows)
    monkeypatch.setattr(claims, "files", lambda name: tmp_path)
    with pytest.raises(ValueError, match=f"claims.toml, C01: .*{message}"):
        claims.ledger.__wrapped__()


def test_the_ledger_is_complete_and_in_order():
    rows = claims.ledger()
    assert list(rows) == [f"C{i:02d}" for i in range(1, 132)]
    assert {row.chapter for row in rows.values()} == set(ORDER)
    essays = {essay for row in rows.values() for essay in row.essays}
    assert essays == {"S0", "S1", "S2", "S3", "S4"}
    settled = {question for row in rows.values() for question in row.settles}
    assert settled == {f"K{i}" for i in range(1, 45)}


@pytest.mark.parametrize(
    "name",
    ["README.md", "CITATION.cff", "CHANGELOG.md", "intro.md", "chapters/claims.md"],
)
def test_the_number_of_claims_in_prose_is_that_of_the_ledger(name):
    counts = re.findall(r"(\d+) claims", (ROOT / name).read_text("utf-8"))
    assert counts == [str(len(claims.ledger()))]


def test_every_claim_has_been_recorded_in_its_own_chapter():
    found = claims.collect((path.stem, notebook(path)) for path in NOTEBOOKS)
    assert set(found) == set(claims.ledger())
    for claim_id, (_record, place) in found.items():
        chapter = claims.ledger()[claim_id].chapter
        assert place in {chapter, f"{chapter}_lab"}, f"{claim_id} is in {place}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_number_tampered_with_in_a_real_notebook_is_found(path):
    changed = copy.deepcopy(notebook(path))
    numbers = r"(&quot;numbers&quot;: \{[^}]*?)(\d)"
    for cell in changed["cells"]:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {}).get("text/html", "")
            if claims.from_html(shown):
                output["data"]["text/html"] = re.sub(numbers, bump, shown, count=1)
    with pytest.raises(ValueError, match=f"{path.name}: the stored box of C"):
        claims.collect([(path.name, changed)])


def bump(match):
    return match[1] + str((int(match[2]) + 1) % 10)
