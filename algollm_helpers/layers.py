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
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from algollm_helpers.tensor import Array, Tensor, result


def linear(x: Tensor, w: Tensor) -> Tensor:
    """Apply the matrix `w` of shape (n_out, n_in) to the last axis of `x`."""
    n_out, n_in = w.data.shape
    if x.data.shape[-1] != n_in:
        raise ValueError(f"w of shape {w.shape} needs {n_in} inputs, got {x.shape}")
    rows = x.data.reshape(-1, n_in)  # (B T, n_in): one product for all rows
    y = np.dot(rows, w.data.T)

    def rule(g: Array) -> None:
        g_rows = g.reshape(-1, n_out)
        if x.needs_grad:
            x.receive(np.dot(g_rows, w.data).reshape(x.data.shape))
        if w.needs_grad:
            w.receive_product(g_rows.T, rows)

    return result(y.reshape(*x.data.shape[:-1], n_out), (x, w), rule)


def embedding(table: Tensor, token_ids: ArrayLike) -> Tensor:
    """Look up a row of `table`, shape (V, C), for each of `token_ids`, shape (...).

    A row that is used several times receives the sum of its gradients.
    """
    ids = _checked_ids(token_ids, len(table.data), "token_ids")

    def rule(g: Array) -> None:
        n, width = table.data.shape
        one_hot = _identity(n, g.dtype).take(ids.ravel(), axis=0)
        table.receive_product(one_hot.T, g.reshape(-1, width))

    return result(table.data.take(ids, axis=0), (table,), rule)


def first_rows(table: Tensor, n: int) -> Tensor:
    """Take the first `n` rows of `table`: the embeddings of positions 0 … n − 1."""

    def rule(g: Array) -> None:
        grad = np.zeros_like(table.data)
        grad[:n] = g
        table.receive(grad)

    return result(table.data[:n], (table,), rule)


def rms_norm(x: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Divide the last axis by its root mean square [2]_; no learnt gain.

    ``y = x / sqrt(mean(x²) + eps)``.
    """
    n = x.data.shape[-1]
    scale = np.vecdot(x.data, x.data)  # (..., T)
    scale /= n
    scale += eps
    scale = (1.0 / np.sqrt(scale))[..., None]
    y = x.data * scale

    def rule(g: Array) -> None:
        along = (np.vecdot(g, y) / n)[..., None]
        dx = y * along
        np.subtract(g, dx, out=dx)
        dx *= scale
        x.receive(dx)

    return result(y, (x,), rule)


def softmax(x: Tensor) -> Tensor:
    """Turn the last axis into probabilities: exp(x), divided by its sum."""
    p = _softmax(x.data)

    def rule(g: Array) -> None:
        x.receive(p * (g - (g * p).sum(axis=-1, keepdims=True)))

    return result(p, (x,), rule)


def log_softmax(x: Tensor) -> Tensor:
    """Logarithm of `softmax`, without the overflow or underflow of its parts."""
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
    ids = _checked_ids(targets, V, "targets").ravel()
    if ids.size * V != z.size or ids.size == 0:
        raise ValueError(
            f"targets must have shape {z.shape[:-1]}, not empty; "
            f"got {np.shape(targets)}"
        )
    z = z.reshape(-1, V)
    hit = np.arange(0, z.size, V)
    hit += ids  # where the targets are in z.ravel()
    z = z - np.maximum.reduce(z, axis=-1, keepdims=True)
    p = np.exp(z)
    total = np.add.reduce(p, axis=-1, keepdims=True)
    nll = np.log(total[:, 0])
    nll -= z.take(hit)
    share = _shares(weights, ids.size, z.dtype)  # of each row in the mean
    loss = np.dot(nll, share) if weights is not None else np.add.reduce(nll) * share

    def rule(g: Array) -> None:
        np.divide(p, total, out=p)
        p.reshape(-1)[hit] -= 1.0
        np.multiply(p, g * (share if weights is None else share[:, None]), out=p)
        logits.receive(p.reshape(logits.data.shape))

    return result(np.asarray(loss), (logits,), rule)


def causal_attention(
    qkv: Tensor, *, n_head: int, keep_weights: list[Array] | None = None
) -> Tensor:
    """Let each position read from itself and earlier ones: softmax(q kᵀ / √D) v [1]_.

    Parameters
    ----------
    qkv : Tensor of shape (..., T, 3 C)
        Queries, keys and values side by side; each splits into `n_head` heads.
    n_head : int
        Number of heads; divides C.
    keep_weights : list, optional
        The attention weights, shape (..., H, T, T), rows summing to 1, are appended
        to it.

    Returns
    -------
    Tensor of shape (..., T, C)
        The heads' outputs side by side.
    """
    *batch, T, width = qkv.data.shape
    C = width // 3
    if width != 3 * C or n_head < 1 or C % n_head:
        raise ValueError(f"{n_head} heads of q, k, v do not divide {width} channels")
    D = C // n_head
    scale = 1.0 / math.sqrt(D)
    n = math.prod(batch)

    def heads(x: Array, parts: int) -> Array:
        """View rows of `parts` C channels as (parts, n, H, T, D)."""
        return x.reshape(n, T, parts, n_head, D).transpose(2, 0, 3, 1, 4)

    q, k, v = heads(qkv.data, 3)
    w = np.matmul(q, k.mT)  # (n, H, T, T)
    w *= scale
    w += _causal_bias(T, w.dtype)
    w = _softmax(w, out=w)
    y = np.empty((*batch, T, C), dtype=w.dtype)
    np.matmul(w, v, out=heads(y, 1)[0])
    if keep_weights is not None:
        keep_weights.append(w.reshape(*batch, n_head, T, T))

    def rule(g: Array) -> None:
        (gy,) = heads(g, 1)
        dqkv = np.empty(qkv.data.shape, dtype=g.dtype)
        dq, dk, dv = heads(dqkv, 3)
        np.matmul(w.mT, gy, out=dv)
        dw = np.matmul(gy, v.mT)
        dw -= np.vecdot(dw, w)[..., None]  # back through the softmax
        dw *= w
        dw *= scale
        np.matmul(dw, k, out=dq)
        np.matmul(dw.mT, q, out=dk)
        qkv.receive(dqkv)

    return result(y, (qkv,), rule)


def _softmax(x: Array, out: Array | None = None) -> Array:
    """Softmax of the last axis; subtracting the maximum keeps exp below 1."""
    p: Array = np.subtract(x, np.maximum.reduce(x, axis=-1, keepdims=True), out=out)
    np.exp(p, out=p)
    p /= np.add.reduce(p, axis=-1, keepdims=True)
    return p


@lru_cache(maxsize=64)
def _causal_bias(T: int, dtype: DTypeLike) -> Array:
    """Return 0 where row t may look (columns 0 to t) and −∞ where it may not."""
    bias = np.triu(np.full((T, T), -np.inf, dtype=dtype), k=1)
    bias.flags.writeable = False
    return bias


@lru_cache(maxsize=8)
def _identity(n: int, dtype: DTypeLike) -> Array:
    """Return the identity matrix, whose rows are one-hot vectors; made once."""
    eye = np.eye(n, dtype=dtype)
    eye.flags.writeable = False
    return eye


def _checked_ids(ids: ArrayLike, n: int, name: str) -> NDArray[np.integer]:
    """Return `ids` as integers, all known to lie in 0 … n − 1."""
    array = np.asarray(ids)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got dtype {array.dtype}")
    array = array.astype(np.intp, copy=False)
    # Read as unsigned, a negative number is huge: one look finds both kinds.
    if array.size and np.maximum.reduce(array.view(np.uintp), axis=None) >= n:
        raise ValueError(
            f"{name} must lie in 0 … {n - 1}, got {array.min()} … {array.max()}"
        )
    return array


def _shares(weights: ArrayLike | None, n: int, dtype: DTypeLike) -> Array:
    """Return what each of `n` rows contributes to a mean: 1 / n, or its weight."""
    if weights is None:
        return np.asarray(1.0 / n, dtype=dtype)
    array = np.asarray(weights, dtype=dtype).ravel()
    total = array.sum()
    if array.size != n or not (array >= 0).all() or not 0 < total < np.inf:
        raise ValueError(
            f"weights must be {n} numbers >= 0 with a positive sum, got {weights!r}"
        )
    shares: Array = array / total
    return shares
