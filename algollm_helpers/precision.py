"""Half precision: what it rounds away, and the loss scale that follows it.

Chapter: ``chapters/scale.ipynb``. NumPy has the 16-bit float of IEEE 754 (fp16:
5 bits of exponent, 10 of fraction); bfloat16 (8 and 7) is made here from float32.

References
----------
.. [1] P. Micikevicius et al., "Mixed precision training", ICLR (2018),
   arXiv:1710.03740.
"""

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array, Float32
from algollm_helpers.checks import check_count, check_positive, real_array


def round_bfloat16(x: ArrayLike) -> Float32:
    """Round to the nearest bfloat16, ties to even, and return it as float32.

    A bfloat16 is the first half of a float32: the same range, 8 significant bits.

    Parameters
    ----------
    x : array-like
        Numbers, taken as float32; nan and infinities stay what they are.

    Returns
    -------
    ndarray of float32
        The rounded numbers, in the shape of `x`.

    Examples
    --------
    >>> round_bfloat16([1.0, 1.001, 1.01, 1e30]).tolist()[:3]
    [1.0, 1.0, 1.0078125]
    """
    single = real_array("x", x, np.float32)
    bits = single.view(np.uint32)
    # Half a unit, less one where the last bit kept is 0: so that ties end even.
    nudge = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    rounded = ((bits + nudge) & np.uint32(0xFFFF0000)).view(np.float32)
    return np.where(np.isfinite(single), rounded, single)


class LossScaler:
    """Keep the loss scale as high as the gradients allow [1]_.

    The loss is multiplied by `scale` before the backward pass, so that small
    gradients do not become 0 in fp16, and the gradient is divided by it afterwards,
    in float32. A number that is too large for fp16 arrives as inf: then the scale is
    halved and the update, the optimiser's state included, has to be left out. After
    `patience` good gradients in a row the scale doubles.

    Parameters
    ----------
    scale : float
        Where to start, finite and > 0; powers of two change no digits.
    patience : int
        Good gradients before the scale is doubled, >= 1.

    Attributes
    ----------
    scale : float
        What the next loss is to be multiplied by.
    skipped : int
        Updates left out so far.

    Examples
    --------
    >>> scaler = LossScaler(scale=8.0, patience=2)
    >>> scaler.unscale(np.array([16.0], np.float16)).tolist(), scaler.scale
    ([2.0], 8.0)
    >>> scaler.unscale(np.array([np.inf], np.float16)) is None, scaler.scale
    (True, 4.0)
    """

    def __init__(self, *, scale: float = 2.0**16, patience: int = 2000) -> None:
        check_positive("scale", scale)
        check_count("patience", patience)
        self.scale, self.patience, self.skipped = scale, patience, 0
        self._good = 0

    def unscale(self, grad: Array) -> Float32 | None:
        """Return the gradient of the loss itself, or None where one overflowed.

        Parameters
        ----------
        grad : ndarray of any shape, float16 or wider
            Gradient of `scale` times the loss.

        Returns
        -------
        ndarray of float32 in that shape, or None
            The gradient divided by the scale; None says to leave this update out.
        """
        if grad.dtype.kind != "f":
            raise ValueError(f"grad must hold floats, got dtype {grad.dtype}")
        if not np.isfinite(grad).all():
            self.scale /= 2
            self.skipped += 1
            self._good = 0
            return None
        true = grad.astype(np.float32) / np.float32(self.scale)
        self._good += 1
        if self._good == self.patience:
            self.scale *= 2
            self._good = 0
        return true
