"""Tests for program.overview: what is said of a text, and silence where all is well."""

import io

import pytest

from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.texts import Documents
from algollm_helpers.program import overview


def said(text, *, split="line", block_size=6):
    documents = Documents(split, block_size)
    documents.read(io.BytesIO(text.encode()), "'t'")
    alphabet = Tokenizer.of(documents.docs).alphabet
    return (
        overview.summary(documents, alphabet),
        overview.notes(documents, alphabet, block_size=block_size),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n", "'t': 1 document, 1 different character"),
        ("ab\nb\n", "'t': 2 documents, 2 different characters"),
        ("a\n" * 12_345, "'t': 12,345 documents, 1 different character"),
    ],
)
def test_a_text_without_surprises_is_one_line(text, line):
    assert said(text) == (line, [])


def test_several_texts_are_counted():
    documents = Documents()
    for name in "ab":
        documents.read(io.BytesIO(b"x"), name)
    assert overview.summary(documents, "x").startswith("2 texts: 2 documents, 1 diff")


def test_what_is_cut_is_counted_with_the_option_that_changes_it():
    # of 5, 6, 7 and 12 characters at a block of 6: the first is read with its end
    _, (note,) = said("aaaaa\naaaaaa\naaaaaaa\naaaaaaaaaaaa\n")
    assert note == (
        "cut: 3 of 4 documents at the block of 6 characters; 7 of 30 characters (23%) "
        "are never seen; a larger --block-size sees more, --split block makes pieces "
        "of all"
    )
    assert said("a" * 30, split="block")[1] == []


def test_what_is_dropped_is_counted():
    _, (note,) = said("\n a\n\nb \nc\n")
    assert note == (
        "dropped: 2 empty lines, the blanks around 2 lines (--split blank, file and "
        "block keep indentation)"
    )
    assert said("a\n\n  b\n", split="blank")[1] == []


def test_letters_that_cannot_be_seen_are_named():
    _, (note,) = said("a\0b\ufeffc\u200bd\xa0e", block_size=60)
    assert note == (
        "invisible: U+0000, U+00A0, U+200B, U+FEFF count as letters like any other"
    )
    assert said("a b\tc", block_size=60)[1] == []


def test_letters_that_occur_in_two_ways_are_named():
    _, (note,) = said("\xe9\ne\u0301\n")
    assert note.startswith("twofold: 'é' (U+00E9) can also be written as U+0065 U+0301")
    assert said("\xe9\ne\n")[1] == said("e\u0301")[1] == []


def test_a_character_is_named_with_its_number():
    assert overview.code_point("\0") == r"'\x00' (U+0000)"
    assert overview.code_point("😀") == "'😀' (U+1F600)"
