"""Tests for program.diagnosing: what is printed of a run, and how far it reaches."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from algollm_helpers.clinic_rule import HEALTHY, UNCLEAR, Diagnosis
from algollm_helpers.clinic_signs import ROWS, Sign
from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.program.cli import main
from algollm_helpers.program.diagnosing import as_json, described, summary
from algollm_helpers.program.run_table import Table
from tests.support.program import trains

pytestmark = pytest.mark.usefixtures("folder")


def row(**named):
    """Return a row of a decision table."""
    given = {"faults": ("cold oven",), "reads": ("loss",), "number": "loss, its mood"}
    given |= {"read": lambda run: 3.0, "reason": "ovens differ", "above": 2.0}
    return Sign(**given | named)


def table(first=1, rows=30, others=()):
    step = np.arange(float(first), first + rows)
    return Table({"step": step, "loss": 1 / (1 + step)}, others)


SICK = Diagnosis("cold oven", "loss, its mood", ("no oven",), "the oven", row())
WELL = Diagnosis(
    HEALTHY, "no sign shows", ("hot oven",), "passes", None, ("passes", "lr", "valid")
)


def said(found, of=None, width=200):
    """Return the lines of a diagnosis by their labels, and those before."""
    lines = list(described(of or table(), found, "'run.csv'", width))
    gap = lines.index("")
    pairs = [re.split(r"\s{2,}", line, maxsplit=1) for line in lines[gap + 1 :]]
    return lines[:gap], {label: text for label, text in pairs}


# --- In words -----------------------------------------------------------------


def test_a_sick_run_is_told_its_sign_the_other_suspects_and_what_to_measure():
    head, labels = said(SICK)
    assert head == ["'run.csv': 30 rows, steps 1 to 30; read: step, loss"]
    assert labels == {
        "diagnosis": "cold oven",
        "sign": "loss, its mood",
        "why there": "ovens differ",
        "or else": "no oven",
        "measure next": "the oven",
    }


def test_where_a_sign_is_of_several_faults_they_are_the_suspects():
    found = SICK._replace(name=UNCLEAR, suspects=("no oven", "no cook"), next="")
    labels = said(found)[1]
    assert (labels["diagnosis"], labels["suspects"]) == ("unclear", "no oven, no cook")
    assert not {"or else", "measure next"} & set(labels)
    assert summary(found) == "loss, its mood; it may be: no oven or no cook"
    assert summary(SICK) == "loss, its mood; it may be: cold oven"


def test_a_run_without_a_sign_is_told_what_could_not_be_seen_and_what_would_show_it():
    labels = said(WELL)[1]
    assert labels["diagnosis"] == "healthy, as far as these columns tell"
    assert labels["cannot be seen"] == "hot oven"
    assert labels["would tell more"] == "lr, valid"  # a column each, the first as well
    assert summary(WELL) == "no sign shows"


@pytest.mark.parametrize(
    ("every", "told"), [(1, None), (5, "loss, at every step")], ids=["each", "some"]
)
def test_what_was_measured_is_not_asked_for_again_but_at_every_step(every, told):
    of = table()
    some = Table({name: values[::every] for name, values in of.columns.items()}, ())
    assert said(SICK._replace(next="loss"), some)[1].get("measure next") == told
    assert said(SICK, some)[1]["measure next"] == "the oven"


def test_a_threshold_that_may_not_hold_here_stands_in_the_first_line():
    found = SICK._replace(row=row(general=False))
    assert said(found)[1]["diagnosis"] == "cold oven, if its threshold holds here"


def test_columns_that_are_left_aside_are_named():
    head, _ = said(SICK, table(others=("time", "")))
    assert head[1] == "left aside: 'time', ''"


@pytest.mark.parametrize(
    ("found", "of", "words"),
    [
        (SICK, table(), ""),
        (SICK, table(first=0), ""),
        (SICK, table(first=2), "the log begins at step 2, so nothing is compared"),
        (SICK, table(rows=ROWS), ""),
        (SICK, table(rows=ROWS - 1), f"fewer than {ROWS} rows, so signs of the end"),
        (
            SICK._replace(row=row(general=False)),
            table(),
            "4,192 parameters; with other",
        ),
        (WELL, table(), "may still be wrong in what no column shows"),
    ],
)
def test_it_is_said_how_far_a_diagnosis_reaches(found, of, words):
    _, labels = said(found, of)
    assert ("limit" in labels) == bool(words)
    assert words in labels.get("limit", "")


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("found", [SICK, WELL], ids=["sick", "well"])
def test_every_line_fits_into_the_terminal_and_no_word_is_lost(width, found):
    wide = list(described(table(), found, "'run.csv'", 1000))
    narrow = list(described(table(), found, "'run.csv'", width))
    assert max(map(len, narrow)) <= width
    assert " ".join(narrow).split() == " ".join(wide).split()


# --- The command --------------------------------------------------------------


def test_a_log_of_a_run_is_read_diagnosed_and_drawn(capsys):
    assert trains("--watch=run.csv", "--log-every=5", "--figure=run.svg") == 0
    assert "'run.svg' shows the run\n" in capsys.readouterr().out
    drawn = Path("run.svg").read_bytes()
    assert main(["diagnose", "run.csv", "--figure=run.svg"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("'run.csv': 20 rows, steps 1 to 20; read: step, loss, lr")
    assert out.endswith("'run.svg' shows the run\n")
    assert err == ""
    assert Path("run.svg").read_bytes() == drawn


def test_as_json_all_that_is_told_is_one_object(capsys):
    assert trains("--watch=run.csv") == 0
    capsys.readouterr()
    assert main(["diagnose", "run.csv", "--json", "--figure=run.svg"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "valid" in found.pop("would_tell_more")  # told of healthy runs only
    assert err == ""
    assert main(["diagnose", "run.csv"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (found["rows"], found["first_step"], found["last_step"]) == (20, 1, 20)
    for texts in found.values():
        for text in texts if isinstance(texts, list) else [texts]:
            assert str(text) in told or text is None


def test_as_json_a_fault_and_what_could_not_be_seen_are_told_apart():
    sick, well = (as_json(table(others=("x",)), found) for found in (SICK, WELL))
    assert (sick["suspects"], sick["cannot_be_seen"]) == (("no oven",), ())
    assert (well["suspects"], well["cannot_be_seen"]) == ((), ("hot oven",))
    assert (sick["reason"], well["reason"]) == ("ovens differ", None)
    assert (sick["measure_next"], well["measure_next"]) == ("the oven", "")
    assert well["would_tell_more"] == ["lr", "valid"]
    assert (sick["read"], sick["left_aside"]) == (["step", "loss"], ("x",))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("names.txt --steps=200 --batch=4", HEALTHY),
        ("names.txt --steps=300", HEALTHY),
        ("names.txt --steps=200 --lr=1e-5", "rate too low"),
        ("few.txt --steps=300 --batch=4 --lr=0.02", "text too small"),
    ],
)
def test_runs_with_good_and_with_wrong_settings_are_told_apart(
    options, expected, capsys
):
    Path("names.txt").write_text("\n".join(load_docs()[:1000]))
    Path("few.txt").write_text("\n".join(load_docs()[:60]))
    words = [*options.split(), "--valid=0.2", "--log-every=20", "--watch=run.csv"]
    assert main(["train", *words]) == 0
    # That a rate is too low is known at the end only.
    assert ("a sign" in capsys.readouterr().err) == (expected == "text too small")
    head, *lines = Path("run.csv").read_text().splitlines()
    for every in (1, 10):  # as programs log that do so now and then
        Path("some.csv").write_text("\n".join([head, *lines[every - 1 :: every]]))
        assert main(["diagnose", "some.csv", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["diagnosis"] == expected


def test_a_rate_that_is_too_high_is_named(capsys):
    Path("few.txt").write_text("\n".join(load_docs()[:60]))
    assert (
        main("train few.txt --steps=100 --lr=0.5 --batch=4 --watch=run.csv".split())
        == 0
    )
    capsys.readouterr()
    assert main(["diagnose", "run.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["diagnosis"] == "rate too high"


@pytest.mark.parametrize(
    ("content", "sign"),
    [
        ("step,loss\n" + "".join(f"{i},nan\n" for i in range(30)), "NaN"),
        ("loss,step\ninf,7\n", "NaN"),
    ],
)
def test_losses_that_are_no_numbers_are_a_diagnosis_and_no_error(content, sign, capsys):
    Path("run.csv").write_text(content)
    assert main(["diagnose", "run.csv"]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"^sign +.*{sign}", out, re.M)
    assert not re.search(r"^diagnosis +healthy", out, re.M)


def test_a_loss_that_falls_below_zero_is_compared_by_no_ratio(capsys):
    # As a log-likelihood does: 2 → -3 is no fall to -1.5 of anything.
    losses = "".join(f"{i},{5 * np.exp(-i / 9) - 3}\n" for i in range(60))
    Path("run.csv").write_text("step,loss\n" + losses)
    assert main(["diagnose", "run.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["diagnosis"] == HEALTHY


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "content",
    [
        "step,loss\n1,2\n",
        "step,loss,valid,lr,grad_norm,update_ratio\n1,2,,,,\n2,1,,,,\n",
        "step,loss,lr,grad_norm\n" + "".join(f"{i},0,0,0\n" for i in range(50)),
        "step,loss,valid\n" + "".join(f"{i},-{i},-{i}\n" for i in range(50)),
        "step,loss,grad_norm\n" + "".join(f"{9 * i},3,nan\n" for i in range(50)),
        "step,loss,used_norm,leak\n1,2,inf,nan\n2,1,inf,inf\n",
        "step,loss,valid\n1,1e300,1e308\n2,1e308,-1e308\n",
    ],
)
def test_an_odd_table_is_no_error(content, capsys):
    Path("run.csv").write_text(content)
    figure = ["--figure=run.svg"] if ",0,0\n" in content or "1e308" in content else []
    assert main(["diagnose", "run.csv", *figure]) == 0
    assert "\ndiagnosis " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.csv"], "algollm: 'none.csv': No such file or directory\n"),
        (["."], "algollm: '.' is a folder; expected a CSV file\n"),
        (["text.txt"], "algollm: 'text.txt' has no column 'step'; its first line"),
    ],
)
def test_what_is_no_log_is_answered_with_one_line(words, message, capsys):
    assert main(["diagnose", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(message)


def test_a_log_is_never_drawn_over(capsys):
    Path("run.csv").write_text("step,loss\n1,2\n")
    assert main(["diagnose", "run.csv", "--figure=run.csv"]) == 2
    assert "'run.csv' is the text itself; --figure expects" in capsys.readouterr().err
    assert Path("run.csv").read_text() == "step,loss\n1,2\n"
