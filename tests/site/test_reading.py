"""Ways to read the built site: without scripts, by search, early."""

import pytest

from tests.support.browser import with_explorers

pytestmark = pytest.mark.browser

# --- Without scripts ----------------------------------------------------------


@pytest.mark.parametrize("name", with_explorers())
def test_without_javascript_the_frame_at_rest_and_the_table_remain(visit, name):
    page = visit(name, "no scripts")
    for explorer in page.locator(".explorer").all():
        assert explorer.locator(".explorer-stack [role=img]:visible").count() == 1
        assert not explorer.locator(".explorer-controls").is_visible()
        assert explorer.locator("tbody tr").count() >= 2


def test_without_javascript_a_formula_is_its_source(visit):
    page = visit("chapters/descent.html", "no scripts")
    sources = page.locator(".math").all_inner_texts()
    assert any(r"\nabla L" in source for source in sources)


# --- From page to page --------------------------------------------------------


def test_search_finds_gradient(visit):
    page = visit("search.html?q=gradient")
    page.wait_for_selector("#search-results li")
    assert "gradient" in page.locator("#search-results").inner_text().lower()
    assert page.troubles == []


def test_a_page_is_painted_before_its_formulas_can_be_set(context):
    page = context().new_page()
    held = []
    page.route("**/tex-svg.js*", lambda route: held.append(route))  # no answer yet
    page.goto("chapters/descent.html", wait_until="commit")
    page.wait_for_function(
        "performance.getEntriesByName('first-contentful-paint').length"
    )
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_selector("mjx-container")
    page.context.close()
