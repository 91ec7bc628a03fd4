"""What decides a training run, beside its documents."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from algollm_helpers.checks import (
    MOST,
    check_count,
    check_positive,
    check_share,
    check_within,
)
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.texts import check_split
from algollm_helpers.gpt.training import LR, State, Training
from algollm_helpers.gpt.transformer import Config
from algollm_helpers.schedules import Schedule, linear_decay


def _option(default: Any, meaning: str, metavar: str) -> Any:
    """Return a field that can be chosen; the program's help tells its `meaning`."""
    about = {"help": meaning, "metavar": metavar}
    return dataclasses.field(default=default, metadata=about)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides a run, beside its documents.

    Attributes
    ----------
    steps, …, dtype
        Those of `OPTIONS`, each checked; what they mean stands beside them.
    first_step : int
        Updates of a run that was finished before, if it is trained further: the rate
        falls over those that are left.
    config : Config
        Sizes of the model, made of four of the options.

    Raises
    ------
    ValueError
        If one of them is out of range, or the sizes do not go together.
    """

    steps: int = _option(
        1000, "number of updates, over which the learning rate falls to 0", "N"
    )
    n_layer: int = _option(Config.n_layer, "layers", "N")
    n_head: int = _option(
        Config.n_head, "attention heads a layer; must divide the width", "N"
    )
    n_embd: int = _option(Config.n_embd, "width", "N")
    block_size: int = _option(Config.block_size, "tokens that the model can see", "N")
    batch: int = _option(1, "documents a step", "N")
    lr: float = _option(LR, "learning rate at the start", "X")
    seed: int = _option(42, "of the shuffle and of the parameters", "N")
    dtype: str = _option(
        "float64", "float64, or float32 for speed in large models", "T"
    )
    split: str = _option(
        "line",
        "what a document is: a line; blank: what stands between empty lines; file: a "
        "whole file; block: each piece of a file that the model can see at once",
        "HOW",
    )
    valid: float = _option(
        0.0, "share of the documents that is held out and measured, say 0.1", "X"
    )
    first_step: int = 0  # updates made before the learning rate began to fall
    config: Config = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("steps", "batch"):
            check_count(name, getattr(self, name), most=MOST)
        check_positive("lr", self.lr)
        check_within("seed", self.seed, 0, 2**63 - 1)  # what a file's field holds
        if self.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype!r}")
        check_split(self.split)
        check_share("valid", self.valid, or_zero=True)
        check_within("first_step", self.first_step, 0, self.steps - 1)
        for name in ("lr", "valid"):  # a whole number would not be read back
            object.__setattr__(self, name, float(getattr(self, name)))
        config = Config(
            n_layer=self.n_layer,
            n_head=self.n_head,
            n_embd=self.n_embd,
            block_size=self.block_size,
        )
        object.__setattr__(self, "config", config)

    @property
    def schedule(self) -> Schedule:
        """Learning rate of each update, those that were made before left out."""
        first = self.first_step
        falling = linear_decay(self.lr, steps=self.steps - first)
        return lambda step: falling(step - first)

    def training(
        self,
        docs: Sequence[str],
        state: State | None = None,
        *,
        tokenizer: Tokenizer | None = None,
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
            tokenizer=tokenizer,
        )


FIELDS = tuple(field for field in dataclasses.fields(Settings) if field.init)
OPTIONS = tuple(field for field in FIELDS if field.metadata)
