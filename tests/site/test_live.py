"""Live objects: where they stand, and that they compute what the helpers compute."""

import gzip
import json
import re

import pytest

from algollm_book import live, trained
from tests.support.browser import DESK, NAMES, PHONE, SITE, opened
from tests.support.jobs import until
from tests.support.pages import page as built
from tests.support.pages import site

OBJECTS = SITE / "_static" / "live"
LIGHT = 60_000  # bytes gzipped of all objects of a page
DATA = 50_000  # of what one asks for when used
TRAIN = ".live[data-object=train]"


# --- The place of an object ---------------------------------------------------


def test_a_page_with_an_object_gets_the_host_and_others_do_not(tmp_path):
    pages = {
        "index.md": "# A\n\n```{live} train\nIt stands *still*.\n```\n",
        "other.md": "---\norphan: true\n---\n# B\n",
    }
    with site(tmp_path, pages) as app:
        place = built(app, "index").select_one(".live[data-object=train]")
        assert place.select_one(".live-still em").string == "still"
        setup = json.loads(place["data-setup"])
        assert setup["book"]["levels"] == trained.levels()
        (host,) = built(app, "index").select("script[src*=live]")
        assert host.has_attr("defer")
        assert built(app, "index").select("link[href*='live/live.css']")
        assert not built(app, "other").select("[src*=live], [href*='live/']")
        there = {path.name for path in (app.outdir / "_static/live").iterdir()}
        assert there == {path.name for path in live.FILES.iterdir()} | {"train.json"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```{live} nothing\nStill.\n```", "no live object 'nothing'.*train"),
        ("```{live} train\n```", "Content block expected"),
    ],
)
def test_a_place_without_object_or_without_still_form_is_refused(
    tmp_path, text, message
):
    with site(tmp_path, {"index.md": f"# A\n\n{text}\n"}) as app:
        assert re.search(message, app.warning.getvalue())
        assert not built(app, "index").select(".live")


def scripts():
    return [path for path in OBJECTS.iterdir() if path.suffix in {".js", ".css"}]


def loaded(page):
    """Return the files that a page loads for its objects, data apart."""
    shown = re.findall(r'data-object="(\w+)"', (SITE / page).read_text("utf-8"))
    pending = [f"{name}.js" for name in shown] + ["mount.js"] * bool(shown)
    found = {"host.js", "live.css"} if shown else set()
    while pending:
        file = pending.pop()
        if file not in found:
            found.add(file)
            text = (OBJECTS / file).read_text("utf-8")
            pending += re.findall(r'"\./([\w-]+\.js)"', text)
    return found


@pytest.mark.slow
def test_the_objects_of_a_page_are_light_and_so_is_what_they_ask_for():
    asked = set()
    for page in NAMES:
        files = loaded(page)
        sizes = [len(gzip.compress((OBJECTS / f).read_bytes())) for f in files]
        assert sum(sizes) <= LIGHT, page
        asked |= files
    assert asked == {path.name for path in scripts()}  # none is there for nothing
    for data in OBJECTS.glob("*.json"):
        assert len(gzip.compress(data.read_bytes())) <= DATA


def source(name):
    """Return the script of an object with all that it imports, once each."""
    texts, pending = {}, [f"{name}.js"]
    while pending:
        file = pending.pop()
        if file not in texts:
            texts[file] = (live.FILES / file).read_text("utf-8")
            pending += re.findall(r'^import .* from "\./(.+)";$', texts[file], re.M)
    return "\n".join(texts.values())


@pytest.mark.parametrize("name", live.OBJECTS)
def test_what_a_script_says_stands_in_the_catalogue(name):
    script, words = source(name), live.OBJECTS[name].setup()["words"]
    used = set(re.findall(r"\bwords\.(\w+)", script))
    used |= set(re.findall(r'button\("(\w+)"', script))
    assert used == set(words)
    refused = set(re.findall(r'Refusal\("(\w+)"', script))
    assert refused == set(words.get("refusals", {}))


def sentences(words):
    """Yield every text of a nest of words."""
    if isinstance(words, str):
        yield words
    else:
        for inner in words.values() if isinstance(words, dict) else words:
            yield from sentences(inner)


@pytest.mark.parametrize("name", live.OBJECTS)
def test_every_sentence_has_text_and_its_gaps_are_filled_by_the_script(name):
    script = source(name)
    for text in sentences(live.OBJECTS[name].setup()["words"]):
        assert text
        for gap in re.findall(r"\{(\w+)\}", text):
            assert re.search(rf"\b{gap}\b", script), text


# --- For everybody ------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index", "chapters/microgpt"])
def test_without_scripts_the_still_form_remains(visit, name):
    page = visit(f"{name}.html", "no scripts")
    stills = page.locator(".live .live-still").all()
    assert stills
    assert all(still.is_visible() for still in stills)
    assert not page.locator(".live-object, .live-refusal").count()


@pytest.mark.browser
def test_a_page_from_a_disk_says_in_one_line_that_it_stands_still(context):
    page = opened(context(), (SITE / "index.html").as_uri())
    page.locator(".live").scroll_into_view_if_needed()
    assert page.locator(".live-refusal").is_visible()
    assert page.locator(".live-still .explorer").is_visible()
    assert [t for t in page.troubles if not t.startswith("asked for file:")] == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index.html", "chapters/microgpt.html"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_object_that_wakes_moves_nothing_below_it(context, name, size):
    """Asleep it is as high as awake, to the height of a line at most."""
    reader, heights = context(viewport=size), {}
    for state, awake in (("asleep", 0), ("awake", 1)):
        page = reader.new_page()
        if not awake:
            page.route("**/live/host.js*", lambda route: route.abort())
        page.goto(name)
        place, woken = page.locator(TRAIN), page.locator(f"{TRAIN}.live-awake")
        place.scroll_into_view_if_needed()
        until(lambda woken=woken, n=awake: woken.count() == n)
        heights[state] = place.bounding_box()["height"]
    reader.close()
    assert abs(heights["awake"] - heights["asleep"]) < 8, heights


@pytest.mark.browser
def test_an_object_that_wakes_leaves_the_focus_in_its_place(context):
    reader, held = context(), []
    page = reader.new_page()
    page.route("**/live/mount.js", lambda route: held.append(route))
    page.goto("chapters/descent.html")
    page.locator("#live-hill").scroll_into_view_if_needed()
    until(lambda: page.evaluate("1") and held)  # the browser is heard
    page.locator("#live-hill .explorer-play").focus()
    held[0].continue_()
    page.locator("#live-hill.live-awake").wait_for()
    assert page.evaluate("document.activeElement.id") == "live-hill"
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('.live-object'))")
    reader.close()
