"""What decides a training run, beside its documents."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from algollm_helpers.checks import MOST, check_count, check_positive, check_within
from algollm_helpers.gpt.training import LR, State, Training
from algollm_helpers.gpt.transformer import Config
from algollm_helpers.schedules import Schedule, linear_decay


def _option(default: Any, meaning: str) -> Any:
    """Return a field that can be chosen; the program's help tells its `meaning`."""
    return dataclasses.field(default=default, metadata={"help": meaning})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides a run, beside its documents.

    Attributes
    ----------
    steps, …, dtype
        Those of `OPTIONS`, each checked; what they mean stands beside them.
    config : Config
        Sizes of the model, made of four of them.

    Raises
    ------
    ValueError
        If one of them is out of range, or the sizes do not go together.
    """

    steps: int = _option(
        1000, "number of updates, over which the learning rate falls to 0"
    )
    n_layer: int = _option(Config.n_layer, "layers")
    n_head: int = _option(
        Config.n_head, "attention heads a layer; must divide the width"
    )
    n_embd: int = _option(Config.n_embd, "width")
    block_size: int = _option(Config.block_size, "tokens that the model can see")
    batch: int = _option(1, "documents a step")
    lr: float = _option(LR, "learning rate at the start")
    seed: int = _option(42, "of the shuffle and of the parameters")
    dtype: str = _option("float64", "float64, or float32 for speed in large models")
    config: Config = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("steps", "batch"):
            check_count(name, getattr(self, name), most=MOST)
        check_positive("lr", self.lr)
        check_within("seed", self.seed, 0, 2**63 - 1)  # what a file's field holds
        if self.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype!r}")
        object.__setattr__(self, "lr", float(self.lr))  # 1 would not be read back
        config = Config(
            n_layer=self.n_layer,
            n_head=self.n_head,
            n_embd=self.n_embd,
            block_size=self.block_size,
        )
        object.__setattr__(self, "config", config)

    @property
    def schedule(self) -> Schedule:
        """Learning rate of each update."""
        return linear_decay(self.lr, steps=self.steps)

    def training(
        self,
        docs: Sequence[str],
        state: State | None = None,
        *,
        kind: Callable[..., Training] = Training,
    ) -> Training:
        """Return the run of these settings on `docs`, at its start or at `state`.

        It is a `Training`, or what `kind` makes of the same arguments.
        """
        return kind(
            docs,
            schedule=self.schedule,
            seed=self.seed,
            config=self.config,
            batch=self.batch,
            dtype=np.dtype(self.dtype).type,
            state=state,
        )


OPTIONS = tuple(field for field in dataclasses.fields(Settings) if field.init)
