"""The operations of a transformer, each forward pass beside its backward rule.

Chapters: ``chapters/backprop.ipynb`` and ``chapters/microgpt.ipynb``. Each of these
could be spelled with the small operations of ``Tensor``. They are fused because a
small model spends its time on calls, not on numbers: one node here replaces up to
a dozen. All accept any leading batch axes, in float32 and float64.

Shape letters: B batch, T time (position), C channels (``n_embd``), V vocabulary,
H heads, D = C / H (``head_dim``, d_k in [1]_).

References
----------
.. [1] A. Vaswani et al., "Attention is all you need", NeurIPS (2017).
.. [2] B. Zhang and R. Sennrich, "Root mean square layer normalization", NeurIPS
   (2019).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_shape, check_within
from algollm_helpers.engine.lookup import (
    causal_bias,
    checked_ids,
    ones,
    receive_rows,
    row_starts,
    shares,
)
from algollm_helpers.engine.memory import LARGE, product, room, room_like
from algollm_helpers.engine.recorded import decided
from algollm_helpers.engine.tape import result
from algollm_helpers.engine.tensor import Tensor

NORM_EPS = 1e-5  # the published model's; a row of zeros is divided by √1e-5, not by 0
TAME = 64.0  # e^±64 is far from the ends of float32, even if many are added up


def linear(x: Tensor, w: Tensor) -> Tensor:
    """Apply the matrix `w`, shape (n_out, n_in), to the last axis of `x`.

    From shape (..., n_in) to (..., n_out): ``x @ w.T``.
    """
    n_out, n_in = w.data.shape
    shape = x.data.shape
    if shape[-1] != n_in:
        raise ValueError(f"w of shape {w.shape} needs {n_in} inputs, got {x.shape}")
    rows = x.data.reshape(-1, n_in)  # (B T, n_in): one product for all rows
    matrix = w.data
    y = product(rows, matrix.T)

    def rule(g: Array) -> None:
        g_rows = g.reshape(-1, n_out)
        if x.needs_grad:
            x.receive(product(g_rows, matrix).reshape(shape))
        if w.needs_grad:
            w.receive_product(g_rows.T, rows)

    return result(y.reshape(*shape[:-1], n_out), (x, w), rule)


def embedding(table: Tensor, token_ids: ArrayLike) -> Tensor:
    """Look up a row for each token; used several times, it receives their sum.

    Parameters
    ----------
    table : Tensor of shape (V, C)
        The rows.
    token_ids : array-like of int, shape (...)
        Which, 0 to V − 1.

    Returns
    -------
    Tensor of shape (..., C)
        A row for each.
    """
    n, width = table.data.shape
    ids = checked_ids(token_ids, n, "token_ids")

    def rule(g: Array) -> None:
        receive_rows(table, ids.ravel(), g.reshape(-1, width))

    return result(table.data.take(ids, axis=0), (table,), rule)


def first_rows(table: Tensor, n: int) -> Tensor:
    """Return the first `n` rows, shape (n, C), of `table`, shape (m, C), n <= m."""
    check_within("n", n, 0, len(table.data))

    def rule(g: Array) -> None:
        grad = np.zeros_like(table.data)
        grad[:n] = g
        table.receive(grad)

    return result(table.data[:n], (table,), rule)


def rms_norm(x: Tensor) -> Tensor:
    """Divide the last axis of `x`, shape (..., C), by its root mean square [2]_.

    ``y = x / sqrt(mean(x²) + NORM_EPS)``; there is no learnt gain.
    """
    y, scale = norm(x.data)
    return result(y, (x,), lambda g: x.receive(norm_back(g, y, scale)))


def norm(x: Array) -> tuple[Array, Array]:
    """Return `rms_norm` of an array (..., C), and the factor of each row, (..., 1)."""
    n = x.shape[-1]
    scale = np.vecdot(x, x)  # (..., T)
    scale += n * NORM_EPS
    scale = np.sqrt(n / scale)[..., None]
    y: Array = np.multiply(x, scale, out=room_like(x))
    return y, scale


def norm_back(g: Array, y: Array, scale: Array) -> Array:
    """Return the gradient before `norm`, given `g` after it and what it returned.

    `g`, `y` and the result have the shape (..., C), `scale` has (..., 1).
    """
    along = np.vecdot(g, y)
    along /= y.shape[-1]
    dx: Array = np.multiply(y, along[..., None], out=room_like(y))
    np.subtract(g, dx, out=dx)
    dx *= scale
    return dx


def softmax(x: Tensor) -> Tensor:
    """Turn the last axis of `x`, shape (..., V), into probabilities: exp(x) / sum."""
    p = np.exp(x.data - x.data.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)

    def rule(g: Array) -> None:
        x.receive(p * (g - (g * p).sum(axis=-1, keepdims=True)))

    return result(p, (x,), rule)


def log_softmax(x: Tensor) -> Tensor:
    """Return the logarithm of ``softmax(x)``, shape (..., V), without overflow."""
    z = x.data - x.data.max(axis=-1, keepdims=True)
    y = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))

    def rule(g: Array) -> None:
        x.receive(g - np.exp(y) * g.sum(axis=-1, keepdims=True))

    return result(y, (x,), rule)


def cross_entropy(
    logits: Tensor, targets: ArrayLike, *, weights: ArrayLike | None = None
) -> Tensor:
    """Mean of −log p(target) in nats, with p the softmax of `logits`.

    Parameters
    ----------
    logits : Tensor of shape (..., V)
        Scores before the softmax.
    targets : array-like of int, shape (...)
        The right class of each row, 0 to V − 1.
    weights : array-like, shape (...), optional
        How much each row counts, >= 0 and not all 0; the loss is the weighted mean.
        A mask is a special case: True counts, False does not. With one row per
        token this is the mean over tokens, whatever the lengths of the documents.

    Returns
    -------
    Tensor of shape ()
        The loss.
    """
    z = logits.data
    V = z.shape[-1]
    ids = checked_ids(targets, V, "targets")
    check_shape("targets", ids.shape, z.shape[:-1])
    if ids.size == 0:
        raise ValueError(f"targets must not be empty, got shape {ids.shape}")
    if weights is not None:
        check_shape("weights", np.shape(weights), ids.shape)
    z, ids = z.reshape(-1, V), ids.ravel()
    hit = ids + row_starts(ids.size, V)  # where the targets are in z.ravel()
    if not _is_tame(z):
        z = z - np.maximum.reduce(z, axis=-1, keepdims=True)
    p = np.exp(z)
    total = p.dot(ones(V, p.dtype))
    nll = np.log(total)
    nll -= z.take(hit)
    share = shares(weights, ids.size, z.dtype)  # of each row in the mean

    def rule(g: Array) -> None:
        pull = share * g
        dz = p * (pull / total)[:, None]
        dz.reshape(-1)[hit] -= pull
        logits.receive(dz.reshape(logits.data.shape))

    return result(np.asanyarray(np.dot(nll, share)), (logits,), rule)


def causal_attention(qkv: Tensor, *, n_head: int) -> Tensor:
    """Let each position read from itself and earlier ones: softmax(q kᵀ / √D) v [1]_.

    Parameters
    ----------
    qkv : Tensor of shape (..., T, 3 C)
        Queries, keys and values side by side; each splits into `n_head` heads.
    n_head : int
        Number of heads, H; divides C.

    Returns
    -------
    Tensor of shape (..., T, C)
        The heads' outputs side by side.
    """
    y, w, heads = attention(qkv.data, n_head)
    return result(y, (qkv,), lambda g: qkv.receive(attention_back(g, w, heads)))


def attention(qkv: Array, n_head: int) -> tuple[Array, Array, tuple[Array, ...]]:
    """Return `causal_attention` of an array, and what its way back needs.

    Parameters
    ----------
    qkv : ndarray of shape (..., T, 3 C)
        As there. B below is the product of its leading axes.
    n_head : int
        Number of heads, H.

    Returns
    -------
    y : ndarray of shape (..., T, C)
        What is read.
    weights : ndarray of shape (B, H, T, T)
        Row t says where position t looks; rows sum to 1.
    heads : tuple of ndarray, each of shape (B, H, T, D)
        Views q, k and v into `qkv`.
    """
    T, width = qkv.shape[-2:]
    C = width // 3
    if width != 3 * C or n_head < 1 or C % n_head:
        raise ValueError(f"{n_head} heads of q, k, v do not divide {width} channels")
    q, k, v = _heads(qkv, 3, n_head)
    w = np.matmul(q, k.mT, out=room((len(q), n_head, T, T), qkv))
    w *= 1.0 / math.sqrt(C // n_head)
    tame = _is_tame(w)
    w += causal_bias(n_head, T, w.dtype)
    if not tame:
        w -= np.maximum.reduce(w, axis=-1, keepdims=True)
    np.exp(w, out=w)
    w /= w.dot(ones(T, w.dtype))[..., None]
    y = room((*qkv.shape[:-1], C), qkv)
    np.matmul(w, v, out=_heads(y, 1, n_head)[0])
    return y, w, (q, k, v)


def attention_back(g: Array, w: Array, heads: tuple[Array, ...]) -> Array:
    """Return the gradient before `attention`, shape (..., T, 3 C), given `g` after it.

    `g` has the shape (..., T, C), `w` and `heads` are what `attention` returned.
    """
    n_head = w.shape[1]
    gy = _heads(g, 1, n_head)[0]
    q, k, v = heads
    dqkv = room((*g.shape[:-1], 3 * g.shape[-1]), g)
    dq, dk, dv = _heads(dqkv, 3, n_head)
    np.matmul(w.mT, gy, out=dv)
    dw = np.matmul(gy, v.mT, out=room_like(w))
    dw -= np.vecdot(dw, w)[..., None]  # back through the softmax
    dw *= w
    dw *= 1.0 / math.sqrt(q.shape[-1])
    np.matmul(dw, k, out=dq)
    np.matmul(dw.mT, q, out=dk)
    return dqkv


def _is_tame(scores: Array) -> bool:
    """Tell whether a softmax can do without taking off each row's maximum.

    That is so if no score, of any shape, is beyond ± `TAME`. The root of the sum of
    squares is such a bound, and costs a third of finding and taking off the maxima.
    Only short arrays pass.
    """
    return scores.size < LARGE and decided(_is_small, scores)


def _is_small(scores: Array) -> bool:
    return bool(np.vdot(scores, scores) < TAME**2)


def _heads(x: Array, parts: int, n_head: int) -> Array:
    """View (B, T, parts C), or without B, as (parts, B, H, T, D)."""
    T, width = x.shape[-2:]
    split = x.reshape(-1, T, parts, n_head, width // (parts * n_head))
    return split.transpose(2, 0, 3, 1, 4)
