"""The parts of a GPT, each as one operation on the tape.

Chapter: ``chapters/microgpt.ipynb``. Each could be spelled with the operations of
``layers``, and its docstring does. In one piece they make fewer nodes, which is
what a small model spends its time on, and fewer arrays to be stored, which is what
a large one does. Shape letters as in ``layers``.
"""

import numpy as np

from algollm_helpers.arrays import Array, Ids
from algollm_helpers.engine.layers import attention, attention_back, norm, norm_back
from algollm_helpers.engine.lookup import checked_ids, receive_rows
from algollm_helpers.engine.memory import product, room_like
from algollm_helpers.engine.tape import result
from algollm_helpers.engine.tensor import Tensor


def embed(wte: Tensor, wpe: Tensor, token_ids: Ids) -> Tensor:
    """Look up token and position: ``rms_norm(wte[token_ids] + wpe[:T])``.

    Parameters
    ----------
    wte, wpe : Tensor of shape (V, C), (block_size, C)
        A row for each token, a row for each position.
    token_ids : ndarray of int, shape (..., T)
        What is read; T <= block_size.

    Returns
    -------
    Tensor of shape (..., T, C)
        What enters the first block.
    """
    V, C = wte.data.shape
    ids = checked_ids(token_ids, V, "token_ids")
    T = ids.shape[-1]
    x = wte.data.take(ids, axis=0)
    x += wpe.data[:T]
    y, scale = norm(x)

    def rule(g: Array) -> None:
        dx = norm_back(g, y, scale)
        wpe.receive_first(dx if dx.ndim == 2 else dx.reshape(-1, T, C).sum(axis=0))
        receive_rows(wte, ids.ravel(), dx.reshape(-1, C))

    return result(y, (wte, wpe), rule)


def attend(
    x: Tensor,
    wqkv: Tensor,
    wo: Tensor,
    *,
    n_head: int,
    keep_weights: list[Array] | None = None,
) -> Tensor:
    """Let positions read from each other, and add what they read.

    ``x + linear(causal_attention(linear(rms_norm(x), wqkv)), wo)``

    Parameters
    ----------
    x : Tensor of shape (..., T, C)
        The positions.
    wqkv, wo : Tensor of shape (3 C, C), (C, C)
        To queries, keys and values; from what the heads have read.
    n_head : int
        Number of heads, H; divides C.
    keep_weights : list, optional
        The attention weights, shape (..., H, T, T), rows summing to 1, are appended
        to it.

    Returns
    -------
    Tensor of shape (..., T, C)
        The positions after reading.
    """
    shape = x.data.shape
    C = shape[-1]
    rows = x.data.reshape(-1, C)
    h, scale = norm(rows)
    to_heads, out_of_heads = wqkv.data, wo.data
    qkv = product(h, to_heads.T).reshape(*shape[:-1], 3 * C)
    read, weights, heads = attention(qkv, n_head)
    if keep_weights is not None:
        keep_weights.append(weights.reshape(*shape[:-2], *weights.shape[1:]))
    read_rows = read.reshape(-1, C)
    y = product(read_rows, out_of_heads.T)
    y += rows

    def rule(g: Array) -> None:
        g = g.reshape(-1, C)
        wo.receive_product(g.T, read_rows)
        d_read = product(g, out_of_heads).reshape(shape)
        d = attention_back(d_read, weights, heads).reshape(-1, 3 * C)
        wqkv.receive_product(d.T, h)
        d = norm_back(product(d, to_heads), h, scale)
        d += g
        x.receive(d.reshape(shape))

    return result(y.reshape(shape), (x, wqkv, wo), rule)


def feed_forward(x: Tensor, fc1: Tensor, fc2: Tensor) -> Tensor:
    """Let each position think for itself, and add what it thinks.

    ``x + linear(linear(rms_norm(x), fc1).relu(), fc2)``

    Parameters
    ----------
    x : Tensor of shape (..., C)
        The positions.
    fc1, fc2 : Tensor of shape (4 C, C), (C, 4 C)
        To the hidden units and back.

    Returns
    -------
    Tensor of shape (..., C)
        The positions after thinking.
    """
    shape = x.data.shape
    C = shape[-1]
    rows = x.data.reshape(-1, C)
    h, scale = norm(rows)
    into, back = fc1.data, fc2.data
    a = product(h, into.T)  # (B T, 4 C)
    np.maximum(a, 0.0, out=a)
    y = product(a, back.T)
    y += rows

    def rule(g: Array) -> None:
        g = g.reshape(-1, C)
        fc2.receive_product(g.T, a)
        d = product(g, back)
        d *= np.sign(a, out=room_like(a))  # 1 where the ReLU let through, else 0
        fc1.receive_product(d.T, h)
        d = norm_back(product(d, into), h, scale)
        d += g
        x.receive(d.reshape(shape))

    return result(y.reshape(shape), (x, fc1, fc2), rule)
