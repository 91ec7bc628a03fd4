"""Ways to read the built site: without scripts."""

import pytest

from tests.support.browser import with_explorers

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", with_explorers())
def test_without_javascript_the_frame_at_rest_and_the_table_remain(visit, name):
    page = visit(name, "no scripts")
    for explorer in page.locator(".explorer").all():
        assert explorer.locator(".explorer-stack [role=img]:visible").count() == 1
        assert not explorer.locator(".explorer-controls").is_visible()
        assert explorer.locator("tbody tr").count() >= 2


def test_without_javascript_formulas_are_set(visit):
    page = visit("chapters/descent.html", "no scripts")
    nabla = page.locator("math:visible mi").get_by_text("∇").first
    assert nabla.bounding_box()["width"] > 5


def test_without_javascript_a_page_has_its_colours(visit):
    page = visit("chapters/claims.html", "no scripts")
    colour = "e => getComputedStyle(e).color"
    verdicts = {
        page.locator(f"table.standings thead th.verdict-{name}").evaluate(colour)
        for name in ("holds", "holds-if", "in-part", "not-at-this-scale", "false")
    }
    text = page.locator("h1").evaluate(colour)
    link = page.locator(".bd-article p a").first.evaluate(colour)
    assert len(verdicts | {text, link}) == 7
    bar = page.locator("table.standings td span").first
    assert bar.evaluate("e => getComputedStyle(e).backgroundColor") in verdicts
