"""Tests for program.commands: a whole session of training, sampling, evaluation."""

import os
import signal
import subprocess

import numpy as np
import pytest

from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.microgpt import evaluate, sample, train
from algollm_helpers.parallel import mpi
from algollm_helpers.program.checkpoint import load
from algollm_helpers.program.commands import carry_out
from algollm_helpers.program.options import parse
from algollm_helpers.schedules import linear_decay
from tests.support.program import PROGRAM, TRAIN, content, watched
from tests.support.small import DOCS, TINY

pytestmark = pytest.mark.usefixtures("folder")


def does(*words):
    return carry_out(parse(words))


def trains(*options):
    return does(*TRAIN, *options)


def test_a_session_trains_samples_and_evaluates(capsys):
    assert trains("--lr=0.05", "--seed=7", "--log-every=8") == 0
    out = capsys.readouterr().out.splitlines()
    falling = linear_decay(0.05, steps=20)
    run = train(DOCS, steps=20, seed=7, config=TINY, schedule=falling)
    means = [run.losses[:8].mean(), run.losses[8:16].mean(), run.losses[16:].mean()]
    assert out == [
        f"5 documents, 4 tokens, {run.params.flat.size} parameters, from step 0",
        f"step  8 of 20  loss {means[0]:.4f}",
        f"step 16 of 20  loss {means[1]:.4f}",
        f"step 20 of 20  loss {means[2]:.4f}",
        "'model.npz' is saved: all 20 steps are done",
    ]
    assert load("model.npz").losses.tolist() == run.losses.tolist()
    assert sorted(os.listdir()) == ["model.npz", "text.txt"]

    words = ["--prefix=c", "--temperature=0.7", "-n=4", "--seed=3"]
    assert does("sample", "model.npz", *words) == 0
    expected = sample(run, n=4, temperature=0.7, prefix="c", seed=3)
    assert capsys.readouterr().out.splitlines() == expected

    assert does("eval", "model.npz", "text.txt") == 0
    result = evaluate(run, DOCS)
    assert capsys.readouterr().out.splitlines() == [
        f"documents     5, {result.tokens} tokens predicted",
        f"per token     {result.per_token:.4f} nats",
        f"per document  {result.per_document:.4f} nats, mean of the documents' means",
        "These are the documents that the model was trained on.",
    ]


def test_evaluation_says_what_was_cut_and_what_is_new(capsys, folder):
    trains()
    (folder / "new.txt").write_text("abcabcabc\nab\n")
    capsys.readouterr()
    assert does("eval", "model.npz", "new.txt") == 0
    printed = capsys.readouterr().out
    assert "cut           1 documents longer than the model's block\n" in printed
    assert "trained on" not in printed


def test_without_a_file_the_books_names_are_read(capsys):
    assert does("train", "--steps=2", "--batch=3", "--dtype=float32") == 0
    run = train(load_docs(), steps=2, batch=3, dtype=np.float32)
    saved = load("model.npz")
    assert saved.losses.tolist() == run.losses.tolist()
    assert saved.state.params.tobytes() == run.params.flat.tobytes()
    assert "29,910 documents, 27 tokens, 4,192 parameters" in capsys.readouterr().out


def test_a_model_that_has_diverged_is_told_without_warnings():
    trains("--lr=1e300")
    with np.errstate(all="raise"):
        assert trains("--lr=1e300", "--overwrite") == 0
        assert does("eval", "model.npz", "text.txt") == 0
        with pytest.raises(ValueError, match="the model has diverged"):
            does("sample", "model.npz")


def test_a_lone_process_is_one_rank(capsys):
    trains("--out=alone.npz", "--log-every=1")
    alone = capsys.readouterr().out.splitlines()
    done = subprocess.run(
        [*PROGRAM, *TRAIN, "--log-every=1", "--data-parallel"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | mpi.ENVIRONMENT,
    )
    first, *steps = done.stdout.splitlines()[:-1]
    assert first == alone[0].replace(", from", ", 1 rank, from")
    assert steps == alone[1:-1]
    assert content() == content("alone.npz")


# --- Going on -----------------------------------------------------------------


def test_a_run_is_stopped_told_so_and_taken_up(capsys):
    trains("--out=whole.npz", "--log-every=1")
    whole = capsys.readouterr().out.splitlines()
    interrupt = {7: lambda: signal.raise_signal(signal.SIGINT)}
    code, lines = watched(interrupt, trains, "--log-every=1")
    assert (code, lines) == (130, whole[:8])
    assert capsys.readouterr().err == (
        "algollm: stopped by SIGINT at step 7 of 20; 'model.npz' is saved, --resume "
        "goes on\n"
    )
    code, lines = watched({}, trains, "--log-every=1", "--resume")
    assert (code, lines[1:-1]) == (0, whole[8:-1])
    assert lines[0].endswith(", from step 7")
    assert content() == content("whole.npz")


def test_a_finished_run_has_nothing_left_to_do(capsys):
    trains()
    before = content()
    capsys.readouterr()
    assert does("train", "text.txt", "--resume") == 0
    assert content() == before
    first, last = capsys.readouterr().out.splitlines()
    assert first.endswith(", from step 20")
    assert last == "'model.npz' is saved: all 20 steps are done"


def test_a_model_is_replaced_if_that_is_asked_for():
    trains()
    before = content()
    assert trains("--seed=1", "--overwrite") == 0
    assert content() != before


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("no/model.npz", "No such file or directory"),
        ("text.txt/model.npz", "Not a directory"),
    ],
)
def test_a_place_that_cannot_be_written_is_reported_before_the_work(
    out, reason, capsys
):
    with pytest.raises(OSError, match=f"^.*cannot save '{out}': {reason}$"):
        trains(f"--out={out}", "--log-every=1")
    assert "loss" not in capsys.readouterr().out
