"""Tests for tools/numerals: how numbers are written, and when two of them agree."""

from fractions import Fraction

import pytest

from numerals import (
    PARTS,
    RAISED,
    WORDS,
    Numeral,
    agrees,
    changed,
    find,
    rounded,
    spelled,
)


def only(text):
    (number,) = find(text)
    return number


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("0.37", "37/100", "1/100"),
        ("1,694", 1694, 1),
        ("29{,}910", 29910, 1),  # as in a formula
        ("20_000", 20000, 1),  # as in code
        ("1,234.5", "2469/2", "1/10"),
        ("−0.05", "-1/20", "1/100"),
        ("-0.05", "-1/20", "1/100"),
        ("10⁻⁶", "1/1000000", 0),
        ("10^{-6}", "1/1000000", 0),
        ("2^5", 32, 0),
        ("2¹⁰", 1024, 0),
        ("3 × 10⁻²", "3/100", "1/100"),
        (r"3.5 \cdot 10^{2}", 350, 10),
        ("1e-6", "1/1000000", "1/1000000"),
        ("2.5e3", 2500, 100),
        ("½", "1/2", 0),
        ("3/8", "3/8", 0),
    ],
)
def test_a_number_is_a_value_and_the_place_of_its_last_digit(text, value, step):
    for around in ("{}", "It is {}.", "({}),", "from {}\n"):
        number = only(around.format(text))
        assert number.text == text
        assert (number.value, number.step) == (Fraction(value), Fraction(step))


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("0.3 to 0.4", ["0.3", "0.4"]),
        ("0.3–0.4", ["0.3", "0.4"]),
        ("10-20", ["10", "20"]),  # that is no minus
        ("2.30 ± 0.04", ["2.30", "0.04"]),
        ("12, 153, 3240", ["12", "153", "3240"]),
        ("12 × 1,024", ["12", "1,024"]),
        ("version 3.11.2", []),  # no number has two points
    ],
)
def test_several_numbers_are_read_one_by_one(text, texts):
    assert [number.text for number in find(text)] == texts


@pytest.mark.parametrize(
    ("text", "percent", "scale"),
    [
        ("63%", True, 0),
        ("63 %", True, 0),
        (r"63\,\%", True, 0),
        ("63\nper cent", True, 0),
        ("10.7M", False, 6),
        ("10.7 million", False, 6),
        ("3 billion", False, 9),
        ("63 percentages", False, 0),
        ("8 Mb", False, 0),
    ],
)
def test_what_stands_behind_a_number_belongs_to_it(text, percent, scale):
    number = only(text)
    assert (number.percent, number.scale) == (percent, scale)
    assert text.startswith(number.text)
    assert number.text[-1].isdigit()


def test_words_are_numbers_up_to_twenty_and_the_tens():
    words = "Five of twenty, a hundred; fivefold, someone; ten per cent"
    found = [(n.text, n.value, n.percent) for n in spelled(words)]
    assert found == [
        ("Five", 5, False),
        ("twenty", 20, False),
        ("hundred", 100, False),
        ("ten", 10, True),
    ]


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("0.37", "0.37"),
        ("0.37", "0.3712"),
        ("0.37", "0.365"),  # half way, on both sides
        ("0.36", "0.365"),
        ("0.37", "37.1%"),
        ("37 per cent", "0.371"),
        ("37%", "37.4%"),
        ("1,694", "1694"),
        ("17", "16.7"),
        ("10.7 million", "10,745,088"),
        ("10.7 million", "10.7"),  # in a column of millions
        ("−0.02", "-0.02"),
        ("falls by 3", "-3"),
        ("10⁻⁶", "1e-6"),
        ("½", "0.5"),
        ("½", "0.50"),
        ("⅓", "0.333"),
        ("1/8", "0.125"),
    ],
)
def test_a_printed_number_binds_what_it_rounds_to(said, printed):
    assert agrees(only(said), only(printed))


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("0.37", "0.3649"),
        ("0.37", "0.3751"),
        ("0.37", "0.4"),  # the printed one is the coarser
        ("0.37", "37"),
        ("37%", "37"),
        ("37", "37%"),
        ("1,694", "1695"),
        ("3", "2.7"),  # small whole numbers are not rounded to
        ("−0.02", "0.02"),
        ("10.6 million", "10,650,001"),
        ("3 million", "3 billion"),
        ("10⁻⁶", "1e-7"),
        ("10⁻⁶", "0.00"),
        ("½", "0.6"),
        ("⅓", "0.34"),
        ("⅓", "0.3"),
    ],
)
def test_other_numbers_do_not_agree(said, printed):
    assert not agrees(only(said), only(printed))


def test_a_literal_binds_what_equals_it_and_nothing_that_it_rounds_to():
    literal = Numeral(0, 0, "0.3712", Fraction("0.3712"))
    assert agrees(only("0.3712"), literal)
    assert agrees(only("37.12%"), literal)
    assert not agrees(only("0.37"), literal)


def test_zeros_at_the_end_may_come_from_rounding():
    about, exact = rounded(only("1,200")), only("1,200")
    assert agrees(about, only("1,249"))
    assert not agrees(about, only("1,251"))
    assert not agrees(exact, only("1,201"))
    assert rounded(only("1,234")) == only("1,234")
    assert rounded(only("0.50")) == only("0.50")


@pytest.mark.parametrize(
    "text", ["0.37", "1,694", "−9.99", "10⁻⁶", "1e-6", "2^{-11}", "¾", "3/8", "90%"]
)
def test_each_digit_is_changed_once_and_the_result_never_agrees(text):
    number = only(text)
    digits = [c for c in number.text if c.isdecimal() or c in RAISED or c in PARTS]
    mutants = list(changed(number))
    assert len(mutants) == len(set(mutants)) == len(digits)
    for mutant in mutants:
        assert len(mutant) == len(number.text)
        assert sum(a != b for a, b in zip(mutant, number.text, strict=True)) == 1
        assert not agrees(only(mutant), number)


def test_a_word_is_changed_to_another():
    for word in WORDS:
        (number,) = spelled(f"{word} runs")
        (mutant,) = changed(number)
        assert mutant in WORDS
        assert mutant != word
