"""Capture and replay: what need not be found out anew when the graph stays the same.

Chapter: ``chapters/microgpt.ipynb``. A step of training builds a tape and walks back
over it, and the next step builds the same one. A `Recording` has seen one step, and
holds the calls of NumPy that it came to. Made again, they read and write the arrays
that they found: no node, no closure, no search, no new memory. CUDA graphs do the same
for the kernels of a GPU [1]_, and jit compilers start from the same list. The price is
theirs, too: shapes are fixed, and so is the way that each choice went.

References
----------
.. [1] NVIDIA, "CUDA programming guide", section 4.2, "CUDA graphs".
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_shape
from algollm_helpers.engine.recorded import Call, Recorded, recorded
from algollm_helpers.engine.tensor import Tensor

Loss = Callable[..., Tensor]  # loss(leaves, *inputs)


class Recording:
    """The calls of one step: forward, and back into the buffers of the leaves.

    Recorded are zeros that stand in for all leaves and inputs. So nothing of the
    numbers of the moment is left in a recording, and a call that was overlooked shows
    as soon as a replay is compared with the tape.

    Parameters
    ----------
    loss : callable
        ``loss(leaves, *inputs)``, a Tensor of shape (), for leaves under the same
        names. Whatever else it reads stays as it is now.
    leaves : mapping of str to Tensor
        Each of contiguous data, with a contiguous ``grad_buffer``. Every replay reads
        what ``data`` holds then, and leaves the gradient in the buffer; neither array
        may be replaced by another.
    inputs : sequence of ndarray
        Arrays of the shapes and dtypes that come with each replay, which are not read.

    Raises
    ------
    TypeError
        If the loss does something that can't be recorded.
    """

    def __init__(
        self, loss: Loss, leaves: Mapping[str, Tensor], inputs: Sequence[Array]
    ) -> None:
        calls: list[Call] = []
        blanks: dict[int, tuple[Array, Array]] = {}  # by id: stand-in, and for whom

        def stand_in(array: Array) -> Recorded:
            blank = np.zeros(array.shape, array.dtype)
            blanks[id(blank)] = blank, array
            return recorded(blank, calls)

        copies = {}
        for name, leaf in leaves.items():
            if leaf._buffer is None:
                raise ValueError(f"leaf {name!r} needs a grad_buffer, it has none")
            copies[name] = Tensor(leaf.data)
            copies[name].data = stand_in(leaf.data)
            copies[name]._buffer = stand_in(leaf._buffer)
        self._inputs = [np.zeros(x.shape, x.dtype) for x in inputs]
        given = [stand_in(x) for x in self._inputs]
        for x in given:
            x.checked = True
        try:
            root = _differentiated(loss, copies, given)
            self._loss = root.view(np.ndarray)
            self._calls = [
                partial(call.function, *(_instead(x, blanks) for x in call.args))
                for call in calls
            ]
        finally:  # its arrays hold the list, in a ring that no collector would find
            calls.clear()

    def __len__(self) -> int:
        """Return the number of calls."""
        return len(self._calls)

    def __call__(self, *inputs: Array) -> float:
        """Return the loss on `inputs`; the buffers hold its gradient afterwards.

        The numbers are not checked.

        Raises
        ------
        Departed
            If the numbers ask for a way that was not recorded. What the buffers hold
            is then of no use.
        ValueError
            If a shape is not the one recorded.
        """
        for place, given in zip(self._inputs, inputs, strict=True):
            if given.shape != place.shape:
                check_shape("input", given.shape, place.shape)
            place[...] = given
        for call in self._calls:
            call()
        return float(self._loss)


def _differentiated(
    loss: Loss, leaves: Mapping[str, Tensor], inputs: Sequence[Recorded]
) -> Recorded:
    """Run a step on arrays that write it down, and return the loss, shape ()."""
    with np.errstate(all="ignore"):  # the numbers mean nothing
        root = loss(leaves, *inputs)
        if not isinstance(root.data, Recorded):
            raise TypeError("the loss does not come from the leaves by recorded calls")
        root.backward()
    return root.data


def _instead(x: Any, blanks: Mapping[int, tuple[Array, Array]]) -> Any:
    """Return the part of an array which its stand-in's part `x` stands for."""
    owner = x
    while isinstance(owner, np.ndarray) and owner.base is not None:
        owner = owner.base
    if id(owner) not in blanks:
        return x
    blank, real = blanks[id(owner)]
    return np.ndarray(x.shape, x.dtype, real, _address(x) - _address(blank), x.strides)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address
