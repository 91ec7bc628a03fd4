"""Activation checkpointing: forget what is between, and compute it again.

Chapter: ``chapters/scale.ipynb``. The backward pass needs what the forward pass
computed. A part wrapped in :func:`recomputed` keeps only what entered it, and runs
forward a second time when its turn comes.

References
----------
.. [1] T. Chen, B. Xu, C. Zhang and C. Guestrin, "Training deep nets with sublinear
   memory cost", arXiv:1604.06174 (2016).
"""

from collections.abc import Callable, Sequence

from algollm_helpers.arrays import Array
from algollm_helpers.engine.tape import result
from algollm_helpers.engine.tensor import Tensor

Part = Callable[..., Tensor]  # part(x, *params), the same at each call


def recomputed(part: Part, x: Tensor, params: Sequence[Tensor]) -> Tensor:
    """Apply a part of a model without keeping what happens inside [1]_.

    Parameters
    ----------
    part : callable
        ``part(x, *params)`` with Tensors, which returns one of any shape. It must
        give the same result when it is called again, so any randomness in it has to
        be replayed.
    x : Tensor of any shape
        What enters; it is kept.
    params : sequence of Tensor
        The part's parameters, of any shapes, leaves of the graph. They are read again
        on the way back, so they must be neither changed nor replaced before.

    Returns
    -------
    Tensor
        ``part(x, *params)``, with the same gradients to the last bit.
    """
    fixed = [Tensor(p.data, needs_grad=False) for p in params]
    y = part(Tensor(x.data, needs_grad=False), *fixed).data

    def rule(g: Array) -> None:
        entered = Tensor(x.data)
        again = part(entered, *params)
        (again * Tensor(g, needs_grad=False)).sum().backward()
        if entered.grad is not None:
            x.receive(entered.grad)

    return result(y, (x, *params), rule)
