"""Rung 4: no tape. The chain rule is applied by hand, once, and written down in order.

The engine's operations without a node, a closure or a search for each of them, and all
arrays and views laid out beforehand, once for each length of text. It fits this model
and no other: one document a step, as microgpt does.
"""

import math
from collections.abc import Iterator

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from algollm_helpers.gpt.transformer import Config, Parameters
from algollm_helpers.learning_rate import Adam
from benchmarks.work import Work

Weights = dict[str, Array]


class Norm:
    """RMSNorm of T rows of C numbers, there and back."""

    def __init__(self, T: int, C: int) -> None:
        self.y, self.dx = np.empty((2, T, C))
        self.scale, self.along = np.empty((2, T))
        self.factor, self.weight = self.scale[:, None], self.along[:, None]
        self.n, self.eps = np.full(T, float(C)), np.full(T, C * 1e-5)

    def forward(self, x: Array) -> Array:
        """Return the rows of x, each divided by its root mean square."""
        scale = self.scale
        np.vecdot(x, x, scale)
        np.add(scale, self.eps, scale)
        np.divide(self.n, scale, scale)
        np.sqrt(scale, scale)
        return np.multiply(x, self.factor, self.y)

    def backward(self, dy: Array) -> Array:
        """Return the gradient before the norm, given the one after it."""
        np.vecdot(dy, self.y, self.along)
        np.divide(self.along, self.n, self.along)
        dx = self.dx
        np.multiply(self.y, self.weight, dx)
        np.subtract(dy, dx, dx)
        return np.multiply(dx, self.factor, dx)


class Block:
    """Layer `i` for texts of `T` tokens: there and back."""

    def __init__(self, w: Weights, g: Weights, i: int, T: int, config: Config) -> None:
        names = ("wqkv", "wo", "fc1", "fc2")
        self.wqkv, self.wo, self.fc1, self.fc2 = (w[f"layer{i}.{n}"] for n in names)
        self.g_qkv, self.g_o, self.g_1, self.g_2 = (g[f"layer{i}.{n}"] for n in names)
        H, C = config.n_head, config.n_embd

        def heads(x: Array, parts: int) -> Array:
            """View rows of `parts` C channels as (parts, H, T, D)."""
            return x.reshape(T, parts, H, C // H).transpose(1, 2, 0, 3)

        self.norm1, self.norm2 = Norm(T, C), Norm(T, C)
        self.qkv, self.d_qkv = np.empty((2, T, 3 * C))
        self.q, self.k, self.v = heads(self.qkv, 3)
        self.dq, self.dk, self.dv = heads(self.d_qkv, 3)
        self.p, self.dp = np.empty((2, H, T, T))
        self.total, self.along = np.empty((2, H, T))
        self.read, self.d_read, self.x, self.y = np.empty((4, T, C))
        self.read_by_head, self.d_read_by_head = (
            heads(a, 1)[0] for a in (self.read, self.d_read)
        )
        self.h, self.dh, self.sign = np.empty((3, T, 4 * C))
        self.bias = np.triu(np.full((T, T), -np.inf), k=1) + np.zeros((H, T, T))
        self.size, self.zero = np.array(1 / math.sqrt(C // H)), np.array(0.0)
        self.ones = np.ones(T)

    def forward(self, x: Array) -> Array:
        """Return what leaves the block; x of shape (T, C)."""
        p = self.p
        self.norm1.forward(x).dot(self.wqkv.T, self.qkv)
        np.matmul(self.q, self.k.mT, p)
        np.multiply(p, self.size, p)
        tame = np.vdot(p, p) < 4096.0  # so no exp is too large
        np.add(p, self.bias, p)
        if not tame:
            np.subtract(p, np.maximum.reduce(p, axis=-1, keepdims=True), p)
        np.exp(p, p)
        p.dot(self.ones, self.total)
        np.divide(p, self.total[..., None], p)
        np.matmul(p, self.v, self.read_by_head)
        self.read.dot(self.wo.T, self.x)
        np.add(self.x, x, self.x)
        self.norm2.forward(self.x).dot(self.fc1.T, self.h)
        np.maximum(self.h, self.zero, out=self.h)
        self.h.dot(self.fc2.T, self.y)
        return np.add(self.y, self.x, self.y)

    def backward(self, dy: Array) -> Array:
        """Return the gradient of what entered; `dy` is that of what left."""
        p, dp, dh = self.p, self.dp, self.dh
        dy.T.dot(self.h, self.g_2)
        dy.dot(self.fc2, dh)
        np.sign(self.h, self.sign)
        np.multiply(dh, self.sign, dh)
        dh.T.dot(self.norm2.y, self.g_1)
        dh.dot(self.fc1, self.x)
        dx = self.norm2.backward(self.x)
        np.add(dx, dy, dx)
        dx.T.dot(self.read, self.g_o)
        dx.dot(self.wo, self.d_read)
        np.matmul(p.mT, self.d_read_by_head, self.dv)
        np.matmul(self.d_read_by_head, self.v.mT, dp)
        np.vecdot(dp, p, self.along)
        np.subtract(dp, self.along[..., None], dp)
        np.multiply(dp, p, dp)
        np.multiply(dp, self.size, dp)
        np.matmul(dp, self.k, self.dq)
        np.matmul(dp.mT, self.q, self.dk)
        self.d_qkv.T.dot(self.norm1.y, self.g_qkv)
        self.d_qkv.dot(self.wqkv, self.x)
        return np.add(self.norm1.backward(self.x), dx, dx)


class Model:
    """The whole model for texts of `T` tokens: ids and targets in, the loss out."""

    def __init__(self, w: Weights, g: Weights, T: int, config: Config) -> None:
        self.wte, self.head, self.wpe = w["wte"], w["lm_head"], w["wpe"][:T]
        self.g_wte, self.g_head, g_wpe = g["wte"], g["lm_head"], g["wpe"]
        self.g_wpe, self.g_rest = g_wpe[:T], g_wpe[T:]
        self.blocks = [Block(w, g, i, T, config) for i in range(config.n_layer)]
        self.norm = Norm(T, config.n_embd)
        self.x, self.dx = np.empty((2, T, config.n_embd))
        V = len(self.wte)
        self.z, self.dz, self.rows = np.empty((3, T, V))
        self.starts, self.ones = V * np.arange(T), np.ones(V)
        self.total, self.hits = np.empty((2, T))
        self.share = np.full(T, 1 / T)
        self.eye = np.eye(V)
        self.one_hot = np.empty((T, V))

    def gradient(self, ids: Array, targets: Array) -> float:
        """Return the loss, and leave the gradient where the parameters' is kept."""
        x, z, dz, total, hits = self.x, self.z, self.dz, self.total, self.hits
        self.wte.take(ids, 0, x, "wrap")
        np.add(x, self.wpe, x)
        x = self.norm.forward(x)
        for block in self.blocks:
            x = block.forward(x)
        x.dot(self.head.T, z)
        if not np.vdot(z, z) < 4096.0:
            np.subtract(z, np.maximum.reduce(z, axis=-1, keepdims=True), z)
        hit = np.add(self.starts, targets)
        z.take(hit, None, hits, "wrap")
        np.exp(z, z)
        z.dot(self.ones, total)
        loss = np.dot(np.subtract(np.log(total), hits, hits), self.share)

        np.divide(self.share, total, total)
        np.multiply(z, total[:, None], dz)
        flat = dz.reshape(-1)
        flat.put(hit, np.subtract(flat.take(hit, None, hits, "wrap"), self.share, hits))
        dz.T.dot(x, self.g_head)
        dx = dz.dot(self.head, self.dx)
        for block in reversed(self.blocks):
            dx = block.backward(dx)
        dx = self.norm.backward(dx)
        np.copyto(self.g_wpe, dx)
        self.g_rest.fill(0.0)
        self.eye.take(ids, 0, self.one_hot, "wrap")
        self.one_hot.T.dot(dx, self.g_wte)
        return float(loss)


def train(work: Work) -> Iterator[float]:
    """Yield the loss of each step; one document a step."""
    params = Parameters(work.flat.copy(), work.config, work.vocab_size)
    w = {name: tensor.data for name, tensor in params.tensors.items()}
    slopes = Parameters(params.grad, work.config, work.vocab_size)
    g = {name: tensor.data for name, tensor in slopes.tensors.items()}
    models: dict[int, Model] = {}
    adam = Adam(params.flat.size, beta1=BETA1, beta2=BETA2, eps=EPS)
    for tokens, lr in zip(work.tokens, work.rates, strict=True):
        T = len(tokens) - 1
        if T not in models:
            models[T] = Model(w, g, T, work.config)
        yield models[T].gradient(tokens[:-1], tokens[1:])
        adam.step(params.flat, params.grad, lr=lr)
