"""The gradient of a small GPT, from a recording of each length of text.

Chapter: ``chapters/microgpt.ipynb``. A step of a model of a few thousand parameters
spends half its time on finding out which calls to make. `Replayed` finds out once for
each shape of batch, and gives what ``halves.differentiate`` gives. It is faster,
and nothing else; without it all works as well.
"""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.engine.layers import cross_entropy
from algollm_helpers.engine.lookup import checked_ids, shares
from algollm_helpers.engine.memory import LARGE
from algollm_helpers.engine.recorded import Departed
from algollm_helpers.engine.replay import Recording
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import Batch
from algollm_helpers.gpt.halves import differentiate
from algollm_helpers.gpt.transformer import Config, Parameters, forward

AFTER = 8  # steps of one shape on the tape; to record takes as long as a dozen
MOST = 64  # recordings that are kept, each of at most 20 MiB
TOLERANCE = 1e-3  # of rounding; a recording that has lost something is far off


class Replayed:
    """Gradients of one model: by the tape at first, then by replays.

    Parameters
    ----------
    params : Parameters
        Of the model. Their numbers may change, their arrays may not be replaced.
    config : Config
        Sizes of the model.
    """

    def __init__(self, params: Parameters, config: Config) -> None:
        self._params, self._config = params, config
        self._V = len(params["wte"])
        self._seen: Counter[object] = Counter()  # steps on the tape, by shape of batch
        self._recordings: dict[object, Recording] = {}

    def differentiate(self, batch: Batch) -> float:
        """Return the loss on `batch`, and leave its gradient in ``params.grad``.

        As ``halves.differentiate`` does. A large batch is left to that: it spends its
        time on numbers, and a recording would hold all that is between.
        """
        shape = batch.token_ids.shape, batch.mask is not None
        recording = self._recordings.get(shape)
        if recording is not None:
            try:
                return recording(*self._inputs(batch))
            except Departed:  # the numbers are too large for the shorter way
                return differentiate(self._params, self._config, batch)
        loss = differentiate(self._params, self._config, batch)
        self._seen[shape] += 1
        if self._seen[shape] == AFTER and self._is_small(batch.token_ids.shape):
            self.record(batch, loss)
        return loss

    def record(self, batch: Batch, loss: float) -> None:
        """Record a step of the shapes of `batch`, and prove it on its numbers.

        `loss` and ``params.grad`` are what the tape has just found for them.
        """
        grad = self._params.grad
        wanted = grad.copy()
        inputs = self._inputs(batch)
        recording = Recording(self._loss, self._params.tensors, inputs)
        grad[:] = np.nan  # where a replay does not write
        try:
            found = recording(*inputs)
        except Departed:  # a model that has come apart; no numbers to prove it on
            return
        finally:
            ours, grad[:] = grad.copy(), wanted
        if not np.allclose(np.append(ours, found), np.append(wanted, loss), TOLERANCE):
            raise RuntimeError(
                f"the recording for shape {batch.token_ids.shape} finds the loss "
                f"{found} and the tape {loss}, or their gradients differ"
            )
        if len(self._recordings) == MOST:
            oldest = next(iter(self._recordings))
            del self._recordings[oldest], self._seen[oldest]
        self._recordings[batch.token_ids.shape, batch.mask is not None] = recording

    def _loss(self, tensors: Mapping[str, Tensor], *inputs: Array) -> Tensor:
        ids, targets, *share = inputs
        logits = forward(tensors, self._config, ids)
        return cross_entropy(logits, targets, weights=share[0] if share else None)

    def _inputs(self, batch: Batch) -> list[Array]:
        """Return what a replay is given: checked ids, targets, perhaps shares."""
        ids = checked_ids(batch.token_ids, self._V, "token_ids")
        targets = checked_ids(batch.targets, self._V, "targets")
        if batch.mask is None:
            return [ids, targets]
        share = shares(batch.mask, ids.size, self._params.flat.dtype)
        return [ids, targets, share.reshape(ids.shape)]

    def _is_small(self, shape: tuple[int, ...]) -> bool:
        """Tell whether all arrays of a step on ids of that shape are short ones."""
        config, rows = self._config, math.prod(shape)
        widest = max(4 * config.n_embd, self._V)
        return rows * max(widest, config.n_head * shape[-1]) < LARGE
