"""Tests for algollm_book.explorables: words for all that the helpers can say."""

import re

import numpy as np
import pytest

from algollm_book import explorables, live
from algollm_helpers.descent import regime
from algollm_helpers.grounds import GROUNDS

NAMES = ["hill", "landscape", "outlier", "start"]


def sentences(words):
    """Yield every text of a nest of words."""
    for word in words.values():
        if isinstance(word, dict):
            yield from sentences(word)
        else:
            yield str(word)


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_has_text_and_its_gaps_are_filled_by_the_script(name):
    script = (live.FILES / f"{name}.js").read_text("utf-8")
    for text in sentences(live.OBJECTS[name].setup()["words"]):
        assert text
        for gap in re.findall(r"\{(\w+)\}", text):
            assert re.search(rf"\b{gap}\b", script), text


def test_each_way_to_walk_has_a_name_and_a_sentence():
    ways = {regime(lr, 2.0) for lr in (0.1, 0.5, 0.9, 1.0, 1.1)}
    words = explorables.hill()["words"]
    assert set(words["regimes"]) == set(words["kinds"]) == ways


def test_each_ground_and_each_of_its_ends_has_words():
    words = explorables.landscape()["words"]
    assert set(words["grounds"]) == set(words["map"]) == set(GROUNDS)
    for name, ground in GROUNDS.items():
        ends = {*ground.reached(np.zeros((1, 2))), "nowhere"}
        assert set(words["short"][name]) == set(words["stories"][name]) == ends
