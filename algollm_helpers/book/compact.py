"""Drawings in fewer characters: the same picture, a third lighter on its way.

Matplotlib writes each point of a path with absolute coordinates on a line of its own.
Steps from point to point are shorter, repeat more often, and so compress better.
"""

import re

PARTS = re.compile(r"[A-Za-z]|-?[\d.]+(?:e-?\d+)?")
COORDINATES = {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0}  # of the commands in use
UNIT = 100  # figures are rounded to hundredths of a point


def compact(svg: str) -> str:
    """Return an SVG without the space between its tags, its paths as steps.

    Points are kept to a hundredth, and errors do not add up: a step leads from where
    the last one ended to the rounded point.

    Examples
    --------
    >>> compact('<g> <path d="M 1 2 L 1.5 2.25 L 0.5 2.25 z"/> </g>')
    '<g><path d="M1 2l.5 .25-1 0z"/></g>'
    """
    svg = re.sub(r">\s+<", "><", svg)
    return re.sub(r'(?<= d=")[^"]*', lambda m: _steps(m[0]), svg)


def _steps(path: str) -> str:
    parts = PARTS.findall(path)
    if not {part for part in parts if part.isalpha()} <= COORDINATES.keys():
        return path
    out, here, start, at, last = "", (0, 0), (0, 0), 0, ""
    while at < len(parts):
        command = parts[at] if parts[at].isalpha() else last
        at += parts[at].isalpha()
        count = COORDINATES[command]
        points = [round(float(part) * UNIT) for part in parts[at : at + count]]
        at += count
        if command == "z":
            out, here, last = f"{out}z", start, command
            continue
        origin = (0, 0) if command == "M" else here
        steps = [value - origin[i % 2] for i, value in enumerate(points)]
        name = "M" if command == "M" else command.lower()
        out += _joined("" if command == last != "M" else name, steps)
        here = (points[-2], points[-1])
        start = here if command == "M" else start
        last = command
    return out


def _joined(text: str, steps: list[int]) -> str:
    """Write numbers behind a command, with space only where they would run together."""
    for i, step in enumerate(steps):
        number = f"{step / UNIT:.2f}".rstrip("0").rstrip(".")
        number = re.sub(r"^(-?)0\.", r"\1.", number)
        glued = number.startswith("-") or (i == 0 and text)
        text += number if glued else f" {number}"
    return text
