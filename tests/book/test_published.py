"""Tests for book.published: the file of all claims, its schema, and the notebooks."""

import copy
import json
import re

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator

from algollm_helpers.book import claims
from algollm_helpers.book.judging import VERDICTS, judge
from algollm_helpers.book.ledger import TRIED, ledger
from algollm_helpers.book.published import published, renewed
from algollm_helpers.book.records import settle
from tests.support.book import CLAIMED, NOTEBOOKS, PACKAGE, code_cells

FILE = (PACKAGE / "data" / "claims.json").read_text("utf-8")
SCHEMA = json.loads((PACKAGE / "data" / "claims.schema.json").read_text("utf-8"))
HOLDS, IF, FALSE = judge(True), judge(True, False), judge(False)
SAID = {"share": 0.25, "n": 8}


def entries(text):
    return {entry["id"]: entry for entry in json.loads(text)["claims"]}


def problems(whole):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(whole)]


# --- A small ledger -----------------------------------------------------------


def found(place, **verdicts):
    """Return claims that the notebook of one page has recorded, by id."""
    extra = {"C04": {"lake": 1 / 3, "sand": 0}}
    return {
        claim_id: claims.Found(
            settle(claim_id, verdict, SAID | extra.get(claim_id, {})),
            f"chapters/{place}",
        )
        for claim_id, verdict in verdicts.items()
    }


@pytest.mark.usefixtures("rows")
def test_an_entry_says_what_was_claimed_and_what_came_of_it():
    split = {"wet": FALSE, "cold": IF}
    text = published(found("water_lab", C04=HOLDS, C03=split, C02=IF))
    whole = json.loads(text)
    assert list(whole) == ["$schema", "verdicts", "chapters", "claims"]
    assert whole["chapters"] == ["descent"]
    conditional, parts, table = whole["claims"]  # in the ledger's order
    assert conditional == {
        "id": "C02",
        "chapter": "descent",
        "essays": ["S1"],
        "claim": "Water is wet.",
        "verdict": "holds if",
        "condition": "the drops are cold",
        "finding": "25% of 8 drops.",
        "parts": [],
        "numbers": {"share": "25%", "n": "8"},
        "value": None,
        "table": None,
        "tried": {},
        "settles": [],
        "notebook": "chapters/water_lab.ipynb",
        "address": "chapters/water_lab.html#claim-c02",
    }
    assert (parts["verdict"], parts["condition"]) == ("in part", None)
    assert parts["parts"] == [
        {
            "name": "wet",
            "says": "is <wet>",
            "verdict": "false",
            "condition": None,
            "finding": "25% of 8 drops.",
        },
        {
            "name": "cold",
            "says": "and cold",
            "verdict": "holds if",
            "condition": "it is winter & night",
            "finding": "8 drops.",
        },
    ]
    assert table["table"] == {
        "head": ["<place>", "share"],
        "rows": [["sea", "25%"], ["<a> & b", "0.33"]],
    }
    assert table["tried"] == {
        "seeds": "8",
        "rates": "0.1 and 0.2",
        "baseline": "dry <sand>: 0",
    }
    assert problems(whole) == []


@pytest.mark.usefixtures("rows")
def test_parts_that_all_hold_on_conditions_say_so_for_the_whole(monkeypatch, rows):
    parts = {n: p._replace(condition="so") for n, p in rows["C03"].parts.items()}
    monkeypatch.setitem(ledger(), "C03", rows["C03"]._replace(parts=parts))
    whole = json.loads(published(found("water", C03={"wet": IF, "cold": IF})))
    (entry,) = whole["claims"]
    assert entry["condition"] == "so"  # said once
    assert problems(whole) == []


@pytest.mark.usefixtures("rows")
def test_one_notebook_renews_its_own_claims_and_no_others():
    before = published(found("water", C01=HOLDS, C02=IF) | found("lab", C04=HOLDS))
    after = renewed(before, "chapters/water", found("water", C01=FALSE))
    assert after == published(found("water", C01=FALSE) | found("lab", C04=HOLDS))
    assert renewed(after, "chapters/water", found("water", C01=FALSE)) == after
    assert renewed(before, "chapters/elsewhere", {}) == before


@pytest.mark.usefixtures("rows")
def test_a_claim_may_move_from_one_notebook_to_another_in_any_order():
    before = published(found("water", C01=HOLDS))
    moved = found("lab", C01=HOLDS)
    lab_last = renewed(renewed(before, "chapters/water", {}), "chapters/lab", moved)
    lab_first = renewed(renewed(before, "chapters/lab", moved), "chapters/water", {})
    assert lab_first == lab_last == published(moved)


@pytest.mark.usefixtures("rows")
def test_a_claim_that_the_ledger_has_lost_is_dropped(monkeypatch):
    before = published(found("water", C01=HOLDS, C02=IF))
    monkeypatch.delitem(ledger(), "C02")
    assert renewed(before, "chapters/lab", {}) == published(found("water", C01=HOLDS))


@pytest.mark.parametrize("text", ["", "<<<<<<< HEAD\n{}", "[]", "{}"])
def test_a_file_that_is_not_ours_is_not_renewed(text):
    with pytest.raises(ValueError, match=r"claims.json is damaged \(.*git checkout"):
        renewed(text, "chapters/water", {})


# --- The book's own -----------------------------------------------------------


def test_the_file_is_what_the_notebooks_give():
    pages = ((f"chapters/{p.stem}", {"cells": code_cells(p)}) for p in NOTEBOOKS)
    assert published(claims.collect(pages)) == FILE, "make execute"


def shown(path):
    """Yield the box of each claim that a notebook shows, as a reader sees it."""
    for cell in code_cells(path):
        for output in cell["outputs"]:
            text = output.get("data", {}).get("text/html", "")
            if 'class="claim"' in text:
                yield BeautifulSoup(text, "html.parser").div


def said(verdict, condition, finding=""):
    """Return how a box prints a verdict."""
    headline = f"{verdict} {condition}" if condition else verdict
    return f"{headline}. {finding}".strip()


def test_each_entry_is_what_its_box_prints():
    unseen = entries(FILE)
    for path in NOTEBOOKS:
        for box in shown(path):
            entry = unseen.pop(box.strong.get_text())
            place = f"chapters/{path.stem}"
            assert entry["notebook"] == f"{place}.ipynb"
            assert entry["address"] == f"{place}.html#claim-{entry['id'].lower()}"
            assert path.stem.removesuffix("_lab") == entry["chapter"]
            check_sentences(entry, box)
            check_table(entry["table"], box)
            (tried,) = [t.get_text() for t in box.select("small")] or [""]
            words = [TRIED[kind].format(w) for kind, w in entry["tried"].items()]
            assert tried == (f"Tried: {'; '.join(words)}." if words else "")
            for number in entry["numbers"].values():
                assert number in box.get_text()
    assert unseen == {}


def check_sentences(entry, box):
    claim, judged = box.find_all("p", recursive=False)[:2]
    assert claim.get_text() == f"{entry['id']} {entry['claim']}"
    whole = entry["verdict"], entry["condition"]
    assert judged.get_text() == said(*whole, "" if entry["parts"] else entry["finding"])
    assert [item.get_text("\n") for item in box.select("li")] == [
        "\n".join(
            (
                f"“{part['says']}”",
                said(part["verdict"], part["condition"]),
                f" {part['finding']}",
            )
        )
        for part in entry["parts"]
    ]
    if entry["parts"]:
        assert entry["finding"] == " ".join(p["finding"] for p in entry["parts"])


def check_table(table, box):
    head = [cell.get_text() for cell in box.select("th")]
    rows = [[td.get_text() for td in tr.select("td")] for tr in box.select("tbody tr")]
    assert table == ({"head": head, "rows": rows} if head else None)


def test_the_file_holds_every_claim_in_order():
    whole = json.loads(FILE)
    assert [entry["id"] for entry in whole["claims"]] == list(ledger())
    assert whole["verdicts"] == list(VERDICTS)
    assert whole["chapters"] == CLAIMED
    for entry in whole["claims"]:
        row = ledger()[entry["id"]]
        assert entry["essays"] == list(row.essays)
        assert entry["settles"] == list(row.settles)
        assert (entry["value"] or "") == row.value
    assert FILE.endswith("}\n")


# --- The schema ---------------------------------------------------------------


def test_the_schema_is_one_and_the_file_follows_it():
    Draft202012Validator.check_schema(SCHEMA)
    assert problems(json.loads(FILE)) == []


def test_the_schema_offers_the_words_of_the_book():
    claim = SCHEMA["$defs"]["claim"]["properties"]
    assert claim["verdict"]["enum"] == list(VERDICTS)
    assert list(claim["tried"]["properties"]) == list(TRIED)


def test_each_field_is_described_once():
    claim = SCHEMA["$defs"]["claim"]
    assert claim["required"] == list(claim["properties"])
    for name, field in claim["properties"].items():
        target = SCHEMA["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
        assert "description" in field | target, name


def first(condition):
    """Return the place in the file of the first claim of a kind."""
    claims = json.loads(FILE)["claims"]
    return next(i for i, entry in enumerate(claims) if condition(entry))


PLAIN = first(lambda e: e["verdict"] == "holds" and not e["parts"] and e["table"])
BOUND = first(lambda e: e["verdict"] == "holds if" and not e["parts"])
SPLIT = first(
    lambda e: e["verdict"] == "in part" and e["parts"][0]["verdict"] == "false"
)
CHANGES = [  # the claim, the path to what is changed in it, its new value
    (PLAIN, ["id"], "43"),
    (PLAIN, ["chapter"], "Loss"),
    (PLAIN, ["essays"], ["S5"]),
    (PLAIN, ["essays"], ["S1", "S1"]),
    (PLAIN, ["claim"], ""),
    (PLAIN, ["verdict"], "true"),
    (PLAIN, ["verdict"], "holds if"),
    (PLAIN, ["verdict"], "in part"),
    (PLAIN, ["condition"], "it is cold"),
    (PLAIN, ["condition"], ""),
    (PLAIN, ["finding"], None),
    (PLAIN, ["numbers", "n"], 3),
    (PLAIN, ["numbers", "a b"], "3"),
    (PLAIN, ["value"], "a b"),
    (PLAIN, ["table", "head"], []),
    (PLAIN, ["table", "rows", 0, 0], 2.3),
    (PLAIN, ["table", "caption"], "a"),
    (PLAIN, ["tried", "seed"], "8"),
    (PLAIN, ["tried"], {"seeds": 8}),
    (PLAIN, ["settles"], ["9"]),
    (PLAIN, ["notebook"], "loss"),
    (PLAIN, ["address"], "https://example.org/chapters/loss.html#claim-c22"),
    (PLAIN, ["comment"], "a"),
    (BOUND, ["condition"], None),
    (BOUND, ["verdict"], "holds"),
    (SPLIT, ["parts"], []),
    (SPLIT, ["parts", 0, "verdict"], "in part"),
    (SPLIT, ["parts", 0, "verdict"], "holds if"),
    (SPLIT, ["parts", 0, "condition"], ""),
    (SPLIT, ["parts", 0, "name"], ""),
    (SPLIT, ["parts", 0, "value"], "a"),
]


@pytest.mark.parametrize(
    ("index", "path", "value"),
    CHANGES,
    ids=[f"{'.'.join(map(str, p))} = {v!r}" for _, p, v in CHANGES],
)
def test_an_entry_that_was_changed_is_refused(index, path, value):
    whole = json.loads(FILE)
    place = whole["claims"][index]
    for key in path[:-1]:
        place = place[key]
    assert not isinstance(place, dict) or place.get(path[-1], "none") != value
    place[path[-1]] = value
    assert problems(whole)


def test_an_entry_with_a_single_part_is_refused():
    whole = json.loads(FILE)
    del whole["claims"][SPLIT]["parts"][1:]
    assert problems(whole)


@pytest.mark.parametrize("of", ["whole", "claim", "part"])
def test_no_field_may_be_missing(of):
    whole = json.loads(FILE)
    claim = whole["claims"][SPLIT]
    for name in {"whole": whole, "claim": claim, "part": claim["parts"][0]}[of]:
        changed = copy.deepcopy(whole)
        split = changed["claims"][SPLIT]
        del {"whole": changed, "claim": split, "part": split["parts"][0]}[of][name]
        assert any(re.match(rf"'{re.escape(name)}' is a", p) for p in problems(changed))
