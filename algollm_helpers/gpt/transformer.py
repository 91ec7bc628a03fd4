"""The model of microgpt: its sizes, its parameters and its forward pass.

Chapter: ``chapters/microgpt.ipynb``. The architecture is the one that A. Karpathy
published as "microgpt" (February 2026): a GPT with RMSNorm without gain, ReLU and
no biases. The operations are in ``layers``; ``microgpt`` trains and uses the model.

Shape letters: B batch, T time (position), C = ``n_embd``, V vocabulary, N the
number of parameters.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count
from algollm_helpers.engine.blocks import attend, embed, feed_forward
from algollm_helpers.engine.layers import cross_entropy, linear
from algollm_helpers.engine.tensor import Tensor

INIT_STD = 0.08  # of every parameter at the start
MAX_SIZE = 2**16  # of each size of a model


@dataclass(frozen=True, kw_only=True)
class Config:
    """Sizes of one small transformer; the vocabulary comes from the documents."""

    n_layer: int = 1
    n_head: int = 4  # must divide n_embd
    n_embd: int = 16
    block_size: int = 16  # tokens the model can see

    def __post_init__(self) -> None:
        for name in ("n_layer", "n_head", "n_embd", "block_size"):
            check_count(name, getattr(self, name), most=MAX_SIZE)
        if self.n_embd % self.n_head:
            raise ValueError(f"{self.n_head} heads do not divide n_embd={self.n_embd}")

    def shapes(self, vocab_size: int) -> dict[str, tuple[int, int]]:
        """Return name and shape (rows, columns) of each matrix, in published order."""
        check_count("vocab_size", vocab_size)
        C = self.n_embd
        shapes = {
            "wte": (vocab_size, C),  # token embeddings
            "wpe": (self.block_size, C),  # position embeddings
            "lm_head": (vocab_size, C),  # from channels to logits
        }
        for i in range(self.n_layer):
            for name in ("wq", "wk", "wv", "wo"):
                shapes[f"layer{i}.{name}"] = (C, C)
            shapes[f"layer{i}.fc1"] = (4 * C, C)
            shapes[f"layer{i}.fc2"] = (C, 4 * C)
        return shapes

    def size(self, vocab_size: int) -> int:
        """Return the number of parameters, N."""
        return sum(rows * columns for rows, columns in self.shapes(vocab_size).values())


class Parameters(Mapping[str, Array]):
    """All parameters of a model in one flat array, and each matrix by its name.

    ``params["wte"]`` is a view: what changes `flat` changes it too.

    Parameters
    ----------
    flat : ndarray of shape (N,)
        The numbers, float32 or float64, used as they are.
    config : Config
        Sizes of the model.
    vocab_size : int
        Number of tokens, V.

    Attributes
    ----------
    flat, grad : ndarray of shape (N,)
        Parameters, and the gradient that the last backward pass left.
    tensors : dict of str to Tensor
        What `forward` computes with. The matrices for q, k and v are neighbours in
        `flat`, so one view, ``"layer0.wqkv"`` of shape (3 C, C), stands for them.
    """

    def __init__(self, flat: Array, config: Config, vocab_size: int) -> None:
        self._of = config, vocab_size
        self._shapes = config.shapes(vocab_size)
        size = config.size(vocab_size)
        if flat.shape != (size,) or flat.dtype.kind != "f":
            raise ValueError(
                f"flat must be {size} floats, got shape {flat.shape}, {flat.dtype}"
            )
        self.flat = flat
        self.grad = np.zeros_like(flat)
        self._views = self.named(flat)
        self.tensors = {
            name: Tensor(view, grad_buffer=slope)
            for (name, view), slope in zip(
                _fused(self._views, flat).items(),
                _fused(self.named(self.grad), self.grad).values(),
                strict=True,
            )
        }

    def named(self, flat: Array) -> dict[str, Array]:
        """Return views into `flat`, of shape (N,), under the matrices' names."""
        views, start = {}, 0
        for name, (rows, columns) in self._shapes.items():
            stop = start + rows * columns
            views[name] = flat[start:stop].reshape(rows, columns)
            start = stop
        return views

    @cached_property
    def twin(self) -> "Parameters":
        """The same parameters with a gradient of their own, made at the first use."""
        return Parameters(self.flat, *self._of)

    def constants(self) -> dict[str, Tensor]:
        """Return `tensors`, same shapes and memory, for when no gradient is wanted."""
        return {
            name: Tensor(tensor.data, needs_grad=False)
            for name, tensor in self.tensors.items()
        }

    def clear_grad(self) -> None:
        """Forget the gradients, so that the next backward pass starts afresh."""
        for tensor in self.tensors.values():
            tensor.grad = None

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)


def _fused(views: dict[str, Array], flat: Array) -> dict[str, Array]:
    """Replace each layer's neighbours wq, wk, wv by one view of all, (3 C, C)."""
    fused, start = {}, 0
    for name, view in views.items():
        stop = start + view.size
        if name.endswith(".wq"):
            span = flat[start : start + 3 * view.size]
            fused[f"{name}kv"] = span.reshape(-1, view.shape[1])
        elif not name.endswith((".wk", ".wv")):
            fused[name] = view
        start = stop
    return fused


def init_params(
    config: Config,
    vocab_size: int,
    *,
    rng: random.Random,
    dtype: type[np.floating] = np.float64,
) -> Parameters:
    """Draw the N parameters from N(0, 0.08²), matrix by matrix and row by row.

    `rng` is Python's generator and not NumPy's, because the published run used it:
    the same seed gives the same numbers.
    """
    size = config.size(vocab_size)
    draws = (rng.gauss(0, INIT_STD) for _ in range(size))
    return Parameters(np.fromiter(draws, dtype, count=size), config, vocab_size)


class Layer(NamedTuple):
    """The matrices of one layer, or a rank's parts of them."""

    wqkv: Tensor  # (3 C, C): to queries, keys and values, one above the other
    wo: Tensor  # (C, C): from what the heads have read
    fc1: Tensor  # (4 C, C): to the hidden units
    fc2: Tensor  # (C, 4 C): and back


def layer(tensors: Mapping[str, Tensor], i: int) -> Layer:
    """Return the matrices of layer `i` of ``params.tensors``."""
    of = f"layer{i}."
    return Layer(
        tensors[of + "wqkv"],
        tensors[of + "wo"],
        tensors[of + "fc1"],
        tensors[of + "fc2"],
    )


def through_layer(
    x: Tensor,
    matrices: Layer,
    *,
    n_head: int,
    keep_weights: list[Array] | None = None,
) -> Tensor:
    """Return what a layer makes of `x`; both have the shape (..., T, C).

    The attention weights, shape (..., n_head, T, T), are appended to `keep_weights`.
    """
    wqkv, wo, fc1, fc2 = matrices
    x = attend(x, wqkv, wo, n_head=n_head, keep_weights=keep_weights)
    return feed_forward(x, fc1, fc2)


def forward(
    tensors: Mapping[str, Tensor],
    config: Config,
    token_ids: ArrayLike,
    *,
    keep_weights: list[Array] | None = None,
) -> Tensor:
    """Return the logits of the next token at each position.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        ``params.tensors``, or ``params.constants()`` where no gradient is wanted.
    config : Config
        Sizes of the model.
    token_ids : array-like of int, shape (T,) or (B, T)
        What the model reads, 1 <= T <= ``block_size``.
    keep_weights : list, optional
        Each layer appends its attention weights, shape (..., n_head, T, T).

    Returns
    -------
    Tensor of shape (T, V) or (B, T, V)
        The logits.
    """
    ids = np.asanyarray(token_ids)
    T = ids.shape[-1] if ids.ndim else 0
    if not 0 < T <= config.block_size:
        raise ValueError(f"the model reads 1 to {config.block_size} tokens, got {T}")
    x = embed(tensors["wte"], tensors["wpe"], ids)  # (..., T, C)
    for i in range(config.n_layer):
        x = through_layer(
            x, layer(tensors, i), n_head=config.n_head, keep_weights=keep_weights
        )
    return linear(x, tensors["lm_head"])


def loss_and_grad(
    params: Parameters,
    config: Config,
    token_ids: ArrayLike,
    targets: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> tuple[float, Array]:
    """Return the mean loss over the tokens, in nats, and its gradient.

    Parameters
    ----------
    params : Parameters
        Left unchanged, but for ``params.grad``.
    config : Config
        Sizes of the model.
    token_ids, targets : array-like of int, shape (T,) or (B, T)
        What the model reads, and the token that follows each.
    mask : array-like of bool, same shape, optional
        True where a token counts; documents of unequal length are filled up, and
        each *token* counts the same.

    Returns
    -------
    loss : float
        Nats per token.
    grad : ndarray of shape (N,)
        In the order of ``params.flat``; ``params.named(grad)`` gives the matrices.
    """
    loss = differentiate(params, config, (token_ids, targets, mask))
    return loss, params.grad.copy()


def differentiate(
    params: Parameters,
    config: Config,
    batch: tuple[ArrayLike, ArrayLike, ArrayLike | None],
) -> float:
    """Return the loss on `batch`, and leave its gradient in ``params.grad``.

    The batch is token ids, targets and mask, each of shape (T,) or (B, T), as for
    `loss_and_grad`; the mask may be None.
    """
    token_ids, targets, mask = batch
    params.clear_grad()
    logits = forward(params.tensors, config, token_ids)
    loss = cross_entropy(logits, targets, weights=mask)
    loss.backward()
    return float(loss.data)
