"""The peer that readers know: PyTorch, operation by operation.

As an expert would write it: q, k and v in one product, PyTorch's fused attention
and RMSNorm, gradients set to None. Adam updates all matrices in one call, or, with
``fused=True``, in one kernel. How many threads is the runner's affair.
"""

from collections.abc import Iterator

import torch
from torch.nn import functional as F

from algollm_helpers.gpt.training import BETA1, BETA2, EPS
from algollm_helpers.gpt.transformer import Config, Parameters
from benchmarks.work import Work

Weights = dict[str, torch.Tensor]


def model_loss(
    w: Weights, config: Config, token_ids: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Return the mean loss; ids of shape (B, T)."""
    B, T = token_ids.shape
    C, H = config.n_embd, config.n_head

    def norm(x: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x, (C,), eps=1e-5)

    x = norm(F.embedding(token_ids, w["wte"]) + w["wpe"][:T])
    for i in range(config.n_layer):
        h = F.linear(norm(x), w[f"layer{i}.wqkv"])
        q, k, v = h.view(B, T, 3, H, C // H).permute(2, 0, 3, 1, 4)
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h.transpose(1, 2).reshape(B, T, C)
        x = x + F.linear(h, w[f"layer{i}.wo"])
        h = F.relu(F.linear(norm(x), w[f"layer{i}.fc1"]))
        x = x + F.linear(h, w[f"layer{i}.fc2"])
    return F.cross_entropy(F.linear(x, w["lm_head"]).flatten(0, 1), targets.flatten())


def train(
    work: Work, loss_of=model_loss, *, fused: bool = False
) -> Iterator[torch.Tensor]:
    """Yield the loss of each step."""
    start = Parameters(work.flat, work.config, work.vocab_size).tensors
    w = {name: torch.tensor(t.data, requires_grad=True) for name, t in start.items()}
    kind = {"fused": True} if fused else {"foreach": True}
    optimiser = torch.optim.Adam(w.values(), betas=(BETA1, BETA2), eps=EPS, **kind)
    (group,) = optimiser.param_groups
    batches = [
        torch.from_numpy(tokens).reshape(-1, tokens.shape[-1]) for tokens in work.tokens
    ]
    for tokens, lr in zip(batches, work.rates, strict=True):
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(w, work.config, tokens[:, :-1], tokens[:, 1:])
        loss.backward()
        group["lr"] = lr
        optimiser.step()
        yield loss.detach()
