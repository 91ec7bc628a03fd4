"""Who may import whom: a table of folders, read from the sources."""

import ast
import subprocess
import sys

import pytest

from algollm_helpers import book
from tests.support.book import ORDER, PACKAGE, ROOT, chapter_of

# The chapters' modules and their kin lie on top; by chapter they are one of two groups.
EARLY, LATE = "chapters 1 to 5", "chapters 6 to 8"
DRAWING = {"IPython", "comm", "cycler", "ipywidgets", "matplotlib", "matplotlib_inline"}
TABLE = {  # folder: folders of ours that it may import, packages of others
    "arrays": (set(), {"numpy"}),
    "checks": ({"arrays"}, {"numpy"}),
    "engine": ({"arrays", "checks", "engine"}, {"numpy", "threadpoolctl"}),
    EARLY: ({"arrays", "checks", "engine", EARLY}, {"numpy"}),
    "gpt": ({"arrays", "checks", "engine", EARLY, "gpt"}, {"numpy"}),
    "parallel": (
        {"arrays", "checks", "engine", EARLY, "gpt", LATE, "parallel"},
        {"numpy", "mpi4py"},
    ),
    LATE: (
        {"arrays", "checks", "engine", EARLY, "gpt", LATE, "parallel"},
        {"numpy"},
    ),
    "program": (
        {
            *{"arrays", "checks", "engine", EARLY, "gpt", LATE, "parallel", "program"},
            "book",  # inside of functions, to draw if there is something to draw with
        },
        {"numpy", "tqdm"},
    ),
    "after": (
        {"arrays", "checks", "engine", EARLY, "gpt", LATE, "parallel", "after"},
        {"numpy"},
    ),
    "book": ({"arrays", "book"}, DRAWING | {"numpy"}),
    "__main__": ({"program"}, set()),
    "__init__": (set(), set()),
}
MODULES = sorted(PACKAGE.rglob("*.py"))
PATHS = {".".join(p.relative_to(ROOT).with_suffix("").parts): p for p in MODULES}
MATHS = [p for p in MODULES if p.parent.name not in {"program", "book"}]


def folder(path):
    """Return the row of the table that a module belongs to."""
    if path.parent != PACKAGE:
        return path.parent.name
    if path.stem in TABLE:
        return path.stem
    return EARLY if ORDER.index(chapter_of(path)) < 5 else LATE


def imports(path):
    """Yield the module that each import names, and where in the file it stands."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = {
        id(node)
        for part in ast.walk(tree)
        if isinstance(part, ast.FunctionDef)
        for node in ast.walk(part)
    }
    typing = {
        id(node)
        for part in ast.walk(tree)
        if isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING"
        for node in ast.walk(part)
    }
    for node in ast.walk(tree):
        where = "inside" if id(node) in inside else ""
        where = "typing" if id(node) in typing else where
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, where
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write the absolute import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield (name if name in PATHS else node.module), where


def names(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_module_imports_what_its_folder_may(path):
    ours, others = TABLE[folder(path)]
    for name, where in imports(path):
        root = name.partition(".")[0]
        if root == "algollm_helpers":
            target = PATHS.get(name) or PATHS[f"{name}.__init__"]
            assert folder(target) in ours, f"{names(path)} may not import {name}"
            if (folder(path), folder(target)) == ("program", "book"):
                assert where == "inside", f"{names(path)}: it must do without drawing"
        elif where != "typing":
            allowed = root in others or root in sys.stdlib_module_names
            assert allowed, f"{names(path)} may not import {name}"
            assert "pyplot" not in name or path.stem == "notebook", names(path)
            if root == "mpi4py":
                assert where == "inside", f"{names(path)}: the book must do without MPI"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if folder(p) in {EARLY, LATE}], ids=names
)
def test_a_chapter_uses_earlier_chapters_only(path):
    here = ORDER.index(chapter_of(path))
    for name, _ in imports(path):
        target = PATHS.get(name, path)
        if folder(target) in {EARLY, LATE}:
            there = ORDER.index(chapter_of(target))
            assert there <= here, f"{path.name} imports {name} of a later chapter"


def test_no_import_leads_back_to_where_it_came_from():
    graph = {
        name: {target for target, _ in imports(path) if target in PATHS}
        for name, path in PATHS.items()
    }
    while free := [name for name in graph if not graph[name] & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph, f"a circle among {sorted(graph)}"


@pytest.mark.parametrize("path", MATHS, ids=names)
def test_maths_neither_prints_nor_seeds_the_global_generator(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call != "print", f"{path.name} prints"
            assert call not in {"random.seed", "np.random.seed"}, f"{path.name} seeds"


@pytest.mark.parametrize(
    ("blocked", "modules"),
    [
        ({"mpi4py"}, [name for name, p in PATHS.items() if p.stem != "__main__"]),
        (DRAWING, [name for name, p in PATHS.items() if folder(p) == "program"]),
        ({"ipywidgets"}, ["algollm_helpers.book.claims"]),
    ],
    ids=["without MPI", "the program without drawing", "verdicts without widgets"],
)
def test_nobody_imports_what_he_does_not_need(blocked, modules):
    code = f"import sys; sys.modules.update(dict.fromkeys({blocked!r})); import "
    code += ", ".join(sorted(modules))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_each_face_offers_what_it_promises():
    for name in book._MODULES:
        assert getattr(book, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(book, "nothing")  # noqa: B009
