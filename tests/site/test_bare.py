"""Tests for algollm_book.bare: a page that stands alone."""

import base64
import hashlib
from types import SimpleNamespace

from bs4 import BeautifulSoup

from algollm_book.bare import bare

APP = SimpleNamespace(config=SimpleNamespace(language="zh_CN", html_title="A & B"))


def parsed(*args, **kwargs):
    return BeautifulSoup(bare(APP, *args, **kwargs), "html.parser")


def policy(page):
    rules = page.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    return dict(rule.split(" ", 1) for rule in rules.split("; "))


def test_a_title_is_text_and_a_body_is_html():
    page = parsed("1 < 2", "<p id='here'>x</p>", head='<meta name="a">')
    assert page.h1.get_text() == "1 < 2"
    assert page.title.get_text() == "1 < 2 · A & B"
    assert page.main.find(id="here")
    assert page.head.select_one('meta[name="a"]')


def test_the_language_is_written_as_html_wants_it():
    assert parsed("A", "").html["lang"] == "zh-CN"


def test_nothing_runs_but_the_given_script():
    assert "script-src" not in policy(parsed("A", ""))
    assert policy(parsed("A", ""))["default-src"] == "'none'"
    page = parsed("A", "", script="go();\n")
    digest = hashlib.sha256(page.script.string.encode()).digest()
    assert policy(page)["script-src"] == (
        f"'sha256-{base64.b64encode(digest).decode()}'"
    )


def test_only_a_page_that_asks_may_fetch_and_from_its_site_alone():
    assert "connect-src" not in policy(parsed("A", "", script="go();"))
    assert policy(parsed("A", "", script="go();", asks=True))["connect-src"] == "'self'"
