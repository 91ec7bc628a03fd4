"""What all optimisers share: the checks of their arguments, and empty memory.

Chapter: ``chapters/learning_rate.ipynb``.
"""

import numpy as np

from algollm_helpers.arrays import Array


def zeros(size: int, dtype: type[np.floating]) -> Array:
    """Return memory for `size` parameters, ValueError if that is negative."""
    if size < 0:
        raise ValueError(f"size must be >= 0, got {size}")
    return np.zeros(size, dtype=dtype)


def check_beta(name: str, beta: float) -> None:
    """Refuse a memory outside [0, 1) with a ValueError."""
    if not 0 <= beta < 1:
        raise ValueError(f"{name} must be in [0, 1), got {beta}")


def check_eps(eps: float) -> None:
    """Refuse an ε that is not finite and > 0 with a ValueError."""
    if not 0 < eps < np.inf:
        raise ValueError(f"eps must be finite and > 0, got {eps}")


def check_step(
    params: Array, grad: Array, lr: float, state: Array | None = None
) -> None:
    """Refuse a rate or shapes that make no step with a ValueError."""
    if not 0 < lr < np.inf:
        raise ValueError(f"lr must be finite and > 0, got {lr}")
    if params.ndim != 1 or params.shape != grad.shape:
        raise ValueError(
            f"params and grad must share a shape (d,), got {params.shape} and "
            f"{grad.shape}"
        )
    if state is not None and params.shape != state.shape:
        raise ValueError(f"params must have shape {state.shape}: {params.shape}")
