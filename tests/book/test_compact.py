"""Tests for algollm_helpers.book.compact: fewer characters, the same points."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from algollm_helpers.book.compact import compact
from algollm_helpers.book.figures import svg

NUMBERS = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
COUNT = {"M": 2, "L": 2, "Q": 4, "C": 6}


def points(path):
    """Return the commands of a path with absolute points, as SVG 2 defines them."""
    found, here, start = [], (0.0, 0.0), (0.0, 0.0)
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        if command == "z":
            found.append(("z",))
            here = start
            continue
        numbers = [float(number) for number in NUMBERS.findall(text)]
        count = COUNT[command.upper()]
        assert len(numbers) % count == 0
        for at in range(0, len(numbers), count):
            x, y = here if command.islower() else (0.0, 0.0)
            group = numbers[at : at + count]
            group = [v + (y if i % 2 else x) for i, v in enumerate(group)]
            here = (group[-2], group[-1])
            start = here if command.upper() == "M" else start
            found.append((command.upper(), *(round(v, 2) for v in group)))
    return found


def made(path):
    (text,) = re.findall(' d="([^"]*)"', compact(f'<path d="{path}"/>'))
    return text


def test_steps_worked_by_hand():
    assert made("M 10 20 L 13 20 L 13 24.5 L 9.75 24 z") == "M10 20l3 0 0 4.5-3.25-.5z"


def test_after_the_path_is_closed_steps_lead_from_where_it_began():
    path = "M 1 1 L 2 1 L 2 2 z L 5 5"
    assert points(made(path)) == points(path)


hundredths = st.integers(-40_000, 40_000).map(lambda n: f"{n / 100:g}")
command = st.sampled_from("MLQC").flatmap(
    lambda name: st.lists(hundredths, min_size=COUNT[name], max_size=COUNT[name]).map(
        lambda numbers: f"{name} {' '.join(numbers)}"
    )
)


@given(st.lists(command | st.just("z"), max_size=12))
def test_every_path_keeps_its_points(commands):
    path = "\n".join(["M 0.5 -0.25", *commands])
    assert points(made(path)) == points(path)


def test_rounding_does_not_add_up():
    path = "M 0 0 " + " ".join(f"L {i / 3} 0" for i in range(1, 3001))
    assert points(made(path))[-1] == ("L", 1000.0, 0.0)


def test_a_path_with_other_commands_stays():
    assert made("M 1 1 A 3 3 0 0 1 5 5") == "M 1 1 A 3 3 0 0 1 5 5"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<g>\n <text>a b</text>\n</g>", "<g><text>a b</text></g>"),
        ('<g style="fill: none"/>', '<g style="fill: none"/>'),
        ('<g aria-label="a: b; c"/>', '<g aria-label="a: b; c"/>'),
    ],
)
def test_space_goes_where_it_means_nothing(before, after):
    assert compact(before) == after


def test_a_real_figure_keeps_every_point_and_word():
    fig = Figure()
    ax = fig.add_subplot()
    ax.plot([0, 1, 4], [3, 1, 2], "o-", label="a walk")
    ax.fill_between([0, 4], [0, 1])
    ax.legend()
    drawn = svg(fig)
    small = compact(drawn)
    paths = [re.findall(r' d="([^"]*)"', text) for text in (drawn, small)]
    before, after = (sum(map(len, of_one)) for of_one in paths)
    assert after < 0.7 * before
    assert re.search(r">\s+<", small) is None
    assert len(drawn) - len(small) > before - after
    assert [points(p) for p in paths[0]] == [points(p) for p in paths[1]]
    words = [re.findall(r">\s*([^<>\s][^<>]*)<", text) for text in (drawn, small)]
    assert words[0] == words[1]
