"""The layers of a model on several processes, which work like an assembly line.

Chapter: ``chapters/scale.ipynb``. Rank s of p owns some neighbouring layers, the
first one the embeddings too, the last one the logits and the loss. A batch is cut
into micro-batches. Activations are sent forward, their gradients back; in which
order a rank works is up to the schedule, see ``pipeline_schedule``.

A real pipeline is judged by the clock on the wall. On a computer with fewer cores
than stages that clock says nothing, so each message carries the sender's time as
the schedule counts it, and `Work.idle` is measured on the passes and messages that
did happen.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_within
from algollm_helpers.engine.blocks import embed
from algollm_helpers.engine.layers import cross_entropy, linear
from algollm_helpers.engine.tape import result
from algollm_helpers.engine.tensor import Tensor
from algollm_helpers.gpt.documents import Batch
from algollm_helpers.gpt.transformer import Config, Parameters, layer, through_layer
from algollm_helpers.pipeline_schedule import BACKWARD, FORWARD, order_of_work

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm


class Work(NamedTuple):
    """What the stages have done together; the same on all ranks."""

    loss: float  # nats per token of the whole batch
    grad: Array  # (N,)
    idle: float  # part of the stages' time in which they waited, 0 to 1
    peak: list[int]  # of each stage: graphs that it held at once


def split(batch: Batch, parts: int) -> list[Batch]:
    """Cut a batch of B rows into `parts` of nearly equal size, 1 <= parts <= B."""
    ids = np.atleast_2d(batch.token_ids)
    check_within("parts", parts, 1, len(ids))
    rows = (ids, np.atleast_2d(batch.targets), np.atleast_2d(batch.predicted))
    cut = (np.array_split(array, parts) for array in rows)
    return [Batch(*piece) for piece in zip(*cut, strict=True)]


def layers_of(stage: int, *, stages: int, n_layer: int) -> range:
    """Return the layers of a stage; the numbers differ by one at most."""
    check_within("stages", stages, 1, n_layer)
    check_within("stage", stage, 0, stages - 1)
    return range(stage * n_layer // stages, (stage + 1) * n_layer // stages)


def run_pipeline(
    params: Parameters,
    config: Config,
    micro_batches: Sequence[Batch],
    comm: "Intracomm",
    *,
    schedule: str,
) -> Work:
    """Return loss and gradient of a batch, computed stage by stage.

    Parameters
    ----------
    params : Parameters
        The same on all ranks. A rank reads the matrices of its stage only, and
        overwrites ``params.grad``.
    config : Config
        Sizes of the model; at least as many layers as ranks.
    micro_batches : sequence of Batch
        From `split`, the same on all ranks.
    comm : mpi4py.MPI.Intracomm
        The stages, in order.
    schedule : {"1f1b", "gpipe"}
        Order of work.

    Returns
    -------
    Work
        Training would leave each stage's gradient where it is; here they are put
        together, so that they can be compared.
    """
    stage = _Stage(params, config, micro_batches, comm)
    params.clear_grad()
    params.grad[:] = 0.0  # the other stages' part
    for kind, i in order_of_work(
        schedule, stage=comm.rank, stages=comm.size, micro=len(micro_batches)
    ):
        if kind == "forward":
            stage.forward(i)
        else:
            stage.backward(i)
    stage.finish()
    total = np.empty_like(params.grad)
    comm.Allreduce(params.grad, total)
    clocks = comm.allgather(stage.clock)
    busy = len(micro_batches) * (FORWARD + BACKWARD)
    return Work(
        loss=comm.bcast(stage.loss, root=comm.size - 1),
        grad=total,
        idle=1 - busy / max(clocks),
        peak=comm.allgather(stage.peak),
    )


class _Stage:
    """One rank's layers, and the micro-batches that are on their way through."""

    def __init__(
        self,
        params: Parameters,
        config: Config,
        micro_batches: Sequence[Batch],
        comm: "Intracomm",
    ) -> None:
        self._tensors, self._config, self._comm = params.tensors, config, comm
        self._micro, self._dtype = micro_batches, params.flat.dtype
        self._first, self._last = comm.rank == 0, comm.rank == comm.size - 1
        self._layers = layers_of(comm.rank, stages=comm.size, n_layer=config.n_layer)
        self._tokens = sum(int(batch.predicted.sum()) for batch in micro_batches)
        self._held: dict[int, tuple[Tensor, Tensor]] = {}  # what went in, came out
        self._sent: list[tuple[Any, Array]] = []
        self.loss, self.clock, self.peak = 0.0, 0.0, 0

    def forward(self, i: int) -> None:
        """Take micro-batch `i` through the layers of this stage."""
        batch, tensors = self._micro[i], self._tensors
        shape = (*batch.token_ids.shape, self._config.n_embd)  # (B, T, C)
        if self._first:
            x = entered = embed(tensors["wte"], tensors["wpe"], batch.token_ids)
        else:
            x = entered = Tensor(self._receive(self._comm.rank - 1, i, shape))
        for n in self._layers:
            x = through_layer(x, layer(tensors, n), n_head=self._config.n_head)
        self.clock += FORWARD
        if self._last:
            mask = batch.predicted
            x = cross_entropy(
                linear(x, tensors["lm_head"]), batch.targets, weights=mask
            ) * (int(mask.sum()) / self._tokens)  # its share of the batch's mean
            self.loss += float(x.data)
        else:
            self._send(x.data, self._comm.rank + 1, i)
        self._held[i] = entered, x
        self.peak = max(self.peak, len(self._held))

    def backward(self, i: int) -> None:
        """Take the gradient of micro-batch `i` back through this stage."""
        entered, left = self._held.pop(i)
        if self._last:
            left.backward()
        else:
            grad = self._receive(self._comm.rank + 1, i, left.shape)
            with_gradient(left, grad).backward()
        self.clock += BACKWARD
        if not self._first:
            assert entered.grad is not None
            self._send(entered.grad, self._comm.rank - 1, i)

    def finish(self) -> None:
        """Wait until all that was sent has been fetched."""
        for request, _ in self._sent:
            request.Wait()

    def _send(self, array: Array, rank: int, i: int) -> None:
        # Isend and not Send: in 1F1B two neighbours send to each other at a time,
        # and Send may wait until the other one receives.
        message = np.append(array.ravel(), np.array(self.clock, self._dtype))
        self._sent.append((self._comm.Isend(message, rank, tag=i), message))

    def _receive(self, rank: int, i: int, shape: tuple[int, ...]) -> Array:
        message = np.empty(int(np.prod(shape)) + 1, self._dtype)
        self._comm.Recv(message, rank, tag=i)
        self.clock = max(self.clock, float(message[-1]))  # cannot start earlier
        return message[:-1].reshape(shape)


def with_gradient(y: Tensor, grad: Array) -> Tensor:
    """Return a number, shape (), whose derivative with respect to `y` is `grad`.

    Its ``backward`` takes up a backward pass that began on another rank.
    """
    return result(np.zeros((), y.data.dtype), (y,), lambda _: y.receive(grad))
