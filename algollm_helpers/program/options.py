"""The words that the program ``algollm`` understands, and what they ask for.

Its commands and options become a plan, which is all that the rest of the program
sees. What is wrong in them is answered with one line on stderr and exit code 2.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from algollm_helpers.program.settings import OPTIONS
from algollm_helpers.program.terminal import FAILED


@dataclass(frozen=True, kw_only=True)
class TrainPlan:
    """A model is to be trained, or trained further."""

    file: str | None  # the text; None stands for the book's names
    settings: Mapping[str, Any]  # those that were named, of `Settings`
    out: str  # where the model is saved
    resume: bool  # if it is there: go on with it
    overwrite: bool  # if it is there: replace it; never together with `resume`
    log_every: int  # steps, >= 1
    save_every: int  # steps, >= 1
    data_parallel: bool  # by all ranks that mpiexec started


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    """A model is to write documents."""

    model: str
    prefix: str
    temperature: float
    n: int  # documents
    seed: int


@dataclass(frozen=True, kw_only=True)
class EvalPlan:
    """A model is to be measured on a text."""

    model: str
    file: str | None  # None stands for the book's names


Plan = TrainPlan | SamplePlan | EvalPlan


def parse(argv: Sequence[str] | None = None) -> Plan:
    """Return what `argv` asks for, by default the command line.

    Raises
    ------
    SystemExit
        With code 2 if a word is wrong, with 0 if help was asked for.
    """
    words = vars(_parser().parse_args(argv))
    plan: type[Plan] = words.pop("plan")
    if plan is TrainPlan:
        given = {o.name: words.pop(o.name) for o in OPTIONS}
        words["settings"] = {n: v for n, v in given.items() if v is not None}
    return plan(**words)


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


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the program's commands and options."""
    top = _Parser(
        prog="algollm",
        description="Train a small GPT on a text of one document a line.",
        epilog="Without FILE, the book's own list of names is used.",
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_train(commands.add_parser("train", help="train a model, or go on with it"))
    _add_sample(commands.add_parser("sample", help="let a model write documents"))
    _add_eval(commands.add_parser("eval", help="measure a model on a text"))
    return top


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=TrainPlan)
    add = parser.add_argument
    add("file", metavar="FILE", nargs="?", help="text in UTF-8")
    for option in OPTIONS:
        kind = type(option.default)
        add(
            f"--{option.name.replace('_', '-')}",
            type=kind,
            metavar={int: "N", float: "X", str: "TYPE"}[kind],
            help=f"{option.metadata['help']} (default: {option.default})",
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


def _add_sample(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=SamplePlan)
    add = parser.add_argument
    add("model", metavar="MODEL")
    add("--prefix", default="", help="how each document begins")
    hot = "below 1 the likely letters gain, above 1 the unlikely ones (default: 1)"
    add("--temperature", metavar="X", type=float, default=1.0, help=hot)
    add("-n", metavar="N", type=int, default=20, help="documents (default: 20)")
    add("--seed", metavar="N", type=int, default=0, help="of the draws (default: 0)")


def _add_eval(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=EvalPlan)
    add = parser.add_argument
    add("model", metavar="MODEL")
    add("file", metavar="FILE", nargs="?", help="text in UTF-8")
