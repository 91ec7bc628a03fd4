"""What a notebook's code gives: the numbers that it prints, asserts, or is set to."""

import ast
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from algollm_book.stored import VIEW, States
from algollm_helpers.book.box import from_html
from numerals import Numeral, find, spelled

# Arguments and methods that say how a figure looks; their numbers are no settings.
_LOOKS = set(
    "alpha bbox_to_anchor figsize fontsize gridspec_kw height labelpad left linewidth "
    "lw markersize ms ncols pad rotation width_ratios xlim xticks ylim yticks "
    "zorder".split()
)
_DRAWS = set(
    "annotate axhline axvline bar barh fill_between hist legend loglog margins plot "
    "scatter semilogx semilogy set set_xlim set_xticks set_ylim set_yticks subplots "
    "text tick_params".split()
)


class Given(NamedTuple):
    """A number that a cell gives, and how."""

    kind: str  # "output", "explorer", "assertion" or "setting"
    number: Numeral
    partner: Numeral | None = None  # the 40 of a printed "13 of 40"


def given(cell: Mapping[str, Any], states: States) -> set[Given]:
    """Return all numbers that a code cell gives."""
    found = set(literals(cell["source"]))
    for kind, text in printed(cell, states):
        found.update(_counted(kind, text))
    return found


def printed(cell: Mapping[str, Any], states: States) -> Iterator[tuple[str, str]]:
    """Yield kind and text of all that a code cell has printed or recorded.

    Of a verdict the numbers of its record count and not its sentence, which is typed.
    The ticks of a figure do not count.
    """
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "text" in output:
            yield "output", output["text"]
        elif (read := from_html(data.get("text/html", ""))) is not None:
            yield from (("output", text) for text in read.numbers.values())
        elif VIEW in data:
            texts = dict.fromkeys(_frames(data[VIEW]["model_id"], states))
            yield from (("explorer", text) for text in texts)
        elif "image/svg+xml" not in data:
            yield "output", data.get("text/plain", "")


def _frames(model: str, states: States) -> Iterator[str]:
    """Yield the texts of an explorer: its tables, and what its controls offer."""
    state = states[model]
    if isinstance(state.get("value"), str):
        plain = re.sub(r"<svg.*?</svg>", " ", state["value"], flags=re.DOTALL)
        yield html.unescape(re.sub(r"<[^>]+>", " ", plain))
    yield from state.get("_options_labels", ())
    for child in state.get("children", ()):
        yield from _frames(child.removeprefix("IPY_MODEL_"), states)


def _counted(kind: str, text: str) -> Iterator[Given]:
    """Yield the numbers of a printed text, each with the one that it counts from."""
    found = list(find(text))
    for number, after in zip(found, [*found[1:], None], strict=True) if found else ():
        between = text[number.end : after.start].split() if after else ()
        joined = between in (["of"], ["out", "of"], ["/"], ["in"])
        yield Given(kind, _bare(number), _bare(after) if joined and after else None)


def _bare(number: Numeral) -> Numeral:
    return replace(number, start=0, end=0)  # so that equal ones are one


def literals(source: str) -> Iterator[Given]:
    """Yield the numbers that stand in code, but not indices, squares and looks."""
    for node in _parsed(source).body:
        yield from _literals(node, "setting")


def quotes(source: str) -> Iterator[tuple[str, list[Numeral]]]:
    """Yield the words that assertions prove, each with the literals of its test.

    They are an assertion's message, if that holds a number: ``assert won == 4, "four of
    the five"`` binds that phrase of the page's prose.
    """
    for node in ast.walk(_parsed(source)):
        match node:
            case ast.Assert(test=test, msg=ast.Constant(value=str(words))):
                if any((*find(words), *spelled(words))):
                    yield words, [one.number for one in _literals(test, "assertion")]


def _parsed(source: str) -> ast.Module:
    return ast.parse(re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE))


def _literals(node: ast.AST, kind: str) -> Iterator[Given]:
    if (value := folded(node)) is not None:
        yield Given(kind, Numeral(0, 0, str(value), value))
    children: list[ast.AST]
    match node:
        case ast.Assert():
            children, kind = [node.test], "assertion"
        case ast.Subscript():
            children = [node.value]
        case ast.BinOp(op=ast.Pow()):
            children = [node.left]
        case ast.Call():
            children = [node.func, *_arguments(node)]
        case ast.JoinedStr() | ast.UnaryOp(operand=ast.Constant()):
            children = []
        case _:
            children = [*ast.iter_child_nodes(node)]
    for child in children:
        yield from _literals(child, kind)


def _arguments(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call whose numbers may be settings."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in _DRAWS:
        return []
    named = [k.value for k in call.keywords if k.arg not in _LOOKS]
    if name == "round":  # to how many digits is no setting
        return call.args[: isinstance(call.func, ast.Name)]
    return [*call.args, *named]


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
        case ast.Pow() if a and b.denominator == 1 and abs(b) < 100:
            return Fraction(a ** int(b))
    return None
