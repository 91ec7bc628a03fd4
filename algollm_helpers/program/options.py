"""The words that the program ``algollm`` understands, and what they ask for.

Its commands and options become a plan, which is all that the rest of the program
sees. What is wrong in them is answered with one line on stderr and exit code 2.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from algollm_helpers.gpt.texts import SPLITS
from algollm_helpers.program.paths import file_path, source
from algollm_helpers.program.plans import (
    ClaimsPlan,
    DiagnosePlan,
    EvalPlan,
    Plan,
    SamplePlan,
    TrainPlan,
)
from algollm_helpers.program.settings import OPTIONS
from algollm_helpers.program.terminal import FAILED


def parse(argv: Sequence[str] | None = None) -> Plan:
    """Return what `argv` asks for, by default the command line.

    Raises
    ------
    SystemExit
        With code 2 if a word is wrong, with 0 if help was asked for.
    """
    words: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in vars(_parser().parse_args(argv)).items()
    }
    plan: type[Plan] = words.pop("plan")
    if plan is TrainPlan:
        given = {o.name: words.pop(o.name) for o in OPTIONS}
        words["settings"] = {n: v for n, v in given.items() if v is not None}
        if words["figure"] and not words["watch"]:
            _parser().error("--figure draws what --watch writes: add --watch LOG.csv")
    return plan(**words)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and to which --step is not --steps."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        from algollm_helpers.parallel.mpi import launched  # --help does without

        if launched()[0]:
            self.exit()  # rank 0 says it for all
        self.exit(FAILED, f"algollm: {message}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse words; files may stand between options, values begin with a dash."""
        words = sys.argv[1:] if args is None else list(args)
        found, others = super().parse_known_args(self._joined(words), namespace)
        for action in self._actions:
            if action.nargs == "*":  # files, or ids of claims
                more = [w for w in others if not w.startswith("-") or w == "-"]
                others = [word for word in others if word not in more]
                values = [self._read(action, word) for word in more]
                setattr(found, action.dest, [*getattr(found, action.dest), *values])
        if others:  # said here: the parser above would name its own help
            self.error(f"unrecognized arguments: {' '.join(others)}")
        return found, others

    def _joined(self, words: list[str]) -> list[str]:
        """Join an option and its value, which argparse takes for an option itself."""
        options = self._option_string_actions
        joined: list[str] = []
        for i, word in enumerate(words):
            if word == "--":
                return joined + words[i:]
            before = options.get(joined[-1]) if joined else None
            dashed = word.startswith("-") and word.partition("=")[0] not in options
            if before is not None and before.nargs is None and dashed:
                joined[-1] += f"={word}"
            else:
                joined.append(word)
        return joined

    def _read(self, action: argparse.Action, word: str) -> Any:
        try:
            return self._get_value(action, word)
        except argparse.ArgumentError as error:
            self.error(str(error))


def _typed(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader whose refusals argparse hands on in their own words."""

    def reader(word: str) -> Any:
        try:
            return read(word)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return reader


@_typed
def _whole(word: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,25}", word):
        raise ValueError(f"expected a whole number, got {word!r}")
    return int(word)


@_typed
def _count(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,25}", word) or int(word) < 1:
        raise ValueError(f"expected a whole number >= 1, got {word!r}")
    return int(word)


@_typed
def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ValueError(f"expected a number, got {word!r}") from None


_file, _source = _typed(file_path), _typed(source)
TEXTS = "text in UTF-8; a folder stands for its texts, - for stdin"
READERS: dict[type, Callable[[str], Any]] = {  # by what an option holds
    int: _whole,
    float: _number,
    str: str,
}


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the program's commands and options."""
    top = _Parser(
        prog="algollm",
        description="Train a small GPT on a text of your own, say what a training run "
        "suffers from, or print what the book found about each claim.",
        epilog="Without FILE, the book's list of names is used. Exit codes: 0 done, "
        "1 the run diverged, 2 it cannot be done, 128 + N ended by signal N.",
    )
    release = f"algollm {version('algollm-helpers')}"
    top.add_argument("--version", action="version", version=release)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_train(commands.add_parser("train", help="train a model, or go on with it"))
    _add_sample(commands.add_parser("sample", help="let a model write documents"))
    _add_eval(commands.add_parser("eval", help="measure a model on a text"))
    diagnose = "say what a training run suffers from, by its log"
    _add_diagnose(commands.add_parser("diagnose", help=diagnose))
    claims = "print what the book found about each claim"
    _add_claims(commands.add_parser("claims", help=claims))
    return top


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=TrainPlan)
    add = parser.add_argument
    add("files", metavar="FILE", nargs="*", type=_source, help=TEXTS)
    for option in OPTIONS:
        add(
            f"--{option.name.replace('_', '-')}",
            type=READERS[type(option.default)],
            metavar=option.metadata["metavar"],
            help=f"{option.metadata['help']} (default: {option.default})",
        )
    held = "a text that is held out and measured, instead of --valid"
    add("--valid-file", metavar="FILE", type=_file, help=held)
    add(
        "--out",
        metavar="MODEL",
        type=_file,
        default=Path("model.npz"),
        help="default: model.npz",
    )
    log = "show the mean loss of the last K steps, every K steps (default: 100)"
    add("--log-every", metavar="K", type=_count, default=100, help=log)
    every = "save every K steps, and at the end (default: 100)"
    add("--save-every", metavar="K", type=_count, default=100, help=every)
    together = "train with all ranks that mpiexec started, each on its share of a batch"
    add("--data-parallel", action="store_true", help=together)
    watch = (
        "write loss, learning rate, gradient norm and the like of each step there, as "
        "CSV, and say when something in them looks wrong"
    )
    add("--watch", metavar="LOG.csv", type=_file, help=watch)
    figure = "draw what --watch has written there, as SVG, at the end"
    add("--figure", metavar="FIGURE.svg", type=_file, help=figure)
    add = parser.add_mutually_exclusive_group().add_argument
    resume = (
        "go on with MODEL, its settings and LOG.csv; start if it is not there; with "
        "more --steps, train a finished one further: the learning rate falls anew"
    )
    add("--resume", action="store_true", help=resume)
    add("--overwrite", action="store_true", help="replace MODEL, and LOG.csv, if there")


def _add_sample(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=SamplePlan)
    add = parser.add_argument
    add("model", metavar="MODEL", type=_file)
    add("--prefix", default="", help="how each document begins")
    hot = (
        "below 1 the likely letters gain, above 1 the unlikely ones, 0 takes the "
        "likeliest (default: 1)"
    )
    add("--temperature", metavar="X", type=_number, default=1.0, help=hot)
    add(
        "-n",
        metavar="N",
        type=_whole,
        default=20,
        help="documents, each of at most the block's characters (default: 20)",
    )
    add("--seed", metavar="N", type=_whole, default=0, help="of the draws (default: 0)")


def _add_eval(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=EvalPlan)
    add = parser.add_argument
    add("model", metavar="MODEL", type=_file)
    add("files", metavar="FILE", nargs="*", type=_source, help=TEXTS)
    split = "what a document is: line, blank, file or block (default: as in training)"
    add("--split", metavar="HOW", choices=SPLITS, help=split)
    skip = "leave out letters that the model does not know, and count them"
    add("--skip-unknown", action="store_true", help=skip)


def _add_diagnose(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Read the log of a training run, of whatever program, and print the diagnosis "
        "of the book's clinic: the sign, what else it may be, what to measure next."
    )
    parser.epilog = (
        "The columns: step, loss; valid, the loss on what is held out; lr; grad_norm "
        "and used_norm, the gradient's length before and after clipping; update_ratio, "
        "the length of the update over that of the weights, and least_ratio, the same "
        "of the matrix that moves least; agreement, the length of the workers' mean "
        "gradient over the mean of their lengths; leak, how far a later token moves "
        "earlier logits. The thresholds were set on short runs of the book's small "
        "model; what that may mean for another is said."
    )
    parser.set_defaults(plan=DiagnosePlan)
    add = parser.add_argument
    log = (
        "CSV in UTF-8 with a line for each step, - for stdin; its first line names the "
        "columns, in any order, of which it must have step and loss; others than those "
        "below are left aside. A field is empty where nothing was measured; nan and "
        "inf are losses like others"
    )
    add("log", metavar="LOG.csv", type=_source, help=log)
    add("--figure", metavar="FIGURE.svg", type=_file, help="draw the run there, as SVG")
    add("--json", action="store_true", help="the diagnosis, as JSON")


def _add_claims(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(plan=ClaimsPlan)
    add = parser.add_argument
    add("ids", metavar="ID", nargs="*", help="such as C43: that one, in full")
    add("--chapter", metavar="NAME", help="the claims of a chapter, say loss")
    verdict = (
        "the claims with that verdict: holds, 'holds if', 'in part', 'not at this "
    )
    add("--verdict", metavar="V", help=f"{verdict}scale' or false")
    add("--json", action="store_true", help="all that is known of them, as JSON")
