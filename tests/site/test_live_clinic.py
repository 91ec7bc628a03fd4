"""The object "clinic": runs of the helper, asked for by hand, named, and answered."""

import gzip
import json
import math

import numpy as np
import pytest
from bs4 import BeautifulSoup

from algollm_book import live_clinic
from algollm_helpers import clinic, clinic_ward
from tests.support.book import ROOT, notebook
from tests.support.browser import DESK, PHONE, SITE
from tests.support.jobs import until
from tests.support.live import STILL, Held, stands_still

PAGE = "chapters/clinic.html"
WARD = clinic_ward.cases(live_clinic.SEED)
NUMBER = {case.name: i for i, case in enumerate(WARD)}
INSTRUMENTS = {
    "held-out loss": "valid",
    "gradient norm": "grad_norm",
    "update / weights": "update_ratio",
    "learning rate": "lr",
    "agreement": "agreement",
    "leak": "leak",
    "a sample": "sample",
}


# --- Its words, without a browser -----------------------------------------------


def test_every_suspect_has_a_name_a_sign_and_its_two_lines():
    words = live_clinic.given()["words"]
    assert set(words["names"]) == {*clinic.FAULTS, clinic.HEALTHY}
    assert set(words["signs"]) == set(words["names"])
    for name, fault in clinic.FAULTS.items():
        line = words["lines"][name]
        assert (line["wrong"], line["right"]) == (fault.wrong, fault.right)
        assert line["place"] == fault.place.__qualname__


def test_the_answers_of_the_still_form_are_those_of_the_chapters_ward():
    cells = notebook(ROOT / "chapters/clinic.ipynb")["cells"]
    (text,) = [c["source"] for c in cells if "```{live} clinic" in c["source"]]
    said = [line.split(". ", 1) for line in text.splitlines() if line[:1].isdigit()]
    names = [
        c.name if c.name in clinic.FAULTS else "nothing is wrong"
        for c in clinic_ward.cases()
    ]
    assert said == [[str(i), name] for i, name in enumerate(names, 1)]


# --- On the page ----------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(context):
    shown = Held(context, PAGE, "clinic")
    until(lambda: shown.state().get("name"))
    yield shown
    shown.close()


@pytest.fixture
def ward(shown):
    """Return the object at its first run, of which nothing is known but the loss."""
    shown.reset()
    return shown


def go(ward, name):
    """Go on to the run with a fault."""
    for _ in range(NUMBER[name]):
        ward.el.get_by_role("button", name="Next run").click()
    assert ward.state()["name"] == name


def name_it(ward, suspect):
    ward.pick(suspect)
    ward.el.get_by_role("button", name="Name it").click()
    return ward.el.locator(".live-status").inner_text()


pytestmark = pytest.mark.browser


def test_the_runs_are_those_of_the_helper_to_the_digits_that_are_shown(ward):
    # A run at too high a rate magnifies the last digits of sums: it is not compared.
    for name in ("Adam's sums in float16", "no causal mask"):
        ward.reset()
        go(ward, name)
        state, run = ward.state(), WARD[NUMBER[name]].run()
        assert state["seed"] == WARD[NUMBER[name]].seed
        last = clinic.STEPS - 1
        steps = [*range(0, last, live_clinic.EVERY), last]
        assert state["steps"] == steps
        for key in live_clinic.DENSE:
            seen = np.array(state["run"][key], float)  # None is NaN
            there = np.where(np.isfinite(run.all(key)), run.all(key), np.nan)[steps]
            np.testing.assert_allclose(seen, there, rtol=6e-4, err_msg=key)
        assert state["run"]["sample"] == list(run.sample)
    assert state["even"] == pytest.approx(math.log(27))


def test_an_instrument_is_drawn_and_told_when_it_is_asked_for_and_counted_once(ward):
    go(ward, "every step clipped")
    drawing = ward.el.locator(".live-panel svg")
    assert not drawing.is_visible()
    for count, (word, key) in enumerate(INSTRUMENTS.items(), 1):
        ward.pick(word)
        state = ward.state()
        assert (state["instrument"], len(state["asked"])) == (key, count)
        assert drawing.is_visible() == (key != "sample")
    names = ward.el.locator(".live-written").inner_text()
    assert all(name in names for name in state["run"]["sample"])
    ward.pick("gradient norm")
    first = state["run"]["grad_norm"][0]
    told = ward.el.locator(".live-panel .live-key").inner_text()
    assert told.startswith(f"{first:.3g} at first")
    assert told in drawing.get_attribute("aria-label")
    assert "after clipping" in ward.el.inner_text()
    assert ward.state()["used"] == len(INSTRUMENTS)


def test_a_wrong_suspect_is_crossed_out_and_the_right_one_shows_its_lines(ward):
    go(ward, "update of a copy")
    assert name_it(ward, "rate too low").startswith("Not that. With “rate too low”")
    assert ward.el.get_by_role("radio", name="rate too low").is_disabled()
    told = name_it(ward, "update of a copy")
    assert "no update has moved a weight" in told
    ward.spoken(told)
    lines = ward.el.locator(".live-lines code").all_text_contents()
    fault = clinic.FAULTS["update of a copy"]
    assert lines == [fault.wrong, fault.right]
    state = ward.state()
    assert (state["seen"], state["right"], state["solved"]) == (1, 0, "named")


def test_what_is_named_at_once_counts_and_what_is_shown_does_not(ward):
    name_it(
        ward,
        "nothing is wrong"
        if ward.state()["name"] == "healthy"
        else ward.state()["name"],
    )
    assert (ward.state()["seen"], ward.state()["right"]) == (1, 1)
    ward.el.get_by_role("button", name="Next run").click()
    ward.el.get_by_role("button", name="Show me").click()
    state = ward.state()
    assert (state["seen"], state["right"], state["solved"]) == (2, 1, "shown")
    assert not ward.el.get_by_role("button", name="Show me").is_visible()
    score = ward.el.locator(".live-score").inner_text()
    assert "1 of 2" in score


def test_nothing_is_named_before_a_suspect_is_chosen(ward):
    ward.el.get_by_role("button", name="Name it").click()
    assert "first" in ward.el.locator(".live-status").inner_text()
    assert ward.state()["tried"] == []


def test_it_is_worked_by_keys_alone_and_by_a_finger(ward):
    go(ward, "uphill")
    keys = ward.page.keyboard
    ward.el.get_by_role("radio", name="held-out loss").focus()
    keys.press("ArrowRight")
    assert ward.state()["instrument"] == "grad_norm"
    keys.press("Tab")
    keys.press("Space")  # the first suspect
    keys.press("ArrowRight")
    assert ward.state()["picked"] == list(clinic.FAULTS)[1]
    keys.press("Tab")
    keys.press("Enter")
    assert ward.state()["tried"] == [list(clinic.FAULTS)[1]]
    ward.el.get_by_role("radio", name="learning rate").tap()
    assert ward.state()["instrument"] == "lr"
    ward.el.get_by_role("button", name="Next run").tap()
    assert ward.state()["at"] == NUMBER["uphill"] + 1


def test_after_the_last_run_and_by_shuffle_comes_another_order_of_all(ward):
    first = ward.state()["order"]
    for _ in first:
        ward.el.get_by_role("button", name="Next run").click()
    second = ward.state()["order"]
    ward.el.get_by_role("button", name="Shuffle").click()
    third = ward.state()["order"]
    assert sorted(first) == sorted(second) == sorted(third)
    assert len({tuple(order) for order in (first, second, third)}) == 3
    assert ward.state()["at"] == 0


def test_no_name_of_a_run_stands_on_the_page_before_it_is_solved(ward):
    go(ward, "uphill")
    text = ward.el.locator(".live-status, .live-heading, .live-lines").all_inner_texts()
    assert "uphill" not in " ".join(text)


def test_it_is_accessible_in_several_states(ward):
    assert ward.faults("light") == []
    go(ward, "rate too high")
    ward.pick("update / weights")
    name_it(ward, "rate too low")
    name_it(ward, "rate too high")
    assert [ward.faults(s) for s in ("dark", "light")] == [[], []]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_keeps_as_much_room_as_either_form_needs(ward, size):
    kept, awake, asleep = ward.heights(size)
    ward.page.set_viewport_size(PHONE)
    assert max(awake, asleep) <= kept + 8
    assert kept <= max(awake, asleep) + 50  # and not much more


def test_without_scripts_and_from_a_disk_stand_the_frames_and_closed_answers(context):
    assert stands_still(context, PAGE, "clinic") == STILL
    page = BeautifulSoup((SITE / PAGE).read_text("utf-8"), "html.parser")
    answers = page.select_one(
        ".live[data-object=clinic] .live-still details.sd-dropdown"
    )
    assert len(answers.select("li")) == len(WARD)
    assert not answers.has_attr("open")


def test_its_runs_weigh_at_most_25_kilobytes():
    data = (SITE / "_static/live/clinic.json").read_bytes()
    assert len(gzip.compress(data)) <= 25_000
    assert len(json.loads(data)["runs"]) == len(WARD)
