"""Tests for gpt.halves: two parts are the whole batch, in threads and without."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

from algollm_helpers.engine import memory
from algollm_helpers.gpt import halves, transformer
from algollm_helpers.gpt.documents import batch_tokens
from algollm_helpers.gpt.halves import differentiate
from algollm_helpers.gpt.training import Training
from algollm_helpers.gpt.transformer import Config, Parameters
from algollm_helpers.schedules import constant
from tests.support.small import DOCS, TINY, few, on, seeds

V = 5
WIDE = Config(n_layer=1, n_head=2, n_embd=64, block_size=32)  # products for two threads


@pytest.fixture(autouse=True)
def all_is_large(monkeypatch):
    """Cut every batch, let two threads work, and leave none behind."""
    monkeypatch.setattr(halves, "WORTH", 0)
    monkeypatch.setattr(halves, "MANY", 0)
    on(2, monkeypatch)
    yield
    memory.forget()


def drawn(config=TINY, seed=0):
    rng = np.random.default_rng([seed, 1])
    return Parameters(0.3 * rng.standard_normal(config.size(V)), config, V)


def batch_of(rng, B, T, lengths=None):
    ids, targets = rng.integers(V, size=(2, B, T))
    mask = None if lengths is None else np.arange(T) < np.array(lengths)[:, None]
    return ids, targets, mask


def both_ways(params, config, batch):
    """Return loss and gradient of the parts, and of the whole."""
    found = []
    for way in (differentiate, transformer.differentiate):
        params.grad[:] = np.nan
        loss = way(params, config, batch)
        found.append((loss, params.grad.copy()))
    return found


@few
@given(seeds, st.data())
def test_the_parts_are_the_whole(seed, data):
    rng = np.random.default_rng(seed)
    lengths = data.draw(
        st.none() | st.lists(st.integers(0, 6), min_size=2, max_size=7).filter(any)
    )
    B = 3 if lengths is None else len(lengths)
    batch = batch_of(rng, B, 6, lengths)
    (loss, grad), (whole, whole_grad) = both_ways(drawn(seed=seed), TINY, batch)
    assert loss == pytest.approx(whole, rel=1e-12, abs=1e-12)
    assert_allclose(grad, whole_grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("lengths", [[0, 4, 0], [4, 0, 2], [0, 3], [1, 0]])
def test_a_part_without_a_token_adds_nothing(lengths):
    batch = batch_of(np.random.default_rng(3), len(lengths), 6, lengths)
    params = drawn()
    params.twin.grad[:] = np.nan  # of an earlier step
    (loss, grad), (whole, whole_grad) = both_ways(params, TINY, batch)
    assert loss == pytest.approx(whole, rel=1e-12)
    assert_allclose(grad, whole_grad, rtol=1e-12, atol=1e-12)


def test_weights_count_by_their_size():
    rng = np.random.default_rng(4)
    ids, targets, _ = batch_of(rng, 5, 4)
    batch = ids, targets, rng.uniform(size=(5, 4))
    (loss, grad), (whole, whole_grad) = both_ways(drawn(), TINY, batch)
    assert loss == pytest.approx(whole, rel=1e-12)
    assert_allclose(grad, whole_grad, rtol=1e-12, atol=1e-12)


def test_what_nobody_counts_is_not_computed(monkeypatch):
    seen = []

    def forward(tensors, config, ids):
        seen.append(np.shape(ids))
        return transformer.forward(tensors, config, ids)

    monkeypatch.setattr(halves, "forward", forward)
    on(1, monkeypatch)
    batch = batch_of(np.random.default_rng(0), 4, 6, [6, 2, 1, 3])
    differentiate(drawn(), TINY, batch)
    assert seen == [(2, 6), (2, 3)]


@pytest.mark.parametrize("B", [2, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_thread_and_two_agree_to_the_last_bit(B, dtype, monkeypatch):
    rng = np.random.default_rng(B)
    params = Parameters(drawn(WIDE).flat.astype(dtype), WIDE, V)
    batch = batch_of(rng, B, 32, rng.integers(1, 33, size=B))
    found = []
    for cores, blas in [(1, 1), (1, 2), (2, 1), (2, 2)]:
        on(cores, monkeypatch)
        with threadpool_limits(limits=blas, user_api="blas"):
            for _ in range(2):
                loss = differentiate(params, WIDE, batch)
                found.append((loss, params.grad.copy()))
    for loss, grad in found:
        assert loss == found[0][0]
        assert_array_equal(grad, found[0][1])


def test_small_work_and_a_single_document_are_left_whole(monkeypatch):
    rng, params = np.random.default_rng(0), drawn()
    three, one = batch_of(rng, 3, 6), batch_of(rng, 1, 6)
    line = one[0][0], one[1][0], None
    many = three[0].size
    work = params.flat.size * many
    cases = [
        (0, 0, one),
        (0, 0, line),
        (work + 1, many, three),
        (work, many + 1, three),
    ]
    for worth, tokens, batch in cases:
        monkeypatch.setattr(halves, "WORTH", worth)
        monkeypatch.setattr(halves, "MANY", tokens)
        (loss, grad), (whole, whole_grad) = both_ways(params, TINY, batch)
        assert loss == whole
        assert_array_equal(grad, whole_grad)
        assert "twin" not in vars(params)
    monkeypatch.setattr(halves, "WORTH", work)
    monkeypatch.setattr(halves, "MANY", many)
    differentiate(params, TINY, three)
    assert "twin" in vars(params)


def test_microgpt_is_left_whole(monkeypatch):
    monkeypatch.undo()
    config = Config()
    assert 100 * config.size(27) * config.block_size < halves.WORTH


@pytest.mark.parametrize(
    ("ids", "targets", "mask"),
    [
        ((3, 4), (3, 5), None),
        ((3, 4), (4, 4), None),
        ((3, 4), (3, 4), (3, 3)),
        ((3, 7), (3, 7), (3, 7)),  # longer than the block
        ((0, 4), (0, 4), None),
        ((3, 4), (3, 4), "none"),
    ],
)
def test_wrong_input_is_refused_in_the_words_of_the_whole(ids, targets, mask):
    if mask is not None:
        mask = np.zeros((3, 4)) if mask == "none" else np.arange(mask[1]) < [[1]] * 3
    batch = np.zeros(ids, int), np.zeros(targets, int), mask
    messages = []
    for way in (differentiate, transformer.differentiate):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  (compared below)
            way(drawn(), TINY, batch)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("row", [0, 1])
def test_an_error_in_a_part_reaches_the_caller(row):
    ids, targets, _ = batch_of(np.random.default_rng(0), 2, 3)
    targets[row, 1] = V
    with pytest.raises(ValueError, match=f"targets must lie in 0 … {V - 1}"):
        differentiate(drawn(), TINY, (ids, targets, None))


def training(state=None, batch=3):
    return Training(
        DOCS, schedule=constant(0.05), config=TINY, batch=batch, state=state
    )


def test_a_run_in_parts_is_left_and_taken_up_again_to_the_last_bit(monkeypatch):
    whole = training()
    losses = [whole.update() for _ in range(8)]
    on(1, monkeypatch)  # on another computer
    left = training()
    found = [left.update() for _ in range(3)]
    on(2, monkeypatch)
    again = training(left.state)
    found += [again.update() for _ in range(5)]
    assert found == losses
    for mine, other in zip(again.state[:3], whole.state[:3], strict=True):
        assert_array_equal(mine, other)


def test_a_run_in_parts_has_the_losses_of_one_that_is_not(monkeypatch):
    in_parts = training()
    losses = [in_parts.update() for _ in range(6)]
    monkeypatch.setattr(halves, "WORTH", np.inf)
    whole = training()
    assert_allclose(losses, [whole.update() for _ in range(6)], rtol=1e-12)


def test_unequal_documents_are_cut_as_data_parallel_ranks_cut_them():
    tokenizer, params = training().tokenizer, drawn()
    batch = batch_tokens(DOCS, tokenizer, block_size=6)
    parts = [halves.Part(*batch).every_other(start) for start in (0, 1)]
    for start, part in enumerate(parts):
        own = batch_tokens(DOCS[start::2], tokenizer, block_size=6)
        for array, other in zip(part, own, strict=True):
            assert_array_equal(array, other)
    (loss, _), (whole, _) = both_ways(params, TINY, batch)
    assert loss == pytest.approx(whole, rel=1e-12)
