"""Find whole numbers in arrays that may need more than 32 bits.

NumPy's whole numbers have as many bits as the machine's addresses: 64 on a computer,
32 in the Python of a browser, where the square of 50_000 silently becomes negative.
This reads a program without running it, and follows arrays of whole numbers from where
they are made, by their names and through what keeps them whole. What consists of
numbers that stand in the text is worked out: it has to fit. A power or a product
of what is not known may not fit. Either is written with a float, ``2.0**k``, or made
with a type, ``np.arange(n, dtype=np.int64)``.

Not seen are arrays that come out of a function of ours, an argument or a file.
"""

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

LARGEST = 2**31 - 1
KEPT = (
    "abs append clip concatenate copy cumprod cumsum diff flip maximum meshgrid "
    "minimum outer power prod ravel repeat reshape roll sort sum take tile transpose "
    "where"
).split()
MULTIPLIED = {"cumprod", "power", "prod"}
WHOLE_TYPES = {"int", "np.int_", "np.intp"}  # as many bits as the machine likes
STEPS = ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod | ast.Pow | ast.LShift


class _Finder(ast.NodeVisitor):
    """Walks through a program in the order of its text."""

    def __init__(self) -> None:
        self.whole_names: set[str] = set()  # of arrays of whole numbers
        self.known: dict[str, Any] = {}  # names whose value follows from the text
        self.found: list[ast.expr] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Look into a function, whose names are its own."""
        outside = self.whole_names.copy(), self.known.copy()
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                self._forget(argument.arg)
        self.generic_visit(node)
        self.whole_names, self.known = outside

    def visit_Name(self, node: ast.Name) -> None:
        """Forget what a name was when something else is given to it."""
        if isinstance(node.ctx, ast.Store):
            self._forget(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Look into the value; remember the names that it gives."""
        self.visit(node.value)
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            told = [(name, self.whole(value), value) for name, value in pairs]
            self.visit(target)
            for name, whole, value in told:
                if isinstance(name, ast.Name) and (whole or _number(value)):
                    self._remember(name.id, whole, value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Take ``a **= 2`` for ``a = a**2``."""
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        value = ast.BinOp(left=target, op=node.op, right=node.value)
        self.visit_Assign(ast.Assign(targets=[node.target], value=value))

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Note an array of whole numbers that comes out too large."""
        self._check(node, strict=isinstance(node.op, ast.Pow | ast.LShift))

    def visit_Call(self, node: ast.Call) -> None:
        """Note a product or sum of whole numbers that comes out too large."""
        self._check(node, strict=_called(node)[0] in MULTIPLIED)

    def _check(self, node: ast.expr, *, strict: bool) -> None:
        before = len(self.found)
        self.generic_visit(node)
        if len(self.found) == before and self.whole(node):
            value = self._value(node)
            if strict if value is None else _largest(value) > LARGEST:
                self.found.append(node)

    def _forget(self, name: str) -> None:
        self.whole_names.discard(name)
        self.known.pop(name, None)

    def _remember(self, name: str, whole: bool, value: ast.expr) -> None:
        if whole:
            self.whole_names.add(name)
        if (number := self._value(value)) is not None:
            self.known[name] = number

    def _value(self, node: ast.expr) -> Any:
        """Return what an expression comes to, None if that does not stand here."""
        try:
            return eval(ast.unparse(node), {"np": np} | self.known)
        except NameError:
            return None

    def whole(self, node: ast.expr) -> bool:
        """Tell whether an expression is an array of whole numbers of no told type."""
        match node:
            case ast.Name(id=name):
                return name in self.whole_names
            case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner):
                return self.whole(inner)
            case ast.Attribute(value=inner, attr="T" | "mT" | "flat"):
                return self.whole(inner)
            case ast.BinOp(left=left, op=op, right=right):
                return isinstance(op, STEPS) and self._all_whole([left, right])
            case ast.Call():
                return self._whole_call(node)
        return False

    def _all_whole(self, nodes: list[ast.expr]) -> bool:
        """Tell whether there is an array of whole numbers, and beside it only such."""
        whole = [self.whole(node) for node in nodes]
        others = [n for n, is_whole in zip(nodes, whole, strict=True) if not is_whole]
        return any(whole) and all(_number(n) or self._is_count(n) for n in others)

    def _is_count(self, node: ast.expr) -> bool:
        known = isinstance(node, ast.Name) and self.known.get(node.id)
        return isinstance(known, int) and not isinstance(known, bool)

    def _whole_call(self, node: ast.Call) -> bool:
        called, operands = _called(node)
        if called == "astype" and node.args:
            return ast.unparse(node.args[0]) in WHOLE_TYPES
        types = [word.value for word in node.keywords if word.arg == "dtype"]
        if types:
            return ast.unparse(types[0]) in WHOLE_TYPES
        if called == "arange":
            return not any(map(_fraction, operands))
        if called in {"array", "asarray", "full"}:
            return bool(operands) and _number(operands[-1])
        return called in KEPT and self._all_whole(operands)


def _called(node: ast.Call) -> tuple[str, list[ast.expr]]:
    """Return the name of what NumPy does, and to what: ``np.sum(a)``, ``a.sum()``."""
    match node.func:
        case ast.Attribute(value=ast.Name(id="np"), attr=name):
            return name, node.args
        case ast.Attribute(value=inner, attr=name):
            return name, [inner]
    return "", []


def _number(node: ast.expr) -> bool:
    """Tell whether whole numbers stand there: ``3``, ``-2**20``, ``[1, 2]``."""
    match node:
        case ast.Constant(value=value):
            return type(value) is int
        case ast.UnaryOp(operand=inner):
            return _number(inner)
        case ast.BinOp(left=left, op=op, right=right):
            return isinstance(op, STEPS) and _number(left) and _number(right)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return bool(parts) and all(map(_number, parts))
    return False


def _fraction(node: ast.expr) -> bool:
    """Tell whether a number that is not whole stands there, or a division."""
    return any(
        isinstance(part, ast.Div)
        or (isinstance(part, ast.Constant) and type(part.value) is float)
        for part in ast.walk(node)
    )


def _largest(value: Any) -> float:
    return float(np.abs(np.asarray(value, float)).max(initial=0.0))


def too_large(source: str) -> Iterator[str]:
    """Yield each expression of a program whose numbers may not fit in 32 bits."""
    finder = _Finder()
    finder.visit(ast.parse(source))
    yield from map(ast.unparse, finder.found)
