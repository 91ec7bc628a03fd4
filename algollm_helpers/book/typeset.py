"""Numbers as print writes them, where Python writes them as code does."""

import re

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NUMBER = re.compile(
    r"""
    (?<![\w.)\]])(?<![\w.)\]]-)   # not a difference, nor behind the hyphen of a word
    (?P<sign>-(?=[\d.∞]|inf\b))?
    (?P<digits>[\d,]*\.?\d+)?
    (?:e(?P<power>[-+]?\d+)\b)?
    """,
    re.VERBOSE,
)


def typeset(text: str) -> str:
    """Return a text whose numbers have the minus sign and the powers of print.

    A zero has no sign, whatever it was rounded from.

    Examples
    --------
    >>> typeset("-0.07 ± 0.21, -0.00 ± 0.07"), typeset("from -5% to 1e-12")
    ('−0.07 ± 0.21, 0.00 ± 0.07', 'from −5% to 10⁻¹²')
    >>> typeset("1.3e+07 ± 1.5e+06"), typeset("half-precision, 1-2 of x-3")
    ('1.3·10⁷ ± 1.5·10⁶', 'half-precision, 1-2 of x-3')
    """
    return _NUMBER.sub(_printed, text)


def _printed(match: re.Match[str]) -> str:
    digits = match["digits"]
    if digits is None:
        return match[0].replace("-", "−")
    zero = not digits.strip("0.,")
    sign = "−" if match["sign"] and not zero else ""
    power = int(match["power"] or 0)
    if power == 0 or zero:
        return f"{sign}{digits}"
    factor = "" if digits == "1" else f"{digits}·"
    return f"{sign}{factor}10{str(power).translate(_RAISED)}"
