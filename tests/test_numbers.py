"""Every number that a function of the chapters takes, tried with what is none.

One table of calls, each with arguments that are right; a walk puts wrong ones in the
place of each, one at a time. A refusal names the argument and holds what came.
"""

import inspect
import math
import pkgutil
from dataclasses import is_dataclass

import numpy as np
import pytest

import algollm_helpers
from algollm_helpers import (
    adam,
    clinic,
    clinic_loop,
    clinic_ward,
    closed_form,
    cost_model,
    curvature,
    descent,
    heavy_ball,
    learning_rate,
    loss,
    pipeline_schedule,
    precision,
    ravine,
    schedules,
    small_net,
)

RNG = np.random.default_rng(0)
NET = small_net.SmallNet(n_in=1, n_hidden=2)
NONE = ["1", b"1", None, 1j, [1], math.nan, True, np.True_]  # no numbers, or no one's
HUGE = 10**400  # beyond all floats
COUNT = [*NONE, 2.5, 3.0, math.inf, -math.inf, -1, -HUGE, np.float64(2)]
ABOVE_0 = [*NONE, math.inf, -math.inf, -1.0, HUGE, -HUGE]
KINDS = {
    "count": [*COUNT, 0, HUGE],
    "count or 0": [*COUNT, HUGE],
    "positive": [*ABOVE_0, 0, 0.0],
    "positive or 0": ABOVE_0,
    "share": [*ABOVE_0, 0, 1, 1.0, 2.5],
    "share or 0": [*ABOVE_0, 1, 1.0, 2.5],
    "number": [*NONE, math.inf, -math.inf, HUGE, -HUGE],
}


def step(optimiser):
    """Return what updates two parameters."""
    return lambda lr: optimiser.step(np.ones(2), np.ones(2), lr=lr)


DEVICE = cost_model.Device(flops=1.0, bandwidth=1.0)
LAYOUT = cost_model.Layout()
MODEL = cost_model.Model(n_layer=1, n_embd=1, block_size=1, vocab_size=1)
TABLE = {  # function -> arguments that are right, and the kinds of the numbers in them
    loss.quantile: ({"level": 0.5}, {"level": "share"}),
    loss.huber: ({"width": 1.0}, {"width": "positive"}),
    loss.best_constant: (
        {"loss": loss.squared, "y": [1.0], "low": 0.0, "high": 2.0},
        {"low": "number", "high": "number"},
    ),
    descent.gradient_descent: (
        {"grad": np.sin, "w0": [1.0], "lr": 0.1, "steps": 1},
        {"lr": "positive", "steps": "count or 0"},
    ),
    descent.central_difference: (
        {"loss": np.sum, "w": [1.0], "h": 0.1},
        {"h": "positive"},
    ),
    descent.regime: (
        {"lr": 0.1, "curvature": 2.0},
        {"lr": "positive", "curvature": "positive"},
    ),
    heavy_ball.ride: (
        {"product": 1.0, "beta": 0.5},
        {"product": "positive", "beta": "share or 0"},
    ),
    heavy_ball.walk: (
        {"product": 1.0, "beta": 0.5, "steps": 2},
        {"product": "positive", "beta": "share or 0", "steps": "count or 0"},
    ),
    ravine.ravine: (
        {"steepness": 20.0, "degrees": 30.0},
        {"steepness": "positive", "degrees": "number"},
    ),
    ravine.track: (
        {"walker": "plain", "rate": 0.01, "ground": ravine.ravine(20, 30)},
        {"rate": "positive"},
    ),
    pipeline_schedule.held: (
        {"table": pipeline_schedule.simulate("gpipe", stages=2, micro=2), "time": 1.0},
        {"time": "positive or 0"},
    ),
    clinic.run: ({"seed": 0, "steps": 1}, {"seed": "count or 0", "steps": "count"}),
    clinic_loop.observed: (
        {"setting": clinic_loop.Setting(), "seed": 0, "steps": 1},
        {"seed": "count or 0", "steps": "count"},
    ),
    clinic_loop.Loop: (
        {"setting": clinic_loop.Setting(), "seed": 0, "steps": 1},
        {"seed": "count or 0", "steps": "count"},
    ),
    clinic_loop.reader: ({"text": ["ada"], "seed": 0}, {"seed": "count or 0"}),
    clinic.Run: (
        {"step": [0], "loss": [3.0], "vocab_size": 27, "passes": 2.0},
        {"vocab_size": "count", "passes": "positive"},
    ),
    clinic_ward.cases: ({"seed": 0}, {"seed": "count or 0"}),
    clinic_ward.thinned: ({"readings": np.ones(3), "every": 2}, {"every": "count"}),
    schedules.constant: ({"lr": 1.0}, {"lr": "positive"}),
    schedules.step_decay: (
        {"lr": 1.0, "every": 2, "factor": 0.5},
        {"lr": "positive", "every": "count", "factor": "share"},
    ),
    schedules.inverse_time: (
        {"lr": 1.0, "halved_at": 2},
        {"lr": "positive", "halved_at": "count"},
    ),
    schedules.linear_decay: (
        {"lr": 1.0, "steps": 2},
        {"lr": "positive", "steps": "count"},
    ),
    schedules.cosine: ({"lr": 1.0, "steps": 2}, {"lr": "positive", "steps": "count"}),
    schedules.warmup: (
        {"schedule": schedules.constant(1.0), "steps": 2},
        {"steps": "count"},
    ),
    adam.Adam: (
        {"size": 2, "beta1": 0.5, "beta2": 0.5, "eps": 1.0},
        {
            "size": "count or 0",
            "beta1": "share or 0",
            "beta2": "share or 0",
            "eps": "positive",
        },
    ),
    adam.AdamW: (
        {"size": 2, "beta1": 0.5, "beta2": 0.5, "eps": 1.0, "weight_decay": 0.1},
        {
            "size": "count or 0",
            "beta1": "share or 0",
            "beta2": "share or 0",
            "eps": "positive",
            "weight_decay": "positive or 0",
        },
    ),
    learning_rate.Momentum: (
        {"size": 2, "beta": 0.5},
        {"size": "count or 0", "beta": "share or 0"},
    ),
    learning_rate.Nesterov: (
        {"size": 2, "beta": 0.5},
        {"size": "count or 0", "beta": "share or 0"},
    ),
    learning_rate.AdaGrad: (
        {"size": 2, "eps": 1.0},
        {"size": "count or 0", "eps": "positive"},
    ),
    learning_rate.RMSProp: (
        {"size": 2, "beta": 0.5, "eps": 1.0},
        {"size": "count or 0", "beta": "share or 0", "eps": "positive"},
    ),
    small_net.SmallNet: (
        {"n_in": 2, "n_hidden": 3, "n_out": 1},
        {"n_in": "count", "n_hidden": "count", "n_out": "count"},
    ),
    precision.LossScaler: (
        {"scale": 2.0, "patience": 3},
        {"scale": "positive", "patience": "count"},
    ),
    closed_form.mode_strength: (
        {"singular_value": 1.0, "start": 0.1, "time": 1.0},
        {"start": "positive"},
    ),
    closed_form.train_two_layers: (
        {"target": [[1.0]], "w1": [[1.0]], "w2": [[1.0]], "lr": 0.1, "steps": 1},
        {"lr": "positive", "steps": "count or 0"},
    ),
    closed_form.train_diagonal: (
        {
            "X": [[1.0]],
            "y": [1.0],
            "start": 1.0,
            "lr": 0.1,
            "steps": 1,
            "tolerance": 0.1,
        },
        {"steps": "count or 0", "tolerance": "positive or 0"},
    ),
    curvature.hessian_vector_product: (
        {"grad": np.sin, "x": [1.0], "v": [1.0], "step": 0.1},
        {"step": "positive"},
    ),
    curvature.top_eigenvalue: (
        {"grad": np.sin, "x": [1.0], "rng": RNG, "iterations": 2, "step": 0.1},
        {"iterations": "count", "step": "positive"},
    ),
    cost_model.Model: (
        {"n_layer": 1, "n_embd": 1, "block_size": 1, "vocab_size": 1},
        dict.fromkeys(("n_layer", "n_embd", "block_size", "vocab_size"), "count"),
    ),
    cost_model.Device: (
        {"flops": 1.0, "bandwidth": 1.0, "latency": 0.0},
        {"flops": "positive", "bandwidth": "positive", "latency": "positive or 0"},
    ),
    cost_model.Layout: (
        {"data": 1, "tensor": 1, "pipeline": 1, "micro_batches": 1},
        dict.fromkeys(("data", "tensor", "pipeline", "micro_batches"), "count"),
    ),
    cost_model.all_reduce_seconds: (
        {"nbytes": 1.0, "ranks": 2, "device": DEVICE},
        {"nbytes": "positive or 0", "ranks": "count"},
    ),
    cost_model.state_bytes: (
        {"parameters": 1.0, "layout": LAYOUT},
        {"parameters": "positive or 0"},
    ),
    pipeline_schedule.bubble: (
        {"stages": 2, "micro": 2},
        {"stages": "count", "micro": "count"},
    ),
    pipeline_schedule.simulate: (
        {"schedule": "gpipe", "stages": 2, "micro": 2},
        {"stages": "count", "micro": "count"},
    ),
    pipeline_schedule.order_of_work: (
        {"schedule": "gpipe", "stage": 0, "stages": 2, "micro": 2},
        {"stage": "count or 0", "stages": "count", "micro": "count"},
    ),
    cost_model.step_seconds: (
        {"model": MODEL, "device": DEVICE, "layout": LAYOUT, "sequences": 1},
        {"sequences": "count"},
    ),
}
METHODS = {  # what they return is called, too
    "constant(…)": (schedules.constant(1.0), {"step": 1}, {"step": "count or 0"}),
    "step_decay(…)": (
        schedules.step_decay(1.0, every=2),
        {"step": 1},
        {"step": "count or 0"},
    ),
    "inverse_time(…)": (
        schedules.inverse_time(1.0, halved_at=2),
        {"step": 1},
        {"step": "count or 0"},
    ),
    "linear_decay(…)": (
        schedules.linear_decay(1.0, steps=9),
        {"step": 1},
        {"step": "count or 0"},
    ),
    "cosine(…)": (schedules.cosine(1.0, steps=9), {"step": 1}, {"step": "count or 0"}),
    "warmup(…)": (
        schedules.warmup(schedules.constant(1.0), steps=9),
        {"step": 1},
        {"step": "count or 0"},
    ),
    "init": (
        NET.init,
        {"rng": RNG, "copies": 1, "scale": 1.0},
        {"copies": "count", "scale": "positive or 0"},
    ),
    "train": (
        NET.train,
        {
            "params": np.ones(NET.size),
            "x": np.ones((1, 1)),
            "loss": small_net.mse(np.ones((1, 1))),
            "lr": 0.1,
            "steps": 1,
        },
        {"lr": "positive", "steps": "count or 0"},
    ),
    **{
        f"{optimiser.__class__.__name__}.step": (
            step(optimiser),
            {"lr": 0.1},
            {"lr": "positive or 0"},
        )
        for optimiser in (
            learning_rate.SGD(),
            *(
                make(2)
                for make in (
                    adam.Adam,
                    adam.AdamW,
                    learning_rate.Momentum,
                    learning_rate.Nesterov,
                    learning_rate.AdaGrad,
                    learning_rate.RMSProp,
                )
            ),
        )
    },
}
CALLS = {f.__name__: (f, *rest) for f, rest in TABLE.items()} | METHODS
WALK = [(name, argument) for name in CALLS for argument in CALLS[name][2]]


@pytest.mark.parametrize("name", CALLS)
def test_the_right_arguments_are_right(name):
    call, right, _ = CALLS[name]
    call(**right)


@pytest.mark.parametrize(("name", "argument"), WALK)
def test_what_is_no_such_number_is_refused_by_name(name, argument):
    call, right, kinds = CALLS[name]
    for wrong in KINDS[kinds[argument]]:
        if wrong is None and default(call, argument) is None:
            continue
        with pytest.raises((ValueError, TypeError)) as refusal:
            call(**right | {argument: wrong})
        said = str(refusal.value)
        assert argument in said, (wrong, said)
        came = f"{wrong:,}" if type(wrong) is int else str(wrong)
        assert any(form in said for form in (came, str(wrong), repr(wrong))), said


def default(call, argument):
    """Return what an argument is if it is not given."""
    return inspect.signature(call).parameters[argument].default


NUMBER = ("int", "float", "int | None", "float | None")
ELSEWHERE = {  # modules with tables of their own, and what takes no number of its own
    "algollm_helpers.checks",
    "algollm_helpers.microgpt",
    "algollm_helpers.scale",
    "algollm_helpers.graph_picture",
}


def public():
    """Yield the functions and classes that the chapters' modules define."""
    for found in pkgutil.iter_modules(algollm_helpers.__path__, "algollm_helpers."):
        if found.ispkg or found.name in ELSEWHERE or found.name.endswith("__main__"):
            continue
        module = __import__(found.name, fromlist=["_"])
        for name, thing in vars(module).items():
            own = getattr(thing, "__module__", None) == found.name
            if own and not name.startswith("_") and callable(thing):
                yield thing


def test_the_table_has_every_function_that_takes_a_number():
    missing = []
    for thing in public():
        if inspect.isclass(thing) and not (
            is_dataclass(thing) or "__init__" in vars(thing)
        ):
            continue
        known = CALLS.get(thing.__name__, (None, {}, {}))[2]
        for name, parameter in inspect.signature(thing).parameters.items():
            kind = parameter.annotation
            kind = getattr(kind, "__name__", str(kind))
            if kind in NUMBER and name not in known:
                missing.append(f"{thing.__name__}({name})")
    assert missing == ["Value(data)"]  # of which engine/test_edges has a table
