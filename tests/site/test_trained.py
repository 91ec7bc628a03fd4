"""Tests for algollm_book.trained: the numbers that the object "train" is given."""

import base64
import json
import re

import numpy as np

from algollm_book import trained
from algollm_helpers import microgpt
from algollm_helpers.gpt.documents import load_docs
from tests.support.book import ROOT, notebook


def unpacked(text):
    return np.frombuffer(base64.b64decode(text), "<f8")


def test_levels_are_those_that_the_chapter_prints():
    cells = notebook(ROOT / "chapters" / "microgpt.ipynb")["cells"]
    outputs = [out.get("text", "") for c in cells for out in c.get("outputs", ())]
    row = r"^(\w+) +[\d.]+ per token, ([\d.]+) per document$"
    printed = dict(re.findall(row, "\n".join(outputs), re.MULTILINE))
    assert {k: f"{v:.3f}" for k, v in trained.levels().items()} == printed


def test_levels_stand_in_the_order_of_what_they_know():
    assert [*trained.levels()] == ["unigram", "bigram", "trigram", "floor"]
    heights = [np.log(27), *trained.levels().values()]
    assert heights == sorted(heights, reverse=True)


def test_the_first_loss_follows_from_the_parameters_and_the_name_given_along():
    run = json.loads(trained.run())
    losses, flat = unpacked(run["losses"]), unpacked(run["params"]).copy()
    assert len(run["names"]) == len(set(run["names"])) == losses.size == 1000
    params = microgpt.Parameters(flat, microgpt.Config(), 27)
    token_ids = microgpt.Tokenizer.of(load_docs()).encode(run["names"][0])
    loss, _ = microgpt.loss_and_grad(
        params, microgpt.Config(), token_ids[:-1], token_ids[1:]
    )
    assert loss == losses[0]
