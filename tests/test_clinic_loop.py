"""Tests for clinic_loop: a step by its parts, then what each wrong line makes of it."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.clinic_faults import FAULTS, planted
from algollm_helpers.clinic_loop import (
    EVERY,
    HELD_OUT,
    TEXT,
    WORKERS,
    Loop,
    Setting,
    differentiated,
    leak,
    observed,
    reader,
    tokens,
)
from algollm_helpers.gpt.transformer import loss_and_grad
from algollm_helpers.microgpt import evaluate

STANDARD = Setting()
STEPS = 24


def loop(fault=None, seed=5, setting=STANDARD):
    with planted(FAULTS[fault] if fault else None):
        return Loop(setting, seed, STEPS)


def with_fault(fault, do, made=None):
    """Return what a loop does while a fault is planted, and the loop."""
    made = made or loop(fault)
    with planted(FAULTS[fault]):
        return do(made), made


def by_hand(made, mask=True, targets=None):
    """Return each worker's loss and gradient on what it reads next."""
    found = []
    for names in made.readers:
        docs = [next(names) for _ in range(made.setting.documents)]
        batch = tokens(made.model, docs)
        right = batch.targets if targets is None else getattr(batch, targets)
        keep = batch.mask if mask else None
        model = made.model
        found.append(
            loss_and_grad(model.params, model.config, batch.token_ids, right, mask=keep)
        )
    return [loss for loss, _ in found], [grad for _, grad in found]


def test_a_run_has_a_reading_of_every_instrument():
    run = observed(STANDARD, 3, 12)
    assert_array_equal(run.step, np.arange(12))
    for name in ("loss", "lr", "grad_norm", "used_norm", "update_ratio", "agreement"):
        assert np.isfinite(run.all(name)).all()
    for name in ("valid", "leak"):
        assert_array_equal(np.flatnonzero(~np.isnan(run.all(name))), [0, EVERY, 11])
    assert run.vocab_size == 27
    assert run.passes == 12 * WORKERS * 4 / TEXT
    assert len(run.sample) == 6
    again = observed(STANDARD, 3, 12)
    assert_array_equal(again.loss, run.loss)
    assert again.sample == run.sample
    with pytest.raises(ValueError, match="steps must be >= 1, got 0"):
        observed(STANDARD, 3, 0)


def test_text_and_held_out_documents_are_apart_and_the_workers_read_their_own():
    made = loop()
    assert len(set(made.text)) == TEXT
    assert len(set(made.held_out)) == HELD_OUT
    assert not set(made.text) & set(made.held_out)
    orders = [[next(names) for _ in range(TEXT)] for names in made.readers]
    assert [sorted(order) for order in orders] == [sorted(made.text)] * WORKERS
    assert orders[0] != orders[1]
    rounds = reader(["a", "b", "c"], 1)
    assert sorted(next(rounds) for _ in range(6)) == list("aabbcc")


def test_the_gradient_is_the_mean_over_the_workers_and_no_longer_than_their_mean():
    made = loop()
    losses, grads = by_hand(loop())
    shown = made.gathered()
    assert shown["loss"] == pytest.approx(np.mean(losses), rel=1e-12)
    assert_allclose(made.total, np.mean(grads, axis=0), atol=1e-15)
    lengths = np.linalg.norm(grads, axis=1)
    assert shown["grad_norm"] == pytest.approx(np.linalg.norm(np.mean(grads, axis=0)))
    assert shown["agreement"] == pytest.approx(shown["grad_norm"] / lengths.mean())
    assert shown["agreement"] < 1  # the triangle inequality, with two that differ


def test_the_first_update_of_adam_is_the_rate_for_each_parameter_with_a_slope():
    made = loop()
    made.gathered()
    before, moves = made.model.params.flat.copy(), made.total != 0
    shown = made.updated(0)
    size = STANDARD.rate / STANDARD.warm  # of the first of twelve updates of warm-up
    assert shown["lr"] == pytest.approx(size)
    change = made.model.params.flat - before
    steep = np.abs(made.total) > 1e-5  # epsilon is 1e-8
    assert_allclose(change[steep], -size * np.sign(made.total[steep]), rtol=2e-3)
    ratio = size * math.sqrt(moves.sum()) / np.linalg.norm(before)
    assert shown["update_ratio"] == pytest.approx(ratio, rel=0.02)
    params = made.model.params
    parts, old = params.named(change), params.named(before)
    least = min(np.linalg.norm(parts[n]) / np.linalg.norm(old[n]) for n in parts)
    assert shown["least_ratio"] == pytest.approx(least, rel=1e-9)


def test_the_held_out_loss_is_the_mean_over_tokens_and_nothing_leaks():
    made = loop()
    shown = made.measured()
    wanted = evaluate(made.model, made.held_out).per_token
    assert shown == {"valid": pytest.approx(wanted, rel=1e-12), "leak": 0.0}


def test_gradients_that_are_not_cleared_are_the_sum_of_all_so_far():
    healthy = loop()
    sums = []
    for _ in range(3):  # without updates, so that each gradient is one of its own
        healthy.gathered()
        sums.append(healthy.total.copy())
    shown, made = with_fault(
        "gradients not cleared", lambda made: [made.gathered() for _ in range(3)]
    )
    assert_allclose(made.total, np.sum(sums, axis=0), atol=1e-14)
    assert shown[-1]["agreement"] > 1


def test_accumulation_that_is_not_divided_is_a_sum_in_loss_and_gradient():
    healthy = loop()
    right = healthy.gathered()
    wrong, made = with_fault("accumulation not divided", Loop.gathered)
    assert wrong["loss"] == pytest.approx(WORKERS * right["loss"])
    assert_allclose(made.total, WORKERS * healthy.total, rtol=1e-12)
    assert wrong["agreement"] == pytest.approx(right["agreement"])


@pytest.mark.parametrize(
    ("fault", "kwargs"),
    [
        ("targets not shifted", {"targets": "token_ids"}),
        ("padding counted", {"mask": False}),
    ],
)
def test_a_wrong_batch_gives_the_loss_and_gradient_of_that_batch(fault, kwargs):
    losses, grads = by_hand(loop(), **kwargs)
    shown, made = with_fault(fault, Loop.gathered)
    assert shown["loss"] == pytest.approx(np.mean(losses), rel=1e-12)
    assert_allclose(made.total, np.mean(grads, axis=0), atol=1e-15)


def test_targets_that_stand_in_the_input_are_learnt_to_the_end():
    with planted(FAULTS["targets not shifted"]):
        run = observed(STANDARD, 3, 40)
    assert run.loss[-1] < 0.05  # no text has so little in it
    assert run.valid[-1] > 2 * run.valid[0]


def test_without_the_mask_earlier_logits_know_what_comes_later():
    made = loop()
    assert leak(made.model) == 0
    with planted(FAULTS["no causal mask"]):
        assert leak(made.model) > 1e-3
    assert leak(made.model) == 0


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        ("rate too high", lambda right: 20 * right),
        ("rate too low", lambda right: right / 100),
    ],
)
def test_a_wrong_rate_is_wrong_by_its_factor_all_the_time(fault, wanted):
    made = loop()
    right = np.array([made.rate(step) for step in range(STEPS)])
    with planted(FAULTS[fault]):
        wrong = [made.rate(step) for step in range(STEPS)]
    assert_allclose(wrong, wanted(right), rtol=1e-12)


def test_wrong_schedules_stay_up_or_end_or_start_high():
    made, peak = loop(), STANDARD.rate
    right = [made.rate(step) for step in range(STEPS)]
    fall = 1 - np.arange(STEPS) / STEPS  # a straight line, and warm-up on it
    ramp = np.minimum(1, (np.arange(STEPS) + 1) / STANDARD.warm)
    assert_allclose(right, peak * fall * ramp)
    with planted(FAULTS["schedule never decays"]):
        assert made.rate(STEPS - 1) == pytest.approx(peak, rel=0.01)
    with planted(FAULTS["schedule ends at once"]):
        read = WORKERS * STANDARD.documents  # it counts documents
        assert [made.rate(step) for step in range(STEPS // read, STEPS)] == [0] * 21
        assert made.rate(2) == pytest.approx(right[2 * read])
    with planted(FAULTS["warm-up missing"]):
        assert_allclose([made.rate(step) for step in range(STEPS)], peak * fall)


def test_clipping_shortens_the_gradient_to_the_limit_and_adam_does_not_mind():
    made, small = loop(), loop()
    for one in (made, small):
        one.gathered()
    long = np.linalg.norm(made.total)
    right = made.updated(0)
    assert right["used_norm"] == pytest.approx(long)  # below 5
    with planted(FAULTS["every step clipped"]):
        wrong = small.updated(0)
    assert wrong["used_norm"] == pytest.approx(0.05)
    assert wrong["update_ratio"] == pytest.approx(right["update_ratio"], rel=0.02)


def test_a_gradient_at_the_limit_is_left_and_one_beyond_it_is_shortened():
    for factor, used in ((0.999, 4.995), (1.001, 5.0)):
        made = loop()
        made.total[:] = 5 * factor / math.sqrt(made.total.size)
        assert made.updated(0)["used_norm"] == pytest.approx(used)


def test_a_matrix_without_gradient_stays_where_it_was():
    made = loop()
    before = made.model.params["layer0.fc2"].copy()
    with planted(FAULTS["one matrix frozen"]):
        made.gathered()
        shown = made.updated(0)
    named = made.model.params.named(made.total)
    assert not named.pop("layer0.fc2").any()
    assert all(grad.any() for grad in named.values())
    assert shown["least_ratio"] == 0
    assert_array_equal(made.model.params["layer0.fc2"], before)


def test_measuring_on_the_training_text_gives_its_loss():
    shown, made = with_fault("evaluated on the training text", Loop.measured)
    assert shown["valid"] == pytest.approx(evaluate(made.model, made.text).per_token)


def test_workers_of_one_seed_read_the_same_and_agree():
    made = loop("same seed on every worker")
    first, second = ([next(names) for _ in range(9)] for names in made.readers)
    assert first == second
    assert made.gathered()["agreement"] == pytest.approx(1, abs=1e-12)


def test_sums_in_float16_lose_small_squares_and_adam_divides_by_epsilon():
    made = loop("Adam's sums in float16")
    made.gathered()
    small = (np.abs(made.total) < 2.0**-13) & (made.total != 0)  # square below 2^-26
    assert small.sum() > 20
    shown = made.updated(0)
    assert not made.adam.v[small].any()
    assert shown["update_ratio"] > 1000 * shown["lr"]


def test_a_start_that_is_too_wide_has_standard_deviation_one():
    assert loop().model.params.flat.std() == pytest.approx(0.08, rel=0.05)
    assert loop("start too wide").model.params.flat.std() == pytest.approx(1, rel=0.05)


def test_an_update_of_a_copy_moves_nothing():
    made = loop()
    before = made.model.params.flat.copy()
    made.gathered()
    with planted(FAULTS["update of a copy"]):
        shown = made.updated(0)
    assert shown["update_ratio"] == 0 < shown["lr"]
    assert_array_equal(made.model.params.flat, before)


def test_a_small_text_is_twenty_documents():
    made = loop("text too small")
    assert made.text == loop().text[:20]
    assert made.held_out == loop().held_out


def test_uphill_is_the_same_update_the_other_way():
    ends = []
    for fault in (None, "uphill"):
        made = loop()
        before = made.model.params.flat.copy()
        made.gathered()
        with planted(FAULTS[fault] if fault else None):
            made.updated(0)
        ends.append(made.model.params.flat - before)
    assert_allclose(ends[1], -ends[0], atol=1e-16)


def test_a_model_that_has_come_apart_writes_nothing():
    made = loop()
    made.model.params.flat[7] = np.nan
    assert made.written() == ()


def test_the_gradient_of_a_batch_is_left_in_the_parameters():
    made = loop()
    batch = tokens(made.model, made.text[:3])
    model = made.model
    wanted, grad = loss_and_grad(
        model.params, model.config, batch.token_ids, batch.targets, mask=batch.mask
    )
    model.params.grad[:] = 0
    assert differentiated(model, made.text[:3]) == wanted
    assert_array_equal(model.params.grad, grad)
