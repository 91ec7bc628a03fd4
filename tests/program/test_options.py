"""Tests for program.options: what words ask for, defaults, refusals in one line."""

import ast
import re
import shlex

import pytest

from algollm_helpers.program.options import EvalPlan, SamplePlan, TrainPlan, parse
from algollm_helpers.program.settings import OPTIONS, Settings
from tests.support.book import PACKAGE, ROOT
from tests.support.program import words

# --- Plans --------------------------------------------------------------------


def test_without_options_a_plan_has_the_defaults():
    assert parse(["train"]) == TrainPlan(
        file=None,
        settings={},
        out="model.npz",
        resume=False,
        overwrite=False,
        log_every=100,
        save_every=100,
        data_parallel=False,
    )
    assert parse(["sample", "m.npz"]) == SamplePlan(
        model="m.npz", prefix="", temperature=1.0, n=20, seed=0
    )
    assert parse(["eval", "m.npz"]) == EvalPlan(model="m.npz", file=None)


def test_each_option_arrives_in_its_plan():
    line = "train a.txt --steps 5 --out m --log-every 2 --save-every 3 --data-parallel"
    plan = TrainPlan(
        file="a.txt",
        settings={"steps": 5},
        out="m",
        resume=True,
        overwrite=False,
        log_every=2,
        save_every=3,
        data_parallel=True,
    )
    assert parse([*line.split(), "--resume"]) == plan
    assert parse(["train", "--overwrite"]).overwrite
    line = "sample m.npz --prefix em --temperature 0.5 -n 3 --seed 4"
    assert parse(line.split()) == SamplePlan(
        model="m.npz", prefix="em", temperature=0.5, n=3, seed=4
    )
    assert parse(["eval", "m", "a.txt"]) == EvalPlan(model="m", file="a.txt")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_a_setting_that_is_named_arrives_alone_and_with_its_type(option):
    plan = parse(["train", *words({option.name: option.default})])
    assert plan.settings == {option.name: option.default}
    assert type(plan.settings[option.name]) is type(option.default)


def test_all_settings_can_be_named_at_once():
    other = Settings(
        steps=3,
        n_layer=2,
        n_head=1,
        n_embd=3,
        block_size=5,
        batch=2,
        lr=0.5,
        seed=6,
        dtype="float32",
    )
    named = {option.name: getattr(other, option.name) for option in OPTIONS}
    assert all(named[option.name] != option.default for option in OPTIONS)
    assert Settings(**parse(["train", *words(named)]).settings) == other


def test_the_commands_of_the_readme_are_understood():
    readme = (ROOT / "README.md").read_text("utf-8").replace("\\\n", " ")
    found = re.findall(
        r"(?:bin/algollm|-m algollm_helpers) (.*?)\s*(?:#.*)?$", readme, re.M
    )
    plans = [type(parse(shlex.split(line))) for line in found]
    assert plans == [TrainPlan, SamplePlan, EvalPlan, TrainPlan]


def test_argparse_stays_at_the_door():
    users = {
        path.stem
        for path in (PACKAGE / "program").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "argparse" in ast.unparse(node)
    }
    assert users == {"options"}


# --- Help and refusals --------------------------------------------------------


def refused(line, capsys):
    """Return exit code, output and complaint of words that are not taken."""
    with pytest.raises(SystemExit) as left:
        parse(line)
    return left.value.code, *capsys.readouterr()


def test_the_help_tells_each_setting_and_its_default(capsys):
    code, out, err = refused(["train", "--help"], capsys)
    shown = " ".join(out.split())
    for option in OPTIONS:
        assert f"{option.metadata['help']} (default: {option.default})" in shown
    assert (code, err) == (0, "")


def test_the_help_tells_each_command(capsys):
    code, out, err = refused(["--help"], capsys)
    for command in ("train", "sample", "eval"):
        assert re.search(rf"^ +{command} +\w", out, re.M)
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train --log-every 0", "--log-every: expected a whole number >= 1, got '0'"),
        ("train --save-every 1.5", "expected a whole number >= 1, got '1.5'"),
        ("train --steps many", "argument --steps: invalid int value: 'many'"),
        ("train --step 5", "unrecognized arguments: --step"),
        ("train --resume --overwrite", "not allowed with argument"),
        ("sample", "the following arguments are required: MODEL"),
        ("sample m --temperature hot", "--temperature: invalid float value: 'hot'"),
        ("write", "invalid choice: 'write'"),
        ("", "the following arguments are required: COMMAND; see algollm --help"),
    ],
)
def test_wrong_words_are_answered_with_one_line_and_code_2(line, message, capsys):
    code, out, err = refused(line.split(), capsys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("algollm: ")
    assert message in err
