"""Runs the cells of a page, in one namespace, as a kernel does."""

import ast
import linecache
import sys
import types

from inpage import faults, moving, showing, streams, telling


def begin(emit: telling.Emit) -> None:
    """Start a session with nothing defined; `emit` takes what cells tell."""
    telling.begin(emit)
    streams.begin()
    moving.begin()
    main = types.ModuleType("__main__")
    vars(main).update(display=showing.display, __builtins__=__builtins__)
    sys.modules["__main__"] = main


def run(code: str, number: int, quiet: bool = False) -> bool:
    """Run a cell and return whether it came to its end.

    Parameters
    ----------
    code : str
        As it stands on the page.
    number : int
        Of the cell, by which tracebacks name it.
    quiet : bool, optional
        Show nothing but an error: the cell prepares for another one.
    """
    name = f"Cell {number}"
    linecache.cache[name] = len(code), None, code.splitlines(keepends=True), name
    streams.OUT.begin()
    streams.ERR.begin()
    try:
        with telling.quietly(quiet):
            try:
                _carry_out(code, name)
            finally:
                streams.flush()
    except BaseException as error:  # a cell may raise anything
        _forget_figures()
        telling.tell("error", **faults.told(error))
        return False
    return True


def _carry_out(code: str, name: str) -> None:
    """Run all statements, and show the value of the last if it is an expression."""
    tree = ast.parse(code, name)
    last = tree.body[-1] if tree.body else None
    space = vars(sys.modules["__main__"])
    if not isinstance(last, ast.Expr):
        exec(compile(tree, name, "exec"), space)
    else:
        tree.body.remove(last)
        exec(compile(tree, name, "exec"), space)
        value = eval(compile(ast.Expression(last.value), name, "eval"), space)
        if value is not None and not code.rstrip().endswith(";"):
            showing.display(value)
    if "inpage.backend" in sys.modules:
        sys.modules["inpage.backend"].show()


def _forget_figures() -> None:
    if "inpage.backend" in sys.modules:
        sys.modules["inpage.backend"].forget()
