"""Small runs of the program ``algollm``, and ways to look at them."""

import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from algollm_helpers.program.checkpoint import load, pack
from algollm_helpers.program.cli import main
from algollm_helpers.program.settings import Settings
from tests.support.small import DOCS, TINY

PROGRAM = [sys.executable, "-m", "algollm_helpers"]
SIZES = {name: getattr(TINY, name) for name in ("n_layer", "n_head", "n_embd")}
SIZES["block_size"] = TINY.block_size
SMALL = Settings(steps=20, **SIZES)


def words(settings):
    """Return the options that ask for `settings`."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]


TRAIN = ["train", "text.txt", "--steps=20", *words(SIZES)]


def trains(*options):
    """Train in this process; return the exit code."""
    return main([*TRAIN, *options])


class Watched(io.StringIO):
    """A stdout that does something when the line of a step is printed to it.

    Between that line and the next step the program saves and looks for signals.
    """

    def __init__(self, actions):
        super().__init__()
        self.actions = actions  # step -> what is called

    def write(self, text):
        """Take what is printed, then act."""
        size = super().write(text)
        found = re.match(r"step +(\d+) of", text)
        if found and int(found[1]) in self.actions:
            self.actions[int(found[1])]()
        return size


def watched(actions, call, *args, **named):
    """Return what `call` returns and the lines it prints, having acted on them."""
    with redirect_stdout(Watched(actions)) as out:
        result = call(*args, **named)
    return result, out.getvalue().splitlines()


def content(path="model.npz"):
    """Return all that a model's file holds, to the last bit."""
    with np.load(path) as file:
        return {name: (file[name].dtype, file[name].tobytes()) for name in file}


def assert_same(ours, theirs):
    """Compare two checkpoints to the last bit, NaN included."""
    assert ours[:4] == theirs[:4]
    for x, y in zip(
        (*ours.state, ours.losses), (*theirs.state, theirs.losses), strict=True
    ):
        assert np.asarray(x).dtype == np.asarray(y).dtype
        assert np.asarray(x).tobytes() == np.asarray(y).tobytes()


def write_text(folder, docs=DOCS, name="text.txt"):
    """Write documents as a text of one a line."""
    (folder / name).write_text("\n".join(docs))


def save(path, checkpoint):
    """Write a checkpoint to a file, whatever was there."""
    Path(path).write_bytes(pack(checkpoint))


def loaded(path="model.npz"):
    """Read a checkpoint back."""
    return load(Path(path))
