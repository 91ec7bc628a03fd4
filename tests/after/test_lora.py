"""Tests for algollm_helpers.after.lora: merging, ranks, a gradient by differences."""

import random

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers import microgpt
from algollm_helpers.after.lora import (
    Adapters,
    backwards,
    held,
    layer_size,
    learn,
    losses,
    moved,
    tune,
)
from algollm_helpers.engine import Tensor, cross_entropy, linear
from algollm_helpers.gpt import (
    Config,
    Tokenizer,
    batch_tokens,
    init_params,
    loss_and_grad,
)

NAMES = ["ada", "bo", "cy", "dora", "eve", "fay"]
TINY = Config(n_embd=8, n_head=2, block_size=6)
TOKENS = Tokenizer.of(NAMES)


@pytest.fixture
def adapted():
    params = init_params(TINY, TOKENS.vocab_size, rng=random.Random(0))
    adapters = Adapters(params, rank=2, rng=np.random.default_rng(0))
    return params, adapters


def loss_of(params):
    batch = batch_tokens(NAMES, TOKENS, block_size=TINY.block_size)
    ids, targets, mask = batch
    return loss_and_grad(params, TINY, ids, targets, mask=mask)[0]


def test_nothing_is_added_at_the_start(adapted):
    params, adapters = adapted
    before = params.flat.copy()
    adapters.merge()
    assert_array_equal(params.flat, before)
    assert adapters.flat.any(), "both factors are 0: no gradient would ever come"


def test_a_merged_matrix_gives_what_matrix_and_adapter_give_side_by_side(adapted):
    params, adapters = adapted
    rng = np.random.default_rng(1)
    adapters.flat[:] = rng.normal(size=adapters.flat.size)
    kept = {name: params[name].copy() for name in adapters.factors}
    adapters.merge()
    x = rng.normal(size=(5, 32))
    for name, (b, a) in adapters.factors.items():
        inputs = Tensor(x[:, : a.shape[1]])
        aside = linear(linear(inputs, Tensor(a)), Tensor(b)).data
        both = linear(inputs, Tensor(kept[name])).data + aside
        assert_allclose(linear(inputs, Tensor(params[name])).data, both, atol=1e-12)


def test_what_is_added_has_at_most_the_rank_and_not_less(adapted):
    params, adapters = adapted
    before = params.named(params.flat.copy())
    adapters.flat[:] = np.random.default_rng(1).normal(size=adapters.flat.size)
    adapters.merge()
    for name, w in params.items():
        added = np.linalg.matrix_rank(w - before[name], tol=1e-10)
        assert added == (2 if name.startswith("layer") else 0), name


def test_the_gradient_is_that_of_differences(adapted):
    params, adapters = adapted
    rng = np.random.default_rng(1)
    adapters.flat[:] = 0.2 * rng.normal(size=adapters.flat.size)
    adapters.merge()
    loss_of(params)
    adapters.differentiate()
    here, way = adapters.flat.copy(), rng.normal(size=adapters.flat.size)
    around = []
    for h in (1e-5, -1e-5):
        adapters.flat[:] = here + h * way
        adapters.merge()
        around.append(loss_of(params))
    slope = (around[0] - around[1]) / 2e-5
    assert_allclose(adapters.grad @ way, slope, rtol=1e-6)
    assert abs(slope) > 1e-3


def test_the_gradient_is_what_the_tape_gives_for_an_adapter_in_the_graph():
    rng = np.random.default_rng(0)
    w, b, a = (Tensor(rng.normal(size=shape)) for shape in ((6, 4), (6, 2), (2, 4)))
    x, labels = Tensor(rng.normal(size=(9, 4))), rng.choice(6, 9)
    cross_entropy(linear(x, w + b @ a), labels).backward()
    assert_allclose(b.grad, w.grad @ a.data.T)
    assert_allclose(a.grad, b.data.T @ w.grad)


@pytest.fixture(scope="module")
def run():
    return learn(NAMES * 3, steps=3, seed=0)


@pytest.mark.parametrize("rank", [1, 3, "layers", "all"])
def test_tuning_changes_what_it_may_and_leaves_the_model_alone(run, rank):
    before = run.params.flat.copy()
    tuned = tune(run, backwards(NAMES), rank=rank, lr=0.01, steps=6, seed=0)
    assert_array_equal(run.params.flat, before)
    for name, w in tuned.params.items():
        singular = np.linalg.svd(w - run.params[name], compute_uv=False)
        moved = (singular > 1e-12).sum()
        if isinstance(rank, int) and name.startswith("layer"):
            assert moved == rank, name
        else:
            assert (moved > 0) == (rank == "all" or name.startswith("layer")), name


def test_tuning_all_is_the_book_s_training_from_another_start(run):
    steps, names = 6, backwards(NAMES)
    tuned = tune(run, names, rank="all", lr=0.01, steps=steps, seed=0)
    # by hand: Adam of the recipe, its rate falling to 0, four names a step
    params = run.params.flat.copy()
    m, v = np.zeros((2, params.size))
    model = microgpt.Parameters(params, run.config, run.tokenizer.vocab_size)
    for step in range(steps):
        four = [names[(4 * step + i) % 6] for i in range(4)]
        ids, targets, mask = batch_tokens(four, run.tokenizer, block_size=16)
        g = loss_and_grad(model, run.config, ids, targets, mask=mask)[1]
        m, v = 0.85 * m + 0.15 * g, 0.99 * v + 0.01 * g * g
        m_hat, v_hat = m / (1 - 0.85 ** (step + 1)), v / (1 - 0.99 ** (step + 1))
        params -= 0.01 * (1 - step / steps) * m_hat / (np.sqrt(v_hat) + 1e-8)
    assert_allclose(tuned.params.flat, params, atol=1e-9)


def test_sizes_and_losses_are_those_of_the_parts(run):
    assert layer_size(run.params) == 12 * 16 * 16
    assert backwards(["ada", "bo"]) == ["ada", "ob"]
    ends = losses(run, ["ada", "eve"])  # which read the same from both ends
    assert_allclose(ends.new, ends.old)
    assert losses(run, ["bo"]).new == losses(run, ["ob"]).old


def test_a_change_of_known_singular_values_is_measured(run):
    rng = np.random.default_rng(0)
    tuned = run._replace(
        params=microgpt.Parameters(
            run.params.flat.copy(), run.config, run.tokenizer.vocab_size
        )
    )
    layers = [name for name in run.params if name.startswith("layer")]
    for name in layers:  # of sizes 2, 1 and 1 along directions at right angles
        u, _, vt = np.linalg.svd(rng.normal(size=run.params[name].shape))
        tuned.params[name][...] += u[:, :3] @ np.diag([2.0, 1.0, 1.0]) @ vt[:3]
    tuned.params["wte"][...] += 1.0  # not of the layers
    assert_allclose(held(run, tuned, directions=1), 4 / 6)
    assert_allclose(held(run, tuned, directions=2), 5 / 6)
    assert_allclose(held(run, tuned, directions=3), 1)
    size = sum((run.params[name] ** 2).sum() for name in layers)
    assert_allclose(moved(run, tuned), (len(layers) * 6 / size) ** 0.5)
    assert moved(run, run) == 0


def test_refuses_a_rank_that_is_none(run):
    with pytest.raises(ValueError, match="rank must be >= 1, got 0"):
        tune(run, NAMES, rank=0, lr=0.01, steps=1, seed=0)
