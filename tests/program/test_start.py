"""Tests for program.start: afresh, where it was left, what speaks against it."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.program.checkpoint import Checkpoint, digest, load
from algollm_helpers.program.options import parse
from algollm_helpers.program.settings import OPTIONS, Settings
from algollm_helpers.program.start import find_start
from tests.support.program import SIZES, SMALL, save, words, write_text
from tests.support.small import DOCS

pytestmark = pytest.mark.usefixtures("folder")


def start(*options, text="text.txt"):
    """Return the start that the program finds for these words."""
    file = [] if text is None else [text]
    return find_start(parse(["train", *file, *options]))[0]


@pytest.fixture
def saved(folder):
    """Save a run after 3 of its steps; return it."""
    training = SMALL.training(DOCS)
    losses = np.array([training.update() for _ in range(3)])
    alphabet, state = training.tokenizer.alphabet, training.state
    save("model.npz", Checkpoint(SMALL, alphabet, digest(DOCS), "", state, losses))
    return load(Path("model.npz"))


# --- Where it starts ----------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--resume"], ["--overwrite"]], ids=str)
def test_a_run_that_is_not_there_starts_afresh(options):
    found = start("--steps=3", "--lr=0.5", *options)
    assert found[:4] == (Settings(steps=3, lr=0.5), DOCS, digest(DOCS), None)
    assert found.losses.shape == (0,)
    assert os.listdir() == ["text.txt"]


def test_without_a_text_the_books_names_are_read():
    assert start(text=None).docs == load_docs()


@pytest.mark.parametrize("named", [[], ["--steps=20", "--n-embd=4", "--lr=0.01"]])
def test_a_run_is_taken_up_where_it_was_left_with_its_settings(saved, named):
    found = start("--resume", *named)
    assert found[:3] == (SMALL, DOCS, digest(DOCS))
    assert found.state.updates == 3
    assert found.state.params.tobytes() == saved.state.params.tobytes()
    assert found.losses.tolist() == saved.losses.tolist()


@pytest.mark.usefixtures("saved")
def test_a_run_that_is_to_be_replaced_starts_afresh():
    found = start("--overwrite", "--seed=7")
    assert (found.settings, found.state) == (Settings(seed=7), None)


# --- What speaks against it ---------------------------------------------------


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("option", OPTIONS[1:], ids=lambda option: option.name)
def test_going_on_with_another_setting_is_refused(option):
    value = {"lr": 0.5, "dtype": "float32", "split": "file", "valid": 0.5}.get(
        option.name, 12
    )
    with pytest.raises(ValueError) as refused:  # noqa: PT011  (the whole message below)
        start("--resume", *words({option.name: value}))
    (word,) = words({option.name: getattr(SMALL, option.name)})
    assert str(refused.value) == (
        f"'model.npz' was trained with {word.replace('=', ' ')}, not {value}; to go on "
        "with it, leave the option out"
    )


@pytest.mark.usefixtures("saved")
def test_going_on_with_other_documents_is_refused(folder):
    write_text(folder, DOCS[::-1], "other.txt")
    ours, theirs = digest(DOCS)[:12], digest(DOCS[::-1])[:12]
    message = f"^'model.npz' was .* SHA-256 {ours}…, 'other.txt' has {theirs}…$"
    with pytest.raises(ValueError, match=message):
        start("--resume", text="other.txt")
    with pytest.raises(ValueError, match="the book's names has"):
        start("--resume", text=None)


def test_a_model_is_not_replaced_unless_that_is_asked_for(folder, saved):
    message = "^'model.npz' exists; --resume goes on with it, --overwrite replaces it$"
    with pytest.raises(ValueError, match=message):
        start()
    (folder / "link.npz").symlink_to("nowhere")
    with pytest.raises(ValueError, match=r"'link\.npz' exists"):
        start("--out=link.npz")


def test_a_folder_is_no_place_for_a_model(folder):
    (folder / "models").mkdir()
    for options in ([], ["--overwrite"]):
        with pytest.raises(ValueError, match="'models' is a folder; --out expects"):
            start("--out=models", *options)


@pytest.mark.parametrize("out", ["text.txt", "./text.txt", "link.txt", "same.txt"])
def test_the_text_itself_is_no_place_for_a_model(folder, out):
    (folder / "link.txt").symlink_to("text.txt")
    os.link("text.txt", "same.txt")
    with pytest.raises(ValueError, match=r"^'.*' is the text itself; --out expects"):
        start(f"--out={out}", "--overwrite")


def test_what_is_no_model_is_not_gone_on_with(folder):
    (folder / "other.txt").write_text("ab")
    with pytest.raises(ValueError, match=r"'other\.txt' is no readable model"):
        start("--out=other.txt", "--resume")


def test_settings_that_cannot_be_and_texts_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="3 heads do not divide n_embd=16"):
        start("--n-head=3")
    with pytest.raises(FileNotFoundError, match=r"no file 'none\.txt'"):
        start("--n-head=2", text="none.txt")
    assert start("--n-head=2").settings == replace(Settings(), n_head=2)


# --- A finished run is trained further ----------------------------------------


@pytest.fixture
def finished(saved):
    """Save a run whose last step is made; return it."""
    done = saved._replace(settings=replace(SMALL, steps=3))
    save("model.npz", done)
    return done


def test_a_finished_run_takes_more_steps_over_which_the_rate_falls_anew(finished):
    found = start("--resume", "--steps=9", "--lr=0.5")
    assert found.settings == replace(SMALL, steps=9, lr=0.5, first_step=3)
    assert found.state.m.tobytes() == finished.state.m.tobytes()
    rates = [found.settings.schedule(step) for step in range(3, 9)]
    assert rates == pytest.approx([0.5 * k / 6 for k in range(6, 0, -1)])
    assert start("--resume", "--steps=9").settings.lr == SMALL.lr
    assert start("--resume", "--steps=3").settings == finished.settings


@pytest.mark.usefixtures("finished")
def test_a_finished_run_cannot_unmake_steps_or_change_otherwise():
    with pytest.raises(ValueError, match=r"has made 3 steps; --steps expects more"):
        start("--resume", "--steps=2")
    with pytest.raises(ValueError, match=r"trained with --lr 0\.01, not 0\.5"):
        start("--resume", "--lr=0.5")
    with pytest.raises(ValueError, match="trained with --batch 1, not 2"):
        start("--resume", "--steps=9", "--batch=2")


@pytest.mark.usefixtures("saved")
def test_a_run_that_is_not_finished_is_finished_first():
    with pytest.raises(ValueError) as refused:  # noqa: PT011  (the whole message below)
        start("--resume", "--steps=40")
    assert str(refused.value) == (
        "'model.npz' is at step 3 of 20; --resume without --steps finishes it, then "
        "--resume --steps trains it further"
    )


# --- Documents held out, other splits -----------------------------------------


def test_what_is_held_out_is_not_trained_on_but_known(folder):
    write_text(folder, [*DOCS, "xyz"], "more.txt")
    for seed in range(3):
        found = start("--valid=0.34", f"--seed={seed}", text="more.txt")
        assert len(found.held_out) == 2
        assert sorted([*found.docs, *found.held_out]) == sorted([*DOCS, "xyz"])
        assert found.tokenizer.alphabet == "abcxyz"
        assert found.docs_sha256 == digest([*DOCS, "xyz"])


def test_a_file_can_be_held_out_and_must_be_named_again(folder):
    write_text(folder, ["ax", "b"], "valid.txt")
    found = start("--valid-file=valid.txt", "--steps=20", *words(SIZES))
    assert (found.docs, found.held_out) == (DOCS, ["ax", "b"])
    assert found.tokenizer.alphabet == "abcx"
    training = found.settings.training(DOCS, tokenizer=found.tokenizer)
    save(
        "model.npz",
        Checkpoint(
            found.settings,
            "abcx",
            found.docs_sha256,
            found.valid_sha256,
            training.state,
            np.empty(0),
        ),
    )
    assert start("--resume", "--valid-file=valid.txt").held_out == ["ax", "b"]
    with pytest.raises(ValueError, match=r"with the --valid-file .*, now there is no"):
        start("--resume")
    with pytest.raises(ValueError, match=r"with the --valid-file .*, now there is the"):
        start("--resume", "--valid-file=text.txt")
    with pytest.raises(ValueError, match=r"'valid\.txt' is the text itself"):
        start("--valid-file=valid.txt", "--out=valid.txt", "--overwrite")


def test_a_run_is_taken_up_with_its_split(folder):
    write_text(folder, ["ab", "", "c", "a"], "lines.txt")
    for split, docs in [
        ("line", ["ab", "c", "a"]),
        ("blank", ["ab", "c\na"]),
        ("file", ["ab\n\nc\na"]),
        ("block", ["ab\n", "\nc\n", "a"]),
    ]:
        found = start(f"--split={split}", "--block-size=3", text="lines.txt")
        assert found.docs == docs
        assert found.docs_sha256 == digest(docs)
