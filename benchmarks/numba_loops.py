"""Rung 5: no interpreter. Every operation is a plain loop, compiled by Numba.

One document a step, as microgpt does. A step is one call from Python: forward,
backward and Adam are loops over single numbers, as in the scalar rung, and the
compiler turns them into machine code.
"""

import math
from collections.abc import Iterator

import numpy as np
from numba import njit

from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from benchmarks.work import Work

fast = njit(fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")


@fast
def linear(x, w, y):
    """Set y = x wᵀ, with x of shape (T, n_in) and w of shape (n_out, n_in)."""
    for t in range(x.shape[0]):
        for o in range(w.shape[0]):
            total = 0.0
            for i in range(w.shape[1]):
                total += x[t, i] * w[o, i]
            y[t, o] = total


@fast
def linear_back(x, w, dy, dx, dw):
    """Add dy w to dx, and set dw = dyᵀ x."""
    dw[:] = 0.0
    for t in range(x.shape[0]):
        for o in range(w.shape[0]):
            g = dy[t, o]
            if g != 0.0:
                for i in range(w.shape[1]):
                    dx[t, i] += g * w[o, i]
                    dw[o, i] += g * x[t, i]


@fast
def norm(x, y, scale):
    """Set y = x · scale with scale = 1 / √(mean x² + 1e-5), row by row."""
    for t in range(x.shape[0]):
        total = 0.0
        for i in range(x.shape[1]):
            total += x[t, i] * x[t, i]
        scale[t] = 1.0 / math.sqrt(total / x.shape[1] + 1e-5)
        for i in range(x.shape[1]):
            y[t, i] = x[t, i] * scale[t]


@fast
def norm_back(dy, y, scale, dx):
    """Add the gradient before `norm` to dx."""
    for t in range(y.shape[0]):
        along = 0.0
        for i in range(y.shape[1]):
            along += dy[t, i] * y[t, i]
        along /= y.shape[1]
        for i in range(y.shape[1]):
            dx[t, i] += scale[t] * (dy[t, i] - y[t, i] * along)


@fast
def softmax(z, n):
    """Turn the first n scores of a row into probabilities, in place."""
    top = z[0]
    for i in range(1, n):
        top = max(top, z[i])
    total = 0.0
    for i in range(n):
        z[i] = math.exp(z[i] - top)
        total += z[i]
    for i in range(n):
        z[i] /= total


@fast
def attention(q, k, v, p, y):
    """Let each position look back: p of shape (H, T, T), the rest (T, C)."""
    H, T, _ = p.shape
    D = q.shape[1] // H
    for h in range(H):
        for t in range(T):
            for u in range(t + 1):
                total = 0.0
                for j in range(h * D, (h + 1) * D):
                    total += q[t, j] * k[u, j]
                p[h, t, u] = total / math.sqrt(D)
            softmax(p[h, t], t + 1)
            for j in range(h * D, (h + 1) * D):
                total = 0.0
                for u in range(t + 1):
                    total += p[h, t, u] * v[u, j]
                y[t, j] = total


@fast
def attention_back(q, k, v, p, dy, dq, dk, dv):
    """Set dq, dk and dv."""
    H, T, _ = p.shape
    D = q.shape[1] // H
    dp = np.empty(T)
    dq[:] = 0.0
    dk[:] = 0.0
    dv[:] = 0.0
    for h in range(H):
        for t in range(T):
            mean = 0.0
            for u in range(t + 1):
                total = 0.0
                for j in range(h * D, (h + 1) * D):
                    total += dy[t, j] * v[u, j]
                    dv[u, j] += p[h, t, u] * dy[t, j]
                dp[u] = total
                mean += p[h, t, u] * total
            for u in range(t + 1):
                g = p[h, t, u] * (dp[u] - mean) / math.sqrt(D)
                for j in range(h * D, (h + 1) * D):
                    dq[t, j] += g * k[u, j]
                    dk[u, j] += g * q[t, j]


@fast
def matrices(layer, C):
    """Return wq, wk, wv, wo, fc1 and fc2 of one layer's 12 C² numbers."""
    s = C * C
    return (
        layer[:s].reshape(C, C),
        layer[s : 2 * s].reshape(C, C),
        layer[2 * s : 3 * s].reshape(C, C),
        layer[3 * s : 4 * s].reshape(C, C),
        layer[4 * s : 8 * s].reshape(4 * C, C),
        layer[8 * s :].reshape(C, 4 * C),
    )


@fast
def loss_and_grad(  # noqa: C901  (one loop after the other)
    flat, grad, tokens, V, C, H, block, n_layer
):
    """Return the loss; `grad` holds the gradient afterwards."""
    T = tokens.size - 1
    a, b, c = V * C, (V + block) * C, (2 * V + block) * C
    wte, wpe = flat[:a].reshape(V, C), flat[a:b].reshape(block, C)
    head, layers = flat[b:c].reshape(V, C), flat[c:].reshape(n_layer, 12 * C * C)
    d_wte, d_wpe = grad[:a].reshape(V, C), grad[a:b].reshape(block, C)
    d_head = grad[b:c].reshape(V, C)
    d_layers = grad[c:].reshape(n_layer, 12 * C * C)

    y = np.empty((T, C))
    x = np.empty((2 * n_layer + 1, T, C))  # what enters each half of a block
    n = np.empty((2 * n_layer, T, C))  # the same, normalised
    scale = np.empty((2 * n_layer + 1, T))
    q, k = np.empty((n_layer, T, C)), np.empty((n_layer, T, C))
    v, att = np.empty((n_layer, T, C)), np.empty((n_layer, T, C))
    p = np.empty((n_layer, H, T, T))
    h = np.empty((n_layer, T, 4 * C))
    for t in range(T):
        for i in range(C):
            y[t, i] = wte[tokens[t], i] + wpe[t, i]
    norm(y, x[0], scale[-1])
    for i in range(n_layer):
        wq, wk, wv, wo, fc1, fc2 = matrices(layers[i], C)
        norm(x[2 * i], n[2 * i], scale[2 * i])
        linear(n[2 * i], wq, q[i])
        linear(n[2 * i], wk, k[i])
        linear(n[2 * i], wv, v[i])
        attention(q[i], k[i], v[i], p[i], att[i])
        linear(att[i], wo, y)
        x[2 * i + 1] = x[2 * i] + y
        norm(x[2 * i + 1], n[2 * i + 1], scale[2 * i + 1])
        linear(n[2 * i + 1], fc1, h[i])
        h[i] = np.maximum(h[i], 0.0)
        linear(h[i], fc2, y)
        x[2 * i + 2] = x[2 * i + 1] + y
    z, loss = np.empty((T, V)), 0.0
    linear(x[-1], head, z)
    for t in range(T):
        softmax(z[t], V)
        loss -= math.log(z[t, tokens[t + 1]]) / T
        z[t, tokens[t + 1]] -= 1.0
        for i in range(V):
            z[t, i] /= T

    dx, dy, dn = np.zeros((T, C)), np.empty((T, C)), np.empty((T, C))
    dq, dk, dv = np.empty((T, C)), np.empty((T, C)), np.empty((T, C))
    dh = np.empty((T, 4 * C))
    linear_back(x[-1], head, z, dx, d_head)
    for i in range(n_layer - 1, -1, -1):
        wq, wk, wv, wo, fc1, fc2 = matrices(layers[i], C)
        d_wq, d_wk, d_wv, d_wo, d_fc1, d_fc2 = matrices(d_layers[i], C)
        dh[:] = 0.0
        linear_back(h[i], fc2, dx, dh, d_fc2)
        for t in range(T):
            for j in range(4 * C):
                if h[i, t, j] == 0.0:
                    dh[t, j] = 0.0
        dn[:] = 0.0
        linear_back(n[2 * i + 1], fc1, dh, dn, d_fc1)
        norm_back(dn, n[2 * i + 1], scale[2 * i + 1], dx)
        dy[:] = 0.0
        linear_back(att[i], wo, dx, dy, d_wo)
        attention_back(q[i], k[i], v[i], p[i], dy, dq, dk, dv)
        dn[:] = 0.0
        linear_back(n[2 * i], wq, dq, dn, d_wq)
        linear_back(n[2 * i], wk, dk, dn, d_wk)
        linear_back(n[2 * i], wv, dv, dn, d_wv)
        norm_back(dn, n[2 * i], scale[2 * i], dx)
    dn[:] = 0.0
    norm_back(dx, x[0], scale[-1], dn)
    d_wte[:] = 0.0
    d_wpe[:] = 0.0
    for t in range(T):
        for i in range(C):
            d_wte[tokens[t], i] += dn[t, i]
            d_wpe[t, i] = dn[t, i]
    return loss


@fast
def adam(flat, grad, m, v, lr, step):
    """Update every parameter by Adam's rule."""
    c1, c2 = 1.0 - BETA1**step, 1.0 - BETA2**step
    for i in range(flat.size):
        m[i] = BETA1 * m[i] + (1.0 - BETA1) * grad[i]
        v[i] = BETA2 * v[i] + (1.0 - BETA2) * grad[i] * grad[i]
        flat[i] -= lr * (m[i] / c1) / (math.sqrt(v[i] / c2) + EPS)


def train(work: Work) -> Iterator[float]:
    """Yield the loss of each step."""
    config = work.config
    sizes = (work.vocab_size, config.n_embd, config.n_head)
    sizes += (config.block_size, config.n_layer)
    flat = work.flat.copy()
    grad, m, v = (np.zeros_like(flat) for _ in range(3))
    for step, (tokens, lr) in enumerate(zip(work.tokens, work.rates, strict=True), 1):
        loss = loss_and_grad(flat, grad, tokens, *sizes)
        adam(flat, grad, m, v, lr, step)
        yield loss
