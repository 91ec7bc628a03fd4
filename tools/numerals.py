"""Numbers as they are written: found in a text, compared, and changed by a digit.

A number in print is a value and the place of its last digit: 0.37 says that the value
lies between 0.365 and 0.375. So a number in a sentence agrees with one that a run
printed if that one, which may have more digits, rounds to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred".split()
WORDS = {word: n for n, word in enumerate(_SMALL)}
WORDS |= {word: 10 * n for n, word in enumerate(_TENS, 3)}
SCALES = {"k": 3, "K": 3, "M": 6, "G": 9, "B": 9}
SCALES |= {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
PARTS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
LOWER = str.maketrans(RAISED + "⁻⁺−", "0123456789-+-")

_PLAIN = r"(?:\d{1,3}(?:(?:,|_|\{,\})\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_EXPONENT = rf"\^\{{[-−]?\d+\}}|\^\d|[⁻⁺]?[{RAISED}]+"
NUMERAL = re.compile(
    rf"""
    (?<![\d.])(?P<sign>(?<![\w)\]}}%])[-−])?
    (?:
        (?:(?P<times>{_PLAIN})\s*(?:\\cdot|\\times|[·×])\s*)?
        (?P<base>\d+)(?P<power>{_EXPONENT})
      | (?P<over>\d+)/(?P<under>\d+)(?!\d)
      | (?P<plain>{_PLAIN})(?P<e>e[-+]?\d+)?
      | (?P<part>[{"".join(PARTS)}])
    )
    (?!\.?\d)
    (?P<tail>
        \s?\\?%|\s+per\s+cent\b|[kKMGB]\b|[\s-](?:thousand|[mbtr]+illion)\b
    )?
    """,
    re.VERBOSE,
)
SPELLED = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Numeral:
    """A number that stands in a text."""

    start: int
    end: int  # of the digits and their sign, without "per cent" and the like
    text: str
    value: Fraction
    step: Fraction = Fraction(0)  # what its last digit counts; 0: the value is exact
    percent: bool = False
    scale: int = 0  # power of ten that a word behind it names: 6 for a million
    word: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is written as a whole number, in digits or as a word."""
        return self.step == 1 or self.word


def find(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text that are written in digits, in order."""
    for match in NUMERAL.finditer(text):
        value, step = _read(match)
        tail = (match["tail"] or "").strip(" -\n")
        end = match.start("tail") if match["tail"] else match.end()
        yield Numeral(
            match.start(),
            end,
            text[match.start() : end],
            -value if match["sign"] else value,
            step,
            percent=tail.endswith(("%", "cent")),
            scale=SCALES.get(tail, 0),
        )


def spelled(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text that are written as a word, in order."""
    for match in SPELLED.finditer(text):
        value = Fraction(WORDS[match[0].lower()])
        yield Numeral(*match.span(), match[0], value, word=True)


def _read(match: re.Match[str]) -> tuple[Fraction, Fraction]:
    """Return the value without its sign, and what the last digit counts."""
    if match["part"]:
        return Fraction(*PARTS[match["part"]]), Fraction(0)
    if match["over"]:
        under = int(match["under"])
        return Fraction(int(match["over"]), under or 1), Fraction(0)
    if match["power"]:
        exponent = int(match["power"].translate(LOWER).strip("^{}"))
        power = Fraction(int(match["base"]) or 1) ** exponent
        value, step = _decimal(match["times"] or "1")
        return value * power, step * power if match["times"] else Fraction(0)
    value, step = _decimal(match["plain"])
    power = Fraction(f"1{match['e'] or ''}")
    return value * power, step * power


def _decimal(digits: str) -> tuple[Fraction, Fraction]:
    digits = re.sub(r"[,_{}]", "", digits)
    return Fraction(digits), Fraction(1, 10 ** len(digits.partition(".")[2]))


def rounded(numeral: Numeral) -> Numeral:
    """Return the number as one that its zeros at the end may have rounded."""
    digits = str(abs(numeral.value))
    zeros = len(digits) - len(digits.rstrip("0")) if numeral.whole else 0
    return replace(numeral, step=Fraction(10**zeros)) if zeros else numeral


def agrees(said: Numeral, printed: Numeral) -> bool:
    """Return whether a number that was printed rounds to the one that is said.

    A sign that is said has to be there; one that is not may be ("falls by 3"). A per
    cent agrees with a fraction. Whole numbers up to ten are not the rounding of
    anything, since nearly every table holds a number that rounds to 3.
    """
    if said.value < 0 < printed.value:
        return False
    goals = {said.scale, 0} if not printed.scale else {said.scale}
    unit = Fraction(1, 100)
    theirs = printed.value * (unit if printed.percent else 1) * 10**printed.scale
    their_step = printed.step * (unit if printed.percent else 1) * 10**printed.scale
    for scale in goals:
        factor = (unit if said.percent else 1) * Fraction(10**scale)
        ours, step = abs(said.value) * factor, said.step * factor
        if abs(theirs) == ours:
            return True
        if said.value.denominator > 1 and not said.step:  # ⅓ and a printed 0.333
            step = their_step if their_step < Fraction(1, 10) else Fraction(0)
        if said.step == 1 and not said.percent and said.value <= 10 and not scale:
            continue
        if their_step <= step and abs(abs(theirs) - ours) * 2 <= step:
            return True
    return False


def changed(numeral: Numeral) -> Iterator[str]:
    """Yield the number's text with one digit changed, each place once.

    A digit gives way to the next one, 9 to 8, and a word to the next word.
    """
    if numeral.word:
        words = list(WORDS)
        yield words[(words.index(numeral.text.lower()) + 1) % len(words)]
        return
    text = numeral.text
    for at, char in enumerate(text):
        digits = "0123456789" if char.isdecimal() else RAISED
        if char in digits:
            n = digits.index(char)
            yield text[:at] + digits[n + 1 if n < 9 else 8] + text[at + 1 :]
        elif char in PARTS:
            others = list(PARTS)
            yield others[(others.index(char) + 1) % len(others)]
