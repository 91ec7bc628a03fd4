"""What each claim of a notebook rests on: its cone, read from the syntax of the cells.

A notebook is taken as the row of its top-level statements. A statement reads names,
binds names, and changes in place what other names stand for; the cone of a claim is
the statement that records it, the assertions of its cell, and every earlier statement
that they need, back to the first cell.

What the syntax cannot show (a function that changes a global, two names for one list)
may be missing. Whoever runs a cone compares it with the run of the whole notebook.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BRANCHES = (ast.If, ast.Try, ast.While)
SCOPES = (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)

# What shows something and leaves nothing behind, by the names of this book.
SHOWING = {"print", "display", "record", "check", "explore", "live", "setup"}
CANVAS = {"ax", "axes", "fig", "plt", "plots"}
NONE: frozenset[str] = frozenset()
GENERATOR = re.compile(r"(^|_)rng$")  # each draw from one changes it


def shows(call: ast.Call) -> bool:
    """Return whether a call prints, draws or records."""
    root = base(call.func)
    return (
        root in SHOWING | CANVAS
        or (root or "").startswith("draw_")
        or (isinstance(call.func, ast.Attribute) and call.func.attr.startswith("draw_"))
    )


def base(node: ast.AST) -> str | None:
    """Return the name that ``name.x[0].y`` begins with, None if it begins with none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def resolved(node: ast.AST, values: Mapping[str, Any]) -> Any:
    """Return what ``a.b.c`` stands for among some values, None if it does not."""
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(resolved(node.value, values), node.attr, None)
    return None


class Names(NamedTuple):
    """The names that a piece of code has to do with, as seen from outside of it.

    What is bound before it is read or changed is the code's own.
    """

    reads: set[str]
    binds: set[str]
    perhaps: set[str]  # bound in one branch
    changes: set[str]  # what they stand for is changed in place
    later: dict[str, set[str]]  # function or class: what its body reads when called


def names(nodes: Iterable[ast.AST]) -> Names:
    """Return the names of some nodes that share a scope and follow each other."""
    found = Names(set(), set(), set(), set(), {})
    for node in nodes:
        _see(node, found)
    return found


def _see(node: ast.AST, found: Names) -> None:
    if isinstance(node, SCOPES):
        _see_scope(node, found)
    elif isinstance(node, BRANCHES):
        branch = found._replace(binds=set(found.binds))
        for child in ast.iter_child_nodes(node):
            _see(child, branch)
        found.perhaps.update(branch.binds - found.binds)
    elif isinstance(node, ast.alias):
        found.binds.add((node.asname or node.name).split(".")[0])
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        found.binds.add(node.id)
    elif isinstance(node, ast.Name):
        found.reads.update({node.id} - found.binds)
    else:
        found.changes.update(_changed(node) - found.binds)
        for child in sorted(ast.iter_child_nodes(node), key=_stores):
            _see(child, found)


def _stores(node: ast.AST) -> int:
    """Return what sorts children by when they run: values, targets, bodies."""
    if isinstance(node, ast.stmt | ast.ExceptHandler):
        return 2
    return int(isinstance(getattr(node, "ctx", None), ast.Store))


def _changed(node: ast.AST) -> set[str]:
    """Return the names that a node by itself changes in place."""
    if isinstance(node, ast.AugAssign):
        return {base(node.target) or ""}
    if isinstance(node, ast.Attribute | ast.Subscript):
        return set() if isinstance(node.ctx, ast.Load) else {base(node) or ""}
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _handed_over(node.value)
    if isinstance(node, ast.Call):
        return {name for name in _handed_over(node) if GENERATOR.search(name)}
    return set()


def _handed_over(call: ast.Call) -> set[str]:
    """Return the names that a call whose result is thrown away can only change."""
    if shows(call):
        return set()
    given: list[ast.expr] = []
    for inner in ast.walk(call):
        if isinstance(inner, ast.Call):
            given += [inner.func] if isinstance(inner.func, ast.Attribute) else []
            given += [*inner.args, *(keyword.value for keyword in inner.keywords)]
    return {name for name in map(base, given) if name}


def _see_scope(node: ast.AST, found: Names) -> None:
    if isinstance(node, FUNCTIONS):
        given = node.args
        for default in (*given.defaults, *given.kw_defaults):
            if default is not None:
                _see(default, found)
    body = [node.body] if isinstance(node, ast.Lambda) else getattr(node, "body", None)
    inner = names(ast.iter_child_nodes(node) if body is None else body)
    own = inner.binds | inner.perhaps
    if isinstance(node, FUNCTIONS):
        own |= {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    outside = inner.reads.union(*inner.later.values()) - own
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        for decorator in node.decorator_list:
            _see(decorator, found)
        found.binds.add(node.name)
        found.later[node.name] = outside
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        found.reads.update(outside - found.binds)
        found.changes.update(inner.changes - own - found.binds)


def text(source: str, node: ast.stmt) -> str:
    """Return the lines of a statement, with its decorators."""
    before = [d.lineno for d in getattr(node, "decorator_list", ())]
    return "\n".join(
        source.splitlines()[min([*before, node.lineno]) - 1 : node.end_lineno]
    )


class Statement(NamedTuple):
    """A top-level statement of a notebook."""

    cell: int  # its place in the notebook, cells of text counted
    source: str
    node: ast.stmt
    names: Names

    @property
    def imports(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)


class Claim(NamedTuple):
    """A claim, and what it rests on."""

    id: str
    cell: int  # the one that records it
    call: ast.Call  # of record
    cone: tuple[Statement, ...]  # what it needs, assertions and imports included
    decisive: tuple[Statement, ...]  # those that the verdict needs, or an assertion

    @property
    def cells(self) -> list[int]:
        """The cells of the cone, in order, up to the one that records."""
        return sorted({statement.cell for statement in self.cone})

    @property
    def verdict(self) -> ast.expr:
        """The expression of the verdict, or of the verdicts by part."""
        given = {k.arg: k.value for k in self.call.keywords}
        return self.call.args[1] if len(self.call.args) > 1 else given["verdict"]

    def typed(self) -> dict[str, bool]:
        """Return, by part, whether the verdict is the same whatever was measured.

        A claim without parts has the one part "".
        """
        verdict = self.verdict
        if not isinstance(verdict, ast.Dict):
            return {"": self._constant(verdict)}
        return {
            ast.literal_eval(key): self._constant(value)
            for key, value in zip(verdict.keys, verdict.values, strict=True)
            if key is not None
        }

    def _constant(self, value: ast.expr, above: frozenset[str] = NONE) -> bool:
        """Return whether a value is made of literals alone, none of them changed."""
        for name in names([value]).reads - {"judge"}:
            for statement in self.cone:
                if name in statement.names.changes | statement.names.perhaps:
                    return False
                if name not in statement.names.binds:
                    continue
                node = statement.node
                if not isinstance(node, ast.Assign) or name in above:
                    return False
                if not self._constant(node.value, above | {name}):
                    return False
        return True


class Notebook:
    """The code of a notebook, statement by statement.

    Parameters
    ----------
    path : Path
        An .ipynb file whose cells are plain Python.
    """

    def __init__(self, path: Path) -> None:
        cells = nbformat.read(path, as_version=4).cells
        self.path = path
        self.sources: dict[int, str] = {
            number: cell.source
            for number, cell in enumerate(cells)
            if cell.cell_type == "code"
        }

    @cached_property
    def statements(self) -> list[Statement]:
        """The top-level statements, in order."""
        return [
            Statement(number, text(source, node), node, names([node]))
            for number, source in self.sources.items()
            for node in ast.parse(source).body
        ]

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """The claims that the notebook records, by id, in order."""
        return {claim.id: claim for claim in self._claims()}

    def _claims(self) -> Iterator[Claim]:
        for place, statement in enumerate(self.statements):
            for call in ast.walk(statement.node):
                if not isinstance(call, ast.Call) or base(call.func) != "record":
                    continue
                claim_id = ast.literal_eval(call.args[0])
                beside = [
                    i
                    for i, s in enumerate(self.statements)
                    if s.cell == statement.cell and isinstance(s.node, ast.Assert)
                ]
                goals = {i: self.statements[i].names.reads for i in (*beside, place)}
                claim = Claim(claim_id, statement.cell, call, self.needed(goals), ())
                if not all(claim.typed().values()):
                    goals[place] = names([claim.verdict]).reads
                yield claim._replace(decisive=self.needed(goals))

    def needed(self, goals: Mapping[int, set[str]]) -> tuple[Statement, ...]:
        """Return some statements, and all that they need, in order.

        Parameters
        ----------
        goals : mapping of int to set of str
            By place in the notebook, the names that count of what is read there.
        """
        cone = set(goals)
        asked = {(name, place) for place in goals for name in goals[place]}
        seen: set[tuple[str, int]] = set()
        while asked - seen:
            name, at = question = (asked - seen).pop()
            seen.add(question)
            for place in _origins(self.statements, name, at):
                cone.add(place)
                found = self.statements[place].names
                asked |= {(n, place) for n in found.reads | found.changes}
                # The body of a function reads what there is when it is called.
                asked |= {(n, at) for n in found.later.get(name, ())}
        return tuple(self.statements[place] for place in sorted(cone))


def _origins(statements: Sequence[Statement], name: str, at: int) -> Iterator[int]:
    """Yield where a name as it is just before a place was changed, and was bound."""
    for place in range(at - 1, -1, -1):
        found = statements[place].names
        changed = name in found.changes and not _alias(statements, name)
        if changed or name in found.binds | found.perhaps:
            yield place
        if name in found.binds and not changed:
            return


def _alias(statements: Sequence[Statement], name: str) -> bool:
    """Return whether a name stands for something imported, which nobody changes."""
    return any(s.imports and name in s.names.binds for s in statements)
