"""The page of questions: each is listed, answered with a number, and has its source."""

import re

import pytest

from tests.support.questions import ANSWERS, CELLS, QUESTION, TEXT

each_question = pytest.mark.parametrize("label", ANSWERS)


def test_the_opening_lists_all_twenty_in_their_order():
    assert len(ANSWERS) == 20
    assert TEXT.startswith("# Twenty questions")
    listed = re.findall(r"\{ref\}`(q-[a-z0-9-]+)`", CELLS[0]["source"])
    assert listed == list(ANSWERS)


def test_no_question_lacks_its_label():
    assert len(re.findall(r"^### ", TEXT, re.MULTILINE)) == len(ANSWERS)


@each_question
def test_the_answer_comes_first_and_is_short(label):
    answer = ANSWERS[label].strip().partition("\n\n")[0]
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", answer)) <= 7, answer


@each_question
def test_a_question_names_the_thread_in_which_it_was_asked(label):
    *_, last = ANSWERS[label].partition("\n## ")[0].strip().split("\n\n")
    assert last.startswith("*Asked in* [")
    thread = r"\(https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull)/\d+\)"
    assert re.search(thread, last)
    assert re.search(r"\bin 20\d\d\b", last)


def test_each_answer_has_a_number_that_a_run_gave():
    given, label = {}, ""
    for cell in CELLS:
        if cell["cell_type"] == "markdown":
            found = QUESTION.search(cell["source"])
            label = found[1] if found else label
        for output in cell.get("outputs", ()):
            given[label] = given.get(label, "") + output.get("text", "")
    for name, answer in ANSWERS.items():
        number = re.search(r"\d", given.get(name, "")) or "{measured}`" in answer
        assert number, f"{name} is answered without a number"
