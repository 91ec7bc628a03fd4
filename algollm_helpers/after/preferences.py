"""Preferences between texts as a loss (DPO), tried on a model of names.

Lab: ``chapters/after.ipynb``. Of two texts one is preferred; the loss is the
cross-entropy of a choice between them, where the logit of a text is β times the log of
how much likelier the model has made it than it was at the start [1]_. What becomes of a
model that goes on beyond what the preferences say is over-optimisation [2]_.

References
----------
.. [1] R. Rafailov et al., "Direct preference optimization: your language model is
   secretly a reward model", NeurIPS (2023), arXiv:2305.18290.
.. [2] L. Gao, J. Schulman and J. Hilton, "Scaling laws for reward model
   overoptimization", ICML (2023), arXiv:2210.10760.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_count, check_positive, check_shape
from algollm_helpers.engine.layers import cross_entropy, log_softmax
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import Batch, batch_tokens
from algollm_helpers.gpt.transformer import Config, Parameters, forward
from algollm_helpers.learning_rate import Adam
from algollm_helpers.microgpt import Run
from algollm_helpers.schedules import linear_decay

Pairs = Sequence[tuple[str, str]]  # the preferred text first


def log_probabilities(
    tensors: Mapping[str, Tensor], config: Config, batch: Batch
) -> Tensor:
    """Return log p of each document of a batch of several, shape (B,), in nats."""
    log_p = log_softmax(forward(tensors, config, batch.token_ids))  # (B, T, V)
    chosen = np.zeros(log_p.data.shape)
    hit = batch.targets[..., None], batch.predicted[..., None]
    np.put_along_axis(chosen, *hit, axis=-1)
    return (log_p * chosen).sum(axis=(1, 2))


def preference_loss(log_p: Tensor, reference: Array, *, beta: float) -> Tensor:
    """Return the mean of −log σ(β · margin) over pairs of texts, in nats [1]_.

    Parameters
    ----------
    log_p : Tensor of shape (B, 2)
        What the model gives the preferred text and the other.
    reference : ndarray of shape (B, 2)
        What the model gave them before.
    beta : float
        The paper's β, > 0: how much a nat of difference counts.

    Examples
    --------
    >>> log_p = Tensor([[-2.0, -5.0]])
    >>> float(preference_loss(log_p, log_p.data, beta=0.1).data)  # nothing moved: ln 2
    0.6931471805599453
    """
    check_positive("beta", beta)
    check_shape("reference", np.shape(reference), log_p.data.shape)
    logits = (log_p - reference) * beta
    return cross_entropy(logits, np.zeros(len(reference), int))


def best_policy(reference: Array, reward: Array, *, beta: float) -> Array:
    """Return the shares p with the largest mean reward minus β · KL(p ‖ reference).

    That is the reference with each share multiplied by exp(reward / β), made to add up
    to 1 again [1]_.
    """
    check_positive("beta", beta)
    logits = np.log(reference) + np.asarray(reward) / beta
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())


def prefer(
    run: Run,
    pairs: Pairs,
    *,
    beta: float,
    lr: float,
    steps: int,
    batch: int,
    rng: np.random.Generator,
    on_step: Callable[[int, Run], object] | None = None,
) -> Run:
    """Train a copy of a model on pairs; its own probabilities are the reference.

    Each step reads `batch` pairs, drawn anew; Adam's rate falls from `lr` in a straight
    line to 0. `on_step` is called with the number of steps made and the model, which
    goes on changing.
    """
    check_count("batch", batch)
    rate = linear_decay(lr, steps=steps)
    params = Parameters(run.params.flat.copy(), run.config, run.tokenizer.vocab_size)
    tuned, adam = run._replace(params=params), Adam(params.flat.size)
    kept = run.params.constants()
    for step in range(steps):
        texts = [text for i in rng.choice(len(pairs), batch) for text in pairs[i]]
        tokens = batch_tokens(texts, run.tokenizer, block_size=run.config.block_size)
        reference = log_probabilities(kept, run.config, tokens).data.reshape(-1, 2)
        params.clear_grad()
        log_p = log_probabilities(params.tensors, run.config, tokens)
        preference_loss(log_p.reshape(-1, 2), reference, beta=beta).backward()
        adam.step(params.flat, params.grad, lr=rate(step))
        if on_step is not None:
            on_step(step + 1, tuned)
    params.clear_grad()
    return tuned
