"""Tests for program.start: afresh, where it was left, what speaks against it."""

import os
from dataclasses import replace

import numpy as np
import pytest

from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.program.checkpoint import Checkpoint, digest, load, save
from algollm_helpers.program.options import parse
from algollm_helpers.program.settings import OPTIONS, Settings
from algollm_helpers.program.start import find_start
from tests.support.program import SMALL, words, write_text
from tests.support.small import DOCS

pytestmark = pytest.mark.usefixtures("folder")


def start(*options, text="text.txt"):
    """Return the start that the program finds for these words."""
    file = [] if text is None else [text]
    return find_start(parse(["train", *file, *options]))


@pytest.fixture
def saved(folder):
    """Save a run after 3 of its steps; return it."""
    training = SMALL.training(DOCS)
    losses = np.array([training.update() for _ in range(3)])
    alphabet, state = training.tokenizer.alphabet, training.state
    save("model.npz", Checkpoint(SMALL, alphabet, digest(DOCS), state, losses))
    return load("model.npz")


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
@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_going_on_with_another_setting_is_refused(option):
    value = {"lr": 0.5, "dtype": "float32"}.get(option.name, 12)
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
    with pytest.raises(ValueError, match=f"^'{out}' is the text itself; --out expects"):
        start(f"--out={out}", "--overwrite")


def test_what_is_no_model_is_not_gone_on_with(folder):
    with pytest.raises(ValueError, match=r"'text\.txt' is no readable model"):
        start("--out=text.txt", "--resume")


def test_settings_that_cannot_be_and_texts_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="3 heads do not divide n_embd=16"):
        start("--n-head=3")
    with pytest.raises(FileNotFoundError, match=r"no file 'none\.txt'"):
        start("--n-head=3", text="none.txt")
    assert start("--n-head=2").settings == replace(Settings(), n_head=2)
