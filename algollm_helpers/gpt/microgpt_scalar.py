"""The model of microgpt on single numbers: slow, short, and to be read.

Chapter: ``chapters/microgpt.ipynb``. The same architecture, random numbers and recipe
as ``transformer`` and ``microgpt``, but every number is a ``backprop.Value`` and
every sum a Python loop. It exists to be compared with: same losses, same gradient.
"""

import math
import random
from collections.abc import Mapping, Sequence

import numpy as np

from algollm_helpers.arrays import Array, Float64
from algollm_helpers.backprop import Value
from algollm_helpers.checks import check_count
from algollm_helpers.engine.layers import NORM_EPS
from algollm_helpers.gpt.documents import Tokenizer, batch_tokens, check_docs
from algollm_helpers.gpt.training import BETA1, BETA2, EPS, LR
from algollm_helpers.gpt.transformer import INIT_STD, Config

Vector = list[Value]
Matrix = list[Vector]


def dot(a: Vector, b: Vector) -> Value:
    """Sum of products."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Value(0.0))


def linear(x: Vector, w: Matrix) -> Vector:
    """Matrix times vector."""
    return [dot(row, x) for row in w]


def add(a: Vector, b: Vector) -> Vector:
    """Sum of two vectors."""
    return [x + y for x, y in zip(a, b, strict=True)]


def softmax(x: Vector) -> Vector:
    """Probabilities from scores; the largest is subtracted as a plain number."""
    top = max(value.data for value in x)
    exps = [(value - top).exp() for value in x]
    total = sum(exps, Value(0.0))
    return [value / total for value in exps]


def rms_norm(x: Vector) -> Vector:
    """Divide by the root mean square."""
    scale = (dot(x, x) * (1 / len(x)) + NORM_EPS) ** -0.5
    return [value * scale for value in x]


def attend(q: Vector, keys: Matrix, values: Matrix, n_head: int) -> Vector:
    """Each head reads the values whose keys resemble its part of the query."""
    size = len(q) // n_head
    out: Vector = []
    for h in range(0, len(q), size):
        part = slice(h, h + size)
        weights = softmax([dot(q[part], k[part]) * size**-0.5 for k in keys])
        out += [dot(weights, [v[j] for v in values]) for j in range(h, h + size)]
    return out


def loss(
    params: dict[str, Matrix],
    config: Config,
    token_ids: Sequence[int],
    targets: Sequence[int],
) -> Value:
    """Mean of −log p(target) over the positions, in nats."""
    cache: list[tuple[Matrix, Matrix]] = [([], []) for _ in range(config.n_layer)]
    total = Value(0.0)
    for t, (token, target) in enumerate(zip(token_ids, targets, strict=True)):
        x = rms_norm(add(params["wte"][token], params["wpe"][t]))
        for i, (keys, values) in enumerate(cache):
            w = {m: params[f"layer{i}.{m}"] for m in ("wq", "wk", "wv", "wo")}
            h = rms_norm(x)
            keys.append(linear(h, w["wk"]))
            values.append(linear(h, w["wv"]))
            h = attend(linear(h, w["wq"]), keys, values, config.n_head)
            x = add(x, linear(h, w["wo"]))
            h = [v.relu() for v in linear(rms_norm(x), params[f"layer{i}.fc1"])]
            x = add(x, linear(h, params[f"layer{i}.fc2"]))
        total = total - softmax(linear(x, params["lm_head"]))[target].log()
    return total * (1 / len(token_ids))


def init_params(
    config: Config, vocab_size: int, *, rng: random.Random
) -> dict[str, Matrix]:
    """Draw the parameters in the order of ``transformer.init_params``."""
    return {
        name: [[Value(rng.gauss(0, INIT_STD)) for _ in range(n)] for _ in range(m)]
        for name, (m, n) in config.shapes(vocab_size).items()
    }


def train(
    docs: Sequence[str], *, steps: int, seed: int = 42, config: Config
) -> Float64:
    """Return the losses, shape (steps,), of the same run as ``microgpt.train``."""
    check_docs(docs)
    check_count("steps", steps, least=0)
    rng = random.Random(seed)
    order = list(docs)
    rng.shuffle(order)
    tokenizer = Tokenizer.of(order)
    params = init_params(config, tokenizer.vocab_size, rng=rng)
    flat = [p for matrix in params.values() for row in matrix for p in row]
    m, v = [0.0] * len(flat), [0.0] * len(flat)
    losses = []
    for step in range(steps):
        doc = order[step % len(order)]
        ids, targets, _ = batch_tokens([doc], tokenizer, block_size=config.block_size)
        result = loss(params, config, ids.tolist(), targets.tolist())
        result.backward()
        losses.append(result.data)
        lr = LR * (1 - step / steps)
        for i, p in enumerate(flat):
            m[i] = BETA1 * m[i] + (1 - BETA1) * p.grad
            v[i] = BETA2 * v[i] + (1 - BETA2) * p.grad**2
            m_hat = m[i] / (1 - BETA1 ** (step + 1))
            v_hat = v[i] / (1 - BETA2 ** (step + 1))
            p.data -= lr * m_hat / (math.sqrt(v_hat) + EPS)
            p.grad = 0.0
    return np.array(losses)


def as_values(params: Mapping[str, Array]) -> dict[str, Matrix]:
    """Return the matrices of `params` with a `Value` of its own for each number."""
    return {
        name: [[Value(x) for x in row] for row in matrix.tolist()]
        for name, matrix in params.items()
    }
