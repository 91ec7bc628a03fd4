"""Tests for algollm_book.sharing: what a page says about itself."""

import os

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from PIL import Image
from sphinx.util.docutils import new_document
from sphinx.util.nodes import extract_messages

from algollm_book.address import VARIABLE, checked
from algollm_book.sharing import LONGEST, description, shortened
from tests.support.book import PAGES
from tests.support.browser import SITE
from tests.support.pages import site

AT = "https://book.example/algo-llm"
MOST = 60_000  # bytes of a card


def document(*texts):
    made = new_document("")
    made += [nodes.paragraph(text, text) for text in texts]
    return made


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("Is it\nso? It is.", "Is it so?"),
        ("It is 3.5 long. And wide.", "It is 3.5 long."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_the_first_sentence_describes_a_page(text, sentence):
    assert description(document(text, "Later.")) == sentence


def test_a_page_without_a_paragraph_has_no_description():
    assert description(document()) == ""


def test_a_text_that_fits_stays_and_a_longer_one_ends_between_words():
    exact = "ab " * (LONGEST // 3) + "x" * (LONGEST % 3)
    assert len(exact) == LONGEST
    assert shortened(exact) == exact
    cut = shortened(exact + "y")
    assert len(cut) <= LONGEST
    assert cut.endswith("ab…")
    assert shortened("x" * 500) == "x" * (LONGEST - 1) + "…"


def head(page):
    said = {}
    for tag in page.select("meta[property], meta[name]"):
        name = tag.get("property") or tag["name"]
        said.setdefault(name, []).append(tag["content"])
    assert not [name for name, texts in said.items() if len(texts) > 1 and ":" in name]
    return {name: texts[0] for name, texts in said.items()}


def test_what_is_written_goes_before_the_first_sentence(homeless):
    said = head(homeless("sub/walk.html"))
    assert said["description"] == 'How to walk "downhill" & arrive.'
    assert said["og:description"] == said["description"]
    assert len(homeless("sub/walk.html").select('meta[name="description"]')) == 1


def test_titles_lose_their_marks_and_nothing_else(homeless):
    said = head(homeless("start.html"))
    assert said["description"] == "It begins here."
    assert said["og:title"] == "A small book & its end"
    assert said["og:site_name"] == "Small"
    assert said["og:type"] == "website"
    assert head(homeless("sub/walk.html"))["og:type"] == "article"


def test_without_an_address_no_card_is_drawn(small_sites, homeless):
    assert not (small_sites[""] / "cards").exists()
    assert "twitter:card" not in head(homeless("start.html"))


@pytest.mark.parametrize("name", ["start", "sub/walk", "sub/rest"])
def test_with_one_each_page_has_a_card_at_a_full_address(small_sites, small, name):
    said = head(small(f"{name}.html"))
    assert said["og:url"] == f"{AT}/" + (f"{name}.html" if name != "start" else "")
    assert said["og:image"] == f"{AT}/cards/{name}.png"
    assert said["twitter:card"] == "summary_large_image"
    assert said["og:image:alt"]
    with Image.open(small_sites[AT] / "cards" / f"{name}.png") as card:
        assert card.format == "PNG"
        size = [int(said[f"og:image:{side}"]) for side in ("width", "height")]
        assert list(card.size) == size == [1200, 630]


@pytest.mark.parametrize("name", ["search", "genindex"])
def test_pages_that_are_made_by_the_builder_are_not_for_sharing(small, name):
    assert "og:title" not in head(small(f"{name}.html"))


def test_a_description_can_be_translated(tmp_path):
    text = '---\nmyst:\n  html_meta:\n    description: "A walk."\n---\n# B'
    with site(tmp_path, {"index.md": text}) as app:
        messages = [m for _, m in extract_messages(app.env.get_doctree("index"))]
    assert "A walk." in messages


@pytest.mark.slow
def test_each_page_of_the_book_says_what_it_is_and_where_if_that_is_known():
    base = os.environ.get(VARIABLE) and checked(os.environ[VARIABLE])
    told = set()
    for name in ["index", *PAGES]:
        text = (SITE / f"{name}.html").read_text("utf-8")
        page = BeautifulSoup(text.partition("</head>")[0], "html.parser")
        said = head(page)
        assert 60 <= len(said["description"]) <= LONGEST, name
        assert said["og:description"] == said["description"]
        told.add(said["description"])
        places = [tag["href"] for tag in page.select('link[rel="canonical"]')]
        places += [said[key] for key in ("og:url", "og:image") if key in said]
        if base:
            here = base + (f"{name}.html" if name != "index" else "")
            assert places == [here, here, f"{base}cards/{name}.png"]
            assert (SITE / "cards" / f"{name}.png").stat().st_size <= MOST
        else:
            assert places == []
    assert len(told) == len(PAGES) + 1
    assert (SITE / "sitemap.xml").exists() == (SITE / "cards").exists() == bool(base)
