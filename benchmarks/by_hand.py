"""Rung 3: no tape. The chain rule is applied by hand, once, and written down in order.

The same NumPy operations as the engine's, without a node, a closure or a search for
each of them. It fits this model and no other: one document a step, as microgpt does.
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


def norm(x: Array) -> tuple[Array, Array]:
    """Return x / √(mean x² + 1e-5), row by row, and the factor of each row."""
    scale = np.vecdot(x, x)
    scale /= x.shape[1]
    scale += 1e-5
    np.sqrt(scale, out=scale)
    np.divide(1.0, scale, out=scale)
    factor = scale[:, None]
    return x * factor, factor


def norm_back(dy: Array, y: Array, factor: Array) -> Array:
    """Return the gradient before `norm`, given the one after it; `dy` is used up."""
    along = np.vecdot(dy, y)
    along /= y.shape[1]
    dy -= y * along[:, None]
    dy *= factor
    return dy


class Block:
    """Layer `i`: its weights, and the way through it, there and back."""

    def __init__(self, w: Weights, g: Weights, i: int, config: Config) -> None:
        names = ("wqkv", "wo", "fc1", "fc2")
        self.wqkv, self.wo, self.fc1, self.fc2 = (w[f"layer{i}.{n}"] for n in names)
        self.g = [g[f"layer{i}.{n}"] for n in names]
        self.H, self.C = config.n_head, config.n_embd
        self.D = self.C // self.H
        T = config.block_size
        self.bias = np.triu(np.full((T, T), -np.inf), k=1)

    def heads(self, x: Array, parts: int) -> Array:
        """View rows of `parts` C channels as (parts, H, T, D)."""
        return x.reshape(len(x), parts, self.H, self.D).transpose(1, 2, 0, 3)

    def forward(self, x: Array) -> Array:
        """Return what leaves the block; x of shape (T, C)."""
        T = len(x)
        self.n1, self.f1 = norm(x)
        self.q, self.k, self.v = self.heads(np.dot(self.n1, self.wqkv.T), 3)
        p = np.matmul(self.q, self.k.mT)  # (H, T, T)
        p *= 1 / math.sqrt(self.D)
        p += self.bias[:T, :T]
        p -= np.maximum.reduce(p, axis=-1, keepdims=True)
        np.exp(p, out=p)
        p /= np.add.reduce(p, axis=-1, keepdims=True)
        self.p = p
        self.a = np.empty((T, self.C))
        np.matmul(p, self.v, out=self.heads(self.a, 1)[0])
        x = x + np.dot(self.a, self.wo.T)
        self.n2, self.f2 = norm(x)
        self.h = np.dot(self.n2, self.fc1.T)
        np.maximum(self.h, 0.0, out=self.h)
        x += np.dot(self.h, self.fc2.T)
        return x

    def backward(self, dx: Array) -> Array:
        """Return the gradient of what entered; `dx` is that of what left."""
        dh = np.dot(dx, self.fc2)
        np.dot(dx.T, self.h, out=self.g[3])
        dh *= self.h > 0
        np.dot(dh.T, self.n2, out=self.g[2])
        dx = dx + norm_back(np.dot(dh, self.fc1), self.n2, self.f2)
        (da,) = self.heads(np.dot(dx, self.wo), 1)
        np.dot(dx.T, self.a, out=self.g[1])
        dqkv = np.empty((len(dx), 3 * self.C))
        dq, dk, dv = self.heads(dqkv, 3)
        np.matmul(self.p.mT, da, out=dv)
        dp = np.matmul(da, self.v.mT)
        dp -= np.vecdot(dp, self.p)[..., None]
        dp *= self.p
        dp *= 1 / math.sqrt(self.D)
        np.matmul(dp, self.k, out=dq)
        np.matmul(dp.mT, self.q, out=dk)
        np.dot(dqkv.T, self.n1, out=self.g[0])
        dx += norm_back(np.dot(dqkv, self.wqkv), self.n1, self.f1)
        return dx


def train(work: Work) -> Iterator[float]:
    """Yield the loss of each step; one document a step."""
    params = Parameters(work.flat.copy(), work.config, work.vocab_size)
    w = {name: tensor.data for name, tensor in params.tensors.items()}
    slopes = Parameters(params.grad, work.config, work.vocab_size)
    g = {name: tensor.data for name, tensor in slopes.tensors.items()}
    blocks = [Block(w, g, i, work.config) for i in range(work.config.n_layer)]
    adam = Adam(params.flat.size, beta1=BETA1, beta2=BETA2, eps=EPS)
    one_hot, rows = np.eye(work.vocab_size), np.arange(work.config.block_size)
    for tokens, lr in zip(work.tokens, work.rates, strict=True):
        ids, targets, T = tokens[:-1], tokens[1:], len(tokens) - 1

        x, factor = norm(w["wte"][ids] + w["wpe"][:T])
        start = x.copy()
        for block in blocks:
            x = block.forward(x)
        z = np.dot(x, w["lm_head"].T)
        z -= np.maximum.reduce(z, axis=-1, keepdims=True)
        hit = z[rows[:T], targets]
        np.exp(z, out=z)
        total = np.add.reduce(z, axis=-1, keepdims=True)
        loss = np.add.reduce(np.log(total[:, 0]) - hit) / T

        z /= total
        z -= one_hot[targets]
        z /= T
        np.dot(z.T, x, out=g["lm_head"])
        dx = np.dot(z, w["lm_head"])
        for block in reversed(blocks):
            dx = block.backward(dx)
        dx = norm_back(dx, start, factor)
        g["wpe"][:T] = dx
        g["wpe"][T:] = 0.0
        np.dot(one_hot[ids].T, dx, out=g["wte"])
        adam.step(params.flat, params.grad, lr=lr)
        yield loss
