"""Tests for program.options: settings, defaults, refusals in one line."""

import dataclasses

import pytest

from algollm_helpers.program.checkpoint import Settings
from algollm_helpers.program.options import SETTINGS, parser


def test_every_setting_of_a_run_is_an_option_and_explained():
    assert list(SETTINGS) == [field.name for field in dataclasses.fields(Settings)]


def test_an_option_that_is_not_given_leaves_the_default_to_the_settings(capsys):
    given = parser().parse_args(["train"])
    assert all(getattr(given, name) is None for name in SETTINGS)
    with pytest.raises(SystemExit):
        parser().parse_args(["train", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for field in dataclasses.fields(Settings):
        assert f"{SETTINGS[field.name]} (default: {field.default})" in shown


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda f: f.name)
def test_an_option_has_the_type_of_its_setting(field):
    option = f"--{field.name.replace('_', '-')}"
    given = parser().parse_args(["train", option, str(field.default)])
    assert getattr(given, field.name) == field.default
    assert type(getattr(given, field.name)) is type(field.default)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--log-every", "0"], "expected a whole number >= 1, got '0'"),
        (["train", "--save-every", "1.5"], "expected a whole number >= 1, got '1.5'"),
        (["train", "--steps", "many"], "invalid int value: 'many'"),
        (["train", "--step", "5"], "unrecognized arguments: --step"),
        (["train", "--resume", "--overwrite"], "not allowed with argument"),
        (["write"], "invalid choice: 'write'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_wrong_words_are_answered_with_one_line_and_code_2(words, message, capsys):
    with pytest.raises(SystemExit) as left:
        parser().parse_args(words)
    said = capsys.readouterr()
    assert left.value.code == 2
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("algollm: ")
    assert message in said.err
