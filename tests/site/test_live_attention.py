"""The object "attention": the trained model reads as the helper does, and writes."""

import gzip
import json

import numpy as np
import pytest

from algollm_book import live_attention, trained
from algollm_helpers import microgpt
from algollm_helpers.gpt.documents import load_docs
from tests.support.browser import DESK, PHONE
from tests.support.jobs import until
from tests.support.live import Held, near

START = {"text": "emma", "position": 3, "temperature": 1, "head": "all"}
DATA = 50_000  # bytes gzipped of what it asks for when used


def test_what_it_asks_for_is_light():
    assert len(gzip.compress(trained.weights().encode())) <= DATA


def test_at_rest_it_needs_no_model():
    rest = live_attention.given()["rest"]
    model = microgpt.train(load_docs(), seed=42)
    reading = microgpt.read(model, START["text"])
    assert rest["probabilities"] == reading.probabilities.tolist()
    assert rest["attention"] == reading.attention[0].tolist()
    assert len(json.dumps(rest)) < 6_000


@pytest.fixture(scope="module")
def shown(context):
    shown = Held(context, "chapters/microgpt.html", "attention")
    shown.page.asked = []
    shown.page.on("request", lambda request: shown.page.asked.append(request.url))
    yield shown
    shown.close()


@pytest.fixture
def reader(shown):
    """Return the object as Reset leaves it."""
    shown.reset()
    return shown


def typed(reader, text):
    """Type a text, and return the state when it was read."""
    reader.el.get_by_label("a name").fill(text)
    until(lambda: reader.state()["text"] == text.lower())
    return reader.state()


def as_read(state, model):
    """Compare every number of a state with the helper's."""
    text, t = state["text"], state["position"]
    reading = microgpt.read(model, text)
    assert state["probabilities"] == [near(p) for p in reading.probabilities.tolist()]
    for found, expected in zip(state["attention"], reading.attention[0], strict=True):
        assert found == [near(row) for row in expected.tolist()]
    scores = np.log(reading.probabilities[t]) / state["temperature"]
    chances = np.exp(scores - scores.max())
    assert state["tempered"] == near((chances / chances.sum()).tolist())
    ids = model.tokenizer.encode(text)[1:-1]
    hit = [-np.log(reading.probabilities[i, token]) for i, token in enumerate(ids)]
    assert state["surprises"] == near(hit)


@pytest.mark.browser
def test_every_number_is_the_helpers_for_names_of_all_lengths(reader):
    assert not [url for url in reader.page.asked if url.endswith("attention.json")]
    as_read(reader.state(), trained.model())
    rng = np.random.default_rng(3)
    letters = list(trained.model().tokenizer.alphabet)
    names = ["", "a", "z" * 15, "emma", "Olivia", "qxzjvkwpfghbdcy"]
    names += ["".join(rng.choice(letters, rng.integers(1, 16))) for _ in range(16)]
    for i, name in enumerate(names):
        typed(reader, name)
        reader.el.get_by_role("listbox").press("End")
        for _ in range(int(rng.integers(len(name) + 1))):
            reader.el.get_by_role("listbox").press("ArrowLeft")
        degree = (0.1, 2.0, float(rng.integers(1, 21) / 10))[min(i, 2)]
        (state,) = reader.states([{"temperature": degree}])
        assert state["temperature"] == degree
        as_read(state, trained.model())
    assert [url for url in reader.page.asked if url.endswith("attention.json")]


@pytest.mark.browser
def test_it_says_what_it_expects_and_where_the_heads_look(reader):
    said = reader.el.locator(".live-status").inner_text()
    reading = microgpt.read(trained.model(), "emma")
    p = reading.probabilities[3]
    assert f"expects “a”, with {100 * p.max():.0f}%" in said
    assert f"a surprise of {-np.log(p[0]):.2f} nats" in said
    assert f"head 3 to “e”, {100 * reading.attention[0, 2, 3, 1]:.0f}%" in said
    reader.el.get_by_role("option", name="e", exact=True).click()
    said = reader.el.locator(".live-status").inner_text()
    assert "After “e” it expects" in said
    reader.spoken(said)


@pytest.mark.browser
def test_a_letter_is_chosen_by_mouse_by_finger_and_by_keys(reader):
    letters = reader.el.get_by_role("option")
    assert letters.count() == 5
    reader.page.mouse.move(0, 0)  # a mouse that rests chooses nothing
    reader.page.mouse.move(*reader.middle(letters.nth(1)))
    assert reader.state()["position"] == 1
    reader.swipe(letters.nth(4), 0, 0)
    assert reader.state()["position"] == 4
    listbox = reader.el.get_by_role("listbox")
    listbox.focus()
    for key, position in (("ArrowRight", 4), ("ArrowLeft", 3), ("Home", 0)):
        listbox.press(key)  # though the mouse rests on another
        reader.page.evaluate("new Promise(requestAnimationFrame)")
        assert reader.state()["position"] == position
    assert listbox.get_attribute("aria-activedescendant").endswith("-0")


@pytest.mark.browser
def test_one_head_alone_can_be_shown(reader):
    arcs = reader.el.locator(".live-arc:visible")
    assert arcs.count() == 4 * 4
    reader.el.get_by_label("3", exact=True).check(force=True)
    assert arcs.count() == 4
    assert reader.state()["head"] == "2"


@pytest.mark.browser
def test_a_bar_puts_its_letter_next_and_the_end_ends(reader):
    bars = reader.el.locator(".live-column")
    bars.nth(8).click()
    until(lambda: reader.state()["text"] == "emmi")
    assert reader.state()["position"] == 4
    assert reader.el.get_by_label("a name").input_value() == "emmi"
    bars.nth(26).click()
    ended = "The end was drawn: the name is “emmi”"
    until(lambda: ended in reader.el.locator(".live-said").inner_text())


def mulberry32(state):
    """Yield the numbers in [0, 1) of the small generator of that name."""
    while True:
        state = (state + 0x6D2B79F5) % 2**32
        x = (state ^ state >> 15) * (state | 1) % 2**32
        x ^= (x + (x ^ x >> 7) * (x | 61)) % 2**32
        yield (x ^ x >> 14) / 2**32


@pytest.mark.browser
def test_letters_are_drawn_with_the_probabilities_shown(reader):
    dice = reader.el.get_by_role("button", name="Draw a letter")
    for _ in range(2):  # Reset brings the random numbers back, too
        reader.reset()
        (state,) = reader.states([{"temperature": 0.7}])
        text, numbers = state["text"][: state["position"]], mulberry32(1)
        for _ in range(3):
            p = microgpt.read(trained.model(), text).probabilities[-1] ** (1 / 0.7)
            token = int(np.searchsorted(p.cumsum(), next(numbers) * p.sum()))
            if token == 26:
                break
            text += chr(ord("a") + token)
            dice.click()
            until(lambda wanted=text: reader.state()["text"] == wanted)
        assert len(text) > 3


def note(reader):
    return reader.el.locator(".live-said").inner_text()


@pytest.mark.browser
def test_what_it_cannot_read_is_refused_and_what_stands_there_stays(reader):
    reader.el.get_by_label("a name").fill("zoë")
    until(lambda: "“ë” is not a letter from a to z" in note(reader))
    assert reader.state()["text"] == "emma"
    typed(reader, "a" * 15)
    reader.el.locator(".live-column").nth(0).click()
    until(lambda: "It can read 15 letters" in note(reader))
    assert reader.el.get_by_label("a name").get_attribute("maxlength") == "15"


@pytest.mark.browser
def test_it_is_accessible_in_several_states(reader):
    assert [reader.faults(s) for s in ("dark", "light")] == [[], []]
    typed(reader, "maximiliana")
    reader.el.get_by_label("3", exact=True).check(force=True)
    assert [reader.faults(s) for s in ("dark", "light")] == [[], []]
    reader.el.get_by_role("button", name="Reset").click()
    assert {key: reader.state()[key] for key in START} == START


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_keeps_as_much_room_as_either_form_needs(reader, size):
    kept, awake, asleep = reader.heights(size)
    reader.page.set_viewport_size(PHONE)
    assert max(awake, asleep) <= kept + 8
    assert kept <= max(awake, asleep) + 50  # and not much more
