"""Tests for program.run_log: kills at each moment, what is taken up or refused."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.gpt.training import Training
from algollm_helpers.program.output import Output
from algollm_helpers.program.run_log import HEAD, RUN_LOG, Row, RunLog, taken_up
from tests.support.program import (
    TRAIN,
    content,
    loaded,
    trains,
    watched,
    write_text,
)

pytestmark = pytest.mark.usefixtures("folder")
WATCH = ["--watch=run.csv", "--log-every=4", "--valid=0.4"]


def log(path="run.csv"):
    return Path(path).read_bytes()


def rows(path="run.csv"):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- What is in it ------------------------------------------------------------


def test_a_run_is_the_same_to_the_last_bit_with_a_log_and_without(capsys):
    assert trains("--log-every=4", "--valid=0.4", "--out=plain.npz") == 0
    plain = capsys.readouterr().out.splitlines()
    assert trains(*WATCH) == 0
    assert content() == content("plain.npz")
    with_log = capsys.readouterr().out.splitlines()
    assert with_log[:-2] == plain[:-1]
    assert with_log[-2].startswith("'run.csv' has 20 steps: ")


def test_each_step_has_its_line_and_each_number_reads_back_to_the_last_bit():
    assert trains(*WATCH, "--lr=0.05") == 0
    saved, found = loaded(), rows()
    assert [int(row["step"]) for row in found] == list(range(1, 21))
    assert [float(row["loss"]) for row in found] == saved.losses.tolist()
    lr = [0.05 * (1 - i / 20) for i in range(20)]
    assert_allclose([float(row["lr"]) for row in found], lr, rtol=1e-12)
    measured = [int(row["step"]) for row in found if row["valid"]]
    assert measured == [4, 8, 12, 16, 20]


def test_the_instruments_are_those_of_the_update(monkeypatch):
    seen, update = [], Training.update

    def noted(self):
        before = self.params.flat.copy()
        loss = update(self)
        change = self.params.flat - before
        ratio = np.sqrt((change**2).sum() / (before**2).sum())
        seen.append((np.sqrt((self.params.grad**2).sum()), ratio))
        return loss

    monkeypatch.setattr(Training, "update", noted)
    assert trains(*WATCH) == 0
    found = [(float(r["grad_norm"]), float(r["update_ratio"])) for r in rows()]
    assert_allclose(found, seen, rtol=1e-12)


def test_a_run_that_diverges_shows_the_step_at_which_it_did(monkeypatch, capsys):
    update = Training.update

    def diverging(self):
        return np.nan if self.state.updates == 7 and update(self) else update(self)

    monkeypatch.setattr(Training, "update", diverging)
    assert trains(*WATCH, "--log-every=5", "--save-every=3") == 1
    found = rows()
    assert [row["loss"] for row in found[6:]] == [repr(float(found[6]["loss"])), "nan"]
    assert found[7]["step"] == "8"
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.match("'run.csv' has 8 steps: .*NaN", last)


# --- Taken up -----------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the log and the file of the run that nothing happens to."""
    folder = tmp_path_factory.mktemp("whole")
    write_text(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert watched({}, trains, *WATCH)[0] == 0
        return log(), content()


def interrupted():
    signal.raise_signal(signal.SIGINT)


def test_a_run_that_was_stopped_by_ctrl_c_goes_on_in_its_log(whole):
    code, lines = watched({8: interrupted}, trains, *WATCH)
    assert code == 130
    assert [row["step"] for row in rows()] == [str(i) for i in range(1, 9)]
    assert lines[-1].startswith("'run.csv' has 8 steps: ")
    assert trains(*WATCH, "--resume") == 0
    assert (log(), content()) == whole


def test_a_run_that_is_trained_further_goes_on_in_its_log(whole):
    assert trains(*WATCH) == 0
    assert trains(*WATCH, "--resume", "--steps=24", "--lr=0.5") == 0
    assert log().startswith(whole[0])
    further = rows()[20:]
    assert [row["step"] for row in further] == ["21", "22", "23", "24"]
    assert [float(row["lr"]) for row in further] == [0.5, 0.375, 0.25, 0.125]


def test_a_run_that_was_not_watched_at_first_has_its_losses_all_the_same(whole):
    plain = [option for option in WATCH if option != "--watch=run.csv"]
    assert watched({8: interrupted}, trains, *plain)[0] == 130
    assert trains(*WATCH, "--resume") == 0
    expected = whole[0].splitlines()
    for i, line in enumerate(log().splitlines()):
        if 0 < i < 9:
            assert line == b",".join(expected[i].split(b",")[:2]) + b",,,,"
        else:
            assert line == expected[i]
    assert content() == whole[1]


@pytest.mark.parametrize("cut", [1, 30])
def test_half_a_line_is_dropped_and_found_again(cut, whole):
    # A computer that dies may leave half a line of those that follow the last save.
    assert watched({8: interrupted}, trains, *WATCH)[0] == 130
    more = whole[0].splitlines(keepends=True)[9]
    Path("run.csv").write_bytes(log() + more[:-cut])
    assert trains(*WATCH, "--resume") == 0
    assert (log(), content()) == whole


# A copy of this process per moment is killed there; the next one takes the run up.
KILLS = """
import itertools, json, os, signal, sys
from pathlib import Path
from algollm_helpers.program.checkpoint import load
from algollm_helpers.program import commands  # once, before the children are made
from algollm_helpers.program.cli import main

def trained(moment=0, *words):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    seen = itertools.count(1)

    def hook(event, args):
        ours = str(args[0] if args else "").endswith(("csv", "npz", "part", "fsync"))
        if ours and next(seen) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = lambda number: hook("", ["fsync"])  # a kill leaves the disk alone
    sys.addaudithook(hook)
    os._exit(main([*sys.argv[1:], *words]))

seen = {}
for moment in itertools.count(1):
    code = trained(moment)
    log, model = Path("run.csv"), Path("model.npz")
    held = log.read_bytes() if log.exists() else b""
    steps = load(model).state.updates if model.exists() else None
    if code == 0:
        break
    there = held, steps, len(os.listdir())
    if there not in seen:  # else the same run would be taken up from the same files
        resumed = trained(0, "--resume")
        seen[there] = resumed, log.read_text(), sorted(os.listdir())
    print(json.dumps([code, steps, held.decode(), *seen[there]]))
    for path in Path().glob("[rm]*"):
        path.unlink()
"""


def test_wherever_a_run_is_killed_its_log_is_whole_and_ends_as_if_it_were_not():
    options = [*TRAIN[:2], "--steps=4", *TRAIN[3:], "--watch=run.csv", "--log-every=1"]
    done = subprocess.run(
        [sys.executable, "-c", KILLS, *options, "--save-every=2"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    whole = log().decode()
    ahead = 0
    for code, steps, held, resumed, after, files in seen:
        assert code == -signal.SIGKILL
        assert whole.startswith(held)
        assert held == "" or held.endswith("\n")
        lines = held.count("\n") - 1
        assert steps is None or lines >= steps, "the log is behind the model"
        ahead += steps is not None and lines > steps
        assert (resumed, after) == (0, whole)
        assert files == ["model.npz", "run.csv", "text.txt"]
    assert ahead > 3
    assert len(seen) > 20


def test_lines_past_the_model_are_made_again_and_not_twice(whole):
    # As after a kill between the log's save and the model's.
    assert watched({8: interrupted}, trains, *WATCH)[0] == 130
    Path("run.csv").write_bytes(b"".join(whole[0].splitlines(keepends=True)[:16]))
    assert trains(*WATCH, "--resume") == 0
    assert (log(), content()) == whole


# --- Refused, before anything is written --------------------------------------


def refused(*options, capsys):
    """Return the complaint of a run that may not begin; nothing has changed."""
    files = {p: p.read_bytes() for p in Path().iterdir() if p.is_file()}
    capsys.readouterr()
    assert trains(*options) == 2
    assert {p: p.read_bytes() for p in Path().iterdir() if p.is_file()} == files
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("algollm: ")
    return err


def test_a_log_is_replaced_only_if_that_is_asked_for_and_it_is_one(whole, capsys):
    assert trains(*WATCH, "--seed=1") == 0
    Path("model.npz").unlink()
    message = "'run.csv' exists; --resume goes on with it, --overwrite replaces it"
    assert message in refused(*WATCH, capsys=capsys)
    assert trains(*WATCH, "--overwrite") == 0
    assert log() == whole[0]
    for text in ("", "step,loss\n1,2\n", "precious"):
        Path("notes.csv").write_text(text)
        err = refused("--watch=notes.csv", "--overwrite", capsys=capsys)
        assert "'notes.csv' is no run log, and only run logs are replaced" in err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("text.txt", "'text.txt' is the text itself; --watch expects another file"),
        ("folder", "'folder' is a folder; --watch expects the name of a file"),
        ("none/run.csv", "cannot save 'none/run.csv': No such file or directory"),
        ("model.npz", "--out and --watch name the same file, 'model.npz'"),
        ("folder/../model.npz", "--out and --watch name the same file"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--resume"], ["--overwrite"]], ids=str)
def test_what_is_no_place_for_a_log_is_left_alone(name, message, flags, capsys):
    Path("folder").mkdir()
    assert message in refused(f"--watch={name}", *flags, capsys=capsys)


def edited(change):
    """Return a log of which one line is changed."""
    lines = log().splitlines(keepends=True)
    lines[4] = change(lines[4])
    return b"".join(lines)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: b"5" + line[1:], "line 6: its step is 5 and that of line 5 is 5"),
        (lambda line: b"4,7.5" + line[line.index(b",", 2) :], "step 4 with loss 7.5, "),
        (lambda line: b"4,x" + line[line.index(b",", 2) :], "line 5: its loss is 'x'"),
        (lambda line: b"", "its line 5 has step 5 with loss "),
    ],
    ids=["step", "loss", "word", "missing"],
)
def test_the_log_of_another_run_is_not_gone_on_with(change, message, capsys):
    assert watched({8: interrupted}, trains, *WATCH)[0] == 130
    Path("run.csv").write_bytes(edited(change))
    err = refused(*WATCH, "--resume", capsys=capsys)
    assert "'run.csv'" in err
    assert message in err


def test_a_table_of_another_program_is_not_gone_on_with(capsys):
    assert trains() == 0
    Path("run.csv").write_text("step,loss\n1,2\n")
    err = refused(*WATCH[:2], "--resume", capsys=capsys)
    assert "'run.csv' is no run log: it begins with 'step,loss', expected" in err


def test_a_log_whose_model_is_not_there_is_not_cut(capsys):
    assert trains(*WATCH) == 0
    Path("model.npz").unlink()
    err = refused(*WATCH, "--resume", capsys=capsys)
    assert "'run.csv' has 20 steps, and 'model.npz', which they would be of" in err


# --- Others, and disks that fail ----------------------------------------------


def test_a_log_that_somebody_replaces_stays_and_the_run_goes_on_beside_it(
    whole, capsys
):
    def replace():
        Path("theirs").write_text("precious")
        os.replace("theirs", "run.csv")

    assert watched({8: replace}, trains, *WATCH)[0] == 0
    assert Path("run.csv").read_text() == "precious"
    assert log("run.1.csv") == whole[0]
    assert capsys.readouterr().err.startswith(
        "algollm: 'run.csv' was changed or replaced by somebody else and is left "
        "alone; the log is saved as 'run.1.csv' from now on\n"
    )


def test_a_log_that_somebody_takes_away_is_written_anew(whole):
    assert watched({8: lambda: os.rename("run.csv", "taken")}, trains, *WATCH)[0] == 0
    assert log() == whole[0]
    assert whole[0].startswith(log("taken"))


def test_two_runs_do_not_write_one_log(capsys):
    out = Output(Path("run.csv"), RUN_LOG)
    RunLog(out).save()
    err = refused("--watch=run.csv", "--overwrite", capsys=capsys)
    assert err == "algollm: another process is writing 'run.csv' now\n"
    out.release()
    assert trains("--watch=run.csv", "--overwrite") == 0


def test_a_disk_that_is_away_for_a_while_costs_a_log_nothing(whole, capsys):
    Path("disk").mkdir()
    away = {8: lambda: os.rename("disk", "gone"), 16: lambda: os.rename("gone", "disk")}
    options = ["--watch=disk/run.csv", *WATCH[1:]]
    assert watched(away, trains, *options)[0] == 0
    assert log("disk/run.csv") == whole[0]
    warning = "algollm: cannot save 'disk/run.csv': No such file or directory; "
    assert capsys.readouterr().err.count(f"{warning}training goes on\n") == 2


def test_a_model_is_saved_though_its_log_cannot_be(whole, capsys):
    Path("disk").mkdir()
    options = ["--watch=disk/run.csv", *WATCH[1:]]
    code, _ = watched({8: lambda: os.rename("disk", "gone")}, trains, *options)
    assert (code, content()) == (2, whole[1])
    assert "algollm: cannot save 'disk/run.csv'" in capsys.readouterr().err


# --- By itself ----------------------------------------------------------------


def test_a_log_reads_back_as_it_was_written():
    made = [
        Row(1, 2.5, None, 0.1, 1e300, 0.0),
        Row(2, 1 / 3, -0.5, 0.0, np.inf, None),
    ]
    out = Output(Path("run.csv"), RUN_LOG)
    running = RunLog(out, made[:1])
    assert not running.begun
    running.save()
    running.add(made[1])
    assert log().count(b"\n") == 2
    running.save(forced=True)
    out.release()
    losses = np.array([2.5, 1 / 3])
    again = taken_up(Output(Path("run.csv"), RUN_LOG, resume=True), losses, "'m'")
    assert (again.rows, again.dropped) == (made, 0)
    assert log().startswith(HEAD)
    assert set(again.table.columns) == set(Row._fields)
