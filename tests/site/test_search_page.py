"""The search page of the real site: what readers type leads to where it is taught.

Which section answers a query was decided by reading the chapters, not by looking at
what the search returned.
"""

from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from tests.support.browser import DESK, PHONE, SITE, opened
from tests.support.questions import HEADINGS

pytestmark = pytest.mark.browser

RATE_LAB = "chapters/learning_rate_lab.html"
LEARNING = "chapters/learning_rate.html"
DESCENT = "chapters/descent.html"
BACKPROP = "chapters/backprop.html"
GPT = "chapters/microgpt.html"
LOSS = "chapters/loss.html"
SCALE = "chapters/scale.html"
WORDS = "chapters/symbols.html"
ATTENTION = f"{GPT}#attention-how-a-position-looks-back"
PERPLEXITY = f"{GPT}#where-it-fails"
MOMENTUM = f"{LEARNING}#momentum-ravines-and-the-ball-that-remembers"
TOO_LARGE = f"{LEARNING}#a-learning-rate-that-is-too-large-three-different-things"
DECAY = f"{WORDS}#term-weight-decay"
START = f"{GPT}#where-it-must-begin"
HALF = "chapters/scale_lab.html#does-half-precision-save-memory-and-time"
OVERFITTING = f"{WORDS}#term-overfitting"
VALIDATION = "chapters/closed_form_lab.html#is-a-good-validation-score-enough"
# A query, and the section that must be one of the first two of the first or second page
QUERIES = {
    "adam": f"{LEARNING}#adam-a-step-that-does-not-ask-how-steep-it-is",
    "learning rate too big": TOO_LARGE,
    "LR too high": TOO_LARGE,
    "loss nan": TOO_LARGE,
    "overfitting": OVERFITTING,
    "why does the loss go down": f"{GPT}#how-it-falls-and-why-it-flattens",
    "chain rule": f"{WORDS}#term-chain-rule",
    "back propagation": BACKPROP,
    "attention": ATTENTION,
    "perplexity": PERPLEXITY,
    "gradient check": f"{BACKPROP}#how-exact-is-it",
    "accumulation": (
        "chapters/scale_lab.html#is-gradient-accumulation-the-same-as-a-large-batch"
    ),
    "momentum": MOMENTUM,
    "saddle point": f"{DESCENT}#third-saddles-slow-but-not-stuck",
    "temperature": f"{GPT}#temperature",
    "tokenizer": f"{WORDS}#term-token",
    "tokens": f"{WORDS}#term-token",
    "softmax": f"{WORDS}#term-softmax",
    "vanishing gradient": f"{BACKPROP}#does-the-earlier-weight-get-more-blame",
    "warmup": f"{LEARNING}#warm-up",
    "warm up": f"{LEARNING}#warm-up",
    "batch size": f"{RATE_LAB}#how-many-steps-does-a-larger-batch-save",
    "cross entropy": f"{LOSS}#does-cross-entropy-make-a-model-honest",
    "regularisation": DECAY,
    "regularization": DECAY,
    "weight decay": DECAY,
    "local minimum": f"{WORDS}#term-local-minimum",
    "local minima": "chapters/descent_lab.html#do-networks-get-stuck-in-local-minima",
    "mixed precision": HALF,
    "bfloat16": HALF,
    "data parallel": f"{SCALE}#data-parallel",
    "pipeline": f"{SCALE}#pipeline",
    "checkpoint": "chapters/scale_lab.html#does-checkpointing-trade-time-for-memory",
    "double descent": "chapters/closed_form.html#infinitely-many-answers",
    "initialization": START,
    "initialisation": START,
    "reward hacking": f"{LOSS}#loopholes",
    "what is a gradient": f"{WORDS}#term-gradient",
    "install": "index.html#three-ways-in",
    "train on my own text": "index.html#three-ways-in",
    "epoch": f"{WORDS}#term-epoch",
    "C42": f"{DESCENT}#claim-c42",
    "c42": f"{DESCENT}#claim-c42",
    "ATTENTION": ATTENTION,
    # one letter wrong, left out, too many, or two exchanged
    "momentun": MOMENTUM,
    "perplexty": PERPLEXITY,
    "overfiting": OVERFITTING,
    "attenntion": ATTENTION,
    "sofmtax": f"{WORDS}#term-softmax",
    # not yet typed to the end
    "perpl": PERPLEXITY,
    "temper": f"{GPT}#temperature",
    "overfitt": VALIDATION,
    "learning rate too b": TOO_LARGE,
    # 中文
    "梯度": f"{WORDS}#term-gradient",
    "学习率太大": TOO_LARGE,
    "注意力": ATTENTION,
    "鞍点": f"{DESCENT}#third-saddles-slow-but-not-stuck",
}
# What people type for one of the twenty questions, by its label; each is found by its
# own heading, too
TYPED = {
    "zero_grad only parameters": "q-second-backward",
    "backward called twice": "q-second-backward",
    "topological sort": "q-topological-sort",
    "gradient check float32": "q-gradient-check",
    "numerical gradient mismatch": "q-gradient-check",
    "weights not updating": "q-no-change",
    "parameters not updating after optimizer.step": "q-no-change",
    "loss starts at 10": "q-start",
    "is my loss curve normal": "q-normal",
    "loss 0.05 higher than the reference": "q-off-the-reference",
    "loss from 3.1 to 2.9": "q-worth-it",
    "loss spikes": "q-spikes",
    "adam beta2 0.95": "q-beta2",
    "beta2 0.999 loss spikes": "q-beta2",
    "loss follows learning rate": "q-follows-schedule",
    "loss scales with accumulation steps": "q-loss-multiplied",
    "should I avoid gradient accumulation": "q-avoid-accumulation",
    "ddp sum or average gradients": "q-sum-or-mean",
    "square root scaling rule": "q-linear-or-square-root",
    "scale learning rate with batch size": "q-linear-or-square-root",
    "grad_norm exceeds max_grad_norm": "q-norm-above-clip",
    "every batch is clipped": "q-always-clipped",
    "learning rate never decays": "q-never-decays",
    "scheduler not working": "q-never-decays",
    "same seed different results": "q-same-seed",
    "reproducibility": "q-same-seed",
    "随机种子": "q-same-seed",
    "is the new optimizer better": "q-new-optimiser",
}
TYPED |= {heading: label for label, heading in HEADINGS.items()}
HOSTILE = [
    "<img src=x onerror='window.hurt = 1'>",
    "adam <svg onload='window.hurt = 1'>",
    '"><script>window.hurt = 1</script>',
    "<wbr>qqqqzzzz",  # of which nothing is found, so that it is repeated
    "{query} $& \\u003cb\\u003e",
]
LISTED = """sections => [...sections].map((s) =>
  [...s.querySelectorAll(":scope > ul a")].map((a) => a.getAttribute("href")))"""


@pytest.fixture(scope="module")
def search(readers):
    """Open the search page, for all tests below that take it."""
    page = opened(readers["usual"], "search.html")
    yield page
    page.close()


def field(page):
    return page.locator(".search-page input")


def settled(page):
    """Wait for the results of what stands in the field."""
    page.locator(".search-results[aria-busy]").wait_for(state="detached")


def status(page):
    settled(page)
    return page.locator(".search-page [role=status]").inner_text()


def ask(page, query):
    """Type a query; return the addresses of what is found, page by page."""
    field(page).fill(query)
    settled(page)
    return page.locator(".search-results section").evaluate_all(LISTED)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_leads_to_where_it_is_taught(search, query):
    assert QUERIES[query] in [a for page in ask(search, query)[:2] for a in page[:2]]


@pytest.fixture(scope="module")
def places():
    """Return where each label of the page of questions leads, as the search says it."""
    name = "chapters/questions.html"
    page = BeautifulSoup((SITE / name).read_text("utf-8"), "html.parser")
    labels = page.select("span[id^=q-]")
    return {s["id"]: f"{name}#{s.find_parent('section')['id']}" for s in labels}


@pytest.mark.parametrize("query", TYPED)
def test_a_question_is_found_by_its_heading_and_by_what_people_type(
    search, places, query
):
    first = [a for page in ask(search, query)[:2] for a in page[:2]]
    assert places[TYPED[query]] in first


@pytest.mark.parametrize(
    "spellings",
    [
        ("optimiser", "optimizer", "optimisers"),
        ("generalisation", "generalization"),
        ("initialisation", "initialization"),
        ("cross entropy", "cross-entropy", "cross_entropy"),
        ("backpropagation", "back propagation", "back-propagation"),
    ],
)
def test_spellings_of_a_word_find_the_same(search, spellings):
    found = []
    for spelling in spellings:
        found.append(ask(search, spelling))
        assert status(search).endswith(" pages.")
        assert "Showing" not in status(search)  # it is no misspelling
    assert found == [found[0]] * len(spellings)


def test_each_line_of_the_words_that_people_type_leads_somewhere(search):
    lost = search.evaluate("""() => {
      const { search } = Ranking.open(SEARCH_INDEX, new Stemmer());
      const typed = Object.keys(SEARCH_INDEX.synonyms);
      return typed.filter((words) => !search(`${words} `).pages.length);
    }""")
    assert lost == []


def test_both_words_once_beat_one_word_everywhere_and_a_trace_is_no_result(search):
    long = f"zebra {'grass ' * 40} quagga"
    rows = {
        "both": ("", long, ""),
        "one": ("quagga", "quagga quagga quagga", ""),
        "trace": ("", "grass", "zebra"),
        "none": ("", "grass", ""),
    }
    index = {
        "pages": [[f"{name}.html", ""] for name in rows],
        "fields": "page anchor heading under text pictures code weight".split(),
        "entries": [
            [i, "", heading, "", text, "", code, 1]
            for i, (heading, text, code) in enumerate(rows.values())
        ],
        "synonyms": {},
        "ignored": [],
    }
    found = search.evaluate(
        """index => Ranking.open(index, { stemWord: (word) => word })
          .search("zebra quagga ").pages.map((page) => page.url)""",
        index,
    )
    assert found == ["both.html", "one.html"]


def test_results_are_sections_grouped_by_page_with_marked_prose(search):
    found = ask(search, "gradient")
    pages = [addresses[0].partition("#")[0] for addresses in found]
    assert len(set(pages)) == len(pages) > 3
    assert max(map(len, found)) == 3
    for group in search.locator(".search-results section").all():
        for item in group.locator("li:visible").all():
            marks = item.locator("mark").all_inner_texts()
            assert {mark.lower()[:8] for mark in marks} == {"gradient"}
            assert "import " not in item.inner_text()
    rest = search.locator(".search-results details").first
    count = rest.locator("li").count()
    assert rest.locator("summary").inner_text() == f"{count} more on this page"


def test_words_that_say_little_are_marked_only_when_they_are_all_that_is_sought(search):
    ask(search, "overfitting")  # found by "does well on validation", for one
    marks = {m.lower() for m in search.locator("mark:visible").all_inner_texts()}
    assert "validation" in marks
    assert not marks & {"does", "on", "by", "the"}
    ask(search, "the ")
    marks = search.locator("mark:visible").all_inner_texts()
    assert {"the"} == {m.lower() for m in marks}


def test_what_is_found_is_there(search):
    ask(search, "the learning rate")
    links = search.locator(".search-results a").evaluate_all(
        "links => links.map((a) => a.getAttribute('href'))"
    )
    for name, _, anchor in (link.partition("#") for link in links):
        text = (SITE / name).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in text


def test_the_number_of_results_is_announced(search):
    found = ask(search, "pinball")
    assert search.locator("[role=status]").get_attribute("aria-live") == "polite"
    assert [len(page) for page in found] == [1]
    assert status(search) == "One section found."
    ask(search, "edge of stability")
    sections = search.locator(".search-results li").count()
    pages = search.locator(".search-results section").count()
    assert status(search) == f"{sections} sections found on {pages} pages."
    ask(search, "sculptor")
    sections = search.locator(".search-results li").count()
    assert search.locator(".search-results section").count() == 1
    assert status(search) == f"{sections} sections found on one page."
    ask(search, "momentun")
    assert status(search).startswith("Showing results for “momentum”.")
    ask(search, " ")
    assert status(search) == "Type a word, a question or the number of a claim."
    assert search.locator(".search-results").inner_text() == ""


def test_pages_behind_the_best_are_counted_and_named(search):
    best = ask(search, "chain rule")
    others = search.locator(".search-results > details")
    further = others.locator("a").evaluate_all(
        "links => links.map((a) => a.getAttribute('href'))"
    )
    pages = [address.partition("#")[0] for address in [*(p[0] for p in best), *further]]
    assert len(set(pages)) == len(pages) == len(best) + len(further)
    assert status(search).endswith(f" sections found on {len(pages)} pages.")
    summary = others.locator("summary").inner_text()
    assert summary == f"Found on more pages: {len(further)}"
    ask(search, "edge of stability")
    assert others.count() == 0


@pytest.mark.parametrize(
    ("query", "other"), [("nan", "nanogpt"), ("loss nan", "nanogpt")]
)
def test_a_word_that_has_another_meaning_is_no_beginning(search, query, other):
    ask(search, other)
    assert search.locator("mark").first.inner_text().lower() == other
    ask(search, query)
    marks = search.locator("mark").all_text_contents()
    assert other not in {mark.lower() for mark in marks}


def test_two_wrong_letters_are_put_right_in_a_long_word_alone(search):
    ask(search, "grokking")  # which is not "growing"
    assert status(search) == "Nothing found for “grokking”."
    ask(search, "perplezitt")
    assert status(search).startswith("Showing results for “perplexity”.")
    ask(search, "cache")  # neither "each" nor "case" is near
    assert search.locator(".search-results a").count() == 0


def test_where_nothing_is_found_near_words_and_the_glossary_are_offered(search):
    assert ask(search, "grxqlent") == []
    assert status(search) == "Nothing found for “grxqlent”."
    search.locator(".search-results a", has_text="gradient").first.click()
    search.wait_for_url("**/search.html?q=gradient")
    assert field(search).input_value() == "gradient"
    assert search.locator(".search-page a[href='chapters/symbols.html']").count() == 1
    assert ask(search, "?!") == []
    assert status(search) == "Nothing found for “?!”."


def test_keys_lead_through_the_results_and_back(search):
    ask(search, "chain rule")
    first = search.locator(".search-results a").first
    keys = search.keyboard
    keys.press("ArrowDown")
    assert first.evaluate("link => link === document.activeElement")
    keys.press("ArrowDown")
    assert not first.evaluate("link => link === document.activeElement")
    keys.press("ArrowUp")
    assert first.evaluate("link => link === document.activeElement")
    keys.press("ArrowUp")
    assert field(search).evaluate("field => field === document.activeElement")
    keys.press("ArrowDown")
    keys.press("Escape")
    assert field(search).evaluate("field => field === document.activeElement")
    assert field(search).input_value() == "chain rule"
    keys.press("Enter")
    address = first.get_attribute("href")
    assert first.evaluate("link => link === document.activeElement")
    keys.press("Enter")
    search.wait_for_url(f"**/{address}")
    search.go_back()
    assert field(search).input_value() == "chain rule"
    assert search.locator(".search-results a").first.get_attribute("href") == address


@pytest.mark.parametrize("query", HOSTILE)
def test_what_the_address_says_stays_text(search, query):
    search.goto(f"search.html?{urlencode({'q': query})}")
    settled(search)
    assert field(search).input_value() == query
    inside = search.locator(".search-page :is(img, svg, script, b, wbr)")
    assert inside.count() == 0
    field(search).press("End")
    field(search).press("Space")
    settled(search)
    assert inside.count() == 0
    assert search.evaluate("window.hurt") is None
    if "wbr" in query:
        assert status(search) == f"Nothing found for “{query}”."
    assert search.troubles == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_icon_stands_beside_the_words(search, size):
    search.set_viewport_size(size)
    search.goto("chapters/loss.html")
    search.keyboard.press("Control+k")
    in_dialog = search.locator("#pst-search-dialog")
    assert in_dialog.locator("input").evaluate("i => i === document.activeElement")
    apart(in_dialog)
    search.keyboard.type("chain rule")
    search.keyboard.press("Enter")
    search.wait_for_url("**/search.html?q=chain+rule")
    apart(search.locator(".search-page"))
    assert status(search).endswith(" pages.")


def apart(place):
    """Assert that the icon of a search field ends before its text begins."""
    icon = place.locator("form i").bounding_box()
    field = place.locator("input").bounding_box()
    assert icon["x"] + icon["width"] <= field["x"]
    whole = place.locator("form").bounding_box()
    assert field["width"] > whole["width"] / 2


def test_the_search_page_is_accessible_in_both_schemes(search):
    search.set_viewport_size(PHONE)
    search.goto("search.html?q=learning+rate")
    width = search.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    for scheme in ("light", "dark"):
        search.emulate_media(color_scheme=scheme)
        search.wait_for_selector(f"html[data-theme={scheme}]")
        found = Axe().run(search, options={"resultTypes": ["violations"]}).response
        assert [v["id"] for v in found["violations"]] == []
    search.emulate_media(color_scheme="light")


def test_it_works_when_opened_from_a_disk(readers):
    page = readers["usual"].new_page()
    errors = []
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{(SITE / 'search.html').as_uri()}?q=chain+rule")
    page.locator(".search-results mark").first.wait_for()
    ask(page, "adam")
    assert page.url.endswith("?q=adam")
    page.locator(".search-results a").first.click()
    assert page.url.endswith("#term-Adam")
    assert errors == []
    page.close()


def test_without_scripts_the_page_says_so_and_leads_on(visit):
    page = visit("search.html", "no scripts")
    assert not field(page).is_visible()
    assert page.locator(".search-page noscript p").is_visible()
    landing, *others = page.locator(".search-elsewhere + ul a").all()
    assert [link.get_attribute("href") for link in others] == [
        "chapters/symbols.html",
        "chapters/claims.html",
    ]
    landing.click()
    page.locator(".book-cards").wait_for()


def test_the_search_page_asks_for_the_index_when_someone_searches(readers):
    page = opened(readers["usual"], "search.html")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    index = page.locator("script[src$='search/index.js']")
    assert index.count() == 0
    assert status(page) == "Type a word, a question or the number of a claim."
    assert ask(page, "adam")
    assert ask(page, "chain rule")
    assert index.count() == 1
    assert [u.rpartition("/")[2] for u in asked if "favicon" not in u] == ["index.js"]
    assert page.troubles == []
    page.close()


def test_an_index_that_cannot_be_read_is_said(readers):
    page = readers["usual"].new_page()
    page.route("**/search/index.js", lambda route: route.abort())
    page.goto("search.html?q=adam")
    assert status(page).startswith("The list of words could not be read.")
    page.close()


def test_pages_load_no_index_before_someone_searches():
    for path in (SITE / "intro.html", SITE / "chapters" / "loss.html"):
        text = path.read_text("utf-8")
        assert "_static/search/" not in text
        assert "searchindex.js" not in text
