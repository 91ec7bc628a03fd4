"""Tests for gpt.documents: files, tokens, batches, then refusals."""

import hashlib
import os
import threading
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from algollm_helpers.gpt.documents import (
    Tokenizer,
    batch_tokens,
    load_docs,
    token_share,
)
from algollm_helpers.gpt.transformer import Config
from algollm_helpers.microgpt import document_losses, evaluate
from tests.support.small import few, lists, made


def test_the_embedded_names_are_what_their_provenance_note_says():
    docs = load_docs()
    assert len(docs) == len(set(docs)) == 29_910
    assert all(1 <= len(doc) <= 15 for doc in docs)
    assert Tokenizer.of(docs).alphabet == "abcdefghijklmnopqrstuvwxyz"


def test_the_provenance_note_names_the_list_that_is_there():
    data = files("algollm_helpers") / "data"
    digest = hashlib.sha256((data / "names.txt").read_bytes()).hexdigest()
    assert digest in (data / "README.md").read_text(encoding="utf-8")


def test_a_text_is_read_line_by_line_and_blanks_are_dropped(tmp_path):
    path = tmp_path / "poems.txt"
    path.write_bytes("\ufeffémile \r\n\r\n  春眠\tx\nab\nab".encode())
    assert load_docs(path) == ["émile", "春眠\tx", "ab", "ab"]
    assert load_docs(str(path)) == load_docs(path)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, FileNotFoundError, "no file .*input.txt"),
        (b"", ValueError, "input.txt' holds no document"),
        (b" \n\t\n", ValueError, "holds no document"),
        (b"ab\nr\xe9mi\n", ValueError, "not UTF-8: byte 4 is 0xe9"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused(tmp_path, content, error, message):
    path = tmp_path / "input.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=message):
        load_docs(path)


@few
@given(doc=st.text("hello", max_size=9))
def test_decoding_undoes_encoding(doc):
    tokenizer = Tokenizer.of(["hello"])
    token_ids = tokenizer.encode(doc)
    assert tokenizer.decode(token_ids) == doc
    assert token_ids[0] == token_ids[-1] == tokenizer.boundary == 4
    assert_array_equal(tokenizer.encode(doc, close=False), token_ids[:-1])
    assert tokenizer.vocab_size == 5


def test_a_character_outside_the_vocabulary_is_named():
    with pytest.raises(ValueError, match=r"'emma!' has the character '!'.*'aem'"):
        Tokenizer.of(["emma"]).encode("emma!")
    with pytest.raises(ValueError, match="'aba' repeats a character"):
        Tokenizer("aba")


def test_a_message_shows_no_more_of_a_document_than_one_can_read():
    with pytest.raises(ValueError, match="has the character '!'") as caught:
        Tokenizer.of(["emma"]).encode("em" * 10_000 + "!")
    assert "'ememem" in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_pipe_is_read_like_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = (b"emma\nava\n",)
    writer = threading.Thread(target=pipe.write_bytes, args=content, daemon=True)
    writer.start()
    assert load_docs(pipe) == ["emma", "ava"]
    writer.join()


def test_a_batch_of_nothing_is_refused():
    tokenizer = Tokenizer.of(["ab"])
    with pytest.raises(ValueError, match="at least one document, got none"):
        batch_tokens([], tokenizer, block_size=4)
    with pytest.raises(ValueError, match="block_size must be >= 1, got 0"):
        batch_tokens(["ab"], tokenizer, block_size=0)


def test_a_batch_predicts_each_next_token_and_masks_the_rest():
    tokenizer = Tokenizer("ab")  # boundary 2
    batch = batch_tokens(["ab", ""], tokenizer, block_size=9)
    assert_array_equal(batch.token_ids, [[2, 0, 1], [2, 2, 2]])
    assert_array_equal(batch.targets, [[0, 1, 2], [2, 2, 2]])
    assert_array_equal(batch.mask, [[True, True, True], [True, False, False]])


def test_of_one_document_and_without_a_mask_every_token_is_predicted():
    batch = batch_tokens(["ab"], Tokenizer("ab"), block_size=9)
    assert batch.mask is None
    assert_array_equal(batch.predicted, [True, True, True])
    pair = batch_tokens(["ab", ""], Tokenizer("ab"), block_size=9)
    assert pair.predicted is pair.mask


@few
@given(part=lists, rest=lists, block_size=st.integers(1, 7))
def test_a_share_counts_the_tokens_that_a_batch_predicts(part, rest, block_size):
    def tokens(docs):
        batch = batch_tokens(docs, Tokenizer("abc"), block_size=block_size)
        return batch.predicted.sum()

    share = token_share(part, part + rest, block_size=block_size)
    assert share == tokens(part) / tokens(part + rest)
    assert token_share([], rest, block_size=block_size) == 0


@pytest.mark.parametrize(
    ("doc", "token_ids", "targets"),
    [
        ("aa", [1, 0, 0], [0, 0, 1]),  # fits: the end is predicted
        ("aaa", [1, 0, 0], [0, 0, 0]),  # one too long: its end is not
        ("aaaaaa", [1, 0, 0], [0, 0, 0]),  # far too long: the rest is not
    ],
)
def test_a_document_longer_than_the_block_is_cut(doc, token_ids, targets):
    batch = batch_tokens([doc], Tokenizer("a"), block_size=3)
    assert_array_equal(batch.token_ids, token_ids)
    assert_array_equal(batch.targets, targets)
    run = made(Config(n_head=1, n_embd=2, block_size=3), ["a"])
    (losses,) = document_losses(run, [doc])
    assert losses.shape == (3,)
    assert evaluate(run, [doc]).cut == (len(doc) > 2)
