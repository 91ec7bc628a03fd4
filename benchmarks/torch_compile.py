"""PyTorch's own compiler over the same model as `torch_eager`."""

from collections.abc import Iterator

import torch

from benchmarks import torch_eager
from benchmarks.work import Work


def train(work: Work) -> Iterator[torch.Tensor]:
    """Yield the loss of each step; lengths differ, so shapes are left open."""
    loss_of = torch.compile(torch_eager.model_loss, dynamic=True)
    return torch_eager.train(work, loss_of)
