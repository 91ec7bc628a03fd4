"""Tests for program.output: nothing is overwritten that was not named twice."""

import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from algollm_helpers.program.cli import main
from algollm_helpers.program.output import Output
from tests.support.program import PROGRAM, TRAIN, content, loaded, trains, watched

pytestmark = pytest.mark.usefixtures("folder")

TEXT = b"ab\ncab\na\nbbca\nabc\n"


def code_of(*words):
    try:
        return main([*words])
    except SystemExit as left:
        return left.code


def listing(folder=Path()):
    """Return all that is in a folder: kind, link's end, content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = ("link", os.readlink(path))
        elif path.is_file():
            found[str(path)] = ("file", path.read_bytes())
        else:
            found[str(path)] = ("other", "")
    return found


@pytest.fixture
def things(folder):
    """Fill the folder with things that a careless save would harm."""
    Path("text.txt").write_bytes(TEXT)
    trains("--out=m.npz", "--seed=1")
    Path("notes.txt").write_text("precious")
    Path("cut.npz").write_bytes(Path("m.npz").read_bytes()[:900])
    np.savez("arrays.npz", a=np.arange(3))
    Path("empty").touch()
    Path("sub").mkdir()
    Path("sub/deep.txt").write_text("deep")
    Path("link.txt").symlink_to("text.txt")
    Path("link.npz").symlink_to("m.npz")
    Path("notes.npz").symlink_to("notes.txt")
    Path("up.npz").symlink_to("sub/deep.txt")
    Path("sub.npz").symlink_to("sub")
    Path("nowhere.npz").symlink_to("nothing")
    Path("round.npz").symlink_to("round.npz")
    os.link("text.txt", "same.txt")
    os.link("notes.txt", "same.npz")
    os.mkfifo("pipe")
    return listing


FLAGS = ([], ["--resume"], ["--overwrite"])
NEVER = [  # whatever the flags
    *("text.txt/", "text.txt/.", "text.txt//", "text.txt/..", "m.npz/", "m.npz/."),
    *("", ".", "..", "sub", "sub/", "sub.npz", "new/", "-", "/dev/null", "pipe"),
    *("text.txt", "./text.txt", "sub/../text.txt", "link.txt", "same.txt"),
    *("notes.txt", "notes.npz", "same.npz", "up.npz", "cut.npz", "arrays.npz"),
    *("empty", "round.npz", "text.txt/m.npz"),
]


@pytest.mark.parametrize("flags", FLAGS, ids=str)
def test_what_is_no_model_is_never_replaced(flags, things, capsys):
    before = things()
    for out in NEVER:
        capsys.readouterr()
        assert code_of(*TRAIN, f"--out={out}", *flags) == 2, out
        assert re.fullmatch("algollm: .+\n", capsys.readouterr().err), out
        assert things() == before, out


@pytest.mark.parametrize("out", ["m.npz", "link.npz", "./m.npz", "sub/../m.npz"])
def test_a_model_is_replaced_only_if_that_is_asked_for(out, things):
    before = things()
    assert code_of(*TRAIN, f"--out={out}") == 2  # --resume alone goes on, see below
    assert things() == before
    assert code_of(*TRAIN, f"--out={out}", "--overwrite") == 0
    after = things()
    assert after["m.npz"] != before["m.npz"]
    assert {**after, "m.npz": 0} == {**before, "m.npz": 0}


@pytest.mark.parametrize("flag", ["--resume", "--overwrite"])
def test_a_link_to_nothing_is_followed_and_stays_a_link(flag, things):
    before = things()
    assert code_of(*TRAIN, "--out=nowhere.npz") == 2
    assert code_of(*TRAIN, "--out=nowhere.npz", flag) == 0
    after = things()
    assert loaded("nothing").state.updates == 20
    assert {**before, "nothing": after["nothing"]} == after


def test_a_name_in_another_case_is_the_text_where_case_does_not_count(things):
    if not Path("TEXT.TXT").exists():  # here it counts: two names of one file do
        os.link("text.txt", "TEXT.TXT")
    before = things()
    for flags in FLAGS:
        assert code_of(*TRAIN, "--out=TEXT.TXT", *flags) == 2
    assert things() == before


# --- While training runs ------------------------------------------------------


def replaced(path, by):
    os.replace(by, path)


def relinked(path, to):
    os.unlink(path)
    os.symlink(to, path)


def rewritten(path):
    Path(path).write_bytes(b"mine")


def copied(path, other):
    Path(path).write_bytes(Path(other).read_bytes())


@pytest.mark.parametrize(
    "action",
    [
        partial(replaced, "model.npz", by="notes.txt"),
        partial(replaced, "model.npz", by="m.npz"),  # another run's checkpoint
        partial(relinked, "model.npz", to="text.txt"),
        partial(relinked, "model.npz", to="nowhere"),
        partial(rewritten, "model.npz"),
        partial(copied, "model.npz", "m.npz"),
    ],
    ids=["replaced", "another model", "link to text", "link", "rewritten", "copied"],
)
@pytest.mark.parametrize("flag", [[], ["--overwrite"]], ids=str)
def test_what_somebody_puts_there_meanwhile_stays(action, flag, things, capsys):
    Path("model.1.npz").write_text("taken")
    if flag:
        trains("--seed=5")
    seen = {}

    def act():
        action()
        seen.update(things())

    code, lines = watched({7: act}, trains, "--save-every=5", "--log-every=1", *flag)
    assert code == 0
    after = things()
    assert loaded("model.2.npz").state.updates == 20
    assert {**seen, "model.2.npz": after["model.2.npz"]} == after
    assert lines[-1] == "'model.2.npz' is saved: all 20 steps are done"
    assert capsys.readouterr().err.splitlines()[-1] == (
        "algollm: 'model.npz' was changed or replaced by somebody else and is left "
        "alone; the run is saved as 'model.2.npz' from now on"
    )


def test_a_model_that_is_moved_meanwhile_is_kept_and_saved_anew():
    move = {7: partial(os.rename, "model.npz", "kept.npz")}
    assert watched(move, trains, "--save-every=5", "--log-every=1")[0] == 0
    assert loaded("kept.npz").state.updates == 5
    assert loaded().state.updates == 20


def test_a_text_that_becomes_a_link_to_the_model_harms_neither():
    def act():
        os.rename("text.txt", "kept.txt")
        os.symlink("model.npz", "text.txt")

    before = Path("text.txt").read_bytes()
    assert watched({7: act}, trains, "--save-every=5", "--log-every=1")[0] == 0
    assert Path("kept.txt").read_bytes() == before
    assert loaded().state.updates == 20


def test_a_link_that_is_bent_meanwhile_is_not_followed(things):
    bend = {7: partial(relinked, "nowhere.npz", to="notes.txt")}
    code, _ = watched(
        bend, trains, "--out=nowhere.npz", "--resume", "--save-every=5", "--log-every=1"
    )
    assert code == 0
    assert Path("notes.txt").read_text() == "precious"
    assert loaded("nothing").state.updates == 20


def test_a_save_aside_that_fails_is_tried_again_from_the_old_name():
    out = Output(Path("model.npz"))
    out.write(b"PK1")
    rewritten("model.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            out.write(b"PK2")
    assert out.path == Path("model.npz")
    out.write(b"PK2")
    assert Path("model.1.npz").read_bytes() == b"PK2"
    assert Path("model.npz").read_bytes() == b"mine"


def full(*_):
    raise OSError(28, "No space left on device")


# --- Two at once --------------------------------------------------------------


@pytest.mark.parametrize("flags", FLAGS, ids=str)
@pytest.mark.parametrize("first", FLAGS, ids=str)
def test_of_two_runs_with_one_name_the_second_is_refused(first, flags, capsys):
    if first == ["--overwrite"]:
        trains("--seed=3")
    seen = {}

    def second():
        seen["code"] = subprocess.run(
            [*PROGRAM, *TRAIN, *flags], capture_output=True, text=True, check=False
        )

    watched({7: second}, trains, "--save-every=5", "--log-every=1", *first)
    assert seen["code"].returncode == 2
    reason = "another process is training 'model.npz' now\n" if flags else "exists"
    assert reason in seen["code"].stderr
    assert loaded().state.updates == 20
    assert sorted(os.listdir()) == ["model.npz", "text.txt"]


def test_a_file_that_appears_after_the_look_is_not_replaced():
    out, other = Output(Path("m.npz")), Output(Path("m.npz"))
    other.write(b"PK first")
    with pytest.raises(FileExistsError, match="there is another file now"):
        out.write(b"PK second")
    assert Path("m.npz").read_bytes() == b"PK first"
    assert sorted(os.listdir()) == ["m.npz", "text.txt"]


def test_a_killed_run_leaves_no_lock(capsys):
    die = "import os, signal\nfrom tests.support.program import trains, watched\n"
    die += "act = {7: lambda: os.kill(os.getpid(), signal.SIGKILL)}\n"
    die += "watched(act, trains, '--save-every=5', '--log-every=1')"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", die],
        env=os.environ | {"PYTHONPATH": str(root)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert sorted(os.listdir()) == ["model.npz", "text.txt"]
    assert trains("--resume") == 0
    assert content()["step"]
