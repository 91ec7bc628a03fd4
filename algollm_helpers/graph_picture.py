"""Where the parts of a `Value` graph stand in its picture, and what their edges carry.

Chapter: ``chapters/backprop.ipynb``. An operation is a box, a value is what travels
along the arrow to the operation that uses it: its number forwards, and backwards the
share of its gradient that comes from that use. ``plots.draw_graph`` draws the result.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from algollm_helpers.arrays import Float64, Ids
from algollm_helpers.backprop import Value, topological_order


class GraphPicture(NamedTuple):
    """A graph of n boxes and m arrows, laid out; lengths are in boxes' distances."""

    nodes: tuple[Value, ...]  # n, each after its parents
    places: Float64  # (n, 2): centre of each box
    names: tuple[str, ...]  # n, what stands in the boxes
    edges: Ids  # (m, 2): from box, to box
    middles: Float64  # (m, 2): where an arrow bends and carries its numbers
    values: Float64  # (m,): the number that goes forwards
    shares: Float64  # (m,): slope × gradient, which comes back along the same arrow


def picture(root: Value, names: Mapping[Value, str]) -> GraphPicture:
    """Lay out the graph of `root` from left to right.

    Columns follow the longest way from the leaves. The first parent of an operation
    stands on its row if there is room, the others below; a further leaf that nothing
    else uses stands over it. The shares are those of the moment: before
    ``root.backward()`` all of them are 0.

    Parameters
    ----------
    root : Value
        The last operation.
    names : mapping of Value to str
        What to write in each box. An operation without a name stays empty; a leaf
        without one is a constant and is left out.

    Returns
    -------
    GraphPicture
        Everything that `plots.draw_graph` needs.

    Raises
    ------
    ValueError
        If `root` is a leaf, so that there is no graph, or `names` names a value that
        does not belong to it.
    """
    order = topological_order(root)
    if not root.parents:
        raise ValueError(f"a leaf has no graph to draw: {root!r}")
    if strangers := [name for value, name in names.items() if value not in order]:
        raise ValueError(f"{strangers} are no part of the graph of {root!r}")
    nodes = [node for node in order if node.parents or node in names]
    index = {node: i for i, node in enumerate(nodes)}
    uses = [
        (index[parent], i, slope * node.grad)
        for i, node in enumerate(nodes)
        for parent, slope in zip(node.parents, node.slopes, strict=True)
        if parent in index
    ]
    edges = np.array([use[:2] for use in uses], dtype=np.intp).reshape(-1, 2)
    places = _places(nodes, edges)
    return GraphPicture(
        nodes=tuple(nodes),
        places=places,
        names=tuple(names.get(node, "") for node in nodes),
        edges=edges,
        middles=_middles(places, edges),
        values=np.array([nodes[i].data for i, _, _ in uses], dtype=np.float64),
        shares=np.array([share for _, _, share in uses], dtype=np.float64),
    )


def _places(nodes: list[Value], edges: Ids) -> Float64:
    """Return a free place for each node, shape (n, 2); the root is on row 0."""
    columns = np.zeros(len(nodes))
    for parent, child in edges:  # in the order of the children: parents are final
        columns[child] = max(columns[child], columns[parent] + 1)
    inputs = [edges[edges[:, 1] == i, 0].tolist() for i in range(len(nodes))]
    above = {  # leaves that stand over the one operation that uses them
        leaf: child
        for child, parents in enumerate(inputs)
        for leaf in parents[1:]
        if not inputs[leaf] and set(edges[edges[:, 0] == leaf, 1]) == {child}
        if leaf != parents[0]
    }
    places = np.full((len(nodes), 2), np.nan)
    taken: set[tuple[float, float]] = set()

    def settle(node: int, row: float) -> None:
        hanging = [leaf for leaf, child in above.items() if child == node]
        while taken & {(columns[node], row + k) for k in range(len(hanging) + 1)}:
            row -= 1.0
        for k, member in enumerate([node, *hanging]):
            places[member] = columns[node], row + k
            taken.add((columns[node], row + k))

    settle(len(nodes) - 1, 0.0)
    for child in reversed(range(len(nodes))):
        for parent in inputs[child]:
            if np.isnan(places[parent, 0]):
                settle(parent, places[child, 1])
    return places


def _middles(places: Float64, edges: Ids) -> Float64:
    """Return the middle of each edge, moved aside where edges would coincide."""
    middles: Float64 = places[edges].mean(axis=1)
    for i, edge in enumerate(edges):
        twins = np.flatnonzero((edges == edge).all(axis=1))
        run, rise = places[edge[1]] - places[edge[0]]
        if len(twins) > 1:
            middles[i, 1] += 0.35 - 0.7 * (twins == i).argmax() / (len(twins) - 1)
        elif rise == 0 and run > 1:  # it would pass through the boxes between
            middles[i, 1] -= 1.0
    return middles
