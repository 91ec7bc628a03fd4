"""Tests for algollm_book.runner_pack: what is beside the official files."""

import io
import json
import zipfile

import pytest

from algollm_book import runner_store
from algollm_book.runner_pack import archive, notices, weight
from tests.support import tiny
from tests.support.book import PACKAGE, ROOT

SITE = "lib/python3.12/site-packages"


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    wheel = tmp_path_factory.mktemp("packed") / tiny.WHEEL
    wheel.write_bytes(tiny.CONTENT[tiny.WHEEL])
    data = archive(ROOT, wheel)
    assert archive(ROOT, wheel) == data  # the same files, the same bytes
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        assert made.testzip() is None
        return {name: made.read(name) for name in made.namelist()}


def test_every_module_of_the_helpers_is_there_and_no_script_of_pages(packed):
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        assert packed[f"{SITE}/{name}"] == path.read_bytes()
    assert f"{SITE}/algollm_helpers/data/names.txt" in packed
    assert not [name for name in packed if name.endswith((".js", ".css", ".pyc"))]


def test_stand_ins_lie_where_python_looks_for_the_packages_of_jupyter(packed):
    for name in ("IPython", "comm", "inpage", "ipywidgets", "matplotlib_inline"):
        assert f"{SITE}/{name}/__init__.py" in packed
    assert not [name for name in packed if "stand_ins" in name]


def test_what_notebooks_read_lies_as_in_the_tree_and_without_pictures(packed):
    assert packed["book/benchmarks/results.json"]
    name = "chapters/backprop.ipynb"
    light, whole = (
        json.loads(packed[f"book/{name}"]),
        json.loads((ROOT / name).read_bytes()),
    )
    assert "widgets" not in light["metadata"]
    assert "image/svg+xml" not in json.dumps(light)
    assert [c["source"] for c in light["cells"]] == [
        c["source"] for c in whole["cells"]
    ]
    boxes = [
        [
            o["data"]["text/html"]
            for c in nb["cells"]
            for o in c.get("outputs", ())
            if "text/html" in o.get("data", {})
        ]
        for nb in (light, whole)
    ]
    assert boxes[0] == boxes[1] != []


def test_the_list_of_fonts_is_of_the_version_that_matplotlib_wants(packed):
    fonts = json.loads(packed[f"{SITE}/matplotlib/fontlist.json"])
    assert fonts["_version"] == 390
    assert fonts["ttflist"] == [{"fname": "fonts/own.ttf"}]  # none of another computer


def test_the_notices_name_licence_source_and_hash_of_all_that_is_handed_on():
    text = notices()
    for name, package in runner_store.lock()["packages"].items():
        licence, source = runner_store.manifest()["notices"][name]
        assert f"{name} {package['version']}: {licence}, {source}\n" in text
    for name, sha in runner_store.wanted().items():
        assert f"{sha}  {name}\n" in text
    assert "Pyodide 0.27.7: MPL-2.0" in text


def test_a_weight_is_the_sum_of_the_files(tmp_path):
    for name, size in (("a", 3), ("b", 4)):
        (tmp_path / name).write_bytes(b"." * size)
    assert weight(tmp_path.iterdir()) == 7
