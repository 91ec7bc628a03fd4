"""Tests for algollm_book.policy: what a page may load, and that its own scripts run."""

import base64
import hashlib
import re

import pytest
from bs4 import BeautifulSoup

from algollm_book.policy import guarded, hashes
from tests.support.pages import page, site

HEAD = '<!DOCTYPE html>\n<html><head>\n<meta charset="utf-8" />'
# The first example of the recommendation, CSP3 section 8.3 (hash of the text alone).
HELLO = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def policy(text):
    """Return the policy of a page: sources by directive."""
    meta = BeautifulSoup(text, "html.parser").find_all(
        "meta", {"http-equiv": "Content-Security-Policy"}
    )
    assert len(meta) == 1
    parts = (part.split() for part in meta[0]["content"].split("; "))
    return {name: sources for name, *sources in parts}


def test_a_script_is_let_through_by_the_hash_that_the_recommendation_gives():
    assert hashes("<script>alert('Hello, world.');</script>", "script") == [HELLO]


def test_space_around_a_script_counts():
    spaced = hashlib.sha256(b"\n a ").digest()
    expected = f"'sha256-{base64.b64encode(spaced).decode()}'"
    assert hashes("<script>\n a </script>", "script") == [expected]


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ("<script>a</script><script>b</script>", 2),
        ("<script>a</script><script type='x'>a</script>", 1),
        ("<script src='a.js'></script>", 0),
        ("<script data-src-of='a'>a</script>", 1),
        ("<scripts>a</scripts>", 0),
        ('<script type="application/json">{"a": 1}</script>', 0),
        ('<script type="text/javascript">a</script>', 1),
        ("<script>\n a\n b\n</script>", 1),
    ],
)
def test_each_script_that_stands_in_a_page_has_its_hash(html, count):
    assert len(hashes(html, "script")) == count


def test_nothing_is_allowed_but_what_is_of_this_site():
    rules = policy(guarded(f"{HEAD}<script>a</script><style>b</style>"))
    assert rules["default-src"] == ["'none'"]
    script, style = (
        f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"
        for text in (b"a", b"b")
    )
    assert rules["script-src"] == ["'self'", script]
    assert rules["style-src"] == ["'self'", style]
    known = {"'self'", "'none'", "data:", "blob:", script, style}
    others = {s for sources in rules.values() for s in sources} - known
    assert others == {"'unsafe-inline'"}
    assert [n for n, s in rules.items() if "'unsafe-inline'" in s] == ["style-src-attr"]


def test_the_policy_stands_before_what_it_guards_and_behind_the_character_set():
    text = guarded(f"{HEAD}<script>a</script>")
    assert text.index("charset") < text.index("Security") < text.index("<script>")
    assert guarded("<p>").lstrip().startswith("<meta http-equiv")


def test_a_page_that_was_guarded_before_is_guarded_by_what_it_holds_now():
    once = guarded(f"{HEAD}<script>a</script>")
    assert guarded(once) == once
    changed = once.replace("<script>a", "<script>b")
    assert guarded(changed) == guarded(f"{HEAD}<script>b</script>")


def test_the_button_that_prints_no_longer_has_its_script_in_an_attribute():
    text = guarded(f'{HEAD}<button onclick="window.print()" class="a">')
    assert '<button data-print class="a">' in text


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    pages = {"index.md": "# One", "two.md": "---\norphan: true\n---\n# Two"}
    with site(tmp_path_factory.mktemp("policy"), pages) as app:
        yield app


@pytest.mark.parametrize("name", ["index", "two", "search", "genindex"])
def test_every_page_of_a_site_is_guarded(app, name):
    rules = policy(str(page(app, name)))
    inline = page(app, name).select("script:not([src])")
    assert len({tag.string for tag in inline}) == len(rules["script-src"]) - 1
    assert not re.search(r"<[^>]* on\w+=", str(page(app, name)))
