"""A GPT of 4,192 parameters: its training, and what to do with it afterwards.

Chapter: ``chapters/microgpt.ipynb``. The random numbers and the recipe are those of
A. Karpathy's "microgpt" (February 2026), one document a step, so the published list
of names gives the published losses. The model is in ``transformer``, its update in
``training``, the optimiser in ``learning_rate``, the text in ``documents``; what the
chapter needs of them can be imported from here.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Array, Float64, Ids
from algollm_helpers.checks import check_count
from algollm_helpers.engine.layers import log_softmax, softmax
from algollm_helpers.gpt.documents import (
    Evaluation,
    Tokenizer,
    batch_tokens,
    check_docs,
    load_docs,
)
from algollm_helpers.gpt.sampling import documents_at_once, samples
from algollm_helpers.gpt.training import LR, Training
from algollm_helpers.gpt.transformer import (
    Config,
    Parameters,
    forward,
    init_params,
    loss_and_grad,
)
from algollm_helpers.schedules import Schedule, linear_decay

__all__ = [
    "Config",
    "Evaluation",
    "Parameters",
    "Reading",
    "Run",
    "Tokenizer",
    "document_losses",
    "evaluate",
    "forward",
    "init_params",
    "load_docs",
    "loss_and_grad",
    "read",
    "sample",
    "samples",
    "train",
]


class Run(NamedTuple):
    """A finished training run."""

    losses: Float64  # (steps,): nats per token, before each update
    params: Parameters
    config: Config
    tokenizer: Tokenizer


def train(
    docs: Sequence[str],
    *,
    steps: int = 1000,
    seed: int = 42,
    config: Config = Config(),  # noqa: B008  (frozen)
    batch: int = 1,
    schedule: Schedule | None = None,
    dtype: type[np.floating] = np.float64,
    on_step: Callable[[int, float, Parameters], None] | None = None,
) -> Run:
    """Train a model on `docs` by the published recipe.

    The documents are shuffled, then read in turn, one a step, from the start again
    after the last. A document of more than ``block_size - 1`` characters is cut: its
    first ``block_size`` characters are predicted, its end is not.

    Parameters
    ----------
    docs : sequence of str
        The documents, at least one; left unchanged.
    steps : int
        Number of updates, >= 0.
    seed : int
        Of the shuffle and of the parameters.
    config : Config
        Sizes of the model.
    batch : int
        Documents a step, >= 1; the loss is the mean over all their tokens.
    schedule : Schedule, optional
        Learning rate of Adam; by default from 0.01 in a straight line to 0.
    dtype : dtype
        float64, or float32 for speed in large models.
    on_step : callable, optional
        Called after each update with the step 0, 1, …, the loss before it, and the
        parameters, which it must not change.

    Returns
    -------
    Run
        The losses and the trained model.
    """
    check_count("steps", steps, least=0)
    training = Training(
        docs,
        schedule=schedule or linear_decay(LR, steps=max(steps, 1)),
        seed=seed,
        config=config,
        batch=batch,
        dtype=dtype,
    )
    params = training.params
    losses = np.empty(steps)
    with np.errstate(all="ignore"):  # divergence is data
        for step in range(steps):
            losses[step] = training.update()
            if on_step is not None:
                on_step(step, float(losses[step]), params)
    params.clear_grad()
    return Run(losses, params, config, training.tokenizer)


def sample(
    run: Run,
    *,
    n: int = 20,
    temperature: float = 1.0,
    prefix: str = "",
    seed: int | np.random.Generator = 0,
) -> list[str]:
    """Let the model write `n` documents, letter by letter.

    Parameters
    ----------
    run : Run
        A trained model.
    n : int
        How many, >= 0.
    temperature : float
        The logits are divided by it: below 1 the likely letters gain, above 1 the
        unlikely ones. Finite and >= 0; at 0 the likeliest letter is taken, the first
        in the alphabet of several that are equally likely.
    prefix : str
        How each document begins; fewer than ``block_size`` characters.
    seed : int or numpy.random.Generator
        Where the random numbers come from; a generator must be a PCG64, as
        ``numpy.random.default_rng`` makes it.

    Returns
    -------
    list of str
        The documents, prefix included. One ends where the model writes the boundary,
        or at ``block_size`` characters, after which it can see no more.

    Raises
    ------
    ValueError
        If an argument is out of range, or the model has diverged: its logits are not
        finite, so there is nothing to draw from.
    """
    return list(samples(run, n=n, temperature=temperature, prefix=prefix, seed=seed))


class Reading(NamedTuple):
    """What the model does while it reads one document of T - 1 characters."""

    token_ids: Ids  # (T,): the boundary, then the characters
    probabilities: Array  # (T, V): of the token that follows each
    attention: Array  # (n_layer, n_head, T, T): row t says where position t looks


def read(run: Run, text: str) -> Reading:
    """Return next-token probabilities and attention weights along `text`.

    `text` may be empty, which asks for the first letter, and must be shorter than
    ``block_size`` characters.
    """
    token_ids = run.tokenizer.encode(text, close=False)
    kept: list[Array] = []
    logits = forward(run.params.constants(), run.config, token_ids, keep_weights=kept)
    return Reading(token_ids, softmax(logits).data, np.stack(kept))


def document_losses(run: Run, docs: Sequence[str]) -> list[Array]:
    """Return −log p of each token of each document, its end included, in nats.

    Entry ``i`` has shape (len(docs[i]) + 1,); of a document of more than
    ``block_size - 1`` characters only the first ``block_size`` are predicted, as in
    training.
    """
    return [losses for part in _losses_by_pass(run, docs) for losses in part]


def _losses_by_pass(run: Run, docs: Sequence[str]) -> Iterator[list[Array]]:
    """Yield what `document_losses` returns, as many documents at a time as fit."""
    check_docs(docs)
    tensors, at_once = run.params.constants(), documents_at_once(run)
    for start in range(0, len(docs), at_once):
        token_ids, targets, mask = batch_tokens(
            docs[start : start + at_once],
            run.tokenizer,
            block_size=run.config.block_size,
        )
        log_p = log_softmax(forward(tensors, run.config, token_ids)).data
        hit = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
        yield [-hit] if mask is None else list(map(np.compress, mask, -hit))


def evaluate(
    run: Run,
    docs: Sequence[str],
    *,
    on_pass: Callable[[int], object] | None = None,
) -> Evaluation:
    """Return how well the model predicts `docs`, per token and per document.

    Documents too long for the block are cut as in training, and counted. `on_pass` is
    called now and then with the number of documents that were read since.
    """
    tokens, sums, means = 0, [], []
    for losses in _losses_by_pass(run, docs):
        every = np.concatenate(losses, dtype=np.float64)
        tokens += every.size
        sums.append(every.sum())
        means.append(math.fsum(loss.mean() for loss in losses))
        if on_pass is not None:
            on_pass(len(losses))
    return Evaluation(
        per_token=math.fsum(sums) / tokens,
        per_document=math.fsum(means) / len(docs),
        tokens=tokens,
        cut=sum(len(doc) >= run.config.block_size for doc in docs),
    )
