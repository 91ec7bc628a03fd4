"""Finding a claim on the built scorecard: words, filters, orders, and addresses."""

import json
import re

import pytest

from algollm_helpers.book.judging import VERDICTS
from tests.support.book import CLAIMED, PACKAGE, notebook
from tests.support.browser import DESK, NAMES, PHONE
from tests.support.jobs import until

pytestmark = pytest.mark.browser

SCORES = "chapters/claims.html"
CLAIMS = json.loads((PACKAGE / "data" / "claims.json").read_text("utf-8"))["claims"]
ALL = [claim["id"] for claim in CLAIMS]
TITLES = {
    stem: notebook(PACKAGE.parent / "chapters" / f"{stem}.ipynb")["cells"][0]["source"]
    .splitlines()[0]
    .removeprefix("# ")
    for stem in CLAIMED
}


@pytest.fixture(scope="module")
def scorecard(readers):
    """Return a function that goes to an address of the scorecard, all on one page."""
    page = readers["usual"].new_page()
    page.set_viewport_size(DESK)
    troubles = []
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))

    def at(query=""):
        page.goto("about:blank")  # else another hash alone would load nothing
        page.goto(SCORES + query)
        assert troubles == []
        return page

    yield at
    page.close()
    assert troubles == []


def shown(page):
    """Return the ids of the rows that are seen, from top to bottom."""
    return page.locator("table.scorecard tbody tr:visible").evaluate_all(
        "rows => rows.map((row) => row.id)"
    )


def control(page, name):
    return page.locator(f".scorecard-filter [name={name}]")


def choose(page, verdict):
    value = verdict.replace(" ", "-")
    page.locator(f".scorecard-filter [value={value}]").check(force=True)


def asked(page):
    """Return what the address asks for."""
    return page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")


def said(page):
    return page.get_by_role("search").get_by_role("status").inner_text()


def having(**wanted):
    return [c["id"] for c in CLAIMS if all(c[k] == v for k, v in wanted.items())]


# --- What is found ------------------------------------------------------------


@pytest.mark.parametrize("verdict", VERDICTS)
def test_each_verdict_leaves_its_rows_and_says_how_many(scorecard, verdict):
    page = scorecard()
    choose(page, verdict)
    expected = having(verdict=verdict)
    assert shown(page) == expected
    assert said(page) == f"{len(expected)} of {len(ALL)} claims"
    assert asked(page) == {"verdict": verdict.replace(" ", "-")}


def test_filters_add_up_and_each_verdict_says_what_it_would_leave(scorecard):
    page = scorecard()
    control(page, "chapter").select_option(label=TITLES["descent"])
    control(page, "essay").select_option("S3")
    here = [c for c in CLAIMS if c["chapter"] == "descent" and "S3" in c["essays"]]
    assert shown(page) == [claim["id"] for claim in here]
    counts = page.locator(".scorecard-filter small").all_inner_texts()
    verdicts = [claim["verdict"] for claim in here]
    assert counts == [str(len(here)), *(str(verdicts.count(v)) for v in VERDICTS)]
    choose(page, "false")
    assert shown(page) == [c["id"] for c in here if c["verdict"] == "false"]
    assert page.locator(".scorecard-filter small").all_inner_texts() == counts
    assert (
        page.locator("section > h2:visible")
        .all_inner_texts()[0]
        .startswith(TITLES["descent"])
    )
    assert page.locator("section:has(table.scorecard):visible").count() == 2  # + page


def words_of(claim):
    parts = [text for p in claim["parts"] for text in p.values() if text]
    texts = claim["id"], claim["claim"], claim["finding"], claim["condition"] or ""
    return " ".join([*texts, *parts, TITLES[claim["chapter"]]]).lower()


LONG = max((c for c in CLAIMS if c["condition"]), key=lambda c: len(c["condition"]))


@pytest.mark.parametrize(
    "words",
    [
        "C43",  # an id
        "weather",  # from no claim, maybe
        "momentum",
        "chain rule at work",  # a chapter's title
        LONG["condition"],
        CLAIMS[2]["finding"],
        "SADDLE",
        "rate  large",  # in any order, with what lies between
    ],
)
def test_words_are_looked_for_in_all_that_a_row_says(scorecard, words):
    page = scorecard()
    control(page, "q").fill(words)
    wanted = words.lower().split()
    expected = [c["id"] for c in CLAIMS if all(w in words_of(c) for w in wanted)]
    found = shown(page)
    assert set(expected) <= set(found)
    for claim_id in found:
        row = page.locator(f"#{claim_id}").evaluate("row => row.textContent").lower()
        row = row.replace("’", "'").replace("‘", "'")
        assert all(word.replace("’", "'") in row for word in wanted), claim_id
    assert said(page) == f"{len(found)} of {len(ALL)} claims"


def test_a_search_narrows_with_each_letter(scorecard):
    page = scorecard()
    before = shown(page)
    for letter in "momentum":
        control(page, "q").press_sequentially(letter)
        now = shown(page)
        assert set(now) <= set(before)
        before = now
    assert 0 < len(before) < len(ALL)
    control(page, "q").fill("")
    assert shown(page) == ALL


def test_signs_of_print_are_found_by_those_of_a_keyboard(scorecard):
    page = scorecard()
    for typed, claim_id in (("(w-3)2+1", "C43"), ("network's solution", "C01")):
        control(page, "q").fill(typed)
        assert claim_id in shown(page)


def test_where_nothing_is_found_all_can_be_shown_again(scorecard):
    page = scorecard("?q=zebra&verdict=false&sort=id")
    assert shown(page) == []
    assert said(page) == f"0 of {len(ALL)} claims"
    page.get_by_role("button", name="Show all").click()
    assert shown(page) == ALL
    assert asked(page) == {}
    assert control(page, "q").evaluate("field => field === document.activeElement")
    assert not page.get_by_role("button", name="Show all").is_visible()


# --- In which order -----------------------------------------------------------


def test_rows_are_sorted_by_verdict_then_id_and_return_to_their_chapters(scorecard):
    page = scorecard()
    control(page, "sort").select_option("verdict")
    assert shown(page) == [i for v in VERDICTS for i in having(verdict=v)]
    assert page.locator("table.scorecard:visible").count() == 1
    chapters = page.locator("table.scorecard .chapter:visible").all_inner_texts()
    by_id = dict(zip(shown(page), chapters, strict=True))
    assert by_id == {c["id"]: TITLES[c["chapter"]] for c in CLAIMS}
    control(page, "sort").select_option("id")
    assert shown(page) == ALL
    assert page.locator("table.scorecard:visible").count() == 1
    control(page, "sort").select_option("chapter")
    tables = page.locator("table.scorecard:visible")
    assert tables.count() == len(CLAIMED)
    for stem, table in zip(CLAIMED, tables.all(), strict=True):
        ids = table.locator("tbody tr").evaluate_all("rows => rows.map((r) => r.id)")
        assert ids == having(chapter=stem)
    assert not page.locator("table.scorecard .chapter:visible").count()


# --- Addresses ----------------------------------------------------------------


def test_an_address_that_is_copied_shows_the_same(scorecard):
    page = scorecard()
    control(page, "sort").select_option("verdict")
    control(page, "q").fill("rate & <loss>")
    control(page, "q").fill("loss")
    control(page, "chapter").select_option("descent")
    choose(page, "in part")
    query = page.evaluate("location.search")
    assert query == "?verdict=in-part&chapter=descent&q=loss&sort=verdict"
    before = shown(page)
    assert 0 < len(before) < len(ALL)
    page = scorecard(query)
    assert shown(page) == before
    assert page.get_by_label("in part").is_checked()
    assert control(page, "chapter").input_value() == "descent"
    assert control(page, "q").input_value() == "loss"
    assert control(page, "sort").input_value() == "verdict"


def test_back_and_forward_lead_through_what_was_asked(scorecard):
    page = scorecard()
    choose(page, "false")
    control(page, "q").press_sequentially("rate")  # one step, whatever its letters
    found = shown(page)
    control(page, "sort").select_option("id")
    page.go_back()
    assert asked(page) == {"verdict": "false", "q": "rate"}
    assert control(page, "sort").input_value() == "chapter"
    assert shown(page) == found
    page.go_back()
    assert shown(page) == having(verdict="false")
    assert control(page, "q").input_value() == ""
    page.go_back()
    assert shown(page) == ALL
    page.go_forward()
    page.go_forward()
    assert shown(page) == found
    assert said(page) == f"{len(found)} of {len(ALL)} claims"


def test_the_addresses_of_the_first_edition_still_work(scorecard):
    page = scorecard("?verdict=verdict-holds-if&essay=essay-s3")
    expected = [c for c in CLAIMS if c["verdict"] == "holds if" and "S3" in c["essays"]]
    assert shown(page) == [claim["id"] for claim in expected]
    assert page.locator("[role=alert]").inner_text() == ""


@pytest.mark.parametrize(
    ("query", "named", "known"),
    [
        ("?verdict=maybe", "verdict=maybe", "holds, holds-if, in-part, not-at-this-s"),
        ("?chapter=los", "chapter=los", ", ".join(CLAIMED)),
        ("?essay=s9", "essay=s9", "s0, s1, s2, s3, s4"),
        ("?sort=size", "sort=size", "chapter, id, verdict"),
        ("?verdikt=false", "verdikt=false", "verdict, chapter, essay, q, sort"),
        (
            "?verdict=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%24%26{known}",
            "verdict=<img src=x onerror=alert(1)>$&{known}",
            "holds, holds-if, in-part, not-at-this-scale, false",
        ),
        ("?verdict=false&sort=size", "sort=size", "chapter, id, verdict"),
    ],
)
def test_what_an_address_asks_for_in_vain_is_named(scorecard, query, named, known):
    page = scorecard(query)
    alert = page.locator("[role=alert]")
    assert f"“{named}”" in alert.inner_text()
    assert known in alert.inner_text()
    assert alert.locator("*").count() == 0
    valid = "verdict=false" in query and "verdikt" not in query
    assert shown(page) == (having(verdict="false") if valid else ALL)
    choose(page, "holds")  # what the reader does now answers it
    assert alert.inner_text() == ""
    assert asked(page) == {"verdict": "holds"}


def test_two_things_asked_for_in_vain_are_both_named(scorecard):
    text = scorecard("?verdict=maybe&sort=size").locator("[role=alert]").inner_text()
    assert len(re.findall("“(?:verdict=maybe|sort=size)”", text)) == 2


def test_a_claim_that_is_not_there_is_named_with_those_that_are(scorecard):
    alert = scorecard("?verdict=maybe#C999").locator("[role=alert]")
    said = alert.inner_text()
    assert "“C999”" in said
    assert "“verdict=maybe”" in said
    assert f"{min(ALL)} … {max(ALL, key=lambda name: int(name[1:]))}" in said


def test_an_anchor_that_is_there_takes_back_what_was_said_of_another(scorecard):
    page = scorecard("#c43")  # ids are written large
    alert = page.locator("[role=alert]")
    assert "“c43”" in alert.inner_text()
    page.evaluate("location.hash = '#C43'")
    until(lambda: alert.inner_text() == "")
    page.evaluate("location.hash = '#lost'")
    until(lambda: "“lost”" in alert.inner_text())


def below_the_controls(page, place):
    box = page.locator(place).bounding_box()
    form = page.locator(".scorecard-filter").bounding_box()
    under = form["y"] + form["height"] if form["y"] >= 0 else 0
    return under <= box["y"] < page.viewport_size["height"]


@pytest.mark.parametrize("query", ["", "?verdict=false", "?sort=verdict"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_address_leads_to_the_row_of_its_claim(scorecard, query, size):
    page = scorecard()
    page.set_viewport_size(size)
    page = scorecard(f"{query}#C43")
    assert below_the_controls(page, "#C43")
    assert asked(page) == ({"sort": "verdict"} if "sort" in query else {})
    page.set_viewport_size(DESK)


def test_a_chapter_of_the_standings_is_shown_though_it_was_filtered_away(scorecard):
    page = scorecard("?chapter=loss")
    page.locator(".standings a", has_text=TITLES["scale"]).click()
    until(lambda: page.evaluate("scrollY > 1000"))
    assert below_the_controls(page, "section:has(> h2):has(.chapter-scale) > h2")
    assert shown(page) == ALL


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_heading_that_is_jumped_to_is_not_behind_the_controls(scorecard, size):
    page = scorecard()
    page.set_viewport_size(size)
    page.locator("p a[href='#how-a-verdict-is-reached']").click()
    until(lambda: page.evaluate("scrollY > 1000"))
    assert below_the_controls(page, "#how-a-verdict-is-reached h2")
    page.set_viewport_size(DESK)


def test_a_number_of_the_tally_leads_to_its_rows(visit):
    page = visit(NAMES[0])
    count = int(page.locator(".tally .verdict-false strong").inner_text())
    page.locator(".tally .verdict-false a").click()
    page.wait_for_selector(".scorecard-filter:visible")
    assert len(shown(page)) == count > 0


# --- Without a mouse, a script, a screen ---------------------------------------


def test_all_controls_are_reached_by_tab_and_verdicts_by_arrows(scorecard):
    page = scorecard("?verdict=holds")
    control(page, "q").focus()
    names = []
    for _ in range(5):
        names.append(page.evaluate("document.activeElement.name"))
        page.keyboard.press("Tab")
    assert names == ["q", "chapter", "essay", "sort", "verdict"]
    assert page.evaluate("document.activeElement.textContent") == "Show all"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert shown(page) == having(verdict="holds if")
    control(page, "q").fill("loss")
    control(page, "q").press("Enter")  # leads nowhere
    assert asked(page) == {"verdict": "holds-if", "q": "loss"}


def test_without_javascript_the_scorecard_shows_every_row(visit):
    page = visit(SCORES, "no scripts")
    assert shown(page) == ALL
    assert not page.locator(".scorecard-filter").is_visible()


@pytest.mark.parametrize("query", ["?verdict=false", "?verdict=false&sort=id"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_print_shows_every_row_whatever_is_asked_for(scorecard, query, size):
    page = scorecard(query)
    page.set_viewport_size(size)
    page.emulate_media(media="print")
    assert shown(page) == ALL
    assert not page.locator(".scorecard-filter").is_visible()
    headings = page.locator("section:has(table.scorecard) h2:visible").count()
    assert headings == (1 if "sort" in query else len(CLAIMED) + 1)
    page.emulate_media(media="screen")
    page.set_viewport_size(DESK)


@pytest.mark.parametrize("name", ["claims.json", "claims.schema.json"])
def test_the_claims_and_their_schema_can_be_taken_along(scorecard, name):
    page = scorecard()
    with page.expect_download() as taken:
        page.locator(f"a[href='../{name}']").click()
    assert taken.value.suggested_filename == name
    expected = (PACKAGE / "data" / name).read_bytes()
    assert taken.value.path().read_bytes() == expected
