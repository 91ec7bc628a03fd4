"""A tape of arrays: which result came from which, and the sweep back over it.

Chapter: ``chapters/backprop.ipynb``. A node knows its parents and a rule that hands
its gradient on to them. What can be done with nodes is in ``tensor``.
"""

from collections.abc import Callable
from itertools import count
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from algollm_helpers.arrays import Array
from algollm_helpers.checks import check_shape
from algollm_helpers.engine.memory import kept, product, room_like
from algollm_helpers.engine.recorded import beside

Rule = Callable[[Array], None]  # takes a result's gradient, hands on its parents'
N = TypeVar("N", bound="Node")

_clock = count()  # dates the operations
_birth = attrgetter("_born")


class Node:
    """An array that remembers how it was made; see ``tensor.Tensor``."""

    __slots__ = ("_born", "_buffer", "_rule", "data", "grad", "needs_grad", "parents")
    _born: int  # when; known of results only

    def __init__(
        self,
        data: ArrayLike,
        *,
        needs_grad: bool = True,
        grad_buffer: Array | None = None,
    ) -> None:
        array = np.asarray(data)
        if array.dtype.kind not in "fc":
            whole = array.dtype.kind in "iub" or all(
                isinstance(x, int)
                for x in array.flat  # beyond 64 bits
            )
            if not whole:
                raise TypeError(f"a Tensor is made of numbers, got {data!r}")
            array = array.astype(np.float64)
        if grad_buffer is not None:
            check_shape("grad_buffer", grad_buffer.shape, array.shape)
        self.data: Array = array
        self.needs_grad = needs_grad
        self.grad: Array | None = None
        self.parents: tuple[Node, ...] = ()
        self._rule: Rule | None = None  # None marks a leaf
        self._buffer = grad_buffer

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.data.shape

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(shape={self.data.shape}, dtype={self.data.dtype})"
        )

    def backward(self) -> None:
        """Give each leaf of this graph the derivative of this number.

        The graph is used up: its operations forget how they were made, and a second
        call is refused. Compute the number anew instead.

        Raises
        ------
        ValueError
            If this is not a single real number that depends on a node with
            ``needs_grad``.
        RuntimeError
            If a backward pass has already used a part of this graph.
        """
        if self.data.size != 1 or self.data.dtype.kind == "c":
            raise ValueError(f"backward starts at one real number, got {self!r}")
        if not self.needs_grad:
            raise ValueError("nothing to differentiate: all inputs are constants")
        nodes = self._made_from()
        self.receive(_one(self.data.shape, self.data.dtype))
        while nodes:  # what is done with is let go, so that its memory can be reused
            node = nodes.pop()
            rule, grad = node._rule, node.grad
            if rule is not None and grad is not None:
                node._rule, node.grad, node.parents = _used_up, None, ()
                rule(grad)

    def _made_from(self) -> list["Node"]:
        """List the operations behind this tensor, each after its parents.

        Parents are born before their children, so the date of birth is such an order.
        """
        nodes = [self] if self._rule is not None else []  # a leaf is behind itself
        seen = {self}
        for node in nodes:  # grows while it is read
            if node._rule is _used_up:
                raise RuntimeError(
                    "this graph was already used by backward(); compute it anew"
                )
            for parent in node.parents:
                if parent._rule is not None and parent not in seen:
                    seen.add(parent)
                    nodes.append(parent)
        nodes.reverse()  # nearly in order already, which makes sorting fast
        nodes.sort(key=_birth)
        return nodes

    def receive(self, grad: Array) -> None:
        """Add `grad`, of this node's shape, to what has arrived so far.

        The array is not changed and may be shared: an inner node keeps the first
        one as it is; a leaf owns its gradient, so it copies.
        """
        if not self.needs_grad:
            return
        if self.grad is not None:
            if self._rule is None:
                self.grad += grad
            else:
                self.grad = np.add(self.grad, grad, out=room_like(grad))
        elif self._rule is not None:
            self.grad = grad
        elif self._buffer is None:
            self.grad = grad.copy()
        else:
            self._buffer[...] = grad
            self.grad = self._buffer

    def receive_first(self, grad: Array) -> None:
        """Receive `grad`, shape (n, C), for the first n rows, and 0 for the others."""
        if self.grad is None and self._rule is None and self._buffer is not None:
            self._buffer[: len(grad)] = grad
            self._buffer[len(grad) :] = 0.0
            self.grad = self._buffer
        elif self.needs_grad:
            whole = np.zeros(self.data.shape, grad.dtype)
            whole[: len(grad)] = grad
            self.receive(whole)

    def receive_product(self, a: Array, b: Array) -> None:
        """Receive ``a @ b``, in place where that is possible.

        For a node of shape (n, m): `a` has the shape (n, k), `b` has (k, m).
        """
        if self.grad is not None or self._rule is not None:
            self.receive(product(a, b))
        elif self.needs_grad:
            self.grad = beside(a, b).dot(b, out=self._buffer)


def result(data: Array, parents: tuple[N, ...], rule: Rule) -> N:
    """Make the node of an operation: what came out, from what, and its rule.

    Parameters
    ----------
    data : ndarray
        The result, of any shape.
    parents : tuple of Node
        What it was made from, at least one; the result is of the first one's class.
    rule : callable
        Takes the gradient of the result, in the shape of `data`, must not change it,
        and calls `receive` on the parents.

    Returns
    -------
    Node
        If all parents are constants, so is the result.
    """
    out = _new(type(parents[0]))
    out.data = data
    out.grad = None
    out._born = next(_clock)
    for parent in parents:
        if parent.needs_grad:
            out.needs_grad, out.parents, out._rule = True, parents, rule
            return out
    out.needs_grad, out.parents, out._rule = False, (), None
    out._buffer = None
    return out


_new = object.__new__


@kept
def _one(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return the gradient of a number with respect to itself."""
    return np.ones(shape, dtype)


def _used_up(_: Array) -> None:
    """Mark the rule of a node whose backward pass is over."""
