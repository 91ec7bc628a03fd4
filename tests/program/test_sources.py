"""Tests for program.sources: files, folders, stdin, what is skipped and said."""

import io
import os
from pathlib import Path

import pytest

from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.program.paths import Stream
from algollm_helpers.program.sources import listed, read


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder of texts, and of things that are none."""
    monkeypatch.chdir(tmp_path)
    Path("deep/inner").mkdir(parents=True)
    Path("deep/.git").mkdir()
    Path("deep/b.txt").write_text("b1\nb2")
    Path("deep/a.txt").write_text("a1\n")
    Path("deep/inner/c").write_text("c1\n\xe9", "utf-8")
    Path("deep/.hidden").write_text("h")
    Path("deep/.git/x").write_text("h")
    Path("deep/picture.png").write_bytes(b"\x89PNG\0")
    Path("deep/latin.txt").write_bytes(b"r\xe9mi")
    Path("deep/up").symlink_to("..")
    os.mkfifo("deep/pipe")
    Path("t.txt").write_text("t1\nt2\n")


def docs(*sources, split="line"):
    listing = listed(sources)
    return read(sources, listing, split=split, block_size=4).docs


def test_a_folder_stands_for_its_texts_in_order():
    assert docs(Path("deep")) == ["a1", "b1", "b2", "c1", "é"]
    assert docs(Path("t.txt"), Path("deep"), Path("t.txt"), split="file") == [
        *("t1\nt2", "a1", "b1\nb2", "c1\né", "t1\nt2"),
    ]


def test_what_is_skipped_is_named():
    assert listed([Path("deep")]).notes == [
        "skipped: 2 hidden, 3 that are no text: 'deep/latin.txt', 'deep/picture.png', "
        "'deep/pipe'"
    ]
    assert listed([Path("t.txt")]).notes == []
    for i in range(9):
        Path(f"deep/z{i}").write_bytes(b"\0")
    assert (
        listed([Path("deep")]).notes[0].endswith("'deep/pipe', 'deep/z0', 'deep/z1', …")
    )


def test_without_sources_the_books_names_are_read():
    assert docs() == load_docs()


def test_stdin_is_read_once(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"s1\r\ns2")))
    assert docs(Path("t.txt"), Stream.STDIN) == ["t1", "t2", "s1", "s2"]


def test_what_is_not_there_or_empty_is_refused():
    with pytest.raises(FileNotFoundError, match="no file 'none'; expected"):
        docs(Path("t.txt"), Path("none"))
    Path("void").mkdir()
    Path("blank").write_text(" \n\n")
    for path in map(Path, ("void", "blank")):
        with pytest.raises(ValueError, match=f"'{path}' holds no document"):
            docs(path)
    with pytest.raises(ValueError, match=r"'deep/latin\.txt' is not UTF-8: byte 1"):
        docs(Path("deep/latin.txt"))
