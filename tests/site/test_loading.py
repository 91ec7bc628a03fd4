"""What a reader waits for: how a page loads in a browser, and what it may load.

Each page is opened at three widths from a server that sends it in pieces, so that the
browser draws what is there already.
"""

import pytest

import weigh
from tests.support.browser import NAMES, SITE

pytestmark = pytest.mark.browser

ALL = [*NAMES, "search.html", "genindex.html"]
LIGHT = 300_000  # bytes, gzipped, of all that is fetched before anyone touches anything
STILL = 0.02  # the sum of a page's layout shifts


@pytest.fixture(scope="module")
def slow():
    with weigh.served() as address:
        yield address


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_light_and_nothing_moves_while_it_loads(context, slow, name):
    reader = context()
    loads = {s: weigh.load(reader, f"{slow}/{name}", s) for s in weigh.SIZES}
    reader.close()
    shifts = {width: load.shift for (width, _), load in loads.items()}
    assert max(shifts.values()) <= STILL, shifts
    for load in loads.values():
        assert load.weight["document"] > 1000
        assert load.weight.total() <= LIGHT, load.weight


def test_a_script_that_got_into_a_page_does_not_run(context, slow):
    reader = context()
    page = reader.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    name = "chapters/symbols.html"
    text = (SITE / name).read_text("utf-8")
    wrong = (
        "<script>window.wrong = 1</script><img src=x onerror='window.wrong = 2'>"
        "<script src='data:text/javascript,window.wrong=3'></script></article>"
    )
    page.route(
        f"**/{name}",
        lambda route: route.fulfill(
            body=text.replace("</article>", wrong), content_type="text/html"
        ),
    )
    page.goto(f"{slow}/{name}")
    assert page.evaluate("window.wrong") is None
    refused = [line for line in said if "Content Security Policy" in line]
    assert len(refused) == 3, said
    reader.close()


def test_a_page_works_when_it_is_opened_as_a_file(context):
    reader = context(color_scheme="light")
    page = reader.new_page()
    troubles = []
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto((SITE / "chapters/descent.html").as_uri())
    explorer = page.locator(".explorer").first
    assert explorer.locator(".explorer-controls").is_visible()
    assert page.evaluate("document.fonts.check('16px \"Book Math\"', 'w')")
    page.locator(".theme-switch-button:visible").first.click()
    assert page.evaluate("document.documentElement.dataset.mode") != "auto"
    assert troubles == []
    reader.close()
