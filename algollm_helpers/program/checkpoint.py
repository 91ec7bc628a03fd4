"""Saved training runs: a file to go on from, to sample from, to look into.

The file is an ``.npz`` of plain arrays, one per field, so ``numpy.load`` shows what
it holds. It contains no pickled object: opening a file from somebody else cannot run
code. It is written whole or not at all, and read whole or refused.
"""

import hashlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np
from numpy.lib.format import write_array

from algollm_helpers.arrays import Array, Float64
from algollm_helpers.gpt.documents import Tokenizer
from algollm_helpers.gpt.training import BETA1, BETA2, EPS, State
from algollm_helpers.gpt.transformer import Parameters
from algollm_helpers.microgpt import Run
from algollm_helpers.program.paths import shown
from algollm_helpers.program.settings import FIELDS, Settings

CONSTANTS: dict[str, Any] = {  # fields that must be as here, or the run would differ
    "format": "algollm checkpoint",
    "version": 3,
    "schedule": "linear to 0",
    "beta1": BETA1,
    "beta2": BETA2,
    "eps": EPS,
}


class Checkpoint(NamedTuple):
    """A training run as far as it has come."""

    settings: Settings
    alphabet: str
    docs_sha256: str  # of the documents, see `digest`
    valid_sha256: str  # of those of --valid-file; "" if there are none
    state: State
    losses: Float64  # (updates,): nats per token, before each update

    def run(self) -> Run:
        """Return the model, ready to sample from and to be evaluated."""
        tokenizer, config = Tokenizer(self.alphabet), self.settings.config
        params = Parameters(self.state.params, config, tokenizer.vocab_size)
        return Run(self.losses, params, config, tokenizer)


def digest(docs: Sequence[str]) -> str:
    """Return a number, in hexadecimal, that any change of `docs` changes."""
    sha256 = hashlib.sha256()
    for doc in docs:
        raw = doc.encode("utf-8")
        sha256.update(b"%d:" % len(raw))
        sha256.update(raw)
    return sha256.hexdigest()


def pack(checkpoint: Checkpoint) -> memoryview:
    """Return the content of the file that `load` reads `checkpoint` from."""
    settings, alphabet, docs_sha256, valid_sha256, state, losses = checkpoint
    fields = CONSTANTS | {
        **{option.name: getattr(settings, option.name) for option in FIELDS},
        "alphabet": np.array([ord(char) for char in alphabet], dtype=np.uint32),
        "docs_sha256": docs_sha256,
        "valid_sha256": valid_sha256,
        "step": len(losses),
        "updates": state.updates,
        "params": state.params,
        "m": state.m,
        "v": state.v,
        "losses": losses,
    }
    content = BytesIO()
    with ZipFile(content, "w") as archive:  # np.savez of NumPy 2.0 would pickle
        for name, value in fields.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                write_array(file, np.asanyarray(value), allow_pickle=False)
    return content.getbuffer()


def is_checkpoint(path: Path) -> bool:
    """Tell whether a file is one of this program, of any version.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        fields = _unpacked(path.read_bytes())
        return bool(_single(fields, "format", str) == CONSTANTS["format"])
    except ValueError:
        return False


def load(path: Path) -> Checkpoint:
    """Read a checkpoint back, exactly as it was saved.

    Raises
    ------
    OSError
        If there is no such file or it cannot be read.
    ValueError
        If the file is damaged, cut short, or not a checkpoint of this version; the
        message names the field that is missing or wrong.
    """
    raw = path.read_bytes()
    try:
        return _parsed(_unpacked(raw))
    except ValueError as error:
        raise ValueError(f"{shown(path)} is no readable model: {error}") from error


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
            advice = _advice(found) if name == "version" else ""
            raise ValueError(
                f"its {name!r} is {found!r}, expected {expected!r}{advice}"
            )
    settings = Settings(
        **{
            option.name: _single(fields, option.name, type(option.default))
            for option in FIELDS
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
        _single(fields, "valid_sha256", str),
        State(
            _vector(fields, "params", size, settings.dtype),
            _vector(fields, "m", size, settings.dtype),
            _vector(fields, "v", size, settings.dtype),
            updates,
        ),
        _vector(fields, "losses", step, "float64"),
    )


def _advice(version: int) -> str:
    """Return what to do about a file of another version."""
    if version < CONSTANTS["version"]:
        return (
            "; an earlier release wrote it: use it with that one, or train anew with "
            "another --out"
        )
    return "; a later release wrote it: use it with that one"


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
