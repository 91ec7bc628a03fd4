"""Tests for tools/folds.py, and for what is folded in the notebooks."""

import ast
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import folds
from algollm_book.folding import SOLUTION, fold_of
from algollm_book.stored import VIEW
from tests.support.book import NOTEBOOKS, ORDER, ROOT, code_cells, notebook

BROKEN = "Broken on purpose"
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cell(source="pass", *tags, **metadata):
    return new_code_cell(source, metadata={"tags": list(tags)} | metadata)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (cell("a", "fold-check"), {"source_hidden": True}),
        (cell("a", "fold-check", "once"), {"source_hidden": True}),
        (cell("a", "once"), None),
        (cell("a", jupyter={"source_hidden": True}), None),
        (
            cell("a", jupyter={"source_hidden": True, "outputs_hidden": True}),
            {"outputs_hidden": True},
        ),
    ],
)
def test_jupyterlab_hides_what_the_tag_folds_and_nothing_else(before, after):
    folds.fold(new_notebook(cells=[before]))
    assert before.metadata.get("jupyter") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["fold-check"], ["fold-check", "hide-input"]),
        (["hide-input", "fold-check", "once"], ["fold-check", "once", "hide-input"]),
        (["once", "hide-input"], ["once"]),
        (["hide-input"], []),
        ([], []),
    ],
)
def test_the_tag_that_others_know_goes_with_ours(before, after):
    made = cell("a", *before)
    folds.fold(new_notebook(cells=[made]))
    assert made.metadata.get("tags") == after


def test_the_table_counts_cells_lines_and_what_is_asked():
    # three cells of 1, 2 and 2 lines; the first is folded, the last waits for an answer
    cells = [cell("import a", "fold-imports"), cell("b = 1\n\nc = 2")]
    cells.append(cell('answer = ...\ncheck("descent-late", answer)'))
    _, row, note = folds.table({"small": new_notebook(cells=cells)}).splitlines()
    assert note.startswith("open, in a chapter: at most 20 cells")
    assert row.split() == ["small", "3", "5", "2", "4", "1"]


def test_a_notebook_is_written_only_if_the_two_disagree(tmp_path, monkeypatch, capsys):
    path = tmp_path / "small.ipynb"
    cells = [cell("a", "fold-check"), cell("b")]
    path.write_text(nbformat.writes(new_notebook(cells=cells), indent=1) + "\n")
    monkeypatch.setattr("sys.argv", ["folds.py", str(path)])
    folds.main()
    assert "small.ipynb: folded anew" in capsys.readouterr().out
    written = path.read_text()
    first, second = nbformat.reads(written, 4).cells
    assert first.metadata.jupyter == {"source_hidden": True}
    assert (first.source, second) == ("a", cells[1])
    folds.main()
    assert "anew" not in capsys.readouterr().out
    assert path.read_text() == written


# --- In the book --------------------------------------------------------------


@each_notebook
def test_the_site_and_jupyterlab_fold_the_same_cells(path):
    for code in code_cells(path):
        hidden = code["metadata"].get("jupyter", {}).get("source_hidden", False)
        folded = fold_of(code["metadata"]) is not None
        known = folds.HIDDEN in code["metadata"].get("tags", [])
        assert hidden == known == folded, f"run tools/folds.py\n{code['source']}"


@pytest.mark.parametrize("stem", ORDER)
def test_a_chapter_at_rest_shows_the_code_that_a_reader_should_read(stem):
    shown = folds.open_cells(notebook(ROOT / "chapters" / f"{stem}.ipynb"))
    lessons = [code for code in shown if not folds.is_answer(code)]
    assert 0 < len(lessons) <= folds.CELLS
    assert folds.lines(shown) <= folds.LINES


def with_section(path):
    """Yield the code cells with the heading of their section, and what is around."""
    section, inside = "", False
    for part in notebook(path)["cells"]:
        if part["cell_type"] == "markdown":
            for mark, name in re.findall(r"^(##|###) (.*)$", part["source"], re.M):
                section = name if mark == "##" or BROKEN not in section else section
            for edge in re.findall(
                r"\{(solution-start|solution-end)\}", part["source"]
            ):
                inside = edge.removesuffix("-end") and edge == "solution-start"
        else:
            yield part, section, inside


@each_notebook
def test_solutions_and_nothing_else_are_folded_as_solutions(path):
    for code, _, inside in with_section(path):
        assert (fold_of(code["metadata"]) == SOLUTION) == inside, code["source"]


@each_notebook
def test_what_is_broken_on_purpose_is_not_folded(path):
    # but for the figures that show it, and the claims that it settles
    cells = list(with_section(path))
    for i, (code, section, _) in enumerate(cells):
        kind = fold_of(code["metadata"])
        if BROKEN not in section or kind in {None, "fold-figure"}:
            continue
        assert kind == "fold-measure", code["source"]
        run = [c for c, *_ in cells[i : i + 2]]
        assert any("record(" in c["source"] for c in run), code["source"]


@each_notebook
def test_a_cell_that_waits_for_an_answer_is_open(path):
    for code in code_cells(path):
        if re.search(r"= \.\.\.|return \.\.\.", code["source"]):
            assert fold_of(code["metadata"]) is None, code["source"]


def is_plumbing(statement):
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    return ast.unparse(statement).startswith(("setup(", "SEEDS = "))


@each_notebook
def test_imports_are_folded_as_imports(path):
    for code in code_cells(path):
        plumbing = all(map(is_plumbing, ast.parse(code["source"]).body))
        assert (fold_of(code["metadata"]) == "fold-imports") == plumbing, code["source"]


def draws(code):
    kinds = {kind for out in code["outputs"] for kind in out.get("data", {})}
    return bool(kinds & {"image/svg+xml", VIEW})


@each_notebook
def test_a_line_that_promises_a_figure_stands_above_one(path):
    waiting = None
    for code in code_cells(path):
        kind = fold_of(code["metadata"])
        assert (kind == "fold-live") == ("\nlive(" in f"\n{code['source']}")
        if waiting and kind != "fold-figure":
            pytest.fail(f"no figure follows\n{waiting}")
        waiting = kind == "fold-figure" and not draws(code) and code["source"]
    assert not waiting
