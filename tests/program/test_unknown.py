"""Tests for program.unknown: letters that a model does not know."""

import io

import pytest

from algollm_helpers.gpt.texts import Documents
from algollm_helpers.program.unknown import check_known, without_unknown


def documents(*texts, split="line"):
    read = Documents(split)
    for i, text in enumerate(texts):
        read.read(io.BytesIO(text.encode()), f"'{i}.txt'")
    return read


@pytest.mark.parametrize(
    ("texts", "split", "place"),
    [
        (["ab\n  aé"], "line", r"'0\.txt', line 2, column 4: .* 'é' \(U\+00E9\)"),
        (["a", "\n\nb!"], "line", r"'1\.txt', line 3, column 2: .* '!' \(U\+0021\)"),
        (["a\nb\0"], "file", r"'0\.txt', line 1, column 2: .* '\\n' \(U\+000A\)"),
    ],
)
def test_the_first_unknown_letter_is_named_with_its_place(texts, split, place):
    with pytest.raises(ValueError, match=f"^{place}; --skip-unknown"):
        check_known(documents(*texts, split=split), "ab")


def test_known_letters_are_no_matter():
    text = documents("ab\nba")
    check_known(text, "ab")
    assert without_unknown(text, "ab") == (text.docs, [])


def test_unknown_letters_are_left_out_and_counted():
    docs, (note,) = without_unknown(documents("xab\nayxa\nxx"), "ab")
    assert docs == ["ab", "aa", ""]
    assert note == (
        "left out      5 letters that the model does not know: 4 × 'x' (U+0078), 1 × "
        "'y' (U+0079)"
    )
