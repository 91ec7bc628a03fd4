"""The words that the program ``algollm`` understands: its commands and options.

What is wrong in them is answered with one line on stderr and exit code 2.
"""

import argparse
import dataclasses
from typing import Any, NoReturn

from algollm_helpers.program.checkpoint import Settings

SETTINGS = {  # field of Settings -> what the help says
    "steps": "number of updates, over which the learning rate falls to 0",
    "n_layer": "layers",
    "n_head": "attention heads a layer; must divide the width",
    "n_embd": "width",
    "block_size": "tokens that the model can see",
    "batch": "documents a step",
    "lr": "learning rate at the start",
    "seed": "of the shuffle and of the parameters",
    "dtype": "float64, or float32 for speed in large models",
}
FAILED = 2  # exit code of what cannot be done, as shells count them


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and to which --step is not --steps."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(FAILED, f"algollm: {message}; see {self.prog} --help\n")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number >= 1, got {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the program's commands and options."""
    top = _Parser(
        prog="algollm",
        description="Train a small GPT on a text of one document a line.",
        epilog="Without FILE, the book's own list of names is used.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_train(commands.add_parser("train", help="train a model, or go on with it"))

    add = commands.add_parser("sample", help="let a model write documents").add_argument
    add("model", metavar="MODEL")
    add("--prefix", default="", help="how each document begins")
    hot = "below 1 the likely letters gain, above 1 the unlikely ones (default: 1)"
    add("--temperature", metavar="X", type=float, default=1.0, help=hot)
    add("-n", metavar="N", type=int, default=20, help="documents (default: 20)")
    add("--seed", metavar="N", type=int, default=0, help="of the draws (default: 0)")

    add = commands.add_parser("eval", help="measure a model on a text").add_argument
    add("model", metavar="MODEL")
    add("file", metavar="FILE", nargs="?", help="text in UTF-8")
    return top


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", nargs="?", help="text in UTF-8")
    for setting in dataclasses.fields(Settings):
        kind = type(setting.default)
        add(
            f"--{setting.name.replace('_', '-')}",
            type=kind,
            metavar={int: "N", float: "X", str: "TYPE"}[kind],
            help=f"{SETTINGS[setting.name]} (default: {setting.default})",
        )
    add("--out", metavar="MODEL", default="model.npz", help="default: model.npz")
    log = "show the mean loss of the last K steps, every K steps (default: 100)"
    add("--log-every", metavar="K", type=_count, default=100, help=log)
    every = "save every K steps, and at the end (default: 100)"
    add("--save-every", metavar="K", type=_count, default=100, help=every)
    together = "train with all ranks that mpiexec started, each on its share of a batch"
    add("--data-parallel", action="store_true", help=together)
    add = parser.add_mutually_exclusive_group().add_argument
    resume = "go on with MODEL and its settings; start if it is not there"
    add("--resume", action="store_true", help=resume)
    add("--overwrite", action="store_true", help="replace MODEL if it is there")
