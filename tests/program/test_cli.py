"""Tests for program.cli: exit codes, one line for each mistake, a light door."""

import io
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from algollm_helpers.program.cli import main
from tests.support.book import ROOT
from tests.support.program import trains, watched, write_text

# --- The door -----------------------------------------------------------------


def test_the_program_is_installed_under_its_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"algollm": "algollm_helpers.program.cli:main"}
    (script,) = entry_points(group="console_scripts", name="algollm")
    assert script.load() is main


LOOK = """
import sys
import algollm_helpers.program.checkpoint
from algollm_helpers.program.cli import main

try:
    main(["--help"])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def test_help_and_files_do_without_what_trains_and_what_talks_to_ranks():
    done = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True
    )
    modules = set(done.stderr.split())
    assert done.stdout.startswith("usage: algollm ")
    assert "algollm_helpers.program.options" in modules
    wings = {name.rpartition(".")[0] for name in modules}
    assert not {"algollm_helpers.parallel", "mpi4py", "tqdm"} & (modules | wings)


# --- Exit codes ---------------------------------------------------------------


def failing(error):
    def fail():
        raise error

    return fail


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "algollm: interrupted\n"),
        (BrokenPipeError(), 141, ""),
        (MemoryError("8 GiB"), 2, "algollm: out of memory: 8 GiB\n"),
        (OSError("no words"), 2, "algollm: no words\n"),
        (OSError(5, "Gone"), 2, "algollm: Gone\n"),
        (OSError(5, "Gone", "a.npz"), 2, "algollm: 'a.npz': Gone\n"),
        (OSError(5, "Gone", b"a.npz"), 2, "algollm: b'a.npz': Gone\n"),
        (ValueError("7 is odd"), 2, "algollm: 7 is odd\n"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_code(error, code, message, capsys):
    assert watched({3: failing(error)}, trains, "--log-every=1")[0] == code
    assert capsys.readouterr().err == message


@pytest.mark.usefixtures("folder")
def test_a_fault_of_our_own_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        watched({3: failing(ZeroDivisionError())}, trains, "--log-every=1")


# --- Mistakes -----------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Work in a folder with a model and things that are none; return what it holds."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_text(folder)
        assert trains() == 0
        raw = (folder / "model.npz").read_bytes()
        (folder / "cut.npz").write_bytes(raw[: len(raw) // 2])
        (folder / "empty.txt").touch()
        (folder / "one.txt").write_text("abc")
        (folder / "odd.txt").write_text("ab\n  aé\n", "utf-8")
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
        (folder / "other.txt").write_text("abc")
        (folder / "empty").mkdir()
        yield lambda: {
            path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()
        }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "arguments are required: COMMAND; see algollm --help"),
        ("learn", "invalid choice: 'learn'"),
        ("train text.txt --steps x", "argument --steps: expected a whole .* got 'x'"),
        ("train text.txt --steps 0", "steps must be >= 1, got 0"),
        ("train text.txt --n-head 3", "3 heads do not divide n_embd=16"),
        ("train text.txt --lr nan", "lr must be finite and > 0, got nan"),
        ("train text.txt --log-every 0", "--log-every: expected .* >= 1, got '0'"),
        ("train text.txt --save-every -3", "--save-every: expected .* got '-3'"),
        ("train text.txt --resume --overwrite", "not allowed with"),
        ("train none.txt", "no file 'none.txt'"),
        ("train empty --out new.npz", "'empty' holds no document"),
        ("train - --out new.npz", "stdin holds no document"),
        ("train text.txt none.txt", "no file 'none.txt'"),
        ("train text.txt --valid 1", r"valid must be in \[0, 1\), got 1.0"),
        (
            "train text.txt --valid 0.1 --valid-file other.txt --out new.npz",
            "exclude each other",
        ),
        ("train text.txt --split page", "split must be one of line, .* got 'page'"),
        ("train one.txt --valid 0.5 --out new.npz", "needs two documents or more, got"),
        ("train text.txt", "'model.npz' exists; --resume goes on"),
        ("train text.txt --out .", "--out: expected the name of a file, got that of"),
        ("train text.txt --out text.txt", "'text.txt' is the text itself"),
        ("train text.txt --out ./text.txt --overwrite", "text.txt' is the text itself"),
        ("train text.txt --out other.txt --resume", "'other.txt' is no readable"),
        ("train text.txt --resume --seed 12", "trained with --seed 42, not 12"),
        ("train other.txt --resume", "'model.npz' was trained on documents with"),
        ("sample none.npz", "'none.npz': No such file or directory"),
        ("sample .", "MODEL: expected the name of a file, got that of a folder"),
        ("sample text.txt", "'text.txt' is no readable model: it is not an .npz file"),
        ("sample cut.npz", "'cut.npz' is no readable model: it is damaged or cut"),
        ("sample model.npz --prefix ax", "'ax' has the character 'x'"),
        ("sample model.npz --prefix aaaaaa", "fewer than 6 characters: 'aaaaaa'"),
        ("sample model.npz --temperature -1", "finite and >= 0, got -1.0"),
        ("sample model.npz -n -1", "n must be >= 0, got -1"),
        (
            "eval model.npz",
            "the book's names, line 1, column 1: .* 'e' .U.0065.",
        ),
        (
            "eval model.npz odd.txt",
            "'odd.txt', line 2, column 4: .* 'é' .U.00E9.",
        ),
        ("eval model.npz empty.txt", "'empty.txt' holds no document"),
    ],
)
def test_a_mistake_is_answered_with_one_line_and_changes_nothing(
    line, message, kept, capsys
):
    before = kept()
    try:
        code = main(line.split())
    except SystemExit as left:
        code = left.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"algollm: .*{message}.*\n", err)
    assert kept() == before
