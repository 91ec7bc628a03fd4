"""The peer that compiles: JAX, the whole step as one function under ``jit``.

Forward, backward and Adam are one program of XLA. At its best setting: all tokens
and rates lie on the device beforehand, documents are filled up to one length, so
that the step is compiled once, and the state is donated, so that it is updated in
place. Python hands on the state and goes on; the losses are promises.
"""

from collections.abc import Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from algollm_helpers.gpt.transformer import Config, Parameters
from benchmarks.work import Work

Weights = dict[str, jax.Array]


def norm(x: jax.Array) -> jax.Array:
    """Divide each row by its root mean square."""
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-5)


def model_loss(
    w: Weights, config: Config, tokens: jax.Array, length: jax.Array
) -> jax.Array:
    """Return the mean loss of the first `length` positions; tokens (B, T + 1)."""
    ids, targets = tokens[:, :-1], tokens[:, 1:]
    B, T = ids.shape
    C, H = config.n_embd, config.n_head
    D = C // H
    may_look = jnp.tril(jnp.ones((T, T), dtype=bool))
    x = norm(w["wte"][ids] + w["wpe"][:T])
    for i in range(config.n_layer):
        h = norm(x) @ w[f"layer{i}.wqkv"].T
        q, k, v = h.reshape(B, T, 3, H, D).transpose(2, 0, 3, 1, 4)
        scores = q @ k.mT / D**0.5
        p = jax.nn.softmax(jnp.where(may_look, scores, -jnp.inf))
        h = (p @ v).transpose(0, 2, 1, 3).reshape(B, T, C)
        x = x + h @ w[f"layer{i}.wo"].T
        h = jax.nn.relu(norm(x) @ w[f"layer{i}.fc1"].T)
        x = x + h @ w[f"layer{i}.fc2"].T
    log_p = jax.nn.log_softmax(x @ w["lm_head"].T)
    nll = -jnp.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    return jnp.where(jnp.arange(T) < length, nll, 0.0).sum() / (B * length)


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def step(config: Config, state, tokens, lengths, rates):
    """Return parameters, running means and count after one step, and the loss."""
    w, m, v, done = state
    lr, length = rates[done], lengths[done]
    loss, g = jax.value_and_grad(model_loss)(w, config, tokens[done], length)
    t = (done + 1).astype(rates.dtype)
    shrink = jnp.sqrt(1 - BETA2**t)
    size = lr * shrink / (1 - BETA1**t)
    tree = jax.tree.map
    m = tree(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
    v = tree(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, g)
    w = tree(lambda w, m, v: w - size * m / (jnp.sqrt(v) + EPS * shrink), w, m, v)
    return (w, m, v, done + 1), loss


def train(work: Work) -> Iterator[jax.Array]:
    """Yield the loss of each step, as a promise."""
    jax.config.update("jax_enable_x64", work.flat.itemsize == 8)
    start = Parameters(work.flat, work.config, work.vocab_size).tensors
    w = {name: jnp.array(tensor.data) for name, tensor in start.items()}
    m, v = (jax.tree.map(jnp.zeros_like, w) for _ in range(2))
    state = w, m, v, jnp.zeros((), dtype=np.int32)
    lengths = np.array([tokens.shape[-1] - 1 for tokens in work.tokens])
    T = work.config.block_size
    table = np.zeros(
        (len(lengths), work.tokens[0].size // (lengths[0] + 1), T + 1), int
    )
    for row, tokens in zip(table, work.tokens, strict=True):
        row[:, : tokens.shape[-1]] = tokens
    rates = np.array(work.rates, dtype=work.flat.dtype)
    fixed = [jnp.array(a) for a in (table, lengths, rates)]
    for _ in work.tokens:
        state, loss = step(work.config, state, *fixed)
        yield loss
