"""What the chapter on scale runs on several ranks; rank 0 prints results as JSON.

Chapter: ``chapters/scale.ipynb``. ``mpi.run(4, "algollm_helpers.parallel.demos",
["tensor", "hybrid"])`` compares four ranks with one process in two ways and prints
a line for each, and for each seed. Gaps are largest differences.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.gpt.documents import Batch, Tokenizer, batch_tokens, load_docs
from algollm_helpers.gpt.training import Training
from algollm_helpers.gpt.transformer import Config, Parameters, loss_and_grad
from algollm_helpers.parallel.data_parallel import DataParallel
from algollm_helpers.parallel.hybrid import grid
from algollm_helpers.parallel.hybrid import loss_and_grad as hybrid_loss_and_grad
from algollm_helpers.parallel.mpi import check_launched, world
from algollm_helpers.parallel.pipeline import run_pipeline, split
from algollm_helpers.parallel.tensor_parallel import (
    loss_and_grad as tensor_loss_and_grad,
)
from algollm_helpers.pipeline_schedule import SCHEDULES, bubble
from algollm_helpers.schedules import constant

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm


@cache
def names() -> list[str]:
    """Return a thousand of the book's names, which have all 26 letters."""
    return load_docs()[:1000]


class Reference(NamedTuple):
    """A small GPT with its gradient on a batch of names, from one process."""

    params: Parameters
    config: Config
    docs: list[str]
    tokenizer: Tokenizer
    batch: Batch
    loss: float
    grad: Array


def reference(arguments: argparse.Namespace) -> Reference:
    """Return the model that every rank starts from."""
    run = training(arguments)
    docs = random.Random(arguments.seed).sample(names(), arguments.batch)
    batch = batch_tokens(docs, run.tokenizer, block_size=run.config.block_size)
    loss, grad = loss_and_grad(
        run.params, run.config, batch.token_ids, batch.targets, mask=batch.mask
    )
    return Reference(run.params, run.config, docs, run.tokenizer, batch, loss, grad)


def training(
    arguments: argparse.Namespace, comm: "Intracomm | None" = None
) -> Training:
    """Return a run on the book's names, by one process or by the ranks of `comm`."""
    settings: dict[str, Any] = {
        "schedule": constant(arguments.lr),
        "seed": arguments.seed,
        "config": Config(n_layer=arguments.n_layer),
        "batch": arguments.batch,
        "dtype": np.dtype(arguments.dtype).type,
    }
    docs = names()
    if comm is None:
        return Training(docs, **settings)
    return DataParallel(comm, docs, **settings)


def gap(a: Any, b: Any) -> float:
    """Return the largest difference of two arrays."""
    return float(np.abs(np.asarray(a) - np.asarray(b)).max(initial=0.0))


def data(comm: "Intracomm", arguments: argparse.Namespace) -> dict[str, Any]:
    """Train together and alone; then reduce one gradient in two wrong ways."""
    together, alone = training(arguments, comm), training(arguments)
    losses, expected, gaps = [], [], []
    for _ in range(arguments.steps):
        losses.append(together.update())
        expected.append(alone.update())
        gaps.append(gap(together.state.params, alone.state.params))
    copies = comm.allgather(together.state.params.tobytes())

    known = reference(arguments)
    mine = known.docs[comm.rank :: comm.size]
    part = np.zeros_like(known.grad)
    if mine:
        ids, targets, mask = batch_tokens(
            mine, known.tokenizer, block_size=known.config.block_size
        )
        _, part = loss_and_grad(known.params, known.config, ids, targets, mask=mask)
    total = np.empty_like(part)
    comm.Allreduce(part, total)
    run = training(arguments, comm)
    run.differentiate(known.docs)
    scale = float(np.abs(known.grad).max())
    return {
        "loss_gap": gap(losses, expected),
        "losses": losses,
        "param_gaps": gaps,
        "copies_alike": len(set(copies)) == 1,
        "bitwise": losses == expected and gaps[-1:] in ([], [0.0]),
        "grad_gap": gap(run.params.grad, known.grad) / scale,
        "grad_gap_unweighted_mean": gap(total / comm.size, known.grad) / scale,
        "grad_gap_sum": gap(total, known.grad) / scale,
    }


class Counted:
    """A communicator that counts its sums."""

    def __init__(self, comm: "Intracomm") -> None:
        self.rank, self.size, self._comm = comm.rank, comm.size, comm
        self.sums = self.numbers = 0

    def Allreduce(self, part: Array, total: Array) -> None:
        """Add up, and note it."""
        self.sums += 1
        self.numbers += part.size
        self._comm.Allreduce(part, total)


def tensor(comm: "Intracomm", arguments: argparse.Namespace) -> dict[str, Any]:
    """Split every layer over all ranks."""
    known = reference(arguments)
    counted: Any = Counted(comm)
    loss, grad = tensor_loss_and_grad(known.params, known.config, known.batch, counted)
    sums = counted.sums - 1  # the last one puts the gradient together for us
    return {
        "loss_gap": abs(loss - known.loss),
        "grad_gap": gap(grad, known.grad),
        "sums": sums,
        "sums_per_layer": sums / known.config.n_layer,
        "parameters": known.grad.size,
    }


def pipeline(comm: "Intracomm", arguments: argparse.Namespace) -> dict[str, Any]:
    """Give each rank some layers, and send micro-batches through; one run for each."""
    known, runs = reference(arguments), []
    for schedule, micro in product(arguments.schedule, arguments.micro):
        parts = split(known.batch, micro)
        work = run_pipeline(known.params, known.config, parts, comm, schedule=schedule)
        fields = {
            "schedule": schedule,
            "micro": micro,
            "loss_gap": abs(work.loss - known.loss),
            "grad_gap": gap(work.grad, known.grad),
            "idle": work.idle,
            "bubble": bubble(comm.size, micro),
            "peak": work.peak,
        }
        runs.append(fields)
    return {"runs": runs}


def hybrid(comm: "Intracomm", arguments: argparse.Namespace) -> dict[str, Any]:
    """Split the model over rows of two ranks, and the batch over the rows."""
    known = reference(arguments)
    groups = grid(comm, tensor_ranks=2)
    loss, grad = hybrid_loss_and_grad(
        known.params, known.config, known.docs, known.tokenizer, groups
    )
    return {
        "grid": [groups.column.size, groups.row.size],
        "loss_gap": abs(loss - known.loss),
        "grad_gap": gap(grad, known.grad),
    }


Demo = Callable[["Intracomm", argparse.Namespace], dict[str, Any]]
DEMOS: dict[str, Demo] = {
    "data": data,
    "tensor": tensor,
    "pipeline": pipeline,
    "hybrid": hybrid,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run demonstrations on all ranks, one after the other."""
    parser = argparse.ArgumentParser(
        prog="python -m algollm_helpers.parallel.demos", description=__doc__
    )
    parser.add_argument("demos", choices=DEMOS, nargs="+")
    parser.add_argument("--n-layer", type=int, default=4)
    parser.add_argument("--batch", type=int, default=8, help="documents")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float64")
    parser.add_argument("--steps", type=int, default=100, help="of data")
    parser.add_argument("--lr", type=float, default=0.003, help="of data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42])
    add = partial(parser.add_argument, nargs="+", help="of pipeline, one or more")
    add("--micro", type=int, default=[4])
    add("--schedule", choices=SCHEDULES, default=list(SCHEDULES))
    arguments = parser.parse_args(argv)
    comm = world()
    check_launched(comm)
    for name, seed in product(arguments.demos, arguments.seeds):
        arguments.seed = seed
        fields = {"demo": name, "ranks": comm.size} | DEMOS[name](comm, arguments)
        if comm.rank == 0:
            sys.stdout.write(json.dumps(fields) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
