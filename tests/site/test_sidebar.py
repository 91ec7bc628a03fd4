"""Tests for algollm_book.sidebar, and for the list of pages in a browser."""

import pytest
from bs4 import BeautifulSoup

from algollm_book.sidebar import tidied
from tests.support.book import ORDER
from tests.support.browser import PHONE

LIST = """<ul><li class="current"><a class="current" href="a.html">Loss</a>
<details open><summary><span>+</span></summary><ul>
<li class="current"><a class="current" href="#">Lab: Loss</a></li>
<li><a href="x.html">Something else</a></li>
<li><a href="y.html">Loss</a></li></ul></details></li>
<li><a href="b.html">Lab: Loss</a></li></ul>"""


@pytest.fixture
def tree():
    return tidied(BeautifulSoup(LIST, "html.parser"))


def test_nothing_is_folded_away_and_no_button_is_left(tree):
    assert not tree.select("summary, details")
    assert len(tree.select("li > ul > li > a")) == 3


def test_the_page_itself_is_current_and_its_chapter_is_not(tree):
    (current,) = tree.select("[aria-current]")
    assert (current["aria-current"], current["href"]) == ("page", "#")


def test_a_lab_below_its_chapter_is_called_by_what_its_title_adds(tree):
    names = [a.get_text() for a in tree.select("li > ul > li > a")]
    assert names == ["Lab", "Something else", "Loss"]
    labels = [a.get("aria-label") for a in tree.select("li > ul > li > a")]
    assert labels == ["Lab: Loss", None, None]
    assert tree.select("a")[-1].get_text() == "Lab: Loss"  # it is below no chapter


def test_the_colon_of_other_scripts_is_left_out_as_well():
    lab = "实验\N{FULLWIDTH COLON}下山"
    text = f"<li><a href='a'>下山</a><ul><li><a href='b'>{lab}</a></li></ul></li>"
    assert tidied(BeautifulSoup(text, "html.parser")).select("a")[1].string == "实验"


@pytest.mark.browser
def test_chapters_are_numbered_for_eye_and_ear_and_others_are_not(visit):
    page = visit("chapters/loss_lab.html")
    numbers = page.evaluate("""() => [...document.querySelectorAll(".bd-links a")]
      .filter((a) => getComputedStyle(a, "::before").content.includes("counter"))
      .map((a) => a.getAttribute("href"))""")
    assert numbers == [f"{stem}.html" for stem in ORDER]
    current = page.locator(".bd-links [aria-current=page]")
    assert current.get_attribute("aria-label") == "Lab: Loss, the only interface"
    box = current.bounding_box()
    assert 0 < box["y"] < page.viewport_size["height"] - box["height"]


DRAWERS = {"primary": ".bd-links a >> nth=0", "secondary": ".page-toc a >> nth=0"}


@pytest.mark.browser
@pytest.mark.parametrize("side", DRAWERS)
def test_a_drawer_opens_and_closes_by_keyboard_and_gives_the_focus_back(visit, side):
    page = visit("chapters/loss.html")
    page.set_viewport_size(PHONE)
    button, drawer = page.locator(f".{side}-toggle"), f"#pst-{side}-sidebar-modal"
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{drawer}[open]")
    assert page.evaluate(f"document.activeElement.closest('{drawer}') !== null")
    assert page.locator(drawer).get_attribute("aria-label")
    assert page.locator(f"{drawer} {DRAWERS[side]}").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector(f"{drawer}:not([open])", state="attached")
    assert page.evaluate(f"document.activeElement.matches('.{side}-toggle')")
    assert page.troubles == []
