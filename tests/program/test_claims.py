"""Tests for program.claims: which claims are printed, how, and what it goes without."""

import json
import re
import subprocess
import sys

import pytest

from algollm_helpers.program.claims import chosen, described
from algollm_helpers.program.cli import main
from algollm_helpers.program.options import parse
from tests.support.book import PACKAGE
from tests.support.program import PROGRAM

FILE = (PACKAGE / "data" / "claims.json").read_text("utf-8")
BOOK = json.loads(FILE)
ALL = {claim["id"]: claim for claim in BOOK["claims"]}
PART = {
    "says": "is cold",
    "verdict": "holds if",
    "condition": "it snows",
    "finding": "Cold: -3.",
}
CLAIM = {
    "id": "C07",
    "essays": ["S1", "S3"],
    "claim": "Water is wet-and-cold everywhere.",
    "verdict": "false",
    "condition": None,
    "finding": "7 of 9 drops were.",
    "parts": [],
    "table": None,
    "tried": {},
    "notebook": "chapters/water.ipynb",
}


def told(*words, capsys):
    """Return the lines that the command prints."""
    assert main(["claims", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def ids(lines):
    return [line.split()[0] for line in lines if re.match(r"C\d+ ", line)]


# --- Which --------------------------------------------------------------------


def test_without_words_all_claims_are_printed_and_counted(capsys):
    lines = told(capsys=capsys)
    assert ids(lines) == list(ALL)
    assert lines[-1] == f"{len(ALL)} of {len(ALL)} claims"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("C43", lambda c: c["id"] == "C43"),
        ("C44 c43 C43", lambda c: c["id"] in {"C43", "C44"}),
        ("--verdict false", lambda c: c["verdict"] == "false"),
        ("--verdict=false C04 --chapter loss C43", lambda c: False),
        ("--chapter loss", lambda c: c["chapter"] == "loss"),
        (
            "--chapter scale --verdict holds",
            lambda c: (c["chapter"], c["verdict"]) == ("scale", "holds"),
        ),
    ],
)
def test_claims_are_chosen_by_id_chapter_and_verdict(words, wanted):
    plan = parse(["claims", *words.split()])
    assert chosen(BOOK, plan) == list(filter(wanted, ALL.values()))


def test_a_verdict_of_several_words_is_one_word_of_the_command(capsys):
    lines = told("--verdict", "not at this scale", capsys=capsys)
    count = sum(claim["verdict"] == "not at this scale" for claim in ALL.values())
    assert len(ids(lines)) == count > 0
    assert lines[-1] == f"{count} of {len(ALL)} claims"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["C132"], "unknown claim 'C132': the claims go from C01 to C131"),
        (["--json", "C43", "x"], "unknown claim 'x': the claims go from C01 to C131"),
        (
            ["--chapter", "los"],
            f"unknown chapter 'los': expected one of {str(BOOK['chapters'])[1:-1]}",
        ),
        (
            ["--verdict", "holds-if"],
            "unknown verdict 'holds-if': expected one of 'holds', 'holds if', "
            "'in part', 'not at this scale', 'false'",
        ),
        (["--verdict", ""], "unknown verdict '': expected one of 'holds', .*"),
    ],
)
def test_what_is_unknown_is_named_with_what_is_known(words, message, capsys):
    assert main(["claims", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(f"algollm: {message}\n", err)


# --- How ----------------------------------------------------------------------


def test_a_claim_has_its_verdict_its_sentence_and_its_finding():
    assert described(CLAIM, 80, in_full=False) == [
        "C07  false",
        "    Water is wet-and-cold everywhere. (S1, S3)",
        "    7 of 9 drops were.",
    ]


def test_each_part_has_its_verdict_with_its_condition():
    claim = CLAIM | {"parts": [PART], "essays": [], "finding": "Cold: -3."}
    assert described(claim, 80, in_full=False) == [
        "C07  false",
        "    Water is wet-and-cold everywhere.",
        "    “is cold”: holds if it snows. Cold: -3.",
    ]


TABLE = {
    "head": ["place", "share", "error"],
    "rows": [["sea", "5%", ""], ["a", "25%", "1"]],
}


def test_in_full_a_claim_has_its_table_what_was_tried_and_its_place():
    tried = {"seeds": "8", "baseline": "sand"}
    claim = CLAIM | {"verdict": "holds if", "condition": "it snows"}
    full = described(claim | {"table": TABLE, "tried": tried}, 80, in_full=True)
    assert full[0] == "C07  holds if it snows"
    assert full[3:] == [
        "",
        "    place  share  error",
        "    sea       5%",
        "    a        25%      1",
        "",
        "    Tried with seeds: 8; baseline: sand. Settled in chapters/water.ipynb.",
    ]
    plain = described(claim, 80, in_full=True)
    assert plain[3:] == ["", "    Settled in chapters/water.ipynb."]


def test_a_table_stands_in_columns_where_they_fit_and_else_in_rows():
    claim = CLAIM | {"table": TABLE}
    fits = len("    place  share  error")
    assert "    a        25%      1" in described(claim, fits, in_full=True)
    listed = described(claim, fits - 1, in_full=True)
    start = listed.index("    - place: sea;")
    words = " ".join(line.strip() for line in listed[start : start + 5])
    assert words.startswith("- place: sea; share: 5% - place: a; share: 25%; error: 1")


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_every_line_fits_into_the_terminal_and_no_word_is_lost(
    width, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = told(*ALL, capsys=capsys)
    assert max(map(len, lines)) <= width
    shown = " ".join(" ".join(lines).split())
    for claim in ALL.values():
        for text in (claim["claim"], *(p["finding"] for p in claim["parts"])):
            assert max(map(len, text.split())) > width - 4 or text in shown


def test_on_a_terminal_of_no_width_the_text_stays_legible(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "1")
    assert max(map(len, told("C43", capsys=capsys))) <= 24


def test_json_is_the_file_itself_or_of_its_form(capsys):
    told_all = "\n".join(told("--json", capsys=capsys)) + "\n"
    assert told_all == FILE
    some = json.loads("\n".join(told("C43", "--json", capsys=capsys)))
    assert some == BOOK | {"claims": [ALL["C43"]]}


# --- What it goes without -----------------------------------------------------

LOOK = """
import sys
from algollm_helpers.program.cli import main

main(["claims", "C43"])
print(*sys.modules, file=sys.stderr)
"""


def test_neither_notebooks_nor_drawing_are_loaded():
    done = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True
    )
    roots = {name.partition(".")[0] for name in done.stderr.split()}
    assert done.stdout.startswith("C43  ")
    assert "algollm_helpers" in roots
    heavy = {"IPython", "ipywidgets", "matplotlib", "nbformat", "jsonschema"}
    assert not heavy & roots
    assert "algollm_helpers.book" not in done.stderr.split()


def test_a_reader_that_leaves_early_is_no_error():
    command = subprocess.Popen(
        [*PROGRAM, "claims"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert command.stdout.readline().startswith("C01  ")
    command.stdout.close()  # as `head -1` does
    assert command.wait() == 141
    with command.stderr as said:
        assert said.read() == ""
