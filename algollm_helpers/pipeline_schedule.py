"""Who works when in a pipeline, and how long the others wait.

Chapter: ``chapters/scale.ipynb``. The layers of a model are cut into stages, a batch
into micro-batches. Each stage has an order of work: forward and backward passes of
micro-batches. GPipe [1]_ does all forward passes, then all backward passes; 1F1B
[2]_ begins with backward passes as soon as it can, which does not save time but
memory. ``pipeline`` runs these orders on several processes; here time is counted.

References
----------
.. [1] Y. Huang et al., "GPipe: efficient training of giant neural networks using
   pipeline parallelism", NeurIPS (2019), arXiv:1811.06965.
.. [2] D. Narayanan et al., "Efficient large-scale language model training on GPU
   clusters using Megatron-LM", SC21 (2021), arXiv:2104.04473.
"""

from typing import Literal, NamedTuple

from algollm_helpers.checks import check_count, check_positive, check_within

Kind = Literal["forward", "backward"]
FORWARD, BACKWARD = 1.0, 2.0  # units of time; a backward pass has twice the products
SCHEDULES = ("gpipe", "1f1b")


class Pass(NamedTuple):
    """One piece of work of a stage."""

    kind: Kind
    micro: int  # number of the micro-batch, 0, 1, …


class Event(NamedTuple):
    """A pass with its place in a chart: a bar in row `stage` from `start` to `stop`."""

    stage: int
    kind: Kind
    micro: int
    start: float
    stop: float


class Timetable(NamedTuple):
    """What a schedule comes to."""

    events: list[Event]  # in order of start
    span: float  # time from the first start to the last stop
    idle: float  # part of the stages' time in which they wait, 0 to 1
    peak: list[int]  # of each stage: micro-batches whose activations it holds at once


def order_of_work(schedule: str, *, stage: int, stages: int, micro: int) -> list[Pass]:
    """Return what one stage does, in order.

    Parameters
    ----------
    schedule : {"gpipe", "1f1b"}
        All forward passes first; or, after as many as the stages behind can work
        on, one forward, one backward.
    stage, stages : int
        Which of how many, ``0 <= stage < stages``.
    micro : int
        Number of micro-batches, >= 1.

    Examples
    --------
    >>> work = order_of_work("1f1b", stage=1, stages=3, micro=3)
    >>> " ".join(f"{kind[0]}{i}" for kind, i in work)
    'f0 f1 b0 f2 b1 b2'
    """
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule must be one of {SCHEDULES}, got {schedule!r}")
    check_count("stages", stages)
    check_within("stage", stage, 0, stages - 1)
    check_count("micro", micro)
    forward = [Pass("forward", i) for i in range(micro)]
    backward = [Pass("backward", i) for i in range(micro)]
    if schedule == "gpipe":
        return forward + backward[::-1]
    ahead = min(stages - 1 - stage, micro)
    work = forward[:ahead]
    for i in range(ahead, micro):
        work += [forward[i], backward[i - ahead]]
    return work + backward[micro - ahead :]


def simulate(schedule: str, *, stages: int, micro: int) -> Timetable:
    """Let all stages do their work as early as they can.

    A forward pass waits for that of the stage before, a backward pass for that of
    the stage behind. Messages take no time and all stages are equally fast: a pass of
    one micro-batch takes `FORWARD` or `BACKWARD` units.

    Parameters
    ----------
    schedule : {"gpipe", "1f1b"}
        Order of work, see `order_of_work`.
    stages, micro : int
        Number of stages and of micro-batches, >= 1.

    Returns
    -------
    Timetable
        Events for a chart, and what they come to.

    Examples
    --------
    >>> table = simulate("gpipe", stages=4, micro=8)
    >>> table.span, table.peak
    (33.0, [8, 8, 8, 8])
    >>> table.idle == bubble(4, 8)
    True
    """
    check_count("stages", stages)
    todo = [
        order_of_work(schedule, stage=s, stages=stages, micro=micro)
        for s in range(stages)
    ]
    done: dict[tuple[int, Kind, int], float] = {}  # when each pass stopped
    clock = [0.0] * stages
    events = []
    while any(todo):
        for s in range(stages):
            while todo[s]:
                kind, i = todo[s][0]
                neighbour = s - 1 if kind == "forward" else s + 1
                inside = 0 <= neighbour < stages
                if inside and (neighbour, kind, i) not in done:
                    break
                ready = done[neighbour, kind, i] if inside else 0.0
                start = max(clock[s], ready)
                stop = start + (FORWARD if kind == "forward" else BACKWARD)
                clock[s] = done[s, kind, i] = stop
                events.append(Event(s, kind, i, start, stop))
                del todo[s][0]
    events.sort(key=lambda event: (event.start, event.stage))
    span = max(clock)
    busy = sum(event.stop - event.start for event in events)
    peak = [_peak([e for e in events if e.stage == s]) for s in range(stages)]
    return Timetable(events, span, 1 - busy / (stages * span), peak)


def held(table: Timetable, time: float) -> list[int]:
    """Return how many micro-batches each stage holds at a time.

    It holds the activations of one from the start of its forward pass until its
    backward pass has ended.

    Examples
    --------
    >>> held(simulate("gpipe", stages=2, micro=3), 3.0)
    [3, 3]
    """
    check_positive("time", time, or_zero=True)
    counts = [0] * len(table.peak)
    for stage, kind, _, start, stop in table.events:
        if kind == "forward":
            counts[stage] += start <= time
        else:
            counts[stage] -= stop <= time
    return counts


def bubble(stages: int, micro: int) -> float:
    """Return the idle part of both schedules, (p − 1) / (m + p − 1) [1]_.

    Examples
    --------
    >>> bubble(4, 1), bubble(1, 8)
    (0.75, 0.0)
    """
    check_count("stages", stages)
    check_count("micro", micro)
    return (stages - 1) / (micro + stages - 1)


def _peak(events: list[Event]) -> int:
    """Return how many micro-batches a stage holds at once: forward, not yet back."""
    held = most = 0
    for event in events:
        held += 1 if event.kind == "forward" else -1
        most = max(most, held)
    return most
