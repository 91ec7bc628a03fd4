"""Faults: one wrong line each, and how it is planted so that it really runs.

Chapter: ``chapters/clinic.ipynb``. A fault names a function of the book, a line of it
and the line that stands there instead. While it is planted, the function has the code
that its source gives with that one line replaced.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from algollm_helpers.adam import Adam
from algollm_helpers.clinic_loop import Loop, differentiated
from algollm_helpers.engine.blocks import feed_forward
from algollm_helpers.engine.layers import attention
from algollm_helpers.gpt.transformer import init_params


class Fault(NamedTuple):
    """One wrong line."""

    name: str
    place: Callable[..., Any]  # the function that it stands in
    right: str
    wrong: str


FAULTS = {
    fault.name: fault
    for fault in [
        Fault("gradients not cleared", Loop.gathered, "total[:] = 0.0", "pass"),
        Fault(
            "accumulation not divided",
            Loop.gathered,
            "share = 1 / WORKERS",
            "share = 1",
        ),
        Fault(
            "targets not shifted",
            differentiated,
            "batch = Batch(ids, targets, mask)",
            "batch = Batch(ids, ids, mask)",
        ),
        Fault(
            "padding counted",
            differentiated,
            "batch = Batch(ids, targets, mask)",
            "batch = Batch(ids, targets, None)",
        ),
        Fault(
            "no causal mask",
            attention,
            "w += causal_bias(n_head, T, w.dtype)",
            "pass",
        ),
        Fault(
            "rate too high",
            Loop.rate,
            "peak, steps = self.setting.rate, self.steps",
            "peak, steps = self.setting.rate * 20, self.steps",
        ),
        Fault(
            "rate too low",
            Loop.rate,
            "peak, steps = self.setting.rate, self.steps",
            "peak, steps = self.setting.rate / 100, self.steps",
        ),
        Fault(
            "schedule never decays",
            Loop.rate,
            "peak, steps = self.setting.rate, self.steps",
            "peak, steps = self.setting.rate, self.steps * 100",
        ),
        Fault(
            "schedule ends at once",
            Loop.rate,
            "done = step",
            "done = min(step * WORKERS * self.setting.documents, steps)",
        ),
        Fault(
            "warm-up missing",
            Loop.rate,
            "schedule = warmup(schedule, steps=self.setting.warm)",
            "pass",
        ),
        Fault("every step clipped", Loop.updated, "limit = 5.0", "limit = 0.05"),
        Fault("one matrix frozen", feed_forward, "fc2.receive_product(g.T, a)", "pass"),
        Fault(
            "evaluated on the training text",
            Loop.measured,
            "documents = self.held_out",
            "documents = self.text",
        ),
        Fault(
            "same seed on every worker",
            Loop.__init__,
            "seeds = [WORKERS * seed + rank for rank in range(WORKERS)]",
            "seeds = [WORKERS * seed for rank in range(WORKERS)]",
        ),
        Fault(
            "Adam's sums in float16",
            Adam.__post_init__,
            "self.m, self.v = (np.zeros(self.size, self.dtype) for _ in range(2))",
            "self.m, self.v = (np.zeros(self.size, np.float16) for _ in range(2))",
        ),
        Fault(
            "start too wide",
            init_params,
            "draws = (rng.gauss(0, INIT_STD) for _ in range(size))",
            "draws = (rng.gauss(0, 1) for _ in range(size))",
        ),
        Fault(
            "update of a copy",
            Loop.updated,
            "self.adam.step(params.flat, total, lr=lr)",
            "self.adam.step(params.flat.copy(), total, lr=lr)",
        ),
        Fault(
            "text too small",
            Loop.__init__,
            "self.text, self.held_out = drawn[:TEXT], drawn[TEXT:]",
            "self.text, self.held_out = drawn[:20], drawn[TEXT:]",
        ),
        Fault("uphill", Adam._apply, "p -= a", "p += a"),
    ]
}


@contextmanager
def planted(fault: Fault | None) -> Iterator[None]:
    """Let the wrong line run instead of the right one, for as long as this is open."""
    if fault is None:
        yield
        return
    function: Any = fault.place
    healthy = function.__code__
    function.__code__ = _with_the_wrong_line(fault).__code__
    try:
        yield
    finally:
        function.__code__ = healthy


def _with_the_wrong_line(fault: Fault) -> Any:
    """Return the fault's function, made from its source with the one line replaced."""
    name, free = fault.place.__qualname__, fault.place.__code__.co_freevars
    if free:  # which no other code can be given
        raise ValueError(f"{name} uses {', '.join(free)} of the function around it")
    source = textwrap.dedent(inspect.getsource(fault.place))
    lines = source.split("\n")
    places = [i for i, line in enumerate(lines) if line.strip() == fault.right]
    if len(places) != 1:
        raise ValueError(
            f"{name} must hold the line {fault.right!r} once, it "
            f"holds it {len(places)} times"
        )
    (i,) = places
    lines[i] = lines[i].replace(fault.right, fault.wrong)
    made: dict[str, Any] = {}
    code = compile("\n".join(lines), fault.place.__code__.co_filename, "exec")
    exec(code, fault.place.__globals__, made)
    return made[fault.place.__name__]
