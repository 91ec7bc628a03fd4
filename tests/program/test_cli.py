"""Tests for program.cli: a session, interruptions, failing disks, refusals."""

import errno
import os
import re
import signal
import subprocess
import sys
import termios
import tomllib
from importlib.metadata import entry_points

import numpy as np
import pytest

from algollm_helpers.gpt.documents import load_docs
from algollm_helpers.gpt.transformer import Config
from algollm_helpers.microgpt import evaluate, sample, train
from algollm_helpers.program import checkpoint
from algollm_helpers.program.checkpoint import Settings, load
from algollm_helpers.program.cli import main
from algollm_helpers.program.options import SETTINGS
from algollm_helpers.schedules import linear_decay
from tests.support.book import ROOT
from tests.support.small import DOCS

SIZES = ["--n-layer=2", "--n-head=2", "--n-embd=4", "--block-size=6"]
SMALL = Config(n_layer=2, n_head=2, n_embd=4, block_size=6)
PROGRAM = [sys.executable, "-m", "algollm_helpers"]
ENVIRONMENT = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": ""}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder that holds one text."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("\n".join(DOCS))
    return tmp_path


def trains(*options, text="text.txt", steps=20):
    return main(["train", text, f"--steps={steps}", *SIZES, *options])


def content(path="model.npz"):
    """Return all that a model's file holds, to the last bit."""
    with np.load(path) as file:
        return {name: (file[name].dtype, file[name].tobytes()) for name in file}


# --- A session ----------------------------------------------------------------


def test_a_session_trains_samples_and_evaluates(capsys):
    assert trains("--lr=0.05", "--seed=7", "--log-every=8") == 0
    out = capsys.readouterr().out.splitlines()
    falling = linear_decay(0.05, steps=20)
    run = train(DOCS, steps=20, seed=7, config=SMALL, schedule=falling)
    means = [run.losses[:8].mean(), run.losses[8:16].mean(), run.losses[16:].mean()]
    assert out == [
        f"5 documents, 4 tokens, {run.params.flat.size} parameters, from step 0",
        f"step  8 of 20  loss {means[0]:.4f}",
        f"step 16 of 20  loss {means[1]:.4f}",
        f"step 20 of 20  loss {means[2]:.4f}",
        "'model.npz' is saved: all 20 steps are done",
    ]
    assert load("model.npz").losses.tolist() == run.losses.tolist()
    assert sorted(os.listdir()) == ["model.npz", "text.txt"]

    words = ["--prefix=c", "--temperature=0.7", "-n=4", "--seed=3"]
    assert main(["sample", "model.npz", *words]) == 0
    expected = sample(run, n=4, temperature=0.7, prefix="c", seed=3)
    assert capsys.readouterr().out.splitlines() == expected

    assert main(["eval", "model.npz", "text.txt"]) == 0
    result = evaluate(run, DOCS)
    printed = capsys.readouterr().out
    assert f"per token     {result.per_token:.4f} nats" in printed
    assert f"per document  {result.per_document:.4f} nats" in printed
    assert f"5, {result.tokens} tokens" in printed
    assert "the documents that the model was trained on" in printed
    assert "cut" not in printed


def test_evaluation_says_what_was_cut_and_what_is_new(capsys, folder):
    trains()
    (folder / "new.txt").write_text("abcabcabc\nab\n")
    capsys.readouterr()
    assert main(["eval", "model.npz", "new.txt"]) == 0
    printed = capsys.readouterr().out
    assert "cut           1 documents longer" in printed
    assert "trained on" not in printed


def test_without_a_file_the_books_names_are_read(capsys):
    assert main(["train", "--steps=2", "--batch=3", "--dtype=float32"]) == 0
    run = train(load_docs(), steps=2, batch=3, dtype=np.float32)
    saved = load("model.npz")
    assert saved.losses.tolist() == run.losses.tolist()
    assert saved.state.params.tobytes() == run.params.flat.tobytes()
    assert "29,910 documents, 27 tokens, 4,192 parameters" in capsys.readouterr().out


def test_each_setting_is_an_option_and_each_option_arrives():
    assert set(SETTINGS) == set(vars(Settings()))
    wanted = Settings(
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
    options = [f"--{n.replace('_', '-')}={v}" for n, v in vars(wanted).items()]
    assert main(["train", "text.txt", *options, "--out=other"]) == 0
    assert load("other").settings == wanted


def test_the_program_is_installed_under_its_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"algollm": "algollm_helpers.program.cli:main"}
    (script,) = entry_points(group="console_scripts", name="algollm")
    assert script.load() is main


# --- On a terminal ------------------------------------------------------------


def on_a_terminal(options, *, stdout=None):
    """Run the program with a terminal as stderr; return what is seen there."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    program = subprocess.Popen(
        [*PROGRAM, "train", "text.txt", *options],
        stdout=stdout or theirs,
        stderr=theirs,
        env=ENVIRONMENT,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += (piece := os.read(ours, 4096))
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
    os.close(ours)
    return program.wait(), seen.decode()


def test_a_terminal_shows_a_bar_and_no_lines():
    code, seen = on_a_terminal(["--steps=50", *SIZES, "--log-every=10"])
    loss = load("model.npz").losses[-10:].mean()
    assert code == 0
    assert re.search(rf"100%\|.*50/50 .*loss {loss:.4f}", seen)
    assert "step 10 of" not in seen
    assert "all 50 steps are done" in seen


def test_lines_go_into_a_file_while_the_terminal_shows_the_bar(folder):
    with open(folder / "log", "wb") as log:
        code, seen = on_a_terminal(["--steps=50", *SIZES, "--log-every=10"], stdout=log)
    assert code == 0
    assert "50/50" in seen
    assert (folder / "log").read_text().count("loss") == 5


# --- Interruptions ------------------------------------------------------------


# Its lines do not fit into a pipe, so it cannot end before we have read them.
LONG = ["text.txt", "--steps=3000", *SIZES, "--log-every=1", "--save-every=1000"]


def started(*options, cwd=None):
    return subprocess.Popen(
        [*PROGRAM, "train", *options],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def ended(program):
    """Return exit code and complaints of a program that is about to end."""
    error = program.stderr.read()
    program.stdout.close()
    program.stderr.close()
    return program.wait(), error


def finished(*options, cwd=None):
    """Return the losses that a program prints which nobody interrupts."""
    program = started(*options, cwd=cwd)
    lines = program.stdout.read().splitlines()[1:-1]
    assert ended(program) == (0, "")
    return lines


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the losses and the file of the run that is not interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "text.txt").write_text("\n".join(DOCS))
    return finished(*LONG, cwd=folder), content(folder / "model.npz")


def test_a_run_that_is_killed_often_ends_like_one_that_is_not(whole):
    seen = set()
    for lines in (1, 60, 7, 90):
        # A save takes most of each step here, so that kills fall into saves, too.
        program = started(*LONG, "--save-every=1", "--resume")
        read = [program.stdout.readline() for _ in range(lines + 1)]
        program.kill()
        read += program.stdout.readlines()
        assert ended(program) == (-signal.SIGKILL, "")
        seen.update(line.strip() for line in read[1:] if line.endswith("\n"))
        assert load("model.npz").state.updates >= lines - 1
    seen.update(finished("text.txt", "--resume", "--log-every=1"))
    assert (sorted(seen), content()) == whole


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_ctrl_c_saves_and_ends_cleanly(number, code, whole):
    program = started(*LONG)
    read = [program.stdout.readline() for _ in range(30)]
    program.send_signal(number)
    read += program.stdout.readlines()
    done = len(read) - 1  # one line a step, after the first
    assert ended(program) == (
        code,
        f"algollm: stopped by {number.name} at step {done} of 3000; 'model.npz' is "
        "saved, --resume goes on\n",
    )
    assert 29 <= done < 3000
    assert load("model.npz").state.updates == done

    losses = finished("text.txt", "--resume", "--log-every=1")
    assert (losses, content()) == (whole[0][done:], whole[1])


def test_a_second_ctrl_c_does_not_wait_and_a_handler_comes_back(monkeypatch, capsys):
    trains()
    before = signal.getsignal(signal.SIGINT)
    calls = []

    def twice(*_):
        calls.append(1)
        if len(calls) == 2:  # the first save is before the first step
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("algollm_helpers.program.cli.save", twice)
    assert trains("--overwrite", "--save-every=3") == 130
    assert len(calls) == 2
    assert capsys.readouterr().err == "algollm: interrupted\n"
    assert signal.getsignal(signal.SIGINT) is before
    assert load("model.npz").state.updates == 20


def test_a_signal_that_is_ignored_at_the_start_stays_so(monkeypatch):
    # As SIGINT is in the job that a shell script starts with &.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        monkeypatch.setattr(
            "algollm_helpers.program.cli.save",
            lambda *_: signal.raise_signal(signal.SIGINT),
        )
        assert trains("--save-every=3") == 0
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_reader_who_leaves_early_is_no_error():
    program = started(*LONG)
    program.stdout.readline()
    program.stdout.close()
    assert ended(program) == (141, "")
    assert 0 < load("model.npz").state.updates < 3000


# --- Going on -----------------------------------------------------------------


def test_a_finished_run_has_nothing_left_to_do(capsys):
    trains()
    before = content()
    capsys.readouterr()
    assert main(["train", "text.txt", "--resume"]) == 0
    assert content() == before
    assert "from step 20" in capsys.readouterr().out


def test_settings_that_agree_may_be_repeated():
    trains()
    assert trains("--resume") == 0


def test_a_model_is_not_replaced_unless_that_is_asked_for(capsys):
    trains()
    before = content()
    assert trains("--seed=1") == 2
    assert content() == before
    error = capsys.readouterr().err
    assert "'model.npz' exists; --resume goes on" in error
    assert trains("--seed=1", "--overwrite") == 0
    assert content() != before


def test_neither_a_folder_nor_the_text_itself_is_written_to(capsys, folder):
    text = (folder / "text.txt").read_bytes()
    assert main(["train", "text.txt", "--out", str(folder)]) == 2
    assert "is a folder; --out expects the name of a file" in capsys.readouterr().err
    assert main(["train", "text.txt", "--out=./text.txt", "--overwrite"]) == 2
    assert "'./text.txt' is the text itself" in capsys.readouterr().err
    assert (folder / "text.txt").read_bytes() == text


@pytest.mark.parametrize("name", SETTINGS)
def test_going_on_with_another_setting_is_refused(name, capsys):
    trains()
    before = content()
    value = {"lr": 0.5, "dtype": "float32"}.get(name, 12)
    option = f"--{name.replace('_', '-')}"
    assert main(["train", "text.txt", "--resume", f"{option}={value}"]) == 2
    was = getattr(load("model.npz").settings, name)
    assert capsys.readouterr().err == (
        f"algollm: 'model.npz' was trained with {option} {was}, not {value}; to go on "
        "with it, leave the option out\n"
    )
    assert content() == before


def test_going_on_with_other_documents_is_refused(capsys, folder):
    trains()
    before = content()
    (folder / "other.txt").write_text("\n".join(reversed(DOCS)))
    digests = [checkpoint.digest(docs)[:12] for docs in (DOCS, DOCS[::-1])]
    assert main(["train", "other.txt", "--resume"]) == 2
    assert capsys.readouterr().err == (
        f"algollm: 'model.npz' was trained on documents with SHA-256 {digests[0]}…, "
        f"'other.txt' has {digests[1]}…\n"
    )
    assert main(["train", "--resume"]) == 2
    assert "the book's names" in capsys.readouterr().err
    assert content() == before


# --- Disks that fail ----------------------------------------------------------


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_for_a_while_costs_a_warning(monkeypatch, capsys):
    real, calls = os.replace, []

    def sometimes_full(*paths):
        calls.append(paths)
        return full() if len(calls) in (2, 3) else real(*paths)

    monkeypatch.setattr(os, "replace", sometimes_full)
    assert trains("--save-every=5") == 0  # saves at 0, 5, 10, 15, 20
    assert len(calls) == 5
    line = (
        "algollm: cannot save 'model.npz': No space left on device; training goes on\n"
    )
    assert capsys.readouterr().err == 2 * line
    assert load("model.npz").state.updates == 20


def test_a_disk_that_stays_full_loses_nothing_that_was_saved(monkeypatch, capsys):
    trains("--save-every=5")
    real, calls = os.replace, []

    def soon_full(*paths):
        calls.append(paths)
        return full() if len(calls) > 2 else real(*paths)

    monkeypatch.setattr(os, "replace", soon_full)
    assert trains("--overwrite", "--save-every=8") == 2  # saves at 0, 8, 16, 20
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "algollm: cannot save 'model.npz': No space left on device; training goes on",
        "algollm: cannot save 'model.npz': No space left on device",
    ]
    assert load("model.npz").state.updates == 8


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("no/model.npz", "No such file or directory"),
        ("text.txt/model.npz", "Not a directory"),
    ],
)
def test_a_place_that_cannot_be_written_is_reported_before_the_work(
    out, reason, capsys, monkeypatch
):
    monkeypatch.setattr("algollm_helpers.gpt.training.Training.update", full)
    assert trains(f"--out={out}") == 2
    assert capsys.readouterr().err == f"algollm: cannot save '{out}': {reason}\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_a_log_that_cannot_be_written_is_one_line():
    with open("/dev/full", "w") as log:
        done = subprocess.run(
            [*PROGRAM, "train", "text.txt", "--steps=5", *SIZES],
            stdout=log,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "algollm: No space left on device\n"


# --- Refusals -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "arguments are required: COMMAND; see algollm --help"),
        ("learn", "invalid choice: 'learn'"),
        ("train text.txt --steps x", "argument --steps: invalid int value: 'x'"),
        ("train text.txt --steps 0", "steps must be >= 1, got 0"),
        ("train text.txt --n-head 3", "3 heads do not divide n_embd=16"),
        ("train text.txt --lr nan", "lr must be finite and > 0, got nan"),
        ("train text.txt --log-every 0", "--log-every: expected .* >= 1, got '0'"),
        ("train text.txt --save-every -3", "--save-every: expected .* got '-3'"),
        ("train text.txt --resume --overwrite", "not allowed with"),
        ("train none.txt", "no file 'none.txt'"),
        ("train .", "no file '.'"),
        ("train text.txt --out text.txt", "'text.txt' exists"),
        ("train text.txt --out text.txt --resume", "'text.txt' is no readable model"),
        ("sample none.npz", "'none.npz': No such file or directory"),
        ("sample .", "'.': Is a directory"),
        ("sample text.txt", "'text.txt' is no readable model: it is not an .npz file"),
        ("sample cut.npz", "'cut.npz' is no readable model: it is damaged or cut"),
        ("sample model.npz --prefix ax", "'ax' has the character 'x'"),
        ("sample model.npz --prefix aaaaaa", "fewer than 6 characters: 'aaaaaa'"),
        ("sample model.npz --temperature 0", "finite and > 0, got 0.0"),
        ("sample model.npz -n -1", "n must be >= 0, got -1"),
        ("eval model.npz", "'emma' has the character 'e'"),
        ("eval model.npz empty.txt", "'empty.txt' holds no document"),
    ],
)
def test_a_mistake_is_answered_with_one_line(arguments, message, capsys, folder):
    trains()
    raw = (folder / "model.npz").read_bytes()
    (folder / "cut.npz").write_bytes(raw[: len(raw) // 2])
    (folder / "empty.txt").touch()
    before = sorted(os.listdir())
    capsys.readouterr()
    try:
        code = main(arguments.split())
    except SystemExit as left:
        code = left.code
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert re.fullmatch(rf"algollm: .*{message}.*\n", err)
    assert (folder / "model.npz").read_bytes() == raw
    assert sorted(os.listdir()) == before
