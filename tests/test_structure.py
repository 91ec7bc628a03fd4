"""The shape of the book: names that match, imports that point one way, cells."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from algollm_helpers.explorers import digest
from book import (
    NOTEBOOKS,
    ORDER,
    PACKAGE,
    PAGES,
    ROOT,
    WRITTEN,
    code_cells,
    notebook,
    output_text,
)

MODULES = sorted(PACKAGE.glob("*.py"))
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
MAX_CODE_LINES = 15
MAX_MODULE_LINES = 315  # "about 300"
MAX_COLUMNS = 74

# Modules that are not maths, with the third-party packages that each may import.
DRAWING = {"matplotlib", "cycler", "numpy"}
TOOLS = {
    "__init__": set(),
    "__main__": set(),
    "checkpoint": {"numpy"},
    "claims": {"IPython"},
    "cli": {"numpy", "tqdm"},
    "cli_parser": set(),
    "exercises": {"numpy"},
    "explorers": {"matplotlib", "ipywidgets", "IPython"},
    "figures": DRAWING,
    "mpi": set(),
    "notebook": {"comm", "matplotlib", "IPython", "matplotlib_inline"},
    "parallel_demos": {"numpy"},
    "plots": DRAWING,
}
# What works on several ranks; mpi4py is imported where it is needed, not on top.
PARALLEL = {
    "checkpoint",
    "cli",
    "data_parallel",
    "hybrid",
    "mpi",
    "parallel_demos",
    "pipeline",
    "tensor_parallel",
}
OWN_IMPORTS = {  # tools that may import others of them
    "__main__": {"cli"},
    "cli": {"checkpoint", "cli_parser", "mpi"},
    "cli_parser": {"checkpoint"},
    "explorers": {"figures", "plots"},
    "notebook": {"figures"},
    "parallel_demos": {"mpi"},
    "plots": {"figures"},
}
ON_MATHS = {
    "checkpoint",
    "cli",
    "parallel_demos",
}  # tools that may import any maths module
MATHS = [path for path in MODULES if path.stem not in TOOLS]


def chapter_of(path):
    """Return the chapter that a maths module names first in its docstring."""
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    match = re.search(r"chapters/(\w+)\.ipynb", doc)
    assert match, f"{path.name}: its docstring names no chapter"
    return match[1]


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write the absolute import"
            yield node.module


def test_the_table_of_contents_follows_the_order_of_the_chapters():
    in_toc = [page.removeprefix("chapters/") for page in PAGES]
    assert [stem for stem in in_toc if stem in ORDER] == WRITTEN
    for stem in in_toc:
        if stem.endswith("_lab"):
            before = in_toc[in_toc.index(stem) - 1]
            assert before == stem.removesuffix("_lab"), f"{stem} follows {before}"


def test_every_notebook_is_a_page_and_every_page_exists():
    pages = {f"chapters/{path.stem}" for path in NOTEBOOKS}
    assert pages <= set(PAGES), "a notebook is missing from _toc.yml"
    for page in PAGES:
        assert list(ROOT.glob(f"{page}.*")), f"{page} is not there"


def test_each_written_chapter_has_its_helper():
    for stem in WRITTEN:
        assert (PACKAGE / f"{stem}.py").exists(), f"no helper for chapter {stem}"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if not p.stem.startswith("__")], ids=lambda p: p.stem
)
def test_each_helper_has_its_test(path):
    assert (ROOT / "tests" / f"test_{path.stem}.py").exists()


@pytest.mark.parametrize("path", MATHS, ids=lambda p: p.stem)
def test_maths_belongs_to_a_chapter_that_is_written_or_announced(path):
    assert chapter_of(path) in ORDER


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_imports_point_from_tools_to_maths_and_backwards_in_the_book(path):
    maths = {p.stem: chapter_of(p) for p in MATHS}
    outside = TOOLS.get(path.stem, {"numpy"})
    if path.stem in PARALLEL:
        outside = outside | {"mpi4py"}
    for name in imported_modules(path):
        root, _, rest = name.partition(".")
        if root != "algollm_helpers":
            allowed = root in outside or root in sys.stdlib_module_names
            assert allowed, f"{path.name} may not import {name}"
            if path.stem != "notebook":
                assert "pyplot" not in name, f"{path.name} may not import {name}"
        elif path.stem in maths:
            assert rest in maths, f"{path.name} is maths and may not import {name}"
            here, there = ORDER.index(maths[path.stem]), ORDER.index(maths[rest])
            assert there <= here, f"{path.name} imports {rest} of a later chapter"
        else:
            own = OWN_IMPORTS.get(path.stem, set())
            if path.stem in ON_MATHS:
                own = own | set(maths)
            assert rest in own, f"{path.name} may not import {name}"


def test_the_book_can_be_imported_without_mpi():
    code = "import sys; sys.modules['mpi4py'] = None; import "
    code += ", ".join(f"algollm_helpers.{stem}" for stem in sorted(PARALLEL))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("path", MATHS, ids=lambda p: p.stem)
def test_maths_neither_prints_nor_seeds_the_global_generator(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call != "print", f"{path.name} prints"
            assert call not in {"random.seed", "np.random.seed"}, f"{path.name} seeds"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_code_cells_are_short_and_ran_top_to_bottom(path):
    cells = code_cells(path)
    for cell in cells:
        lines = [line for line in cell["source"].splitlines() if line.strip()]
        assert len(lines) <= MAX_CODE_LINES, cell["source"]
        assert max(map(len, lines)) <= MAX_COLUMNS, cell["source"]
        assert "import *" not in cell["source"], cell["source"]
        kinds = {output["output_type"] for output in cell["outputs"]}
        assert "error" not in kinds, cell["source"]
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))


def prose(path):
    cells = notebook(path)["cells"]
    return "\n".join(c["source"] for c in cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize("stem", WRITTEN)
def test_a_chapter_opens_and_ends_like_the_others(stem):
    path = ROOT / "chapters" / f"{stem}.ipynb"
    text, code = prose(path), [cell["source"] for cell in code_cells(path)]
    opening = notebook(path)["cells"][0]["source"]
    parts = ("After this chapter you can", "*You need*", "*Time:*")
    missing = [part for part in parts if part not in opening]
    assert not missing, f"{stem} opens without {missing}"
    ending = ["## Exercises", "## Test yourself", "## What we measured"]
    assert re.findall(r"^## .*$", text, re.MULTILINE)[-3:] == ending
    parts = ("**In four sentences.**", "**Sources.**", "**Where next.**")
    missing = [part for part in parts if part not in text.partition(ending[-1])[2]]
    assert not missing, f"{stem} ends without {missing}"
    assert text.count("{exercise-start}") >= 6
    assert text.count(":::{dropdown}") >= 5
    assert sum("\nexplore(" in f"\n{source}" for source in code) >= 2
    assert any("\nlive(" in f"\n{source}" for source in code)


def test_every_source_is_listed_once_and_cited():
    entries = (ROOT / "references.bib").read_text("utf-8")
    keys = re.findall(r"^@\w+\{(\w+),", entries, re.MULTILINE)
    titles = re.findall(r"^\s*title\s*=\s*\{(.*)\},?$", entries, re.MULTILINE)
    plain = [re.sub(r"\W", "", title).lower() for title in titles]
    assert len(keys) == len(set(plain))
    pages = [prose(path) for path in NOTEBOOKS]
    pages += [path.read_text("utf-8") for path in ROOT.glob("chapters/*.md")]
    roles = re.findall(r"\{cite[^}]*\}`([^`]*)`", "".join(pages))
    assert {key.strip() for role in roles for key in role.split(",")} == set(keys)


@pytest.mark.parametrize("stem", WRITTEN)
def test_the_card_of_a_chapter_promises_its_minutes(stem):
    opening = notebook(ROOT / "chapters" / f"{stem}.ipynb")["cells"][0]["source"]
    minutes = re.search(r"\*Time:\*\s+(\d+)\s+minutes", opening)
    assert minutes, f"{stem}: no '*Time:* N minutes' in its opening"
    card = (ROOT / "intro.md").read_text("utf-8").partition(f":link: chapters/{stem}\n")
    promised = re.search(r"(\d+) minutes", card[2])
    assert promised, f"{stem}: no card with minutes in intro.md"
    assert promised[1] == minutes[1]


@pytest.mark.parametrize("stem", WRITTEN)
def test_a_lab_is_named_after_its_chapter_and_leads_back_to_it(stem):
    title = prose(ROOT / "chapters" / f"{stem}.ipynb").splitlines()[0]
    assert (ROOT / f"chapters/{stem}_lab.ipynb").exists(), f"{stem} has no lab"
    lab = prose(ROOT / "chapters" / f"{stem}_lab.ipynb")
    assert lab.splitlines()[0] == title.replace("# ", "# Lab: ", 1)
    assert f"{{doc}}`{stem}`" in lab.partition("\n## ")[0]
    assert "*Time:*" in lab
    for part in ("**Sources.**", "**Where next.**"):
        assert part in lab.partition("## What we measured")[2]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_names_neither_machine_nor_version(path):
    metadata = notebook(path)["metadata"]
    assert set(metadata) <= {"kernelspec", "language_info", "widgets"}
    assert metadata["language_info"] == {"name": "python"}
    assert metadata["kernelspec"]["name"] == "python3"


def drawings(path):
    """Yield the cells that show a figure or an explorer on the site."""
    for cell in code_cells(path):
        shown = {kind for out in cell["outputs"] for kind in out.get("data", {})}
        hidden = "remove-output" in cell["metadata"].get("tags", ())
        if shown & {"image/svg+xml", VIEW} and not hidden:
            yield cell


def alt_text(cell):
    return cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_drawing_is_svg_and_has_alternative_text(path):
    for cell in drawings(path):
        assert len(alt_text(cell)) >= 30, f"what does this show?\n{cell['source']}"
    for cell in code_cells(path):
        kinds = {kind for out in cell["outputs"] for kind in out.get("data", {})}
        assert "image/png" not in kinds, f"nbval does not compare PNG\n{cell['source']}"


def numbers_in(text):
    """Return the decimal fractions in prose; formulas and code are not prose."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", " ", text, flags=re.DOTALL)
    text = re.sub(r"https?://\S+", " ", text)
    return re.findall(r"(?<![\d.])\d+\.\d+(?![\d.]*\d)", text.replace(",", ""))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_numbers_in_prose_and_alternative_text_stand_in_code_or_output(path):
    cells = code_cells(path)
    proven = " ".join(c["source"] + " " + output_text(c) for c in cells)
    for state in widget_states(path).values():
        proven += " " + re.sub(r"<[^>]+>", " ", str(state.get("value", "")))
    proven = proven.replace(",", "").replace("_", "")
    prose = [c["source"] for c in notebook(path)["cells"] if c["cell_type"] != "code"]
    for text in [*prose, *map(alt_text, cells)]:
        for number in numbers_in(text):
            pattern = rf"(?<![\d.]){re.escape(number)}(?!\d)"
            assert re.search(pattern, proven), f"nothing computes {number} in:\n{text}"


def widget_states(path):
    stored = notebook(path)["metadata"].get("widgets", {}).get(STATE, {"state": {}})
    return {key: model["state"] for key, model in stored["state"].items()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_explorers_show_the_frames_that_their_cells_printed_a_digest_of(path):
    # nbval compares the printed digest with a fresh run and skips the frames; this
    # compares the stored frames with the printed digest.
    for cell in code_cells(path):
        for output in cell["outputs"]:
            text = "".join(output.get("data", {}).get("text/plain", ""))
            if text.startswith("Explorer, sha256 "):
                model = output["data"][VIEW]["model_id"]
                stored = digest(model, widget_states(path))
                assert text == f"Explorer, sha256 {stored}", cell["source"]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_module_is_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_MODULE_LINES


def test_the_issue_form_offers_every_chapter():
    form = yaml.safe_load(
        (ROOT / ".github/ISSUE_TEMPLATE/number.yml").read_text("utf-8")
    )
    (field,) = [item for item in form["body"] if item.get("id") == "chapter"]
    titles = [
        notebook(ROOT / "chapters" / f"{stem}.ipynb")["cells"][0]["source"]
        .splitlines()[0]
        .removeprefix("# ")
        for stem in WRITTEN
    ]
    assert field["attributes"]["options"] == [*titles, "another page"]


def test_the_citation_names_the_version_and_licence_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == project["version"]
    assert " AND ".join(citation["license"]) == project["license"]


def test_no_file_names_a_machine_or_a_registry():
    pattern = re.compile(
        r"/(?:work|root|tmp|home/\w+)/|pypi\.org|registry\.npm|\.internal"
    )
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        own = parts[0] in {".git", "_build"} or parts[0].startswith(".venv")
        if own or not path.is_file():
            continue
        if path.suffix in {".py", ".md", ".ipynb", ".yml", ".toml", ".txt", ".js"}:
            found = pattern.search(path.read_text("utf-8"))
            here = path.name == "test_structure.py"
            assert here or not found, f"{path.name} holds {found and found[0]}"
