"""What a notebook's code gives: the numbers that it prints, asserts, or is set to."""

import ast
import html
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from algollm_book.stored import VIEW, States
from algollm_helpers.book import claims
from numerals import Numeral, find

# Arguments and methods that say how a figure looks; their numbers are no settings.
LOOKS = set(
    "alpha bbox_to_anchor figsize fontsize gridspec_kw height labelpad left linewidth "
    "lw markersize ms ncols pad rotation width_ratios xlim xticks ylim yticks "
    "zorder".split()
)
DRAWS = set(
    "annotate axhline axvline bar barh fill_between hist legend margins plot round "
    "scatter semilogx semilogy loglog set set_xlim set_xticks set_ylim set_yticks "
    "subplots text tick_params".split()
)


class Given(NamedTuple):
    """A number that a cell gives, and how."""

    kind: str  # "output", "explorer", "assertion" or "code"
    number: Numeral
    partner: Numeral | None = None  # the 40 of "13 of 40"


def printed(cell: Mapping[str, Any], states: States) -> Iterator[tuple[str, str]]:
    """Yield kind and text of all that a code cell has printed or recorded.

    Of a verdict the numbers of its record count and not its sentence, which is typed.
    A figure's paths and ticks do not count.
    """
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "text" in output:
            yield "output", output["text"]
        elif (read := claims.from_html(data.get("text/html", ""))) is not None:
            for text in read.numbers.values():
                yield "output", text
        elif VIEW in data:
            for text in dict.fromkeys(frames(data[VIEW]["model_id"], states)):
                yield "explorer", text
        elif "image/svg+xml" not in data:
            yield "output", data.get("text/plain", "")


def frames(model: str, states: States) -> Iterator[str]:
    """Yield the texts of an explorer: its tables and what its controls offer."""
    state = states[model]
    if "value" in state and isinstance(state["value"], str):
        plain = re.sub(r"<svg.*?</svg>", " ", state["value"], flags=re.DOTALL)
        yield html.unescape(re.sub(r"<[^>]+>", " ", plain))
    yield from state.get("_options_labels", ())
    for child in state.get("children", ()):
        yield from frames(child.removeprefix("IPY_MODEL_"), states)


def pairs(kind: str, text: str) -> Iterator[Given]:
    """Yield the numbers of a printed text, each with the one that it is counted from."""
    found = list(find(text))
    for number, after in zip(found, [*found[1:], None], strict=False):
        between = text[number.end : after.start] if after else ""
        joined = between.strip() in ("of", "/", "out of", "in")
        yield Given(kind, number, after if joined else None)


class _Literals(ast.NodeVisitor):
    """Collects the numbers that stand in code, but not indices and looks."""

    def __init__(self) -> None:
        self.found: list[tuple[str, Fraction]] = []
        self.kind = "code"

    def visit_Assert(self, node: ast.Assert) -> None:
        self.kind = "assertion"
        self.visit(node.test)
        self.kind = "code"

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        self.visit(node.func)
        for argument in node.args if name not in DRAWS else node.args[:1]:
            if name not in DRAWS or name == "round":
                self.visit(argument)
        for keyword in node.keywords:
            if name not in DRAWS and keyword.arg not in LOOKS:
                self.visit(keyword.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if (value := folded(node)) is not None:
            self.found.append((self.kind, value))
        self.visit(node.left)
        if not isinstance(node.op, ast.Pow):
            self.visit(node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if (value := folded(node)) is not None:
            self.found.append((self.kind, value))
        else:
            self.visit(node.operand)

    def visit_Constant(self, node: ast.Constant) -> None:
        if (value := folded(node)) is not None:
            self.found.append((self.kind, value))


def folded(node: ast.AST) -> Fraction | None:
    """Return the value of an expression of literals, None for any other."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return Fraction(repr(value)) if abs(value) < float("inf") else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = folded(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            a, b = folded(left), folded(right)
            return None if a is None or b is None else _combined(a, op, b)
    return None


def _combined(a: Fraction, op: ast.operator, b: Fraction) -> Fraction | None:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div() if b:
            return a / b
        case ast.Pow() if b.denominator == 1 and abs(b) < 100 and a:
            return a ** int(b)
    return None


def literals(source: str) -> Iterator[Given]:
    """Yield the numbers that stand in a cell's code."""
    plain = re.sub(r"^\s*[%!].*$", "pass", source, flags=re.MULTILINE)
    visitor = _Literals()
    visitor.visit(ast.parse(plain))
    for kind, value in visitor.found:
        yield Given(kind, Numeral(0, 0, str(value), value))


def given(cell: Mapping[str, Any], states: States) -> set[Given]:
    """Return all numbers that a code cell gives."""
    found = set(literals(cell["source"]))
    for kind, text in printed(cell, states):
        found.update(pairs(kind, text))
    return found
