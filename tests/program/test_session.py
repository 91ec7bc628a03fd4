"""Tests for program.session: to the end, signals, kills, disks that fail, ranks."""

import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from algollm_helpers.gpt.training import Training
from algollm_helpers.microgpt import train
from algollm_helpers.program.checkpoint import digest
from algollm_helpers.program.output import Output
from algollm_helpers.program.session import Diverged, Session
from algollm_helpers.program.signals import ENDING
from algollm_helpers.program.start import Start
from algollm_helpers.schedules import linear_decay
from tests.support.program import (
    PROGRAM,
    SMALL,
    TRAIN,
    content,
    loaded,
    trains,
    watched,
    write_text,
)
from tests.support.small import DOCS, TINY

pytestmark = pytest.mark.usefixtures("folder")


def fresh(out="model.npz", **named):
    """Return the session of a run at its start."""
    return Session(
        Output(Path(out)), Start(SMALL, DOCS, digest(DOCS), None, np.empty(0)), **named
    )


def taken_up(out="model.npz"):
    """Return the session that goes on with a saved run."""
    saved = loaded(out)
    return Session(
        Output(Path(out), resume=True),
        Start(saved.settings, DOCS, saved.docs_sha256, saved.state, saved.losses),
    )


def run(session, actions=(), *, log_every=1, save_every=1000):
    """Run a session, with actions at its lines; return what it returns."""
    steps = partial(session.run, log_every=log_every, save_every=save_every)
    return watched(dict(actions), steps)[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return lines and file of the run that nothing happens to."""
    folder = tmp_path_factory.mktemp("whole")
    write_text(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        code, lines = watched({}, trains, "--log-every=1")
        assert code == 0
        return lines[1:-1], content()


# --- To the end ---------------------------------------------------------------


def test_a_session_makes_the_whole_run_and_saves_it():
    falling = linear_decay(SMALL.lr, steps=20)
    expected = train(DOCS, steps=20, seed=42, config=TINY, schedule=falling)
    session = fresh()
    assert (session.done, session.speaks) == (0, True)
    assert run(session) == 0
    assert session.done == 20
    saved = loaded("model.npz")
    assert saved.losses.tolist() == expected.losses.tolist()
    assert saved.state.params.tobytes() == expected.params.flat.tobytes()
    assert (saved.settings, saved.docs_sha256) == (SMALL, digest(DOCS))


@pytest.mark.parametrize("log_every", [1, 5])
def test_it_saves_every_few_steps_and_at_the_end(log_every):
    saved = {}

    def look(step):
        path = "model.npz"
        saved[step] = loaded(path).state.updates if os.path.exists(path) else None

    looks = {step: partial(look, step) for step in (5, 10, 15, 20)}
    run(fresh(), looks, log_every=log_every, save_every=6)
    assert saved == {5: None, 10: 6, 15: 12, 20: 18}
    assert loaded("model.npz").state.updates == 20


def test_a_run_that_is_done_is_saved_as_it_was(whole):
    run(fresh())
    before = content()
    session = taken_up()
    assert watched({}, session.run, log_every=1, save_every=1) == (0, [])
    assert content() == before == whole[1]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("loss", "its loss is nan"),
        ("params", "its parameters are not finite"),
        ("m", "its means are not finite"),
        ("v", "its variances are not finite"),
    ],
)
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_run_that_diverges_keeps_its_last_finite_save(place, reason, number):
    class Diverging(Training):
        def update(self):
            loss = super().update()
            if self.state.updates == 8:
                if place == "loss":
                    return number
                getattr(self.state, place)[-1] = number
            return loss

    session = fresh(kind=Diverging)
    told = reason.replace("nan", str(number))
    with (
        np.errstate(all="raise"),
        pytest.raises(Diverged, match=f"^the run diverged at step 8: {told}$"),
    ):
        run(session, save_every=3)
    assert (session.saved, loaded().state.updates) == (6, 6)


# --- Signals ------------------------------------------------------------------


def raising(at, *numbers):
    """Return a kind of training that raises signals in the middle of an update."""

    class Interrupted(Training):
        def differentiate(self, docs):
            loss = super().differentiate(docs)
            if self.state.updates == at:
                for number in numbers:
                    signal.raise_signal(number)
            return loss

    return Interrupted


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_ends_a_run_after_the_update_at_hand(number, whole):
    session = fresh(kind=raising(7, number))
    assert run(session) == number
    assert session.done == 8
    assert loaded("model.npz").state.updates == 8
    assert run(taken_up()) == 0
    assert content() == whole[1]


def test_a_signal_in_the_last_update_changes_nothing(whole):
    assert run(fresh(kind=raising(19, signal.SIGINT))) == signal.SIGINT
    assert content() == whole[1]


def test_a_second_ctrl_c_does_not_wait_and_the_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    session = fresh(kind=raising(7, signal.SIGINT, signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run(session, save_every=3)
    assert signal.getsignal(signal.SIGINT) is before
    assert loaded("model.npz").state.updates == 6


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_that_is_ignored_at_the_start_does_not_end_a_run(number):
    signal.signal(number, signal.SIG_IGN)  # by nohup, say
    assert run(fresh(kind=raising(7, number))) == 0
    assert loaded().state.updates == 20


def narrow_pipe():
    """Return two ends of which the first takes little that the other has not read."""
    ends = socket.socketpair()
    for end in ends:
        for way in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, way, 1024)
    return ends


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_process_that_is_told_to_end_does_so_cleanly(number, code):
    # Its 20 kB of lines do not fit into the pipe: it cannot end before they are read.
    long = [*TRAIN, "--steps=600", "--log-every=1"]
    ours, theirs = narrow_pipe()
    with subprocess.Popen(
        [*PROGRAM, *long],
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    ) as program:
        theirs.close()
        with ours, ours.makefile() as lines:
            read = [lines.readline() for _ in range(30)]
            program.send_signal(number)
            read += lines.readlines()
        error = program.stderr.read()
    done = len(read) - 1  # one line a step, after the first
    assert program.returncode == code
    assert error == (
        f"algollm: stopped by {number.name} at step {done} of 600; 'model.npz' is "
        "saved, --resume goes on\n"
    )
    assert 29 <= done < 600
    assert loaded("model.npz").state.updates == done


# --- Kills --------------------------------------------------------------------

# The program, which kills itself in an update or at a call of the file system.
KILLED = """
import itertools, os, signal, sys
from algollm_helpers.gpt.training import Training
from algollm_helpers.program.cli import main

event, name, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
calls, differentiate = itertools.count(1), Training.differentiate

def die_at_last(happened, args):
    here = happened == event and str(args[0]).endswith(name)
    if here and next(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)

def noted(self, docs):
    loss = differentiate(self, docs)
    die_at_last("update", ["model"])
    return loss

Training.differentiate = noted
sys.addaudithook(die_at_last)
sys.exit(main(sys.argv[4:]))
"""


def test_a_run_that_is_killed_often_ends_like_one_that_is_not(folder, whole):
    seen = set()
    for event, name, last, held in [
        ("update", "model", 6, 5),
        ("os.rename", ".part", 4, 7),  # saves of 5, 6, 7 and, killed, 8
        ("open", folder.name, 5, 11),  # saves of 7, 8, 9, 10 and, done, 11
    ]:
        options = ["--resume", "--save-every=1", "--log-every=1"]
        done = subprocess.run(
            [sys.executable, "-c", KILLED, event, name, str(last), *TRAIN, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
        assert loaded("model.npz").state.updates == held
        seen.update(done.stdout.splitlines()[1:])
    code, lines = watched({}, trains, "--resume", "--log-every=1")
    assert code == 0
    seen.update(lines[1:-1])
    assert (sorted(seen), content()) == (sorted(whole[0]), whole[1])


# --- Disks that fail ----------------------------------------------------------


@pytest.fixture
def disk(folder):
    """Give a folder to save in, and two functions that take it away and back."""
    (folder / "disk").mkdir()
    return partial(os.rename, "disk", "gone"), partial(os.rename, "gone", "disk")


def test_a_disk_that_is_away_for_a_while_costs_warnings(disk, capsys):
    away, back = disk
    session = fresh("disk/model.npz")
    assert run(session, {5: away, 15: back}, save_every=5) == 0
    line = (
        "algollm: cannot save 'disk/model.npz': No such file or directory; training "
        "goes on\n"
    )
    assert capsys.readouterr().err == 2 * line
    assert loaded("disk/model.npz").state.updates == 20


def test_a_disk_that_stays_away_loses_nothing_that_was_saved(disk, capsys):
    away, back = disk
    with pytest.raises(
        OSError, match=r"cannot save 'disk/model\.npz': No such file or directory$"
    ):
        run(fresh("disk/model.npz"), {9: away}, save_every=8)
    assert capsys.readouterr().err.count("training goes on") == 1  # at 16
    back()
    assert loaded("disk/model.npz").state.updates == 8


def leave():
    raise BrokenPipeError


def test_a_reader_who_leaves_early_finds_all_steps_saved(whole):
    with pytest.raises(BrokenPipeError):
        run(fresh(), {7: leave})
    assert loaded("model.npz").state.updates == 7
    assert run(taken_up()) == 0
    assert content() == whole[1]


# --- Several ranks ------------------------------------------------------------


class Two:
    """One of two ranks, of which the other keeps a signal at one of the steps."""

    size = 2

    def __init__(self, rank, at=None):
        self.rank, self.at, self.calls = rank, at, 0

    def allgather(self, mine):
        """Return what this rank and the other send."""
        self.calls += 1
        return [mine, signal.SIGTERM if self.calls == self.at else 0]


def test_the_first_rank_alone_prints_and_saves(capsys):
    start = Start(SMALL, DOCS, digest(DOCS), None, np.empty(0))
    session = Session(None, start, ranks=Two(1))
    assert not session.speaks
    session.save()
    assert watched({}, session.run, log_every=1, save_every=1) == (0, [])
    assert session.done == 20
    assert os.listdir() == ["text.txt"]
    assert fresh(ranks=Two(0)).speaks


@pytest.mark.parametrize("rank", [0, 1])
def test_a_signal_to_any_rank_stops_all_after_the_same_step(rank):
    session = fresh(ranks=Two(rank, at=7))
    assert run(session) == signal.SIGTERM
    assert session.done == 7
    Path("model.npz").unlink()
    session = fresh(ranks=Two(rank), kind=raising(6, signal.SIGINT))
    assert run(session) == signal.SIGINT
    assert session.done == 7
