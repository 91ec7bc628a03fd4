"""Tests for gpt.texts: line ends, splits, places, bytes that are no text."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algollm_helpers.gpt import texts
from algollm_helpers.gpt.texts import Documents, is_text
from tests.support.small import few


def documents(text, split="line", block_size=1):
    """Return the documents of a text."""
    raw = text if isinstance(text, bytes) else text.encode()
    read = Documents(split, block_size)
    read.read(io.BytesIO(raw), "'t'")
    return read


ENDS = ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\v", "\f"]


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("split", ["line", "blank", "file"])
def test_all_that_unicode_calls_an_end_of_line_is_one(end, split):
    text = f"emma{end}ava{end}{end} anna{end}"
    expected = {
        "line": ["emma", "ava", "anna"],
        "blank": ["emma\nava", " anna"],
        "file": ["emma\nava\n\n anna"],
    }
    read = documents(text, split)
    assert read.docs == expected[split]
    assert read.empty == (1 if split != "file" else 0)
    assert read.stripped == (split == "line")


@few
@given(
    text=st.text(st.sampled_from(["a", "é", "春", *"\r\n\u2028 \ufeff"]), max_size=30),
    chunk=st.integers(1, 9),
)
def test_it_does_not_matter_where_a_read_ends(text, chunk):
    whole = {split: documents(text, split, 3).docs for split in texts.SPLITS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "CHUNK", chunk)
        for split, docs in whole.items():
            assert documents(text, split, 3).docs == docs


def test_a_byte_order_mark_at_the_start_of_a_line_is_no_letter():
    assert documents("\ufeffemma\n\ufeffa\ufeffva").docs == ["emma", "a\ufeffva"]


def test_separators_of_data_and_zero_are_letters_like_any_other():
    assert documents("a\x1cb\x1dc\0d").docs == ["a\x1cb\x1dc\0d"]


def test_indentation_and_inner_lines_stay_in_documents_of_several_lines():
    text = "\n\n  def f():\n\n    pass\n   \n\n\nx\n \n"
    assert documents(text, "blank").docs == ["  def f():", "    pass", "x"]
    assert documents(text, "file").docs == ["  def f():\n\n    pass\n   \n\n\nx"]
    assert documents(" \n\n", "file").docs == []


@pytest.mark.parametrize("size", [1, 3, 100])
def test_blocks_are_pieces_that_make_up_the_text(size):
    text = "abcd\nefg\n\nhi"
    docs = documents(f"\n{text}\n", "block", size).docs
    assert "".join(docs) == text
    assert {len(doc) for doc in docs[:-1]} <= {size}


@few
@given(
    text=st.text(st.sampled_from([*"ab \n"]), max_size=30),
    split=st.sampled_from(texts.SPLITS),
    size=st.integers(1, 5),
)
def test_a_place_says_where_a_character_stands(text, split, size):
    read = documents(text, split, size)
    lines = text.split("\n")
    for i, doc in enumerate(read.docs):
        for offset, char in enumerate(doc):
            name, (line, column) = read.place(i, offset)
            assert name == "'t'"
            assert (lines[line - 1] + "\n")[column - 1] == char


def test_the_texts_of_several_documents_are_told_apart():
    read = Documents()
    for name, raw in (("a", b"x\ny"), ("b", b""), ("c", b"\n z")):
        read.read(io.BytesIO(raw), name)
    assert [read.place(i, 0) for i in range(3)] == [
        ("a", (1, 1)),
        ("a", (2, 1)),
        ("c", (2, 2)),
    ]


@pytest.mark.parametrize("before", [0, 3, 2**16 - 1, 2**16])
@pytest.mark.parametrize(("raw", "at"), [(b"\xe9mi", 0), ("é".encode() + b"\xff", 2)])
def test_a_byte_that_is_no_text_is_named_with_its_place(before, raw, at):
    with pytest.raises(ValueError, match="'t' is not UTF-8") as caught:
        documents(b"a" * before + raw)
    assert f"byte {before + at} is 0x{raw[at]:02x};" in str(caught.value)
    with pytest.raises(ValueError, match="byte 2 is 0xe6"):
        documents(b"ab\xe6\x98")


def test_a_text_is_told_from_other_files(tmp_path):
    path = tmp_path / "file"
    for raw in (b"", "春\n".encode()):
        path.write_bytes(raw)
        assert is_text(path)
    for raw in (b"a\0", b"\xff", b"ab\xe6"):
        path.write_bytes(raw)
        assert not is_text(path)


def test_a_split_that_is_none_is_refused():
    with pytest.raises(ValueError, match="one of line, blank, file, block, got 'page'"):
        Documents("page")


@pytest.mark.parametrize(("end", "most"), [("\n", 1.2), ("", 2.3)])
def test_a_text_is_held_once(end, most):
    raw = ("ab" * 500 + end).encode() * 2000
    tracemalloc.start()
    try:
        read = documents(raw)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    size = sum(map(len, read.docs))
    assert held < 1.2 * size
    assert peak < most * size  # of one line there are pieces before there is a whole
