"""Tests for algollm_book.address: a page says where it is only if it knows."""

import pytest
from sphinx.errors import ConfigError

from algollm_book.address import checked
from tests.support.pages import site

AT = "https://book.example/algo-llm"


@pytest.mark.parametrize("address", [AT, f"{AT}/", f"{AT}//"])
def test_an_address_ends_with_one_slash(address):
    assert checked(address) == "https://book.example/algo-llm/"


@pytest.mark.parametrize(
    "wrong",
    [
        "book.example/algo",
        "ftp://book.example",
        "https://",
        "https:///algo",
        "https://book.example/?a=1",
        "https://book.example/#top",
        "https://book.example/al go",
        'https://book.example/"><script>',
    ],
)
def test_what_is_no_address_of_a_site_is_refused_and_named(wrong):
    with pytest.raises(
        ConfigError, match=r"like https://example\.org/book/, got"
    ) as told:
        checked(wrong)
    assert repr(wrong) in str(told.value)


def canonical(page):
    return [tag["href"] for tag in page.select('link[rel="canonical"]')]


def test_with_an_address_a_page_says_its_own_and_the_first_is_the_sites(small):
    assert canonical(small("start.html")) == [f"{AT}/"]
    assert canonical(small("sub/walk.html")) == [f"{AT}/sub/walk.html"]


def test_without_one_nothing_on_any_page_looks_like_one(small_sites):
    for path in small_sites[""].rglob("*.*"):
        if "_static" not in path.parts and path.suffix in {".html", ".txt", ".xml"}:
            text = path.read_text("utf-8")
            assert "canonical" not in text, path.name
            assert "og:url" not in text, path.name
            assert "og:image" not in text, path.name
            assert "Sitemap:" not in text, path.name
            assert "localhost" not in text, path.name
            assert "book.example" not in text, path.name


def test_the_environment_goes_before_the_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SITE_ADDRESS", "https://one.example")
    settings = {"html_baseurl": "https://two.example"}
    with site(tmp_path, {"index.md": "# A"}, **settings) as app:
        assert app.config.html_baseurl == "https://one.example/"


def test_the_settings_are_enough(tmp_path, monkeypatch):
    monkeypatch.delenv("SITE_ADDRESS", raising=False)
    settings = {"html_baseurl": "https://two.example"}
    with site(tmp_path, {"index.md": "# A"}, **settings) as app:
        assert app.config.html_baseurl == "https://two.example/"
