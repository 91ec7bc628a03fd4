"""Ways to read the built site: without scripts, by filter, by search, early."""

import pytest

from algollm_helpers.book.judging import VERDICTS
from tests.support.browser import DESK, PHONE, with_explorers

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


def rows_shown(page):
    return page.locator("table.scorecard tbody tr:visible").count()


def test_without_javascript_the_scorecard_shows_every_row(visit):
    page = visit("chapters/claims.html", "no scripts")
    assert rows_shown(page) == page.locator("table.scorecard tbody tr").count() > 100
    assert not page.locator(".scorecard-filter").is_visible()


# --- From page to page --------------------------------------------------------


def test_the_scorecard_is_filtered_by_verdict_and_essay(visit):
    page = visit("chapters/claims.html")
    everything = rows_shown(page)
    said = page.locator(".scorecard-filter output")
    page.get_by_label("false", exact=True).check(force=True)
    assert page.url.endswith("?verdict=verdict-false")
    wrong = page.locator("tr.verdict-false").count()
    assert 0 < rows_shown(page) == wrong < everything
    page.get_by_label("S3", exact=True).check(force=True)
    both = page.locator("tr.verdict-false.essay-s3").count()
    assert 0 < rows_shown(page) == both < wrong
    assert said.inner_text() == f"{both} of {everything} claims"
    tables = page.locator("section:has(> div table.scorecard):visible")
    assert all(table.locator("tbody tr:visible").count() for table in tables.all())
    assert (
        0 < tables.count() < page.locator("section:has(> div table.scorecard)").count()
    )
    page.reload()  # the address keeps what was asked for
    assert rows_shown(page) == both
    assert page.troubles == []


@pytest.mark.parametrize("verdict", VERDICTS)
def test_each_verdict_of_the_scorecard_has_its_button(visit, verdict):
    page = visit("chapters/claims.html")
    everything = rows_shown(page)
    page.get_by_label(verdict, exact=True).check(force=True)
    slug = f"verdict-{verdict.replace(' ', '-')}"
    assert page.url.endswith(f"?verdict={slug}")
    count = page.locator(f"tr.{slug}").count()
    assert rows_shown(page) == count < everything
    said = page.locator(".scorecard-filter output").inner_text()
    assert said == f"{count} of {everything} claims"
    assert page.troubles == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_heading_that_is_jumped_to_is_not_behind_the_buttons(visit, size):
    page = visit("chapters/claims.html")
    page.set_viewport_size(size)
    page.locator("p a[href='#how-a-verdict-is-reached']").click()
    page.wait_for_function("scrollY > 1000")
    heading = page.locator("#how-a-verdict-is-reached h2").bounding_box()
    buttons = page.locator(".scorecard-filter").bounding_box()
    assert buttons["y"] + buttons["height"] <= heading["y"] < size["height"]


def test_a_number_of_the_tally_leads_to_its_rows(visit):
    page = visit("index.html")
    count = int(page.locator(".tally .verdict-false strong").inner_text())
    page.locator(".tally .verdict-false a").click()
    page.wait_for_selector(".scorecard-filter:visible")
    assert rows_shown(page) == count


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
