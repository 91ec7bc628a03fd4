"""Tests for program.paths: what a word names is decided once."""

from pathlib import Path

import pytest

from algollm_helpers.program.paths import Stream, file_path, shown, source


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_text("emma")
    (tmp_path / "texts").mkdir()


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("t.txt", "t.txt"),
        ("./t.txt", "t.txt"),
        (".//t.txt", "t.txt"),
        ("texts/../t.txt", "texts/../t.txt"),
        ("-t.txt", "-t.txt"),
        ("./-", "-"),
        ("..t", "..t"),
        (" ", " "),
        ("模型.npz", "模型.npz"),
    ],
)
def test_a_word_that_names_a_file_is_one_path(word, path):
    assert file_path(word) == source(word) == Path(path)


@pytest.mark.parametrize(
    "word",
    ["t.txt/", "t.txt/.", "t.txt//", "t.txt/..", "new/", ".", "..", "/", "texts/"],
)
def test_a_word_that_names_a_folder_is_no_file(word):
    with pytest.raises(ValueError, match="got that of a folder"):
        file_path(word)


@pytest.mark.parametrize("word", ["", "a\0b"])
def test_what_names_nothing_is_refused(word):
    for reader in (file_path, source):
        with pytest.raises(ValueError, match="expected the name of a file, got"):
            reader(word)


def test_a_text_may_be_a_folder_or_stdin():
    assert source("texts/") == source("texts/.") == source("texts") == Path("texts")
    assert source("-") is Stream.STDIN
    with pytest.raises(ValueError, match=r"got '-'; .* is '\./-'"):
        file_path("-")


@pytest.mark.parametrize("word", ["t.txt/", "t.txt/."])
def test_a_text_with_a_folders_name_must_be_one(word):
    with pytest.raises(ValueError, match="is no folder but a file"):
        source(word)


def test_messages_show_a_name_in_quotes():
    assert shown(Path("a b")) == "'a b'"
    assert shown(Stream.STDIN) == "stdin"
