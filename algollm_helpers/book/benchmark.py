"""What `make bench` measured, as pages quote it: ranges over two kinds of processor.

``benchmarks/results.json`` holds medians for processors with AVX-512 and without. A
ratio of two medians is taken for each kind by itself, and printed as the range of both.
"""

import json
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple


class Span(NamedTuple):
    """The least and the greatest of some values: prints as "5.2 to 6.4".

    One number is printed where both look alike.

    Examples
    --------
    >>> f"{Span(5.18, 6.42):.1f}", f"{Span(5.18, 5.21):.1f}"
    ('5.2 to 6.4', '5.2')
    """

    low: float
    high: float

    def __format__(self, spec: str) -> str:
        low, high = (format(value, spec) for value in self)
        return low if low == high else f"{low} to {high}"

    def __str__(self) -> str:
        return format(self)


class Benchmark(NamedTuple):
    """The results, by kind of processor."""

    kinds: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "Benchmark":
        """Read the results from a file that `make bench` has written."""
        return cls(json.loads(Path(path).read_text("utf-8"))["kinds"])

    def span(self, value: Callable[[dict[str, Any]], float]) -> Span:
        """Return the range of something that can be told of each kind's entry."""
        values = [value(entry) for entry in self.kinds.values()]
        return Span(min(values), max(values))

    def best(
        self,
        kind: str,
        *rungs: str,
        size: str = "microgpt",
        threads: int | None = None,
    ) -> dict[str, Any]:
        """Return the row with the least median among some rungs, for one kind.

        Parameters
        ----------
        kind : str
            A key of `kinds`.
        *rungs : str
            Which programs may enter, for example ``"torch", "torch_fused"``.
        size : {"microgpt", "0.8M", "10.7M"}
            The model that is trained.
        threads : int, optional
            How many threads; the better of all that were measured if None.

        Returns
        -------
        dict
            ``seconds`` (of 1,000 steps of microgpt, or of one step of the others),
            ``least``, ``greatest`` and more, with the ``rung`` and its ``threads``.

        Raises
        ------
        ValueError
            If there is no such measurement.
        """
        entry = self.kinds[kind]
        part = entry["microgpt"] if size == "microgpt" else entry["large"][size]
        rows = [
            row | {"rung": rung, "threads": int(n)}
            for rung in rungs
            for n, row in part["rungs"].get(rung, {}).items()
            if threads in {None, int(n)}
        ]
        if not rows:
            raise ValueError(
                f"no measurement of {' or '.join(rungs)} at {size} with {threads} "
                f"threads, {kind}; there are {', '.join(part['rungs'])}"
            )
        return min(rows, key=lambda row: row["seconds"])

    def seconds(
        self, *rungs: str, size: str = "microgpt", threads: int | None = None
    ) -> Span:
        """Return the best median of some rungs as a range over kinds; see `best`."""
        medians = [
            self.best(kind, *rungs, size=size, threads=threads)["seconds"]
            for kind in self.kinds
        ]
        return Span(min(medians), max(medians))

    def ratio(
        self,
        slow: str | tuple[str, ...],
        fast: str | tuple[str, ...],
        *,
        size: str = "microgpt",
        threads: int | None = None,
    ) -> Span:
        """Return how many times as long one takes as another, as a range over kinds.

        Parameters
        ----------
        slow, fast : str or tuple of str
            A rung, or several of which the best counts.
        size, threads
            As in :meth:`best`.

        Returns
        -------
        Span
            Median of `slow` over median of `fast`, kind by kind, least to greatest.

        Raises
        ------
        ValueError
            If there is no such measurement.
        """
        ratios = []
        for kind in self.kinds:
            above, below = (
                self.best(
                    kind,
                    *((rungs,) if isinstance(rungs, str) else rungs),
                    size=size,
                    threads=threads,
                )
                for rungs in (slow, fast)
            )
            ratios.append(above["seconds"] / below["seconds"])
        return Span(min(ratios), max(ratios))
