"""What a training step costs on many devices: a model to plan with, on paper.

Chapter: ``chapters/scale.ipynb``. Time is arithmetic divided by a rate, plus bytes
divided by a bandwidth; memory is a count. It leaves out overlap of communication
with computation, uneven stages, shared or failing networks, activations kept for
the loss, and whatever a library reserves for itself.

References
----------
.. [1] S. Rajbhandari, J. Rasley, O. Ruwase and Y. He, "ZeRO: memory optimizations
   toward training trillion parameter models", arXiv:1910.02054 (2019).
.. [2] D. Narayanan et al., "Efficient large-scale language model training on GPU
   clusters using Megatron-LM", SC (2021), arXiv:2104.04473.
"""

from dataclasses import dataclass
from typing import NamedTuple

from algollm_helpers.checks import check_count, check_positive
from algollm_helpers.pipeline_schedule import bubble

HALF, SINGLE = 2, 4  # bytes of a number


@dataclass(frozen=True, kw_only=True)
class Model:
    """Sizes of a GPT whose embedding is also its output layer.

    Examples
    --------
    >>> gpt3 = Model(n_layer=96, n_embd=12288, block_size=2048, vocab_size=50257)
    >>> round(gpt3.parameters / 1e9, 1)
    174.6
    """

    n_layer: int
    n_embd: int
    block_size: int
    vocab_size: int

    def __post_init__(self) -> None:
        for name in ("n_layer", "n_embd", "block_size", "vocab_size"):
            check_count(name, getattr(self, name))

    @property
    def parameters(self) -> int:
        """Numbers in the matrices; biases and gains are left out."""
        blocks = 12 * self.n_layer * self.n_embd**2
        return blocks + (self.vocab_size + self.block_size) * self.n_embd

    @property
    def flops_per_token(self) -> int:
        """Operations of one token's step, forward and backward.

        Two for each number of a matrix that the token passes, and twice as many on
        the way back; positions are looked up and cost nothing. Attention adds two
        products of a token's row with all positions, per layer.
        """
        passed = 12 * self.n_layer * self.n_embd**2 + self.vocab_size * self.n_embd
        attention = 4 * self.n_layer * self.block_size * self.n_embd
        return 3 * (2 * passed + attention)


@dataclass(frozen=True, kw_only=True)
class Device:
    """One device and its links, in SI units."""

    flops: float  # operations per second that are really reached
    bandwidth: float  # bytes per second and direction, to the next device
    latency: float = 0.0  # seconds per message

    def __post_init__(self) -> None:
        for name in ("flops", "bandwidth"):
            check_positive(name, getattr(self, name))
        check_positive("latency", self.latency, or_zero=True)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a step is shared out; ``data · tensor · pipeline`` devices in all."""

    data: int = 1  # copies that read different sequences
    tensor: int = 1  # devices that share each matrix
    pipeline: int = 1  # stages of layers
    micro_batches: int = 1  # parts of a copy's batch that pass the pipeline in turn

    def __post_init__(self) -> None:
        for name in ("data", "tensor", "pipeline", "micro_batches"):
            check_count(name, getattr(self, name))

    @property
    def devices(self) -> int:
        """Devices in use."""
        return self.data * self.tensor * self.pipeline


class StepTime(NamedTuple):
    """Seconds of one step, by what they are spent on."""

    compute: float
    bubble: float  # stages that wait for work
    tensor: float  # sums over the devices that share matrices
    data: float  # the sum of gradients over the copies

    @property
    def total(self) -> float:
        """Seconds in all; nothing is taken to overlap."""
        return sum(self)


class StateBytes(NamedTuple):
    """Bytes on one device, activations not counted."""

    weights: float
    gradients: float
    master: float  # weights in float32
    moments: float  # Adam's two

    @property
    def total(self) -> float:
        """Bytes in all."""
        return sum(self)


def all_reduce_seconds(nbytes: float, ranks: int, device: Device) -> float:
    """Time to sum arrays of `nbytes` over a ring, and to leave all ranks the sum.

    Each of the ``2 (ranks − 1)`` messages carries ``nbytes / ranks``, so the traffic
    of a rank stays below twice the array however many take part.

    Examples
    --------
    >>> link = Device(flops=1.0, bandwidth=10.0)
    >>> all_reduce_seconds(40.0, 4, link)
    6.0
    """
    check_count("ranks", ranks)
    check_positive("nbytes", nbytes, or_zero=True)
    messages = 2 * (ranks - 1)
    return messages * (nbytes / ranks / device.bandwidth + device.latency)


def state_bytes(parameters: float, layout: Layout) -> StateBytes:
    """Memory that training keeps for the parameters, per device, in bytes.

    Mixed precision keeps weights and gradients in 16 bits, and a master copy and
    Adam's moments in 32 [1]_: 16 bytes for each parameter. All in float32 would come
    to 16 as well, since no master copy is needed.
    """
    check_positive("parameters", parameters, or_zero=True)
    own = parameters / (layout.tensor * layout.pipeline)
    return StateBytes(
        weights=HALF * own,
        gradients=HALF * own,
        master=SINGLE * own,
        moments=2 * SINGLE * own,
    )


def step_seconds(
    model: Model, device: Device, layout: Layout, *, sequences: int
) -> StepTime:
    """Time of one step over `sequences` full sequences, in half precision.

    Parameters
    ----------
    model, device, layout
        What is trained, on what, and how it is shared out.
    sequences : int
        Sequences in the whole batch; a multiple of copies times micro-batches.

    Returns
    -------
    StepTime
        Seconds by purpose.
    """
    check_count("sequences", sequences)
    if sequences % (layout.data * layout.micro_batches):
        raise ValueError(
            f"{sequences} sequences do not split over {layout.data} copies and "
            f"{layout.micro_batches} micro-batches"
        )
    tokens = sequences / layout.data * model.block_size  # of one copy
    shared = layout.tensor * layout.pipeline
    compute = tokens * model.flops_per_token / shared / device.flops
    waiting = bubble(layout.pipeline, layout.micro_batches)
    idle = compute * waiting / (1 - waiting)
    # Two sums forward and two back in every layer [2]_, one micro-batch at a time.
    sums = 4 * model.n_layer / layout.pipeline * layout.micro_batches
    row = HALF * tokens / layout.micro_batches * model.n_embd
    tensor = sums * all_reduce_seconds(row, layout.tensor, device)
    gradient = HALF * model.parameters / shared
    data = all_reduce_seconds(gradient, layout.data, device)
    return StepTime(compute, idle, tensor, data)


def line_through(
    first: tuple[float, float], second: tuple[float, float]
) -> tuple[float, float]:
    """Return overhead and rate of ``seconds = overhead + work / rate``.

    Two measured pairs (work, seconds) calibrate a machine; a third can then be
    predicted.

    Examples
    --------
    >>> line_through((100.0, 3.0), (300.0, 5.0))
    (2.0, 100.0)
    """
    (work1, time1), (work2, time2) = first, second
    if (work1 - work2) * (time1 - time2) <= 0:
        raise ValueError(f"more work must take longer: got {first} and {second}")
    rate = (work1 - work2) / (time1 - time2)
    return time1 - work1 / rate, rate
