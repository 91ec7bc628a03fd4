"""The seeds, steps and rates that a cell sets, and others in their place.

They are found by name: what a keyword, a parameter, an assignment, a loop or an entry
of a dictionary calls `steps` or `lr` is steps or a rate. A seed is shifted where a
generator is made of it, so that a loop over seeds may still number its rows by them.
What a helper has by default stays.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

from cones import shows

OFFSET = 1000  # of seeds
STEPS = re.compile(r"^(n_)?(steps?|updates|epochs)$", re.IGNORECASE)
RATES = re.compile(r"(^|_)(lrs?|rates?)$", re.IGNORECASE)
GENERATORS = {"default_rng", "Random", "seed"}

Pairs = Iterator[tuple[str, ast.expr]]


class Parameters(NamedTuple):
    """What a function calls its positional arguments."""

    names: Sequence[str]
    of_notebook: bool  # it is written in the notebook, and varied there


class Varied(NamedTuple):
    """A statement with other literals, and what was said before and after."""

    source: str
    changes: list[tuple[str, str]]


# --- what is called by which name --------------------------------------------------


def visible(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and those below it, without what draws, prints or records."""
    if isinstance(node, ast.Call) and shows(node):
        return
    if isinstance(node, ast.FunctionDef) and node.name.startswith("draw_"):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from visible(child)


def pairs(node: ast.AST, known: Mapping[str, Parameters]) -> Pairs:
    """Yield each name that a node gives a value, with the expression of the value."""
    if isinstance(node, ast.Call):
        yield from _arguments(node, known)
    elif isinstance(node, ast.Assign):
        yield from _unpacked(node.targets[0], node.value)
    elif isinstance(node, ast.For | ast.comprehension):
        yield from _rows(node.target, node.iter)
    elif isinstance(node, ast.Dict):
        entries = zip(node.keys, node.values, strict=True)
        yield from (
            (str(k.value), v) for k, v in entries if isinstance(k, ast.Constant)
        )
    elif isinstance(node, ast.arguments):
        late = node.args[len(node.args) - len(node.defaults) :]
        values = [*node.defaults, *node.kw_defaults]
        defaults = zip([*late, *node.kwonlyargs], values, strict=True)
        yield from ((a.arg, v) for a, v in defaults if v is not None)


def _arguments(call: ast.Call, known: Mapping[str, Parameters]) -> Pairs:
    parameters = known.get(ast.unparse(call.func))
    if parameters:
        yield from zip(parameters.names, call.args, strict=False)
    yield from ((k.arg, k.value) for k in call.keywords if k.arg)


def _unpacked(target: ast.expr, value: ast.expr) -> Pairs:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for inner, part in zip(target.elts, value.elts, strict=False):
            yield from _unpacked(inner, part)


def _rows(target: ast.expr, value: ast.expr) -> Pairs:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple | ast.List):
        for row in value.elts:
            yield from _unpacked(target, row)
    else:
        yield from _unpacked(target, value)


def numbers(value: ast.expr) -> Iterator[ast.Constant]:
    """Yield the literal numbers that a value is, or is a row of."""
    if isinstance(value, ast.Constant) and type(value.value) in (int, float):
        yield value
    elif isinstance(value, ast.Tuple | ast.List):
        for item in value.elts:
            yield from numbers(item)


# --- others in their place ---------------------------------------------------------

Change = Callable[[ast.AST, Mapping[str, Parameters]], bool]


def other_seeds(node: ast.AST, known: Mapping[str, Parameters]) -> bool:
    """Shift the seeds of the generators that a node makes, or lets a helper make."""
    if not isinstance(node, ast.Call):
        return False
    function = ast.unparse(node.func)
    given = node.args[:1] if function.split(".")[-1] in GENERATORS else []
    if not (function in known and known[function].of_notebook):
        given += [value for name, value in _arguments(node, known) if name == "seed"]
    for seed in given:
        _replace(node, seed, _shifted(seed))
    return bool(given)


def _shifted(seed: ast.expr) -> ast.expr:
    if isinstance(seed, ast.Constant) and isinstance(seed.value, int):
        return ast.Constant(seed.value + OFFSET)
    if isinstance(seed, ast.Tuple | ast.List):
        return type(seed)([_shifted(seed.elts[0]), *seed.elts[1:]], ast.Load())
    return ast.BinOp(seed, ast.Add(), ast.Constant(OFFSET))


def more_steps(node: ast.AST, known: Mapping[str, Parameters]) -> bool:
    """Make three times the steps that a node sets, or repeats something for."""
    found = False
    for name, value in pairs(node, known):
        steps = list(numbers(value)) if STEPS.search(name) else []
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "range":
            if isinstance(node, ast.For) and (name == "_" or STEPS.search(name)):
                steps = list(numbers(value.args[-1]))
        for literal in steps:
            if isinstance(literal.value, int):
                literal.value *= 3
                found = literal.value > 0 or found
    return found


def rates_times(factor: float) -> Change:
    """Return what multiplies the rates that a node sets."""

    def change(node: ast.AST, known: Mapping[str, Parameters]) -> bool:
        found = False
        for name, value in pairs(node, known):
            if not RATES.search(name):
                continue
            for literal in numbers(value):
                literal.value = literal.value * factor  # type: ignore[operator]
                found = True
            if _computed(value):
                _replace(node, value, _product(value, factor))
                found = True
        return found

    return change


def _computed(value: ast.expr) -> bool:
    """Return whether a rate is computed here, and from no other rate."""
    array = isinstance(value, ast.Call) and ast.unparse(value.func).startswith("np.")
    named = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
    return (array or isinstance(value, ast.BinOp)) and not any(map(RATES.search, named))


def _product(value: ast.expr, factor: float) -> ast.expr:
    return ast.BinOp(value, ast.Mult(), ast.Constant(factor))


def _replace(inside: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put a node in another's place, anywhere below a third."""
    for parent in ast.walk(inside):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list) and any(item is old for item in value):
                value[[item is old for item in value].index(True)] = new
                return


VARIATIONS: dict[str, Change] = {
    "other seeds": other_seeds,
    "steps × 3": more_steps,
    "rates × ½": rates_times(0.5),
    "rates × 2": rates_times(2),
}


def varied(
    statement: ast.stmt, change: Change, known: Mapping[str, Parameters]
) -> Varied | None:
    """Return a statement with other literals, None where it has none to change.

    Parameters
    ----------
    statement : ast.stmt
        It stays as it is.
    change : one of `VARIATIONS`
    known : mapping of str to Parameters
        What functions call their arguments, by the expression that calls them.
    """
    copy = deepcopy(statement)
    said: list[tuple[str, str]] = []
    for node in list(visible(copy)):
        before = _said(node)
        if change(node, known):
            said.append((before, _said(node)))
    return Varied(ast.unparse(copy), said) if said else None


def _said(node: ast.AST) -> str:
    """Return a node in a line: of a loop its head alone."""
    if isinstance(node, ast.For | ast.comprehension):
        return f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
    return ast.unparse(node).partition("\n")[0]
