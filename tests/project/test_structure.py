"""The shape of the tree: what belongs together has one name, files name no machine."""

import re
import tomllib

import pytest
import yaml

from tests.support.book import (
    NOTEBOOKS,
    ORDER,
    PACKAGE,
    PAGES,
    ROOT,
    chapter_of,
    notebook,
)
from tests.support.tree import files

MODULES = sorted(PACKAGE.rglob("*.py"))
KIN = [p for p in PACKAGE.glob("*.py") if p.stem not in {"arrays", "checks"}]
MAX_MODULE_LINES = 300
TEXTS = {"", *".cff .css .html .ipynb .js .json .md .py .toml .txt .yaml .yml".split()}


def test_the_table_of_contents_follows_the_order_of_the_chapters():
    in_toc = [page.removeprefix("chapters/") for page in PAGES]
    assert [stem for stem in in_toc if stem in ORDER] == ORDER
    for stem in in_toc:
        if stem.endswith("_lab"):
            before = in_toc[in_toc.index(stem) - 1]
            assert before == stem.removesuffix("_lab"), f"{stem} follows {before}"


def test_every_notebook_is_a_page_and_every_page_exists():
    pages = {f"chapters/{path.stem}" for path in NOTEBOOKS}
    assert pages <= set(PAGES), "a notebook is missing from _toc.yml"
    for page in PAGES:
        assert list(ROOT.glob(f"{page}.*")), f"{page} is not there"


def test_each_chapter_has_its_helper():
    for stem in ORDER:
        assert (PACKAGE / f"{stem}.py").exists(), f"no helper for chapter {stem}"


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if not p.stem.startswith("__")],
    ids=lambda p: p.stem,
)
def test_each_helper_has_its_test_in_the_folder_of_the_same_name(path):
    place = path.relative_to(PACKAGE).parent / f"test_{path.stem}.py"
    assert (ROOT / "tests" / place).exists()


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "_ext" / "algollm_book").glob("[!_]*.py")),
    ids=lambda p: p.stem,
)
def test_each_module_of_the_sites_extension_has_its_test_among_those_of_the_site(path):
    assert (ROOT / "tests" / "site" / f"test_{path.stem}.py").exists()


@pytest.mark.parametrize(
    "path", [p for p in KIN if not p.stem.startswith("__")], ids=lambda p: p.stem
)
def test_what_lies_beside_the_chapters_belongs_to_one(path):
    assert chapter_of(path) in ORDER


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_module_is_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_MODULE_LINES


def test_the_map_of_the_package_names_every_module_and_wing():
    source = (PACKAGE / "__init__.py").read_text("utf-8")
    named = set(re.findall(r"^\w+(?=  )|(?<=``)\w+", source, re.M))
    there = {p.stem for p in PACKAGE.glob("*.py") if not p.stem.startswith("__")}
    wings = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert named - {"algollm", "tests"} == there | wings


def test_the_issue_form_offers_every_chapter():
    form = yaml.safe_load(
        (ROOT / ".github/ISSUE_TEMPLATE/number.yml").read_text("utf-8")
    )
    (field,) = [item for item in form["body"] if item.get("id") == "chapter"]
    titles = [
        notebook(ROOT / "chapters" / f"{stem}.ipynb")["cells"][0]["source"]
        .splitlines()[0]
        .removeprefix("# ")
        for stem in ORDER
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
    for path in files():
        if path.suffix in TEXTS:
            found = pattern.search((ROOT / path).read_text("utf-8"))
            here = path.name == "test_structure.py"
            assert here or not found, f"{path} holds {found and found[0]}"
