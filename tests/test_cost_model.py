"""Tests for algollm_helpers.cost_model: counts by hand, limits, refusals."""

from dataclasses import replace

import pytest

from algollm_helpers.cost_model import (
    Device,
    Layout,
    Model,
    all_reduce_seconds,
    line_through,
    state_bytes,
    step_seconds,
)
from algollm_helpers.gpt.transformer import Config
from tests.support.small import refused

TINY = Model(n_layer=4, n_embd=8, block_size=16, vocab_size=10)
DEVICE = Device(flops=1e6, bandwidth=1e5, latency=1e-4)


def test_parameters_are_those_of_the_books_own_model():
    # the book's GPT has an output matrix of its own: one vocabulary more
    config = Config(n_layer=4, n_head=2, n_embd=8, block_size=16)
    assert TINY.parameters + 10 * 8 == config.size(10)


def test_parameters_of_published_models():
    # GPT-2's largest has 1,558 million with biases and gains; GPT-3 is called 175 B
    gpt2 = Model(n_layer=48, n_embd=1600, block_size=1024, vocab_size=50257)
    gpt3 = Model(n_layer=96, n_embd=12288, block_size=2048, vocab_size=50257)
    assert 0.998 * 1.558e9 < gpt2.parameters < 1.558e9
    assert round(gpt3.parameters / 1e9) == 175


def test_operations_counted_matrix_by_matrix():
    # forward, one token, C = 8: q, k, v, output C x C, then C x 4C and 4C x C, each
    # number one multiplication and one addition; scores and mix over T = 16
    C, T = 8, 16
    layer = 2 * (4 * C * C + 8 * C * C) + 2 * (C * T) + 2 * (T * C)
    forward = 4 * layer + 2 * 10 * C
    assert TINY.flops_per_token == 3 * forward


@pytest.mark.parametrize("ranks", [1, 2, 4, 64])
def test_ring_traffic_by_hand(ranks):
    # 2 (p - 1) messages of 1/p: 0 alone, then towards twice the array
    seconds = all_reduce_seconds(1e5, ranks, replace(DEVICE, latency=0.0))
    assert seconds == pytest.approx(2 * (ranks - 1) / ranks)
    assert seconds < 2


def test_latency_grows_with_the_ranks():
    assert all_reduce_seconds(0.0, 9, DEVICE) == pytest.approx(16 * 1e-4)


def test_sixteen_bytes_a_parameter_however_many_copies():
    # 16 bits for weight and gradient, 32 for the master copy and each of two moments
    for copies in (1, 4):
        assert state_bytes(1.0, Layout(data=copies)) == (2, 2, 4, 8)
    assert state_bytes(3.0, Layout()).total == 48


def test_tensor_and_pipeline_split_everything():
    split = state_bytes(1.0, Layout(data=2, tensor=4, pipeline=2))
    assert split.total == 16 / 8


def test_one_device_only_computes():
    time = step_seconds(TINY, DEVICE, Layout(), sequences=6)
    assert time.compute == pytest.approx(6 * 16 * TINY.flops_per_token / 1e6)
    assert time.total == time.compute


def test_a_step_of_every_kind_by_hand():
    layout = Layout(data=3, tensor=2, pipeline=4, micro_batches=5)
    time = step_seconds(TINY, DEVICE, layout, sequences=30)
    tokens = 30 * 16 / 3
    assert layout.devices == 24
    assert time.compute == pytest.approx(tokens * TINY.flops_per_token / 8 / 1e6)
    assert time.bubble == pytest.approx(time.compute * 3 / 5)  # (p - 1) / m
    # 1 layer a stage, 4 sums, 5 times, of 2 bytes x tokens/5 x C, 2 messages of half
    message = 2 * (tokens / 5) * 8 / 2 / 1e5 + 1e-4
    assert time.tensor == pytest.approx(4 * 5 * 2 * message)
    grad = 2 * TINY.parameters / 8
    assert time.data == pytest.approx(4 * (grad / 3 / 1e5 + 1e-4))
    assert time.total == pytest.approx(sum(time))


def test_more_copies_help_until_the_sum_of_gradients_takes_over():
    slow = replace(DEVICE, latency=1e-2)
    totals = [
        step_seconds(TINY, slow, Layout(data=p), sequences=256).total
        for p in (1, 2, 4, 64, 256)
    ]
    assert totals[0] > totals[1] > totals[2]
    assert totals[4] > totals[3]  # latency: 2 (p - 1) messages


def test_a_calibration_reproduces_both_points():
    overhead, rate = line_through((1e6, 0.5), (3e6, 0.9))
    assert overhead + 1e6 / rate == pytest.approx(0.5)
    assert overhead + 3e6 / rate == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: replace(TINY, n_layer=0), "n_layer must be >= 1, got 0"),
        refused(lambda: replace(DEVICE, flops=0.0), "flops must be finite and > 0"),
        refused(lambda: replace(DEVICE, latency=-1.0), "latency .* got -1.0"),
        refused(lambda: Layout(tensor=0), "tensor must be >= 1, got 0"),
        refused(lambda: all_reduce_seconds(1.0, 0, DEVICE), "ranks must be >= 1"),
        refused(lambda: Layout(data=2.0), "data must be a whole number, got 2.0"),
        refused(lambda: all_reduce_seconds(-1.0, 2, DEVICE), ">= 0, got -1.0"),
        refused(lambda: state_bytes(-2.0, Layout()), "parameters .* got -2.0"),
        refused(
            lambda: step_seconds(TINY, DEVICE, Layout(data=3), sequences=4),
            "4 sequences do not split over 3 copies and 1 micro-batches",
        ),
        refused(
            lambda: line_through((1.0, 1.0), (2.0, 1.0)), "more work must take longer"
        ),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
