"""The run of microgpt that the live object "train" repeats, as data for a page.

The page trains the same model by the same recipe; it gets what it cannot make itself,
Python's random numbers, and what it compares with. What "attention" reads with is the
same model, trained.
"""

import base64
import json
import random
from functools import cache

import numpy as np

from algollm_helpers import microgpt
from algollm_helpers.arrays import Array
from algollm_helpers.gpt import ngrams
from algollm_helpers.gpt.documents import Tokenizer, load_docs

SEED, STEPS, HELD = 42, 1000, 2000  # as in the chapter
ORDERS = {"unigram": 1, "bigram": 2, "trigram": 3}
DELTAS = 0.1, 0.3, 1.0


def shuffled(docs: list[str], rng: random.Random) -> list[str]:
    """Return `docs` in the order in which training reads them."""
    order = list(docs)
    rng.shuffle(order)
    return order


@cache
def levels() -> dict[str, float]:
    """Return what counting reaches on names held out, and the floor under the list.

    The counts are of the names that the model is trained on; what is added to each
    count was chosen on other names. Nats, the mean of each name's mean.
    """
    docs = load_docs()
    tokenizer = Tokenizer.of(docs)
    order = shuffled(docs, random.Random(SEED))
    names, held = order[:STEPS], order[-HELD:]
    spare = sorted(set(docs) - set(names) - set(held))[::25]

    def count(kind: str, tests: list[str], delta: float) -> microgpt.Evaluation:
        return ngrams.ngram(
            names, tests, order=ORDERS[kind], delta=delta, tokenizer=tokenizer
        )

    counted = {}
    for kind in ORDERS:
        delta = min(DELTAS, key=lambda d: count(kind, spare, d).per_token)
        counted[kind] = count(kind, held, delta).per_document
    return counted | {"floor": ngrams.memorisation_floor(docs).per_document}


def _packed(numbers: Array) -> str:
    return base64.b64encode(np.asarray(numbers, "<f8").tobytes()).decode()


@cache
def model() -> microgpt.Run:
    """Return the run of the chapter, trained."""
    return microgpt.train(load_docs(), steps=STEPS, seed=SEED)


def weights() -> str:
    """Return as JSON the parameters of the trained model, packed as in `run`."""
    return json.dumps({"params": _packed(model().params.flat)})


@cache
def run() -> str:
    """Return as JSON the names in order, the parameters at the start, and the losses.

    Numbers are float64, lowest byte first, in base 64.
    """
    docs = load_docs()
    rng = random.Random(SEED)
    names = shuffled(docs, rng)[:STEPS]
    config = microgpt.Config()
    start = microgpt.init_params(config, Tokenizer.of(docs).vocab_size, rng=rng)
    losses = _packed(model().losses)
    return json.dumps({"names": names, "params": _packed(start.flat), "losses": losses})
