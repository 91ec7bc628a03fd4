"""Tests for algollm_book.landmarks: skip links, and ids of one place."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from algollm_book.landmarks import UniqueIds, _find_explorer


def numbered(*ids):
    """Return the ids of sections, one inside the other, after the transform."""
    document = new_document("page")
    parent = document
    for name in ids:
        section = nodes.section(ids=[name])
        parent += section
        parent = section
    document.settings.env = SimpleNamespace(app=None)
    UniqueIds(document).run()
    return [i for section in document.findall(nodes.section) for i in section["ids"]]


def test_ids_of_one_place_stay():
    assert numbered("a", "b", "c") == ["a", "b", "c"]


def test_the_first_keeps_an_id_and_the_others_are_numbered():
    assert numbered("a", "b", "a", "a", "b") == ["a", "b", "a-2", "a-3", "b-2"]


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("<p>none</p>", None),
        ('<div class="explorer" id="explorer-a" role="group">', "explorer-a"),
        (
            '<p id="no"></p><div class="explorer" id="b"></div>'
            '<div class="explorer" id="c"></div>',
            "b",
        ),
        ('<div class="live" id="a"><div class="explorer" id="b"></div></div>', "a"),
    ],
)
def test_the_template_learns_of_the_first_explorer_of_a_page(body, first):
    context = {"body": body}
    _find_explorer(None, "page", "page.html", context, None)
    assert context["first_explorer"] == first


def test_a_page_without_a_body_has_no_explorer():
    context = {}
    _find_explorer(None, "search", "search.html", context, None)
    assert context["first_explorer"] is None


@pytest.mark.browser
def test_from_the_top_of_a_page_four_keys_lead_into_what_moves_first(visit):
    page = visit("chapters/descent.html")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.locator("#live-hill.live-awake").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('.live-object'))")


@pytest.mark.browser
def test_without_an_object_they_lead_to_its_first_explorer(visit):
    page = visit("chapters/descent_lab.html")
    for key in ("Tab", "Tab", "Enter", "Tab"):
        page.keyboard.press(key)
    focused = page.evaluate("document.activeElement.closest('.explorer')?.id")
    assert focused == page.locator(".explorer").first.get_attribute("id")
