"""What a browser lacks: the cells that need it are tagged, and say why; no others."""

import ast

import pytest
from nbformat.v4 import new_code_cell

from cones import base, names
from tests.support.book import NOTEBOOKS, code_cells

KNOWN = {"once", "remove-output", "hide-input"} | {
    f"fold-{kind}"
    for kind in ("imports", "figure", "live", "measure", "check", "solution")
}
PROCESSES, RESULTS = "needs-processes", "needs-results"
MARK, REASONS = "needs-install", {PROCESSES, RESULTS}
STARTING = {
    "mpi",
    "mpi4py",
    "MPI",
    "multiprocessing",
    "subprocess",
}  # what a call is of


def tags(cell):
    return cell["metadata"].get("tags", [])


def starts(node, starters):
    """Tell whether a piece of code asks for another process when it runs."""
    return any(
        (isinstance(part, ast.Call) and base(part.func) in starters)
        or (isinstance(part, ast.Import | ast.ImportFrom) and "mpi4py" in modules(part))
        for part in ast.walk(node)
    )


def modules(node):
    """Return the packages that an import is from."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    return {alias.name.partition(".")[0] for alias in node.names}


def reasons(cells):
    """Yield for each cell the reason why a browser cannot run it, "" if it can."""
    starters, missing, later = set(STARTING), set(), {}
    for cell in cells:
        body = ast.parse(cell["source"]).body
        found = names(body)
        later |= found.later
        wanted = found.reads.union(*found.later.values())
        wanted = wanted.union(*(later.get(name, ()) for name in wanted))
        own = set(found.later)
        starters |= {
            node.name
            for node in body
            if isinstance(node, ast.FunctionDef) and starts(node, starters)
        }
        runs = [node for node in body if not isinstance(node, ast.FunctionDef)]
        if any(starts(node, starters) for node in runs):
            reason = PROCESSES
        else:
            reason = RESULTS if (wanted - own) & missing else ""
        if reason:
            missing |= found.binds | found.perhaps | found.changes
        else:
            missing -= found.binds
        yield reason


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_cell_is_tagged_if_and_only_if_a_browser_cannot_run_it(path):
    cells = code_cells(path)
    for cell, reason in zip(cells, reasons(cells), strict=True):
        expected = [MARK, reason] if reason else []
        found = [tag for tag in tags(cell) if tag == MARK or tag in REASONS]
        assert found == expected, cell["source"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_tag_means_something(path):
    for cell in code_cells(path):
        assert set(tags(cell)) <= KNOWN | {MARK} | REASONS, cell["source"]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["job = mpi.run(2, 'x')", "print(job)", "print(1)"], "pr "),
        (["import subprocess", "subprocess.run(['ls'])"], " p"),
        (["import mpi4py"], "p"),
        (["from mpi4py import MPI"], "p"),
        (["def go():\n    return mpi.run(2, 'x')", "x = go()", "y = x"], " pr"),
        (["def go():\n    return mpi.run(2, 'x')\ngo()"], "p"),
        (["x = mpi.run(2, 'x')", "x = 1", "y = x"], "p  "),  # it has a value again
        (["x = mpi.run(2, 'x')", "y = x", "z = y"], "prr"),
        (["x = {}", "x['a'] = mpi.run(2, 'x')", "print(x)"], " pr"),
        (["x = mpi.run(2, 'x')", "def f():\n    return x", "f()"], "prr"),
        (["def f():\n    return x", "x = mpi.run(2, 'x')", "f()"], " pr"),
        (["x = mpi.run(2, 'x')", "y = [x for x in range(3)]"], "p "),
    ],
)
def test_what_starts_processes_or_follows_from_them_is_found(sources, expected):
    found = reasons([new_code_cell(source) for source in sources])
    letters = {PROCESSES: "p", RESULTS: "r", "": " "}
    assert "".join(letters[reason] for reason in found) == expected


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_cell_asks_the_clock_which_stands_still_in_a_browser(path):
    clocks = {"datetime", "time", "timeit"}
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not modules(node) & clocks, cell["source"]
