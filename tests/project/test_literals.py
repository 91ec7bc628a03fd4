"""Tests for tools/literals: which literals are seeds, steps and rates."""

import ast

import pytest

from literals import VARIATIONS, Parameters, varied

KNOWN = {
    "walk": Parameters(["grad", "lr", "steps", "seed"], of_notebook=True),
    "helper": Parameters(["w", "steps", "lr", "seed"], of_notebook=False),
}


def after(source, variation):
    (statement,) = ast.parse(source).body
    other = varied(statement, VARIATIONS[variation], KNOWN)
    assert ast.unparse(statement) == ast.unparse(ast.parse(source)), "left as it was"
    return other and other.source


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("rng = np.random.default_rng(0)", "rng = np.random.default_rng(1000)"),
        ("a = random.Random(seed)", "a = random.Random(seed + 1000)"),
        ("random.seed(42)", "random.seed(1042)"),
        ("a = default_rng([seed, 3])", "a = default_rng([seed + 1000, 3])"),
        ("a = helper(w, seed=7)", "a = helper(w, seed=1007)"),
        ("a = helper(w, 5, 0.1, 7)", "a = helper(w, 5, 0.1, 1007)"),
        ("a = default_rng(b()[0])", "a = default_rng(b()[0] + 1000)"),
        # shifted where the notebook's own function makes its generator
        ("a = walk(grad, 0.1, 5, 7)", None),
        ("a = walk(grad, seed=7)", None),
        ("for seed in range(5):\n    runs[seed] = f(seed)", None),
        ("a = default_rng()", None),
        ("record('C1', 'holds', seed=3)", None),
    ],
)
def test_other_seeds(before, expected):
    assert after(before, "other seeds") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("steps = 100", "steps = 300"),
        ("STEPS, d = 100, 5", "STEPS, d = (300, 5)"),
        ("a = f(steps=100)", "a = f(steps=300)"),
        ("a = walk(grad, 0.1, 100)", "a = walk(grad, 0.1, 300)"),
        ("a = {'lr': 0.1, 'steps': 100}", "a = {'lr': 0.1, 'steps': 300}"),
        ("def f(w, *, steps=100):\n    pass", "def f(w, *, steps=300):\n    pass"),
        ("def f(w, steps=100):\n    pass", "def f(w, steps=300):\n    pass"),
        ("for steps in (5, 10):\n    pass", "for steps in (15, 30):\n    pass"),
        ("for _ in range(100):\n    w -= g", "for _ in range(300):\n    w -= g"),
        ("for step in range(1, 9):\n    pass", "for step in range(1, 27):\n    pass"),
        ("a = [f() for _ in range(5)]", None),  # so many draws, not so many steps
        ("for k in range(9):\n    pass", None),
        ("a = f(steps=n)", None),
        ("a = f(steps=0)", None),
        ("missteps = 3", None),
        ("record('C1', 'holds', steps=100)", None),
        ("explore('hill', draw, steps=3)", None),
        ("def draw_hill(ax, steps=5):\n    pass", None),
    ],
)
def test_three_times_the_steps(before, expected):
    assert after(before, "steps × 3") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("lr = 0.1", "lr = 0.2"),
        ("a = f(lr=1)", "a = f(lr=2)"),
        ("a = walk(grad, 0.1)", "a = walk(grad, 0.2)"),
        ("a = f(learning_rate=0.1)", "a = f(learning_rate=0.2)"),
        ("rates = [0.1, 0.5]", "rates = [0.2, 1.0]"),
        ("for lr in (0.1, 1):\n    pass", "for lr in (0.2, 2):\n    pass"),
        ("a = [f(lr) for lr in (0.1, 1)]", "a = [f(lr) for lr in (0.2, 2)]"),
        (
            "for lr, end in ((0.1, 3), (0.5, 4)):\n    pass",
            "for lr, end in ((0.2, 3), (1.0, 4)):\n    pass",
        ),
        ("a = f(lr=1 / top)", "a = f(lr=1 / top * 2)"),
        ("rates = np.full(3, 0.1)", "rates = np.full(3, 0.1) * 2"),
        # made of another rate, which is varied where it comes from
        ("a = f(lr=lr)", None),
        ("rate = lr * (1 - k / n)", None),
        ("a = f(lr=pick(3))", None),
        ("iterate = 0.1", None),
        ("live(draw_rate, lr=(0.01, 1.2, 0.01))", None),
    ],
)
def test_twice_the_rates(before, expected):
    assert after(before, "rates × 2") == expected
    assert (after(before, "rates × ½") is None) == (expected is None)


def test_half_the_rates():
    assert after("a = f(lr=0.5)", "rates × ½") == "a = f(lr=0.25)"


def test_what_was_changed_is_said_with_what_names_it():
    (loop,) = ast.parse("for lr in (1, 2):\n    walk(grad, lr, 5)\n    f(lr=3)").body
    other = varied(loop, VARIATIONS["rates × 2"], KNOWN)
    assert other.changes == [
        ("for lr in (1, 2)", "for lr in (2, 4)"),
        ("f(lr=3)", "f(lr=6)"),
    ]
