"""Changes to the code and the data that a claim rests on, each of which destroys them.

Four kinds, all made in the syntax of the cone. *Helper*: what a function returns, of
this book's package or of the notebook, is negated or scaled, or the function is given
shuffled arrays. *Data*: what a name is bound to becomes noise of the same size. *Code*:
an operator, a sign or a comparison is another, or a training makes no step. *Number*:
one is ten times as large.

Left alone are verdicts and assertions themselves, since nothing would be learnt from a
changed judge, further imports, drawings, printed text, places in arrays, and
tolerances.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np

from algollm_helpers.book.judging import VERDICTS
from cones import GENERATOR, Claim, Statement, resolved, shows

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
STEPS = {"steps", "updates", "epochs"}
UNMEASURED = {"round", "range", "isclose", "allclose", "default_rng", "Random"}
SETTINGS = {"seed", "seeds", "rng", "axis", "rtol", "atol", "tolerance", "ddof", "size"}
KINDS = ("helper", "data", "code", "number")
GOLDEN = (5**0.5 - 1) / 2


Change = Callable[[Any], None]  # of a node, in place


class Mutant(NamedTuple):
    """A cell with one change."""

    kind: str  # one of KINDS
    cell: int
    source: str  # of the whole cell
    before: str  # of what was changed alone
    after: str


class Site(NamedTuple):
    """A node that can be changed, and into what."""

    kind: str
    statement: Statement
    node: ast.AST
    changed: Change


# --- spoiling values ---------------------------------------------------------------


class NotSpoilt(Exception):
    """There are no numbers in a value that could be spoilt."""


def _noise(x: Any, rng: np.random.Generator) -> Any:
    if x.dtype.kind in "iu" and x.size > 1 and np.ptp(x) > 0:
        return rng.integers(x.min(), x.max() + 1, x.shape, dtype=x.dtype)
    if x.dtype.kind == "f" and x.size > 1:
        rms = np.sqrt(np.mean(np.square(x)))
        return (rms * rng.standard_normal(x.shape)).astype(x.dtype)
    return _negated(x, rng)


def _negated(x: Any, _: np.random.Generator) -> Any:
    return ~x if x.dtype.kind == "b" else -x.astype(np.result_type(x, np.int8))


def _scaled(x: Any, _: np.random.Generator) -> Any:
    return ~x if x.dtype.kind == "b" else 10 * x


def _shuffled(x: Any, rng: np.random.Generator) -> Any:
    return rng.permutation(x.ravel()).reshape(x.shape)


WAYS = {"noise": _noise, "negated": _negated, "scaled": _scaled, "shuffled": _shuffled}


def spoil(way: str, value: Any) -> Any:
    """Return a value of the same structure whose numbers, or letters, are spoilt.

    Parameters
    ----------
    way : {"noise", "negated", "scaled", "shuffled"}
        Noise has the root mean square of the floats that it replaces, and lies between
        the least and the greatest of integers.
    value : object
        Numbers, arrays and texts in lists, tuples and mappings.

    Raises
    ------
    NotSpoilt
        If there is nothing in it that the way could change.
    """
    touched: list[bool] = []
    spoilt = _spoilt(way, value, np.random.default_rng(len(way)), touched)
    if not any(touched):
        raise NotSpoilt
    return spoilt


def _spoilt(way: str, value: Any, rng: np.random.Generator, touched: list[bool]) -> Any:
    if isinstance(value, str) and way in ("noise", "shuffled") and len(value) > 1:
        touched.append(True)
        return "".join(rng.permutation(list(value)))
    if isinstance(value, dict):
        return {k: _spoilt(way, v, rng, touched) for k, v in value.items()}
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, float) for item in value):
            touched.append(True)
            items = WAYS[way](np.asarray(value), rng).tolist()
        else:
            items = [_spoilt(way, item, rng, touched) for item in value]
        fields = hasattr(value, "_fields")
        return type(value)(*items) if fields else type(value)(items)
    number = isinstance(value, int | float | np.number | np.bool_)
    if not number and not isinstance(value, np.ndarray):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or (way == "shuffled" and array.size < 2):
        return value
    touched.append(True)
    spoilt = WAYS[way](array, rng)
    return spoilt.item() if type(value) in (bool, int, float) else spoilt


def spoil_result(way: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose result is spoilt, or which is given shuffled arrays."""

    def spoilt(*args: Any, **kwargs: Any) -> Any:
        if way != "shuffled":
            return spoil(way, function(*args, **kwargs))
        touched: list[bool] = []
        rng = np.random.default_rng(0)
        given = [
            _spoilt(way, a, rng, touched) if isinstance(a, np.ndarray) else a
            for a in args
        ]
        if not any(touched):
            raise NotSpoilt
        return function(*given, **kwargs)

    return spoilt


GIVEN = {"_spoil": spoil, "_spoil_result": spoil_result}  # names in a changed cell


# --- finding sites -----------------------------------------------------------------


def measuring(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one that measure, and neither judge, show nor import."""
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr):
        return
    if isinstance(node, ast.FunctionDef) and node.name.startswith("draw_"):
        return
    if isinstance(node, ast.Call) and (shows(node) or _last(node.func) == "judge"):
        return
    if isinstance(node, ast.IfExp) and _judges(node):
        return
    yield node
    for child in _parts(node):
        yield from measuring(child)


def _judges(node: ast.AST) -> bool:
    """Return whether a verdict is found below a node."""
    return any(
        (isinstance(part, ast.Constant) and part.value in VERDICTS)
        or (isinstance(part, ast.Call) and _last(part.func) == "judge")
        for part in ast.walk(node)
    )


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children whose values count: no places, settings or defaults."""
    if isinstance(node, ast.Subscript):
        yield node.value
        if any(isinstance(part, ast.Compare) for part in ast.walk(node.slice)):
            yield node.slice
    elif isinstance(node, ast.Call):
        yield node.func
        if _last(node.func) not in UNMEASURED:
            yield from node.args
            yield from (k for k in node.keywords if k.arg not in SETTINGS)
    elif isinstance(node, ast.FunctionDef):
        yield from node.body
    else:
        yield from ast.iter_child_nodes(node)


def _last(node: ast.AST) -> str | None:
    """Return the last name of ``a.b.c``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def sites(claim: Claim, values: Mapping[str, Any]) -> Iterator[Site]:
    """Yield every place that can be changed in what decides a claim.

    Where a verdict is computed, this is what it is computed from, and what the
    assertions beside it look at; where it is typed, all that the record shows.

    Parameters
    ----------
    claim : Claim
    values : mapping of str to object
        What the names of the notebook stand for after it was run; they tell whose a
        function is.
    """
    for statement in claim.decisive:
        if any(part is claim.call for part in ast.walk(statement.node)):
            continue
        count = 0
        for node in measuring(statement.node):
            for kind, changed in _changes(node, values, count):
                yield Site(kind, statement, node, changed)
                count += 1


def _changes(
    node: ast.AST, values: Mapping[str, Any], count: int
) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Call) and _ours(node.func, values):
        way = ("negated", "scaled", "shuffled")[count % 3]
        yield "helper", _spoilt_function(way)
    elif isinstance(node, ast.Assign):
        parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for place, part in enumerate(parts):
            if not _drawn(part) and not _judges(part):
                way = ("noise", "negated")[(count + place) % 2]
                yield "data", _spoilt_part(place, way)
    else:
        yield from (("code", _with(**fields)) for fields in _other_code(node))
        yield from (("number", _with(**fields)) for fields in _other_number(node))


def _drawn(value: ast.expr) -> bool:
    """Return whether a value is drawn at random; noise for it is but another seed."""
    called = {_last(n.func) for n in ast.walk(value) if isinstance(n, ast.Call)}
    read = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    return bool(called & {"default_rng", "Random"}) or any(map(GENERATOR.search, read))


def _other_code(node: ast.AST) -> Iterator[dict[str, Any]]:
    """Yield fields that make a node another one."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        yield {"op": OPERATORS[type(node.op)]()}
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(node.operand, ast.Constant):
            yield {"op": ast.UAdd()}
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield {"ops": [COMPARISONS[type(node.ops[0])](), *node.ops[1:]]}
    elif isinstance(node, ast.keyword) and node.arg in STEPS:
        yield {"value": ast.Constant(0)}


def _other_number(node: ast.AST) -> Iterator[dict[str, Any]]:
    """Yield fields with ten times a number."""
    if isinstance(node, ast.BinOp):
        for side in ("left", "right"):
            operand = getattr(node, side)
            if isinstance(operand, ast.Constant) and type(operand.value) is int:
                yield {side: ast.Constant(operand.value * 10 or 1)}
    elif isinstance(node, ast.Constant) and type(node.value) is float:
        yield {"value": node.value * 10 or 1.0}


def _with(**fields: Any) -> Change:
    def changed(node: ast.AST) -> None:
        for name, value in fields.items():
            setattr(node, name, value)

    return changed


def _around(way: str, value: ast.expr, by: str) -> ast.Call:
    """Return a call of a function of `GIVEN` with a value."""
    return ast.Call(ast.Name(by, ast.Load()), [ast.Constant(way), value], [])


def _spoilt_function(way: str) -> Change:
    def changed(node: Any) -> None:
        node.func = _around(way, node.func, "_spoil_result")

    return changed


def _spoilt_part(place: int, way: str) -> Change:
    """Return what spoils a value that is assigned, or one of several."""

    def changed(node: Any) -> None:
        if isinstance(node.value, ast.Tuple):
            parts = node.value.elts
            parts[place] = _around(way, parts[place], "_spoil")
        else:
            node.value = _around(way, node.value, "_spoil")

    return changed


def _ours(function: ast.expr, values: Mapping[str, Any]) -> bool:
    """Return whether a function measures: one of the package, or of the notebook."""
    value = resolved(function, values)
    module = getattr(value, "__module__", None) or ""
    if inspect.isclass(value) or module.startswith("algollm_helpers.book"):
        return False
    return callable(value) and module.startswith(("algollm_helpers", "__main__"))


# --- choosing ----------------------------------------------------------------------


def spread(found: Iterable[Site]) -> list[Site]:
    """Return sites in an order whose beginning is spread over kinds and statements.

    Statements take turns in the order of the golden ratio, which leaves no stretch of
    the cone out for long; kinds take turns within that. Numbers come last: many are a
    setting, and what holds at ten times its value holds all the better.
    """
    by_kind: dict[str, dict[int, list[Site]]] = {kind: {} for kind in KINDS}
    for site in found:
        place = id(site.statement.node)
        by_kind[site.kind].setdefault(place, []).append(site)
    *rows, numbers = (
        _taking_turns(statements, start / len(by_kind))
        for start, statements in enumerate(by_kind.values())
    )
    return [*_interleaved(rows), *numbers]


def _taking_turns(statements: Mapping[int, list[Site]], start: float) -> list[Site]:
    rows = list(statements.values())
    order = sorted(range(len(rows)), key=lambda i: (start + i * GOLDEN) % 1)
    return list(_interleaved([rows[i] for i in order]))


def _interleaved(rows: list[list[Site]]) -> Iterator[Site]:
    for turn in range(max(map(len, rows), default=0)):
        yield from (row[turn] for row in rows if turn < len(row))


def mutant(site: Site, cell: Iterable[Statement]) -> Mutant:
    """Return the cell with a site changed.

    Parameters
    ----------
    site : Site
    cell : iterable of Statement
        The statements of its cell.
    """
    copies: dict[int, Any] = {}
    copy = deepcopy(site.statement.node, copies)
    # ast.walk goes from the outside to the inside.
    *_, line = (
        part
        for part in ast.walk(site.statement.node)
        if isinstance(part, ast.stmt) and any(n is site.node for n in ast.walk(part))
    )
    site.changed(copies[id(site.node)])
    texts = (ast.unparse(copy) if s is site.statement else s.source for s in cell)
    both = (ast.unparse(part) for part in (line, copies[id(line)]))
    return Mutant(site.kind, site.statement.cell, "\n".join(texts), *both)
