"""Tests for program.commands: a whole session of training, sampling, evaluation."""

import os
import re
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.gpt.documents import Tokenizer, load_docs
from algollm_helpers.gpt.training import Training
from algollm_helpers.microgpt import evaluate, sample, train
from algollm_helpers.parallel import mpi
from algollm_helpers.program.commands import carry_out
from algollm_helpers.program.held_out import divided
from algollm_helpers.program.options import parse
from algollm_helpers.schedules import linear_decay
from tests.support.program import PROGRAM, TRAIN, content, loaded, save, watched
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
        f"'text.txt': 5 documents, 3 different characters, {run.params.flat.size} "
        "parameters, from step 0",
        f"step  8 of 20  loss {means[0]:.4f}",
        f"step 16 of 20  loss {means[1]:.4f}",
        f"step 20 of 20  loss {means[2]:.4f}",
        "'model.npz' is saved: all 20 steps are done",
    ]
    assert loaded().losses.tolist() == run.losses.tolist()
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
    assert "cut           1 document longer than the model's block\n" in printed
    assert "trained on" not in printed


def test_without_a_file_the_books_names_are_read(capsys):
    assert does("train", "--steps=2", "--batch=3", "--dtype=float32") == 0
    run = train(load_docs(), steps=2, batch=3, dtype=np.float32)
    saved = loaded()
    assert saved.losses.tolist() == run.losses.tolist()
    assert saved.state.params.tobytes() == run.params.flat.tobytes()
    assert capsys.readouterr().out.startswith(
        "the book's names: 29,910 documents, 26 different characters, 4,192 parameters"
    )


def test_a_run_that_diverges_says_at_which_step_and_what_is_kept(capsys):
    with np.errstate(all="raise"):
        assert trains("--lr=1e300") == 1
    assert capsys.readouterr().err == (
        "algollm: the run diverged at step 2: its parameters are not finite; "
        "'model.npz' keeps step 0, the last save before it; a lower --lr may help\n"
    )
    assert loaded().state.updates == 0
    assert does("sample", "model.npz") == 0
    before = content()
    assert trains("--lr=1e300", "--resume") == 1
    assert content() == before


def test_a_model_that_is_not_finite_is_told_without_warnings():
    trains()
    saved = loaded()
    saved.state.params[:] = np.nan
    save("model.npz", saved)
    with np.errstate(all="raise"):
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


# --- Several processes for the work of one ------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (TRAIN, "2 processes were started; add --data-parallel to train together"),
        (
            ["sample", "model.npz"],
            "2 processes were started for the work of one; leave mpiexec out",
        ),
        (
            ["eval", "model.npz"],
            "2 processes were started for the work of one; leave mpiexec out",
        ),
    ],
)
@pytest.mark.parametrize("launcher", mpi.LAUNCHED)
def test_several_processes_for_the_work_of_one_are_told_once(
    words, message, launcher, monkeypatch, capsys
):
    monkeypatch.setenv(launcher[1], "2")
    codes = []
    for rank in "01":
        monkeypatch.setenv(launcher[0], rank)
        codes.append(does(*words))
    assert codes == [2, 0]
    assert capsys.readouterr() == ("", f"algollm: {message}\n")
    assert os.listdir() == ["text.txt"]


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


def test_a_finished_run_is_trained_further_and_can_be_stopped_on_its_way(capsys):
    further = ["--resume", "--steps=30", "--log-every=1"]
    trains("--lr=0.05")
    first = loaded()
    Path("other.npz").write_bytes(Path("model.npz").read_bytes())
    capsys.readouterr()
    assert trains(*further) == 0
    assert (
        "further: 20 steps were made before; the learning rate falls again, from 0.05 "
        "to 0 at step 30\n"
    ) in capsys.readouterr().out
    interrupt = {24: lambda: signal.raise_signal(signal.SIGTERM)}
    assert watched(interrupt, trains, *further, "--out=other.npz")[0] == 143
    assert trains("--resume", "--steps=30", "--out=other.npz") == 0
    assert content("other.npz") == content()
    # by hand: Adam goes on from where it was, at a rate that falls over 10 steps
    training = Training(
        DOCS,
        schedule=lambda step: 0.05 * (30 - step) / 10,
        config=TINY,
        state=first.state,
    )
    losses = [training.update() for _ in range(10)]
    assert_allclose(loaded().losses[20:], losses, rtol=1e-12)


def test_documents_held_out_are_measured_while_training_runs(capsys):
    options = ["--valid=0.4", "--log-every=10"]
    assert trains(*options) == 0
    out = capsys.readouterr().out.splitlines()
    saved = loaded()
    docs, held_out = divided(DOCS, 0.4, 42)
    result = evaluate(saved.run(), held_out)
    assert out[1] == "held out: 2 documents"
    assert all(re.search(r"  held-out \d\.\d{4}$", line) for line in out[2:4])
    assert out[3].endswith(f"held-out {result.per_token:.4f}")
    assert out[4] == f"held out: 2 documents, {result.per_token:.4f} nats per token"
    alone = Training(
        docs,
        schedule=linear_decay(0.01, steps=20),
        config=TINY,
        tokenizer=Tokenizer("abc"),
    )
    assert saved.losses.tolist() == [alone.update() for _ in range(20)]
    assert does("eval", "model.npz", "text.txt") == 0
    assert "trained on, but for 0.4 of them.\n" in capsys.readouterr().out


def test_evaluation_leaves_out_letters_that_are_unknown_if_asked_to(capsys):
    trains()
    Path("odd.txt").write_text("axb\nab\n")
    capsys.readouterr()
    assert does("eval", "model.npz", "odd.txt", "--skip-unknown") == 0
    out = capsys.readouterr().out
    result = evaluate(loaded().run(), ["ab", "ab"])
    assert f"per token     {result.per_token:.4f} nats\n" in out
    assert (
        "left out      1 letter that the model does not know: 1 × 'x' (U+0078)" in out
    )


def test_samples_that_end_at_the_block_are_counted_and_odd_letters_told(capsys):
    Path("text.txt").write_text("éa" * 20)
    trains("--steps=60", "--lr=0.1")
    capsys.readouterr()
    assert does("sample", "model.npz", "-n=3", "--temperature=0") == 0
    out, err = capsys.readouterr()
    assert out == "éaéaéa\n" * 3
    assert err == (
        "algollm: 3 documents of 3 ended at the block of 6 characters, after which the "
        "model sees no more\n"
    )
    done = subprocess.run(
        [*PROGRAM, "sample", "model.npz", "-n=1", "--temperature=0"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == r"\xe9a\xe9a\xe9a" + "\n"
    assert "ascii cannot show all letters; PYTHONIOENCODING=utf-8 shows" in done.stderr


def test_documents_of_several_lines_are_told_apart_by_an_empty_one(capsys):
    Path("text.txt").write_text("a\nb\n\n" * 3)
    trains("--split=blank", "--steps=100", "--lr=0.1")
    capsys.readouterr()
    assert does("sample", "model.npz", "-n=2", "--temperature=0") == 0
    assert capsys.readouterr().out == "a\nb\n\na\nb\n\n"
    assert does("eval", "model.npz", "text.txt") == 0
    assert "documents     3, 12 tokens" in capsys.readouterr().out


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
