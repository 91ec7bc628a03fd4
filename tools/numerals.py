"""Numbers as they are written: found in a text, compared, and changed by a digit.

A number in print is a value and the place of its last digit: 0.37 says that the value
lies between 0.365 and 0.375. So a number in a sentence agrees with one that a run
printed if that one, which may have more digits, rounds to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred".split()
WORDS = dict(zip(_UNITS + _TENS, [*range(21), *range(30, 101, 10)], strict=True))
SCALES = {"k": 3, "K": 3, "M": 6, "G": 9, "B": 9}  # powers of ten
SCALES |= {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
PARTS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_LOWERED = str.maketrans(RAISED + "⁻⁺−", "0123456789-+-")

_PLAIN = r"(?:\d{1,3}(?:(?:,|_|\{,\})\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_POWER = rf"\^\{{[-−]?\d+\}}|\^\d|[⁻⁺]?[{RAISED}]+"
_PERCENT = r"(?:\s|\\,)?\\?%|\s+per\s+cent\b"
NUMERAL = re.compile(
    rf"""
    (?<![\d.])(?P<sign>(?<![\w)\]}}%])[-−])?
    (?:
        (?:(?P<times>{_PLAIN})\s*(?:\\cdot|\\times|[·×])\s*)?
        (?P<base>\d+)(?P<power>{_POWER})
      | (?P<over>\d+)/(?P<under>\d+)(?!\d)
      | (?P<plain>{_PLAIN})(?P<e>e[-+]?\d+)?
      | (?P<part>[{"".join(PARTS)}])
    )
    (?!\.?\d)
    (?P<tail>{_PERCENT}|[kKMGB]\b|[\s-](?:thousand|million|billion|trillion)\b)?
    """,
    re.VERBOSE,
)
SPELLED = re.compile(rf"\b({'|'.join(WORDS)})\b({_PERCENT})?", re.IGNORECASE)


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
    kind: str = "digits"  # or "power", "fraction", "word"

    @property
    def whole(self) -> bool:
        """Whether it is written as a whole number, in digits or as a word."""
        return self.step == 1 or self.kind == "word"


def find(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text that are written in digits, in order."""
    for match in NUMERAL.finditer(text):
        value, step, kind = _read(match)
        tail = (match["tail"] or "").strip(" -\n")
        end = match.end() - len(match["tail"] or "")
        yield Numeral(
            match.start(),
            end,
            text[match.start() : end],
            -value if match["sign"] else value,
            step,
            percent=tail.endswith(("%", "cent")),
            scale=SCALES.get(tail, 0),
            kind=kind,
        )


def spelled(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text that are written as one word, in order."""
    for match in SPELLED.finditer(text):
        value = Fraction(WORDS[match[1].lower()])
        percent = match[2] is not None
        yield Numeral(*match.span(1), match[1], value, percent=percent, kind="word")


def _read(match: re.Match[str]) -> tuple[Fraction, Fraction, str]:
    """Return the value without its sign, what the last digit counts, and the kind."""
    if match["part"]:
        return Fraction(*PARTS[match["part"]]), Fraction(0), "fraction"
    if match["over"]:
        share = Fraction(int(match["over"]), int(match["under"]) or 1)
        return share, Fraction(0), "fraction"
    if match["power"]:
        exponent = int(match["power"].translate(_LOWERED).strip("^{}"))
        power = Fraction(int(match["base"]) or 1) ** exponent
        value, step = _decimal(match["times"] or "1")
        return value * power, step * power if match["times"] else Fraction(0), "power"
    value, step = _decimal(match["plain"])
    power = Fraction(f"1{match['e'] or ''}")
    return value * power, step * power, "digits"


def _decimal(digits: str) -> tuple[Fraction, Fraction]:
    digits = re.sub(r"[,_{}]", "", digits)
    return Fraction(digits), Fraction(1, 10 ** len(digits.partition(".")[2]))


def rounded(numeral: Numeral) -> Numeral:
    """Return the number as one whose zeros at the end came from rounding."""
    digits = str(abs(numeral.value))
    zeros = len(digits) - len(digits.rstrip("0"))
    exact = numeral.step != 1 or not zeros
    return numeral if exact else replace(numeral, step=Fraction(10**zeros))


def agrees(said: Numeral, printed: Numeral) -> bool:
    """Return whether a number that was printed rounds to the one that is said.

    A sign that is said has to be there; one that is not said may be ("falls by 3"). A
    per cent agrees with a fraction of 1. A whole number up to ten is the rounding of
    nothing, since nearly every table holds a number that rounds to 3. Printed numbers
    without a last digit, such as literals of the code, agree only if they are equal.
    """
    if said.value < 0 < printed.value:
        return False
    unit = Fraction(10) ** (printed.scale - 2 * printed.percent)
    theirs, grain = abs(printed.value) * unit, printed.step * unit
    scales = {said.scale} if printed.scale else {said.scale, 0}
    return any(_rounds(theirs, grain, said, scale) for scale in scales)


def _rounds(theirs: Fraction, grain: Fraction, said: Numeral, scale: int) -> bool:
    unit = Fraction(10) ** (scale - 2 * said.percent)
    ours, step = abs(said.value) * unit, said.step * unit
    if theirs == ours:
        return True
    if said.kind == "fraction" and grain * 20 <= ours:
        step = grain  # a third, and 0.33 in print
    if step == 1 and ours <= 10:
        return False
    return grain > 0 and abs(theirs - ours) * 2 <= step


def changed(numeral: Numeral) -> Iterator[str]:
    """Yield the number's text with one digit changed, each place once.

    A digit gives way to the next one, 9 to 8, and a word to the next word.
    """
    text = numeral.text
    if numeral.kind == "word":
        yield _next(list(WORDS), text.lower())
        return
    for at, char in enumerate(text):
        for alphabet in ("0123456789", RAISED, "".join(PARTS)):
            if char in alphabet:
                yield text[:at] + _next(alphabet, char) + text[at + 1 :]


def _next(order: str | list[str], item: str) -> str:
    at = order.index(item)
    return order[at + 1 if at + 1 < len(order) else at - 1]
