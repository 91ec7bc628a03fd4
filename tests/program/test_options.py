"""Tests for program.options: what words ask for, defaults, refusals in one line."""

import ast
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from algollm_helpers.program.options import parse
from algollm_helpers.program.paths import Stream
from algollm_helpers.program.plans import (
    ClaimsPlan,
    DiagnosePlan,
    EvalPlan,
    SamplePlan,
    TrainPlan,
)
from algollm_helpers.program.settings import OPTIONS, Settings
from tests.support.book import PACKAGE, ROOT
from tests.support.program import words

# --- Plans --------------------------------------------------------------------


def test_without_options_a_plan_has_the_defaults():
    assert parse(["train"]) == TrainPlan(
        files=(),
        valid_file=None,
        settings={},
        out=Path("model.npz"),
        resume=False,
        overwrite=False,
        log_every=100,
        save_every=100,
        data_parallel=False,
        watch=None,
        figure=None,
    )
    assert parse(["sample", "m.npz"]) == SamplePlan(
        model=Path("m.npz"), prefix="", temperature=1.0, n=20, seed=0
    )
    assert parse(["eval", "m.npz"]) == EvalPlan(
        model=Path("m.npz"), files=(), split=None, skip_unknown=False
    )
    assert parse(["diagnose", "r.csv"]) == DiagnosePlan(
        log=Path("r.csv"), figure=None, json=False
    )
    assert parse(["claims"]) == ClaimsPlan(
        ids=(), chapter=None, verdict=None, json=False
    )


def test_each_option_arrives_in_its_plan():
    line = (
        "train a.txt --steps 5 --out m --log-every 2 --save-every 3 --data-parallel -"
    )
    line += " --valid-file v.txt --watch r.csv --figure r.svg"
    plan = TrainPlan(
        files=(Path("a.txt"), Stream.STDIN),
        valid_file=Path("v.txt"),
        settings={"steps": 5},
        out=Path("m"),
        resume=True,
        overwrite=False,
        log_every=2,
        save_every=3,
        data_parallel=True,
        watch=Path("r.csv"),
        figure=Path("r.svg"),
    )
    assert parse([*line.split(), "--resume"]) == plan
    assert parse(["train", "--overwrite"]).overwrite
    line = "sample m.npz --prefix em --temperature 0.5 -n 3 --seed 4"
    assert parse(line.split()) == SamplePlan(
        model=Path("m.npz"), prefix="em", temperature=0.5, n=3, seed=4
    )
    line = "eval m a.txt --split blank b.txt --skip-unknown"
    assert parse(line.split()) == EvalPlan(
        model=Path("m"),
        files=(Path("a.txt"), Path("b.txt")),
        split="blank",
        skip_unknown=True,
    )
    line = "diagnose --figure r.svg --json -"
    assert parse(line.split()) == DiagnosePlan(
        log=Stream.STDIN, figure=Path("r.svg"), json=True
    )
    line = "claims C43 --chapter loss --json C44 --verdict false"
    assert parse(line.split()) == ClaimsPlan(
        ids=("C43", "C44"), chapter="loss", verdict="false", json=True
    )


def test_of_several_processes_the_first_one_complains(monkeypatch, capsys):
    answers = []
    for rank in "01":
        monkeypatch.setenv("PMI_RANK", rank)
        monkeypatch.setenv("PMI_SIZE", "2")
        answers.append(refused(["train", "--out=a/"], capsys))
    assert answers[0][0] == 2
    assert answers[0][2].count("\n") == 1
    assert answers[1] == (0, "", "")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("sample m --prefix -a", "prefix", "-a"),
        ("sample m --prefix -", "prefix", "-"),
        ("sample m --prefix=-a", "prefix", "-a"),
        ("sample --prefix --b m", "prefix", "--b"),
        ("sample m -n -1", "n", -1),
        ("train --out -m.npz", "out", Path("-m.npz")),
        ("train --save-every 3 --out -m.npz", "out", Path("-m.npz")),
        ("train -- -t.txt", "files", (Path("-t.txt"),)),
        ("train --lr 1 a --steps 2 b c", "files", (Path("a"), Path("b"), Path("c"))),
        ("claims --chapter loss C43", "ids", ("C43",)),
    ],
)
def test_a_value_may_begin_with_a_dash_and_files_stand_anywhere(line, name, value):
    assert getattr(parse(line.split()), name) == value


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as left:
        parse(["--version"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert left.value.code == 0
    assert capsys.readouterr().out == f"algollm {project['version']}\n"


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
        split="file",
        valid=0.25,
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
    trained = [TrainPlan, SamplePlan, EvalPlan, *[TrainPlan] * 4]
    watched = [TrainPlan, DiagnosePlan, DiagnosePlan]
    assert plans == [*trained, *watched, TrainPlan, ClaimsPlan, ClaimsPlan]


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
    for command in ("train", "sample", "eval", "diagnose", "claims"):
        assert re.search(rf"^ +{command} +\w", out, re.M)
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train --log-every 0", "--log-every: expected a whole number >= 1, got '0'"),
        ("train --save-every 1.5", "expected a whole number >= 1, got '1.5'"),
        ("train --steps many", "argument --steps: expected a whole number, got 'many'"),
        ("train --step 5", "unrecognized arguments: --step"),
        ("train --resume --overwrite", "not allowed with argument"),
        (
            "train a.txt --foo",
            "arguments: --foo; see algollm train --help",
        ),
        ("train --out", "argument --out: expected one argument; see algollm train --h"),
        ("train a --steps 1_0", "expected a whole number, got '1_0'"),
        ("train --log-every " + "9" * 5000, "expected a whole number >= 1, got '999"),
        ("train a.txt --steps 5 --out= b", "expected the name of a file, got ''"),
        ("eval m --split page", "argument --split: invalid choice: 'page'"),
        ("sample", "the following arguments are required: MODEL"),
        ("sample m --temperature hot", "--temperature: expected a number, got 'hot'"),
        ("write", "invalid choice: 'write'"),
        ("diagnose", "the following arguments are required: LOG.csv; see algollm diag"),
        ("diagnose r.csv s.csv", "arguments: s.csv; see algollm diagnose --help"),
        ("train --figure r.svg", "draws what --watch writes: add --watch LOG.csv; see"),
        ("claims C43 --all", "arguments: --all; see algollm claims --help"),
        ("train --lr 1 a\0b", "argument FILE: expected the name of a file, got 'a\\x0"),
        ("", "the following arguments are required: COMMAND; see algollm --help"),
    ],
)
def test_wrong_words_are_answered_with_one_line_and_code_2(line, message, capsys):
    code, out, err = refused(line.split(), capsys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("algollm: ")
    assert message in err
