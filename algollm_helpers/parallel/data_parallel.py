"""Training with copies of the model, each on its share of every batch.

Chapter: ``chapters/scale.ipynb``. Each rank computes the gradient of its documents;
one Allreduce adds up the shares, weighted by tokens, so that all ranks make the same
update as one process would with the whole batch. ``gpt.halves`` does the same with two
threads of one process, which need no message: they read the same parameters. A rank
whose share is large works on halves of it as well, one after the other where it has one
thread, as ``mpi.run`` starts it.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from algollm_helpers.gpt.documents import token_share
from algollm_helpers.gpt.training import Training

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

    from algollm_helpers.parallel.watch import Watched

CHECK_EVERY = 100  # updates between two comparisons of the copies


class DataParallel(Training):
    """A training run that the ranks of `comm` make together.

    It has the losses of `Training` up to rounding, and its updates to the last bit
    if there is one rank. Of a batch, rank r of P reads documents r, r + P, r + 2 P, …;
    a rank that none is left for adds a gradient of 0.

    Parameters
    ----------
    comm : mpi4py.MPI.Intracomm or Watched
        The ranks; all must make the same calls.
    docs, settings
        As for `Training`, the same on all ranks.
    """

    def __init__(
        self, comm: "Intracomm | Watched", docs: Sequence[str], **settings: Any
    ) -> None:
        super().__init__(docs, **settings)
        self._comm = comm
        self.check_copies()

    def update(self) -> float:
        """Make one update together; return the loss before it, the same on all ranks.

        Raises
        ------
        RuntimeError
            Every `CHECK_EVERY` updates, if the copies have come apart.
        """
        loss = super().update()
        if self.state.updates % CHECK_EVERY == 0:
            self.check_copies()
        return loss

    def differentiate(self, docs: Sequence[str]) -> float:
        """Return the loss on `docs`; its gradient is then in ``params.grad``.

        A rank's mean counts by its share of the tokens, not of the documents.
        """
        mine = docs[self._comm.rank :: self._comm.size]
        share = token_share(mine, docs, block_size=self.config.block_size)
        grad = self.params.grad
        part = np.zeros(grad.size + 1, grad.dtype)  # gradient and loss, one message
        if share:
            part[-1] = super().differentiate(mine)
            part[:-1] = grad
            part *= share
        total = np.empty_like(part)
        self._comm.Allreduce(part, total)  # the sum over all ranks
        grad[:] = total[:-1]
        return float(total[-1])

    def check_copies(self) -> None:
        """Compare parameters and Adam's means of all ranks, to the last bit.

        Raises
        ------
        RuntimeError
            On all ranks, if one of them differs from rank 0.
        """
        digest = hashlib.sha256()
        for array in self.state[:3]:
            digest.update(array.tobytes())
        all_digests = self._comm.allgather((digest.digest(), self.state.updates))
        apart = [r for r, other in enumerate(all_digests) if other != all_digests[0]]
        if apart:
            raise RuntimeError(
                f"after {self.state.updates} updates the parameters of ranks {apart} "
                "differ from those of rank 0"
            )
