"""Tests for algollm_book.runner_words: what scripts say stands in the catalogue."""

import re

from algollm_book.runner_store import FILES
from algollm_book.runner_words import words

SOURCE = "\n".join(path.read_text("utf-8") for path in FILES.glob("*.js"))


def test_every_sentence_that_is_said_is_there_and_every_one_is_said():
    said = set(re.findall(r'\b(?:say|text)\(\s*"(\w+)"', SOURCE))
    assert said <= set(words())
    assert set(words()) <= set(re.findall(r'"(\w+)"', SOURCE))


def test_the_words_of_a_sentence_that_change_are_given_by_the_scripts():
    fields = re.findall(r"\{(\w+)\}", " ".join(map(str, words().values())))
    assert set(fields) == {
        "cell",
        "line",
        "megabytes",
        "number",
        "other",
        "seconds",
        "why",
    }
    for name in set(fields) - {"megabytes"}:  # which comes with the words
        assert re.search(rf"(say|text)\([^;]*\b{name}\b", SOURCE), name
