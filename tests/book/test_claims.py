"""Tests for book.claims: what is recorded, read back, and refused; the real book's."""

import copy
import re

import pytest

from algollm_helpers.book import claims
from algollm_helpers.book.box import Box, from_html
from algollm_helpers.book.judging import judge
from algollm_helpers.book.ledger import ledger
from algollm_helpers.book.records import settle
from tests.support.book import NOTEBOOKS, ROOT, notebook, record_calls

HOLDS = judge(True)
SAID = {"share": 0.25, "n": 8}
SPLIT = {"wet": judge(False), "cold": judge(True, False)}


def page(*boxes):
    """Return a notebook whose outputs are the given boxes."""
    data = [{"data": {"text/html": [html]}} for html in boxes]
    return {"cells": [{"cell_type": "code", "outputs": data}]}


def box(claim_id="C01", verdict=HOLDS, **numbers):
    return Box(settle(claim_id, verdict, numbers or SAID))._repr_html_()


# --- A small ledger -----------------------------------------------------------


@pytest.mark.usefixtures("rows")
def test_record_shows_the_box(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(claims, "display", shown.append)
    claims.record("C03", SPLIT, **SAID)
    (only,) = shown
    assert only.record == settle("C03", SPLIT, SAID)


@pytest.mark.usefixtures("rows")
def test_what_is_recorded_is_read_back():
    html = box(share=1 / 3, n='"&<')
    (found,) = claims.collect([("a", page("<p>none</p>", html))]).values()
    assert found.record.numbers == {"share": "33%", "n": '"&<'}


@pytest.mark.usefixtures("rows")
def test_what_is_read_back_knows_its_place():
    first, second = box(), box("C03", SPLIT)
    found = claims.collect([("a", page(first)), ("b", page("<p>none</p>", second))])
    assert {i: read.place for i, read in found.items()} == {"C01": "a", "C03": "b"}


@pytest.mark.usefixtures("rows")
def test_a_claim_recorded_twice_is_named_with_both_places():
    with pytest.raises(ValueError, match=r"C01 is recorded twice: in a and b"):
        claims.collect([("a", page(box())), ("b", page(box()))])


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("25% of 8", "26% of 8", "stored box of C03"),  # a tampered sentence
        ("25%&quot;", "26%&quot;", "stored box of C03"),  # a tampered number
        ("C03", "C77", "'C77', which is not in the ledger"),
        ("&quot;in part&quot;", "&quot;true&quot;", "verdict 'true', its parts give"),
        ("&quot;in part&quot;", "&quot;false&quot;", "its parts give 'in part'"),
        ("&quot;false&quot;", "&quot;not at this scale&quot;", "stored box of C03"),
        ("&quot;false&quot;", "&quot;in part&quot;", "C03.wet: 'in part' needs"),
        ("&quot;wet&quot;", "&quot;dry&quot;", r"C03: got parts \['cold', 'dry'\]"),
        ("&quot;n&quot;", "&quot;m&quot;", r"C03: got numbers \['m', 'share'\]"),
    ],
)
def test_a_stored_box_that_was_changed_by_hand_is_refused(old, new, message):
    html = box("C03", SPLIT)
    assert old in html
    with pytest.raises(ValueError, match=f"^a.*{message}"):
        claims.collect([("a", page(html.replace(old, new)))])


@pytest.mark.usefixtures("rows")
def test_a_number_is_found_by_claim_and_name_or_what_is_missing_is_said():
    found = claims.collect([("a", page(box()))])
    assert claims.number_of(found, "C01.share") == "25%"
    with pytest.raises(LookupError, match="no notebook has recorded 'C02'"):
        claims.number_of(found, "C02.share")
    with pytest.raises(LookupError, match=r"C01 has no number 'x', .*\['n', 'share'\]"):
        claims.number_of(found, "C01.x")
    with pytest.raises(LookupError, match="C01 has no number ''"):
        claims.number_of(found, "C01")


# --- The book's own -----------------------------------------------------------

RECORDING = [path for path in NOTEBOOKS if any(record_calls(path))]  # not all do
CALLS = {call.claim: call for path in NOTEBOOKS for call in record_calls(path)}


def sentences(text):
    return re.split(r"(?<=[.!?])[”’)]?\s+(?=\S)", text.strip())


@pytest.fixture(scope="module")
def found():
    return claims.collect((path.stem, notebook(path)) for path in NOTEBOOKS)


@pytest.mark.parametrize(
    "name",
    ["README.md", "CITATION.cff", "CHANGELOG.md", "index.md", "chapters/claims.md"],
)
def test_the_number_of_claims_in_prose_is_that_of_the_ledger(name):
    counts = re.findall(r"(\d+) claims", (ROOT / name).read_text("utf-8"))
    assert counts == [str(len(ledger()))]


def test_every_claim_has_been_recorded_in_its_own_chapter(found):
    assert set(found) == set(ledger())
    for claim_id, (_record, place) in found.items():
        chapter = ledger()[claim_id].chapter
        assert place in {chapter, f"{chapter}_lab"}, f"{claim_id} is in {place}"


def test_a_condition_stands_where_the_verdict_shows_it_and_nowhere_else(found):
    for claim_id, (record, _place) in found.items():
        whole = {"": (record.verdict, record.row.condition)}
        parts = {n: (record.parts[n], p.condition) for n, p in record.row.parts.items()}
        for name, (verdict, condition) in (parts or whole).items():
            assert (verdict == "holds if") == bool(condition), f"{claim_id} {name}"


def test_each_claim_is_settled_by_one_call_in_one_cell(found):
    calls = [call.claim for path in NOTEBOOKS for call in record_calls(path)]
    assert sorted(calls) == sorted(found)


def test_no_verdict_is_typed():
    assert [claim for claim, call in CALLS.items() if call.typed] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One of 2.5 (see C43), or 0.3%.", 1),
        ("One. Two.", 2),
        ("It is 2.30 ± 0.04 nats. At width 8 it is 0.5. 3 of 5 end there.", 3),
        ("Is it? It is (so they say). “No.” Then not.", 4),
    ],
)
def test_sentences_are_counted(text, count):
    assert len(sentences(text)) == count


def test_a_finding_is_at_most_two_sentences(found):
    for claim_id in CALLS:
        record = found[claim_id].record
        parts = [part.finding for part in record.outcomes.values()]
        for finding in parts or [record.finding]:
            assert len(sentences(finding)) <= 2, f"{claim_id}: {finding}"


def test_where_chance_takes_part_there_are_eight_seeds_and_a_deviation(found):
    for claim_id in CALLS:
        record = found[claim_id].record
        if "seeds" not in record.tried:
            continue
        seeds = re.match(r"\d+", record.tried["seeds"])
        assert seeds, f"{claim_id}: {record.tried['seeds']!r} begins with no number"
        assert int(seeds[0]) >= 8, f"{claim_id}: {seeds[0]} seeds"
        if name := record.row.value:
            assert " ± " in record.numbers[name], f"{claim_id}: {name}"


@pytest.mark.parametrize("path", RECORDING, ids=lambda p: p.stem)
def test_a_number_tampered_with_in_a_real_notebook_is_found(path):
    changed = copy.deepcopy(notebook(path))
    numbers = r"(&quot;numbers&quot;: \{&quot;\w+&quot;: &quot;\D*)(\d)"  # of a value
    for cell in changed["cells"]:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {}).get("text/html", "")
            if from_html(shown):
                output["data"]["text/html"] = re.sub(numbers, bump, shown, count=1)
    with pytest.raises(ValueError, match=f"{path.name}: the stored box of C"):
        claims.collect([(path.name, changed)])


def bump(match):
    return match[1] + str((int(match[2]) + 1) % 10)
