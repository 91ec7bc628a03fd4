"""Tests for algollm_book.answering: the page answers as `check` does."""

import json
import re

import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell
from sphinx.errors import ExtensionError

from algollm_book import answering
from algollm_helpers.book.exercises import exercises, verdict
from tests.support.book import NOTEBOOKS, code_cells
from tests.support.browser import REFUSALS
from tests.support.pages import book, cell, page, site

TYPED = {n: e for n, e in exercises().items() if "cases" not in e}
ASKED = {  # each exercise, and the page with the cell that waits for its answer
    name: path.stem
    for path in NOTEBOOKS
    for code in code_cells(path)
    for name in re.findall(r'^check\("([\w-]+)", answer\)$', code["source"], re.M)
}


def waiting(name):
    """Return the cell that waits for the answer to an exercise."""
    made = cell()
    made.source = f'answer = ...\ncheck("{name}", answer)'
    return made


@pytest.fixture
def asking(tmp_path):
    """Return a function that builds the page with the cells of some exercises."""

    def built(*names, **settings):
        cells = [new_markdown_cell("# Page"), *map(waiting, names)]
        with site(tmp_path, {"index.ipynb": book(*cells)}, **settings) as app:
            assert app.warning.getvalue() == ""
            return page(app, "index")

    return built


# --- What is written into the page -------------------------------------------


def test_a_field_stands_before_the_cell_and_has_the_exercise_of_the_data(asking):
    html = asking("descent-landing-rate", "microgpt-targets")
    fields = html.select("form.answer")
    assert len(fields) == len(html.select(".answer-in-notebook")) == 2
    for form in fields:
        assert "answer-in-notebook" in form.find_next_sibling(class_="cell")["class"]
        exercise = exercises()[form["data-exercise"]]
        data = json.loads(form.select_one("script").string)
        assert data["answer"] == exercise["answer"]
        assert data["tolerance"] == exercise.get("tolerance", 0)
        assert [wrong for wrong, _ in data["wrong"]] == [
            wrong["answer"] for wrong in exercise["wrong"]
        ]
        label = form.select_one("label")
        assert label["for"] == form.select_one("input")["id"]
        assert exercise["expects"] in label.get_text()
    assert len(html.select(".answers-kept")) == 1


def test_a_function_is_written_in_the_notebook(asking):
    html = asking("descent-two-feet")
    assert not html.select("form.answer, .answer-in-notebook, .answers-kept")
    line = html.select_one(".cell").find_previous_sibling()
    assert "notebook" in line.get_text()


def test_cells_that_wait_for_nothing_stay_as_they_are(tmp_path):
    solved = cell()
    solved.source = 'check("descent-landing-rate", 1 / 2)'
    with site(tmp_path, {"index.ipynb": book(new_markdown_cell("# P"), solved)}) as app:
        assert not page(app, "index").select("form.answer, .answer-in-notebook")


def test_an_exercise_that_is_not_there_is_refused_with_its_place(asking):
    with pytest.raises(ExtensionError, match="index, cell 2: no exercise 'descent-x'"):
        asking("descent-x")


@pytest.mark.parametrize("answer", ["saddle", [[1, 2]], True])
def test_an_answer_that_no_field_can_take_is_refused(asking, monkeypatch, answer):
    sample = {"descent-x": {"answer": answer, "expects": "", "right": "", "wrong": []}}
    monkeypatch.setattr(answering, "exercises", lambda: sample)
    with pytest.raises(ExtensionError, match="descent-x: expected a number or a list"):
        asking("descent-x")


def test_the_sentences_are_translated_with_the_page(asking, tmp_path, monkeypatch):
    exercise = exercises()["loss-honest"]
    hint = exercise["wrong"][0]["hint"]
    said = {exercise["expects"]: "eine Zahl", hint: "Rechne </script>."}
    catalogue = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    for message, translated in said.items():
        catalogue += f'\nmsgid "{message}"\nmsgstr "{translated}"\n'
    folder = tmp_path / "locale/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "index.po").write_text(catalogue, encoding="utf-8")
    monkeypatch.setattr(answering, "_", lambda words: f"~{words}")
    form = asking("loss-honest", language="de", locale_dirs=["locale"]).select_one(
        "form.answer"
    )
    data = json.loads(form.select_one("script").string)
    assert data["wrong"][0][1] == "~Not yet. Rechne </script>."
    assert data["right"] == f"~Right. {exercise['right']}"
    assert data["kind"] == "~Expected eine Zahl, got {answer}."
    assert form.select_one("label").get_text() == "~Your answer: eine Zahl"


# --- On the built site: the same answers as in the notebook -------------------

PLAY = """tries => tries.map(([name, typed]) => {
  const form = document.querySelector(`form[data-exercise="${name}"]`);
  form.querySelector("input").value = typed;
  form.requestSubmit();
  return form.querySelector("output").textContent;
})"""


def played(visit, tries):
    """Return what the pages say to what is typed, in the order of the tries."""
    said = {}
    for stem in dict.fromkeys(ASKED[name] for name, _ in tries):
        here = [t for t in tries if ASKED[t[0]] == stem]
        opened = visit(f"chapters/{stem}.html")
        said |= zip(here, opened.evaluate(PLAY, here), strict=True)
        assert opened.troubles == []
    return [said[t] for t in tries]


def compared(visit, answers):
    """Play answers, each an exercise and numbers, and compare with the notebook."""
    assert answers
    tries = [(name, repr(answer)) for name, answer in answers]
    for (name, answer), said in zip(answers, played(visit, tries), strict=True):
        assert said == verdict(name, answer), (name, answer)


@pytest.mark.browser
def test_every_exercise_that_asks_for_numbers_has_its_field(visit):
    found = []
    for stem in dict.fromkeys(ASKED.values()):
        opened = visit(f"chapters/{stem}.html")
        forms = opened.locator("form.answer:not(.guess)")
        found += forms.evaluate_all("all => all.map((f) => f.dataset.exercise)")
        for form in forms.all():
            asked = form.locator("input").get_attribute("aria-describedby")
            assert opened.locator(f"[id='{asked}'].exercise").count() == 1
    assert sorted(found) == sorted(TYPED)


@pytest.mark.browser
def test_right_answers_and_listed_mistakes_get_the_notebooks_reply(visit):
    answers = [(name, exercise["answer"]) for name, exercise in TYPED.items()]
    answers += [(n, w["answer"]) for n, e in TYPED.items() for w in e["wrong"]]
    compared(visit, answers)


def near(name, rng):
    """Return numbers at the tolerance, on both sides, and others further off."""
    exercise = TYPED[name]
    answer = np.array(exercise["answer"], dtype=float)
    tolerance = exercise.get("tolerance", 0)
    last_bit = np.spacing(np.abs(answer).max())
    steps = [tolerance * (1 + s * 1e-6) for s in (-1, 1)]
    steps += [tolerance, last_bit, tolerance + 4 * last_bit]
    steps += list(rng.uniform(0, 3 * tolerance, 3)) + list(rng.uniform(0, 9, 3))
    return [(answer + sign * step).tolist() for step in steps for sign in (-1, 1)]


@pytest.mark.browser
def test_page_and_notebook_agree_on_either_side_of_each_tolerance(visit):
    rng = np.random.default_rng(0)
    answers = [(name, number) for name in TYPED for number in near(name, rng)]
    said = {verdict(name, number).partition(".")[0] for name, number in answers}
    assert "Right" in said
    assert len(said) > 2
    compared(visit, answers)


SAME = [  # an exercise, a number, and how people type it
    (
        "descent-landing-rate",
        0.5,
        [
            "0,5",
            ".5",
            ",5",
            " 0.5 ",
            "+0.5",
            "1/2",
            "1 / 2",
            "½",
            "0.25/0.5",
            "50 %",
            "50%",
            "5e-1",
            "5·10^-1",
            "5 × 10⁻¹",
            "5*10**-1",
            "0.5000000001",
        ],
    ),
    ("descent-first-step", -20.0, ["−20", "–20", "-20", "- 20", "-40/2", "−2·10¹"]),
    (
        "descent-probes",
        8384000,
        [
            "8384000",
            "8,384,000",
            "8.384.000",
            "8 384 000",
            "8\u202f384\u202f000",
            "8_384_000",
            "8’384’000",
            "8,384,000.0",
            "8.384e6",
            "8384 · 10^3",
            "8384000",
        ],
    ),
    (
        "learning_rate-last",
        1e-5,
        [
            "1e-5",
            "1E-5",
            "10^-5",
            "10⁻⁵",
            "0,00001",
            "0.001%",
        ],
    ),
    (
        "closed_form-kept",
        [1.8, 1.6],
        [
            "1.8, 1.6",
            "1.8,1.6",
            "1,8; 1,6",
            "1,8 1,6",
            "1,8, 1,6",
            "(1.8, 1.6)",
            "[ 1.8 , 1.6 ]",
            "1.8 ,1.6",
            "9/5, 8/5",
            "9 / 5; 8 / 5",
            "180 %, 160 %",
        ],
    ),
    ("microgpt-targets", [0, 21, 0, 26], ["0,21,0,26", "0 21 0 26", "0;21;0;26"]),
]


@pytest.mark.browser
def test_numbers_are_read_as_people_type_them(visit):
    tries = [(name, typed) for name, _, ways in SAME for typed in ways]
    said = dict(zip(tries, played(visit, tries), strict=True))
    for name, number, ways in SAME:
        for typed in ways:
            assert said[name, typed] == verdict(name, number), typed


@pytest.mark.browser
def test_what_is_no_number_is_said_and_what_has_two_readings_is_asked(visit):
    number = "Expected a number, got {}."
    tries = {
        ("descent-landing-rate", ""): "No answer yet: type a number.",
        ("descent-landing-rate", "  "): "No answer yet: type a number.",
        ("descent-landing-rate", "1,234"): "1,234 can be read in two ways: "
        "type 1234 or 1.234.",
        ("descent-landing-rate", "−1,234"): "−1,234 can be read in two ways: "
        "type -1234 or -1.234.",
        ("closed_form-kept", "1, 2, 3"): "Expected a list of two numbers, got 1, 2, 3.",
        ("closed_form-kept", "1.8"): "Expected a list of two numbers, got 1.8.",
        ("closed_form-kept", "1.8, x"): "Expected a list of two numbers, got 1.8, x.",
    }
    for text in (
        *("half", "1/0", "1/2/3", "0.5 m", "--1", "1.2.3", "1½", "3, 4", "2^3", "e"),
        *("0x10", "Infinity", "NaN", "1e", "/2", "%", "5,", "1,23,456", "<b>1</b>"),
    ):
        tries["descent-landing-rate", text] = number.format(text)
    tries["descent-landing-rate", "x" * 61] = number.format("x" * 57 + "...")
    tries["descent-landing-rate", "x" * 60] = number.format("x" * 60)
    for (_, typed), said, reply in zip(
        tries, tries.values(), played(visit, list(tries)), strict=True
    ):
        assert reply == said, typed


# --- What the reader does ------------------------------------------------------

CHAPTER = "chapters/descent.html"


FIRST = "form[data-exercise='descent-first-step']"


def field(page):
    return page.locator(f"{FIRST} input")


def reply(page):
    return page.locator(FIRST).get_by_role("status")


@pytest.mark.browser
def test_an_answer_is_given_by_keyboard_kept_and_forgotten(context):
    reader = context()
    page = reader.new_page()
    page.goto(CHAPTER)
    line = page.locator(".answers-kept")
    field(page).scroll_into_view_if_needed()
    top = field(page).bounding_box()["y"]
    assert not line.get_by_role("button").is_visible()
    page.get_by_label("Your answer: a number", exact=True).first.focus()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    assert reply(page).text_content().startswith("Right.")
    assert line.get_by_role("button").is_visible()
    assert field(page).bounding_box()["y"] == top  # nothing jumps
    page.reload()
    assert field(page).input_value() == "4"
    assert reply(page).text_content().startswith("Right.")
    line.get_by_role("button").click()
    assert field(page).input_value() == reply(page).text_content() == ""
    assert page.evaluate("localStorage.getItem('algollm-answers')") is None
    page.reload()
    assert field(page).input_value() == ""
    assert not line.get_by_role("button").is_visible()
    reader.close()


@pytest.mark.browser
def test_an_emptied_field_is_no_longer_kept(context):
    reader = context()
    page = reader.new_page()
    page.goto(CHAPTER)
    for text, kept in (("5", '{"descent-first-step":"5"}'), ("", None)):
        field(page).fill(text)
        field(page).press("Enter")
        assert page.evaluate("localStorage.getItem('algollm-answers')") == kept
    assert not page.locator(".answers-kept button").is_visible()
    reader.close()


@pytest.mark.browser
@pytest.mark.parametrize("kept", ["{", "null", "[3]", '{"descent-first-step": {}}'])
def test_what_another_program_kept_is_no_answer(context, kept):
    reader = context()
    page = reader.new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.add_init_script(f"localStorage.setItem('algollm-answers', {kept!r})")
    page.goto(CHAPTER)
    field(page).fill("4")
    field(page).press("Enter")
    assert reply(page).text_content().startswith("Right.")
    assert page.troubles == []
    reader.close()


@pytest.mark.browser
@pytest.mark.parametrize("refused", REFUSALS)
def test_answers_are_checked_where_nothing_is_kept(refused, context):
    reader = context()
    reader.add_init_script(REFUSALS[refused])
    page = reader.new_page()
    page.goto(CHAPTER)
    field(page).fill("4")
    field(page).press("Enter")
    assert reply(page).text_content().startswith("Right.")
    assert not page.locator(".answers-kept").is_visible()
    reader.close()


@pytest.mark.browser
def test_the_cell_is_there_without_scripts_on_paper_and_where_an_address_leads(visit):
    cell = ".answer-in-notebook .cell_input"
    page = visit(CHAPTER)
    every = page.locator(cell).count()
    assert page.locator(f"{cell}:visible").count() == 0 < every
    inside = page.locator(f"{cell} pre").first
    page.evaluate("id => (location.hash = id)", inside.get_attribute("id"))
    assert page.locator(f"{cell}:visible").count() == 1
    page.emulate_media(media="print")
    assert page.locator(f"{cell}:visible").count() == every
    assert page.locator("form.answer:visible").count() == 0
    page = visit(CHAPTER, "no scripts")
    assert page.locator(f"{cell}:visible").count() == every
    assert page.locator("form.answer:visible, .answers-kept:visible").count() == 0
