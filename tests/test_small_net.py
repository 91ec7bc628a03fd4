"""Tests for algollm_helpers.small_net: the engine as judge, rows apart, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.descent import gradient_descent
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.small_net import SmallNet, mse
from tests.support.small import refused

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))


def engine(net, row, y):
    """Return loss and gradient of one copy by the engine of the book."""
    leaves = [Tensor(part.copy()) for part in net.layers(row)]
    w1, b1, w2, b2 = leaves
    before = Tensor(X, needs_grad=False) @ w1 + b1
    h = before.tanh() if net.activation == "tanh" else before.relu()
    gap = h @ w2 + b2 - y
    loss = (gap * gap).sum() * (1 / y.size)
    loss.backward()
    return loss.data, np.concatenate([leaf.grad.ravel() for leaf in leaves])


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("n_out", [1, 2])
def test_loss_and_gradient_are_those_of_the_engine(activation, n_out):
    net = SmallNet(n_in=3, n_hidden=5, n_out=n_out, activation=activation)
    params, y = net.init(rng=RNG, copies=4, scale=2.0), Y[:, :n_out]
    losses, grads = net.loss_and_grad(params, X, mse(y))
    for row, loss, grad in zip(params, losses, grads, strict=True):
        by_engine = engine(net, row, y)
        assert_allclose(loss, by_engine[0], rtol=1e-13)
        assert_allclose(grad, by_engine[1], rtol=1e-12, atol=1e-15)


def test_copies_may_read_inputs_of_their_own():
    net = SmallNet(n_in=3, n_hidden=5, n_out=2)
    params = net.init(rng=RNG, copies=4)
    own, targets = RNG.normal(size=(4, 6, 3)), RNG.normal(size=(4, 6, 2))
    losses, grads = net.loss_and_grad(params, own, mse(targets))
    for k in range(4):
        alone = net.loss_and_grad(params[k], own[k], mse(targets[k]))
        assert_allclose(losses[k], alone[0], rtol=1e-13)
        assert_allclose(grads[k], alone[1], rtol=1e-12, atol=1e-15)


def test_a_net_by_hand():
    # ReLU(2 · 3 − 1) · 4 + 0.5 = 20.5; against 20 the slope is 2 · 0.5 = 1, and
    # d/dw1 = 1 · 4 · 3, d/db1 = 4, d/dw2 = 5, d/db2 = 1.
    net = SmallNet(n_in=1, n_hidden=1, activation="relu")
    params = np.array([2.0, -1.0, 4.0, 0.5])
    loss, grad = net.loss_and_grad(params, np.array([[3.0]]), mse(np.array([[20.0]])))
    assert net.outputs(params, np.array([[3.0]])) == 20.5
    assert loss == 0.25
    assert_array_equal(grad, [12.0, 4.0, 5.0, 1.0])


def test_layers_are_views_and_cover_the_row_once():
    net = SmallNet(n_in=3, n_hidden=5, n_out=2)
    params = np.zeros((2, net.size))
    for part in net.layers(params):
        part += 1
    assert_array_equal(params, 1.0)


def test_the_first_copies_do_not_depend_on_how_many_follow():
    net = SmallNet(n_in=4, n_hidden=9)
    few = net.init(rng=np.random.default_rng(1), copies=2)
    many = net.init(rng=np.random.default_rng(1), copies=6)
    assert_array_equal(few, many[:2])
    w1, b1, w2, b2 = net.layers(many)
    for part, bound in ((w1, 1 / 2), (b1, 1 / 2), (w2, 1 / 3), (b2, 1 / 3)):
        assert 0.5 * bound < np.abs(part).max() <= bound


@pytest.mark.parametrize("lr", [0.05, 0.5])
def test_training_ends_where_the_descent_of_one_copy_after_the_other_ends(lr):
    net = SmallNet(n_in=3, n_hidden=5, n_out=2)
    start = net.init(rng=RNG, copies=3)
    kept = start.copy()
    ends = net.train(start, X, mse(Y), lr=lr, steps=20)
    for row, end in zip(start, ends, strict=True):
        path = gradient_descent(
            lambda w: net.loss_and_grad(w, X, mse(Y))[1], row, lr=lr, steps=20
        )
        assert_allclose(end, path.w[-1], rtol=1e-12, atol=1e-15)
    assert_array_equal(start, kept)


def test_training_can_be_taken_up_where_it_was_left():
    net = SmallNet(n_in=3, n_hidden=5, n_out=2, activation="relu")
    start = net.init(rng=RNG, copies=2)
    some = net.train(start, X, mse(Y), lr=0.1, steps=7)
    both = net.train(some, X, mse(Y), lr=0.1, steps=5)
    assert_array_equal(both, net.train(start, X, mse(Y), lr=0.1, steps=12))
    nothing = net.train(start, X, mse(Y), lr=0.1, steps=0)
    assert_array_equal(nothing, start)
    assert not np.shares_memory(nothing, start)


def test_float32_stays_float32():
    net = SmallNet(n_in=3, n_hidden=5, n_out=2)
    params = net.init(rng=RNG, copies=2).astype(np.float32)
    small_x, small_y = X.astype(np.float32), Y.astype(np.float32)
    loss, grad = net.loss_and_grad(params, small_x, mse(small_y))
    assert (loss.dtype, grad.dtype) == (np.float32, np.float32)
    trained = net.train(params, small_x, mse(small_y), lr=0.1, steps=2)
    assert trained.dtype == np.float32


def trained(*, lr=0.1, steps=1):
    net = SmallNet(n_in=3, n_hidden=1, n_out=2)
    return net.train(np.zeros(net.size), X, mse(Y), lr=lr, steps=steps)


@pytest.mark.parametrize(
    ("call", "message", "error"),
    [
        refused(lambda: SmallNet(n_in=0, n_hidden=1), "n_in must be >= 1, got 0"),
        refused(
            lambda: SmallNet(n_in=1, n_hidden=1).init(rng=RNG, copies=0),
            "copies must be >= 1, got 0",
        ),
        refused(
            lambda: SmallNet(n_in=1, n_hidden=1).init(rng=RNG, copies=1, scale=-1.0),
            "scale must be finite and >= 0, got -1.0",
        ),
        refused(lambda: SmallNet(n_in=1, n_hidden=1, activation="gelu"), "got 'gelu'"),
        refused(
            lambda: SmallNet(n_in=1, n_hidden=1).layers(np.zeros(5)),
            r"last axis of params must have shape \(4,\), got \(5,\)",
        ),
        refused(lambda: trained(lr=0.0), "lr must be finite and > 0, got 0.0"),
        refused(lambda: trained(lr=np.nan), "lr must be finite and > 0, got nan"),
        refused(lambda: trained(steps=-1), "steps must be >= 0, got -1"),
        refused(lambda: trained(steps=1.5), "steps must be a whole number, got 1.5"),
        refused(
            lambda: mse(np.zeros((3, 1)))(np.zeros((3, 2))),
            r"outputs must have shape \(3, 1\), got \(3, 2\)",
        ),
    ],
)
def test_bad_use_is_refused_with_the_reason(call, message, error):
    with pytest.raises(error, match=message):
        call()
