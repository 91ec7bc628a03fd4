"""Saved training runs: a file to go on from, to sample from, to look into.

The file is an ``.npz`` of plain arrays, one per field, so ``numpy.load`` shows what
it holds. It contains no pickled object: opening a file from somebody else cannot run
code. It is written whole or not at all, and read whole or refused.
"""

import dataclasses
import errno
import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from algollm_helpers.arrays import Array, Float64
from algollm_helpers.checks import check_count
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.training import BETA1, BETA2, EPS, LR, State, Training
from algollm_helpers.gpt.transformer import Config, Parameters
from algollm_helpers.microgpt import Run
from algollm_helpers.parallel.data_parallel import DataParallel
from algollm_helpers.schedules import Schedule, linear_decay

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

CONSTANTS: dict[str, Any] = {  # fields that must be as here, or the run would differ
    "format": "algollm checkpoint",
    "version": 2,
    "schedule": "linear to 0",
    "beta1": BETA1,
    "beta2": BETA2,
    "eps": EPS,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides a run, beside its documents."""

    steps: int = 1000  # updates, over which the learning rate falls to 0
    n_layer: int = 1
    n_head: int = 4  # must divide n_embd
    n_embd: int = 16
    block_size: int = 16  # tokens the model can see
    batch: int = 1  # documents a step
    lr: float = LR  # at the start
    seed: int = 42
    dtype: str = "float64"

    def __post_init__(self) -> None:
        for name in ("steps", "batch"):
            check_count(name, getattr(self, name), most=2**31 - 1)
        if not 0 < self.lr < np.inf:
            raise ValueError(f"lr must be finite and > 0, got {self.lr}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed must lie in 0 … 2^63 - 1, got {self.seed}")
        if self.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be float32 or float64, got {self.dtype!r}")
        object.__setattr__(self, "lr", float(self.lr))  # 1 would not be read back
        self.config  # noqa: B018  (refuses bad sizes)

    @property
    def config(self) -> Config:
        """Sizes of the model."""
        return Config(
            n_layer=self.n_layer,
            n_head=self.n_head,
            n_embd=self.n_embd,
            block_size=self.block_size,
        )

    @property
    def schedule(self) -> Schedule:
        """Learning rate of each update."""
        return linear_decay(self.lr, steps=self.steps)

    def training(
        self,
        docs: Sequence[str],
        state: State | None = None,
        comm: "Intracomm | None" = None,
    ) -> Training:
        """Return the run of these settings on `docs`, at its start or at `state`.

        With `comm`, its ranks make the run together.
        """
        make = Training if comm is None else partial(DataParallel, comm)
        return make(
            docs,
            schedule=self.schedule,
            seed=self.seed,
            config=self.config,
            batch=self.batch,
            dtype=np.dtype(self.dtype).type,
            state=state,
        )


class Checkpoint(NamedTuple):
    """A training run as far as it has come."""

    settings: Settings
    alphabet: str
    docs_sha256: str  # of the documents, see `digest`
    state: State
    losses: Float64  # (updates,): nats per token, before each update

    def run(self) -> Run:
        """Return the model, ready to sample from and to be evaluated."""
        tokenizer, config = Tokenizer(self.alphabet), self.settings.config
        params = Parameters(self.state.params, config, tokenizer.vocab_size)
        return Run(self.losses, params, config, tokenizer)


def digest(docs: Sequence[str]) -> str:
    """Return a number, in hexadecimal, that any change of `docs` changes."""
    return hashlib.sha256("\n".join(docs).encode("utf-8")).hexdigest()


def save(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to the file `path` in one go.

    A new file is written beside the old one, forced onto the disk and only then
    given its name, so at every moment `path` holds either the old checkpoint or the
    new one in full. A process that is killed in between leaves a file behind whose
    name ends in its number and ``.part``; the next save to `path` deletes it.

    Raises
    ------
    OSError
        If the file cannot be written. What `path` held before is still there.
    """
    settings, alphabet, docs_sha256, state, losses = checkpoint
    content = BytesIO()
    np.savez(
        content,
        allow_pickle=False,
        **CONSTANTS,
        **dataclasses.asdict(settings),
        alphabet=np.array([ord(char) for char in alphabet], dtype=np.uint32),
        docs_sha256=docs_sha256,
        step=len(losses),
        updates=state.updates,
        params=state.params,
        m=state.m,
        v=state.v,
        losses=losses,
    )
    target = Path(path).resolve()  # a link goes on pointing to its file
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    _sweep(target)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            with suppress(FileNotFoundError):  # of the first save
                shutil.copymode(target, part)
            file.write(content.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    with suppress(OSError):  # not every system can force a folder onto the disk
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sweep(target: Path) -> None:
    """Delete what writers of `target` left behind that are no longer alive."""
    before, after = f"{target.name}.", ".part"
    with suppress(OSError):  # whoever may not look or delete can still save
        for name in os.listdir(target.parent):
            number = name.removeprefix(before).removesuffix(after)
            if name == f"{before}{number}{after}" and not _may_live(number):
                (target.parent / name).unlink()


def _may_live(number: str) -> bool:
    """Tell whether there may be a process of this number; if in doubt, there may."""
    if os.name != "posix" or not (number.isascii() and number.isdecimal()):
        return True
    try:
        os.kill(int(number), 0)  # asks, sends nothing
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def load(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint back, exactly as it was saved.

    Raises
    ------
    OSError
        If there is no such file or it cannot be read.
    ValueError
        If the file is damaged, cut short, or not a checkpoint of this version; the
        message names the field that is missing or wrong.
    """
    raw = Path(path).read_bytes()
    try:
        return _parsed(_unpacked(raw))
    except ValueError as error:
        raise ValueError(f"{str(path)!r} is no readable model: {error}") from error


def _unpacked(raw: bytes) -> dict[str, Array]:
    """Return the arrays of an .npz file; reading them compares their checksums."""
    if not raw.startswith(b"PK"):
        raise ValueError("it is empty" if not raw else "it is not an .npz file")
    try:
        with np.load(BytesIO(raw), allow_pickle=False) as file:
            return dict(file)
    except Exception as error:  # damage can show as almost any of them
        raise ValueError(f"it is damaged or cut short ({error})") from error


def _parsed(fields: Mapping[str, Array]) -> Checkpoint:
    """Return what the fields say, each checked."""
    for name, expected in CONSTANTS.items():
        found = _single(fields, name, type(expected))
        if found != expected:
            raise ValueError(f"its {name!r} is {found!r}, expected {expected!r}")
    settings = Settings(
        **{
            option.name: _single(fields, option.name, type(option.default))
            for option in dataclasses.fields(Settings)
        }
    )
    tokenizer = Tokenizer(_alphabet(fields))  # refuses a character that is repeated
    shapes = settings.config.shapes(tokenizer.vocab_size).values()
    size = sum(rows * columns for rows, columns in shapes)
    step, updates = _single(fields, "step", int), _single(fields, "updates", int)
    if not step == updates <= settings.steps:
        raise ValueError(
            f"its 'step' is {step} and its 'updates' {updates}, expected the same "
            f"number, at most {settings.steps}"
        )
    return Checkpoint(
        settings,
        tokenizer.alphabet,
        _single(fields, "docs_sha256", str),
        State(
            _vector(fields, "params", size, settings.dtype),
            _vector(fields, "m", size, settings.dtype),
            _vector(fields, "v", size, settings.dtype),
            updates,
        ),
        _vector(fields, "losses", step, "float64"),
    )


def _field(fields: Mapping[str, Array], name: str) -> Array:
    if name not in fields:
        raise ValueError(f"it has no field {name!r}")
    return fields[name]


def _single(fields: Mapping[str, Array], name: str, kind: type) -> Any:
    """Return a field that holds one value of type `kind`."""
    array = _field(fields, name)
    value = array.item() if array.ndim == 0 else array
    if type(value) is not kind:
        raise ValueError(f"its {name!r} is {value!r}, expected one {kind.__name__}")
    return value


def _alphabet(fields: Mapping[str, Array]) -> str:
    """Return the field of that name as text."""
    size = _field(fields, "alphabet").size
    codes = _vector(fields, "alphabet", size, "uint32")
    try:
        return codes.astype("<u4").tobytes().decode("utf-32-le")
    except UnicodeDecodeError as error:
        wrong = codes[error.start // 4]
        raise ValueError(f"its 'alphabet' holds {wrong}, no character") from None


def _vector(fields: Mapping[str, Array], name: str, size: int, dtype: str) -> Array:
    """Return a field that holds `size` numbers."""
    array = _field(fields, name)
    if array.shape != (size,) or array.dtype != dtype:
        raise ValueError(
            f"its {name!r} has shape {array.shape} and dtype {array.dtype}, expected "
            f"({size},) and {dtype}"
        )
    return array
