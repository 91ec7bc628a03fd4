"""What counting can do: n-gram baselines, and the floor under any model of a list.

Chapter: ``chapters/microgpt.ipynb``. A trained model means something only beside
these. An n-gram model predicts a token from the ``order - 1`` tokens before it, by
counting how often it followed them. The floor is the loss of a model that has
learnt a list by heart: below it nobody can be on that list, however large.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from algollm_helpers.arrays import Float64
from algollm_helpers.checks import check_count, check_positive
from algollm_helpers.gpt.documents import Evaluation, Tokenizer, check_docs

Codes = NDArray[np.int64]


def ngram(
    train_docs: Sequence[str],
    docs: Sequence[str],
    *,
    order: int,
    delta: float,
    tokenizer: Tokenizer,
) -> Evaluation:
    """Count n-grams in `train_docs` and measure how well they predict `docs`.

    ``p(token | context) = (count + δ) / (count of the context + δ V)``, with
    boundary tokens standing before each document to fill its first contexts.

    Parameters
    ----------
    train_docs, docs : sequence of str
        What is counted, and what is predicted.
    order : int
        0: every token equally likely, nothing is counted. 1: unigram, 2: bigram,
        3: trigram, and so on.
    delta : float
        Added to every count, >= 0. With 0 a token that was never seen in its
        context has an infinite loss.
    tokenizer : Tokenizer
        Its vocabulary, of V tokens, is what the probability is spread over.

    Returns
    -------
    Evaluation
        Losses in nats; nothing is cut.

    Examples
    --------
    >>> uniform = ngram(["ab"], ["ba"], order=0, delta=1, tokenizer=Tokenizer("ab"))
    >>> f"{uniform.per_token:.4f}"  # ln 3
    '1.0986'
    """
    check_docs(train_docs)
    check_docs(docs)
    check_count("order", order, least=0)
    check_positive("delta", delta, or_zero=True)
    V = tokenizer.vocab_size
    if float(V) ** max(order, 1) >= 2**63:
        raise ValueError(f"order {order} is too large for {V} tokens")
    lengths = np.array([len(doc) + 1 for doc in docs])
    if order == 0:
        nll = np.full(lengths.sum(), np.log(V))
    else:
        seen = _codes(train_docs, order, tokenizer)
        asked = _codes(docs, order, tokenizer)
        count = _count(seen, asked)  # of context and token together
        context = _count(seen // V, asked // V)
        with np.errstate(divide="ignore", invalid="ignore"):
            p = (count + delta) / (context + delta * V)
            nll = -np.log(np.where(context + delta > 0, p, 0.0))
    ends = np.cumsum(lengths)
    sums = np.add.reduceat(nll, ends - lengths)
    return Evaluation(
        per_token=float(nll.mean()),
        per_document=float((sums / lengths).mean()),
        tokens=int(ends[-1]),
        cut=0,
    )


def memorisation_floor(docs: Sequence[str]) -> Evaluation:
    """Return the least loss that any model can have on the list `docs`.

    A model that reads letter by letter can give the documents any probabilities
    q(doc), so its loss on the list is ``Σ w(doc) · −ln q(doc)``, where w(doc) adds up
    what the copies of a document weigh in the average: 1 each per token, 1 / length
    each per document. The best q is the share w(doc) / Σ w, whence the floor. For a
    list of N different documents the first is ln N nats a document.
    """
    check_docs(docs)
    copies = Counter(docs)
    plain = np.array(list(copies.values()), dtype=np.float64)
    weighted = plain / [len(doc) + 1 for doc in copies]
    tokens = sum(len(doc) + 1 for doc in docs)
    return Evaluation(
        per_token=_least_loss(plain) / tokens,
        per_document=_least_loss(weighted) / len(docs),
        tokens=tokens,
        cut=0,
    )


def _least_loss(w: Float64) -> float:
    """Return the minimum over q of Σ w · −ln q: reached where q = w / Σ w."""
    return float((w * np.log(w.sum() / w)).sum())


def _codes(docs: Sequence[str], order: int, tokenizer: Tokenizer) -> Codes:
    """Return one number for each token and the order − 1 tokens before it."""
    rows = [tokenizer.encode(doc) for doc in docs]
    lengths = np.array([len(row) for row in rows])
    tokens = np.concatenate(rows)
    starts = np.cumsum(lengths) - lengths  # where the opening boundaries stand
    here = np.delete(np.arange(len(tokens)), starts)
    first = np.repeat(starts, lengths - 1)  # of the document of each
    codes = np.zeros(len(here), dtype=np.int64)
    for back in reversed(range(order)):  # before a document there is its boundary
        codes *= tokenizer.vocab_size
        codes += tokens[np.maximum(here - back, first)]
    return codes


def _count(seen: Codes, asked: Codes) -> NDArray[np.int64]:
    """Return how often each number of `asked` occurs in `seen`."""
    values, counts = np.unique(seen, return_counts=True)
    place = np.searchsorted(values, asked).clip(max=len(values) - 1)
    found: NDArray[np.int64] = np.where(values[place] == asked, counts[place], 0)
    return found
