"""Tests for book.typeset: signs and powers as in print, and all else untouched."""

import pytest

from algollm_helpers.book.typeset import typeset


@pytest.mark.parametrize(
    ("code", "print_"),
    [
        ("-1", "−1"),
        ("-0.5", "−0.5"),
        ("-1,234.5", "−1,234.5"),
        (" -5%", " −5%"),
        ("(-2, -3)", "(−2, −3)"),
        ("-inf", "−inf"),
        # What is rounded to zero lies on neither side of it.
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("-0.00 ± 0.07", "0.00 ± 0.07"),
        ("-0%", "0%"),
        ("-0.01", "−0.01"),
        # Powers of ten; a factor of one is left out, but not one with digits behind it.
        ("1e-12", "10⁻¹²"),
        ("3e-08", "3·10⁻⁸"),
        ("-3e+12", "−3·10¹²"),
        ("1.0e-3", "1.0·10⁻³"),
        ("1e+00", "1"),
        ("5e+00", "5"),
        ("0e+00", "0"),
        ("1.3e+07 ± 1.5e+06", "1.3·10⁷ ± 1.5·10⁶"),
        ("within 2e-5 of it", "within 2·10⁻⁵ of it"),
    ],
)
def test_numbers_are_written_as_in_print(code, print_):
    assert typeset(code) == print_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0.37",
        "1,234",
        "2.30 ± 0.04",
        "+0.05",
        "−0.07",
        "10⁻¹²",
        "1-2",
        "x-3",
        "f(x)-1",
        "half-precision",
        "1F1B",
        "2e",
        "e-mail",
        "model-1e5",
        "3.2.1",
    ],
)
def test_what_is_no_number_of_code_is_left_as_it_is(text):
    assert typeset(text) == text


def test_print_is_not_changed_again():
    once = typeset("-0.5, -0.0, 3e-8, 1e+00 and -2")
    assert typeset(once) == once == "−0.5, 0.0, 3·10⁻⁸, 1 and −2"
