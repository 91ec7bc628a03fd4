"""Tests for tools/serve: the site is there, and a port that is taken is one line."""

import re
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

import serve
from tests.support.book import ROOT


@pytest.fixture
def site(tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("the book")
    monkeypatch.setattr(serve, "SITE", tmp_path)


@pytest.mark.usefixtures("site")
def test_a_port_that_is_taken_is_named_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            serve.main([str(port)])
    assert re.fullmatch(
        rf"port {port}: .+; name another: make serve .*", end.value.code
    )


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("port", ["-1", "65536", str(10**12)])
def test_a_port_that_cannot_be_is_one_line(port):
    with pytest.raises(SystemExit, match=f"^port {port}: .*make serve"):
        serve.main([port] if port != "-1" else ["--", port])


def test_without_a_site_it_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "SITE", tmp_path)
    with pytest.raises(SystemExit, match="make book"):
        serve.main(["0"])


def test_the_site_is_served_at_the_address_that_is_printed(tmp_path):
    (tmp_path / "index.html").write_text("the book")
    code = f"import pathlib, serve; serve.SITE = pathlib.Path({str(tmp_path)!r}); "
    with subprocess.Popen(
        [sys.executable, "-c", code + "serve.main(['0'])"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT / "tools",
    ) as process:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            with urlopen(address[0]) as page:
                assert page.read() == b"the book"
        finally:
            process.terminate()
