"""Tests for parallel.data_parallel: the same run, then faults of every kind."""

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from algollm_helpers.gpt.training import Training
from algollm_helpers.parallel import mpi
from algollm_helpers.parallel.data_parallel import CHECK_EVERY, DataParallel
from algollm_helpers.program.cli import main
from algollm_helpers.schedules import constant
from tests.support.jobs import PATIENCE, assert_all_ended, time_is_up, until
from tests.support.program import assert_same, loaded, write_text
from tests.support.small import DOCS, TINY

SIZES = "--n-layer=2 --n-head=2 --n-embd=4 --block-size=6 --batch=3".split()
RUN = ["train", "text.txt", "--steps=100", "--lr=0.01", "--save-every=10", *SIZES]

# The program, with something that happens to one rank at one step.
FAULTY = """
import os, signal, sys, time
from mpi4py import MPI
from algollm_helpers.program import checkpoint, cli
from algollm_helpers.parallel import watch
from algollm_helpers.parallel.data_parallel import DataParallel

kind, rank, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
update, replace = DataParallel.update, os.replace
if kind == "stop":
    watch.LOOK = 0.05  # as many looks as ever, in less time

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def wait_for_a_signal():
    came = []
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        signal.signal(number, lambda *now, before=before: came.append(before(*now)))
    open("ready", "w").close()
    while not came:
        time.sleep(0.01)

def faulty(self):
    if MPI.COMM_WORLD.rank == rank and self.state.updates == step:
        if kind == "raise":
            raise ZeroDivisionError("a fault")
        elif kind == "kill":
            die()
        elif kind == "kill in save":
            os.replace = die
        elif kind == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif kind == "stick":
            open("ready", "w").close()
            time.sleep(1000)
        elif kind == "drift":
            self.params.flat[0] += 1e-12
        elif kind == "signal":
            os.replace = die  # rank 0 alone saves
            signal.raise_signal(signal.SIGTERM)
        elif kind == "wait":
            wait_for_a_signal()
    return update(self)

DataParallel.update = faulty
sys.exit(cli.main(sys.argv[5:]))
"""


def furnished(folder):
    """Put into a folder what a run needs."""
    write_text(folder)
    (folder / "faulty.py").write_text(FAULTY)
    return folder


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder with one text; afterwards no process may be left."""
    monkeypatch.chdir(furnished(tmp_path))
    yield tmp_path
    assert_all_ended(str(tmp_path))


def trains(ranks, *options, cwd=None):
    args = [*RUN, "--data-parallel", *options]
    return mpi.run(ranks, "algollm_helpers", args, timeout=PATIENCE, cwd=cwd)


def faulty_args(kind, *options, rank=1, step=37, cwd=None):
    return [kind, rank, step, cwd or os.getcwd(), *RUN, "--data-parallel", *options]


def faulty(kind, *, cwd=None, **place):
    args = faulty_args(kind, cwd=cwd, **place)
    return mpi.run(2, "faulty", args, timeout=PATIENCE, cwd=cwd)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the folder of the run that nothing happens to, on 0, 1, 2, 4 ranks.

    0 stands for the program without ``--data-parallel``.
    """
    folder = furnished(tmp_path_factory.mktemp("whole"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main([*RUN, "--out=0"]) == 0
    for ranks in (1, 2, 4):
        job = trains(ranks, f"--out={ranks}", "--log-every=50", cwd=folder)
        assert (job.code, job.stderr) == (0, "")
        (folder / f"said by {ranks}").write_text(job.stdout)
    return folder


class Left:
    """What a fault leaves, and proof that the whole run can be made of it.

    A save at the same step then need not be continued again: it is the same.
    """

    def __init__(self, kind, folder, whole):
        self.job = faulty(kind, cwd=folder)
        self.model = folder / "model.npz"
        self.checkpoint = loaded(str(self.model))
        shutil.copy(self.model, folder / "continued.npz")
        job = trains(2, "--resume", "--out=continued.npz", cwd=folder)
        assert job.code == 0, job.stderr
        assert_same(loaded(str(folder / "continued.npz")), loaded(str(whole / "2")))


@pytest.fixture(scope="module")
def after_an_error(tmp_path_factory, whole):
    return Left("raise", furnished(tmp_path_factory.mktemp("error")), whole)


@pytest.fixture(scope="module")
def after_a_signal(tmp_path_factory, whole):
    return Left("signal", furnished(tmp_path_factory.mktemp("signal")), whole)


# --- The same run -------------------------------------------------------------


@pytest.mark.mpi
@pytest.mark.parametrize("ranks", [2, 4])  # of 3 documents, one of 4 ranks gets none
def test_the_losses_are_those_of_one_process(ranks, whole):
    alone, together = loaded(whole / "0"), loaded(str(whole / str(ranks)))
    assert len(alone.losses) == 100
    assert np.ptp(alone.losses) > 0.3
    assert_allclose(together.losses, alone.losses, rtol=0, atol=1e-10)
    assert_allclose(together.state.params, alone.state.params, atol=1e-10)


@pytest.mark.mpi
def test_one_rank_makes_the_same_run_to_the_last_bit(whole):
    assert_same(loaded(str(whole / "1")), loaded(whole / "0"))


@pytest.mark.mpi
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_rank_0_alone_prints_and_saves(ranks, whole):
    first, *steps, last = (whole / f"said by {ranks}").read_text().splitlines()
    together = "1 rank" if ranks == 1 else f"{ranks} ranks"
    assert first.endswith(f"parameters, {together}, from step 0")
    assert [line.split("  loss")[0] for line in steps] == [
        "step  50 of 100",
        "step 100 of 100",
    ]
    assert last == f"'{ranks}' is saved: all 100 steps are done"
    files = {"0", "1", "2", "4", "said by 1", "said by 2", "said by 4"}
    assert set(os.listdir(whole)) == files | {"faulty.py", "text.txt"}


class Alone:
    """A communicator of one rank."""

    rank, size = 0, 1

    def Allreduce(self, part, total):
        """Add up what all ranks send."""
        total[:] = part

    def allgather(self, mine):
        """Return what each rank sends."""
        return [mine]


class Different(Alone):
    """A communicator whose second rank has other parameters."""

    def allgather(self, mine):
        """Return what each rank sends."""
        return [mine, (b"other", mine[1]), mine]


def test_a_share_counts_by_its_tokens(monkeypatch):
    # Two ranks in turn, each with the other one silent, add up to the batch.
    settings = {"schedule": constant(0.01), "config": TINY, "batch": len(DOCS)}
    alone = Training(DOCS, **settings)
    loss = alone.differentiate(DOCS)
    total, losses = 0.0, 0.0
    for rank in range(2):
        comm = Alone()
        comm.rank, comm.size = rank, 2
        part = DataParallel(comm, DOCS, **settings)
        losses += part.differentiate(DOCS)
        total = total + part.params.grad
    assert losses == pytest.approx(loss, rel=1e-12)
    assert_allclose(total, alone.params.grad, atol=1e-14)


def test_copies_are_compared_at_the_start_and_at_an_interval():
    settings = {"schedule": constant(0.01), "config": TINY}
    with pytest.raises(RuntimeError, match=r"after 0 updates .* ranks \[1\] differ"):
        DataParallel(Different(), DOCS, **settings)
    comm = Alone()
    run = DataParallel(comm, DOCS, **settings)
    comm.allgather = Different().allgather
    for _ in range(CHECK_EVERY - 1):
        run.update()
    with pytest.raises(RuntimeError, match=f"after {CHECK_EVERY} updates"):
        run.update()


# --- Faults -------------------------------------------------------------------


@pytest.mark.mpi
def test_an_error_on_one_rank_ends_all(after_an_error):
    job = after_an_error.job
    assert (job.code, job.timed_out) == (1, False)
    assert "ZeroDivisionError: a fault" in job.stderr
    assert after_an_error.checkpoint.state.updates == 30


@pytest.mark.mpi
def test_an_error_on_rank_0_ends_all_too(after_an_error):
    job = faulty("raise", rank=0)
    assert (job.code, job.timed_out) == (1, False)
    assert "ZeroDivisionError: a fault" in job.stderr
    assert_same(loaded("model.npz"), after_an_error.checkpoint)


@pytest.mark.mpi
def test_a_kill_ends_all(after_an_error):
    job = faulty("kill")
    assert job.code in {137, 9}  # gforker; Hydra
    assert not job.timed_out
    assert_same(loaded("model.npz"), after_an_error.checkpoint)


@pytest.mark.mpi
def test_a_kill_inside_a_save_leaves_the_save_before(after_an_error):
    job = faulty("kill in save", rank=0)
    assert job.code in {137, 9}
    assert_same(loaded("model.npz"), after_an_error.checkpoint)
    assert len([name for name in os.listdir() if name.endswith(".part")]) == 1
    assert main([*RUN, "--resume"]) == 0
    assert not [name for name in os.listdir() if name.endswith(".part")]


@pytest.mark.mpi
def test_a_stuck_rank_is_ended_by_the_timeout(folder, after_an_error, monkeypatch):
    time_is_up(monkeypatch, (folder / "ready").exists)
    job = faulty("stick")
    assert (job.code, job.timed_out) == (124, True)
    assert_same(loaded("model.npz"), after_an_error.checkpoint)


@pytest.mark.mpi
@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_stopped_is_named_and_ends_the_job(rank, after_an_error):
    job = faulty("stop", rank=rank)
    assert job.code in {137, 9}
    assert not job.timed_out
    missing = f"rank {rank}, which shows no sign of life"
    assert f"algollm: waiting for {missing}\n" in job.stderr
    assert f"algollm: {missing}, is ended, and all with it\n" in job.stderr
    assert_same(loaded("model.npz"), after_an_error.checkpoint)


@pytest.mark.mpi
def test_a_run_goes_on_with_another_number_of_ranks(after_an_error, whole):
    shutil.copy(after_an_error.model, "model.npz")
    assert trains(3, "--resume").code == 0
    alone = loaded(whole / "0")
    assert_allclose(loaded("model.npz").losses, alone.losses, rtol=0, atol=1e-10)
    assert main([*RUN, "--resume"]) == 0  # nor does one process mind


@pytest.mark.mpi
def test_copies_that_come_apart_are_reported():
    job = faulty("drift")
    assert job.code == 1
    assert "after 100 updates the parameters of ranks [1] differ" in job.stderr


@pytest.mark.mpi
def test_a_signal_to_one_rank_stops_all_after_the_same_step(after_a_signal):
    job = after_a_signal.job
    assert job.code == 143
    assert job.stderr == (
        "algollm: stopped by SIGTERM at step 38 of 100; 'model.npz' is saved, --resume "
        "goes on\n"
    )
    assert after_a_signal.checkpoint.state.updates == 38


@pytest.mark.mpi
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
@pytest.mark.usefixtures("signals_as_at_a_terminal")
def test_ctrl_c_stops_all_ranks_after_the_same_step(
    number, code, folder, after_a_signal, monkeypatch
):
    monkeypatch.setattr(mpi, "LAUNCHERS", ["mpiexec"])  # what is typed at a terminal
    with subprocess.Popen(
        mpi.command(2, "faulty", faulty_args("wait")),
        env=os.environ | mpi.ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        until((folder / "ready").exists)
        process.send_signal(number)  # the launcher hands it on to the ranks
        error = process.communicate(timeout=PATIENCE)[1]
    assert f"stopped by {number.name} at step 38 of 100" in error
    assert process.returncode == code
    assert_same(loaded("model.npz"), after_a_signal.checkpoint)


# --- Refusals -----------------------------------------------------------------


@pytest.mark.mpi
def test_a_mistake_is_answered_with_one_line_for_all_ranks():
    job = trains(2, "--n-head=3")
    assert (job.code, job.stdout) == (2, "")
    assert job.stderr == "algollm: 3 heads do not divide n_embd=4\n"


@pytest.mark.mpi
def test_a_model_is_not_replaced_unless_that_is_asked_for(folder):
    (folder / "model.npz").write_text("precious")
    job = trains(2)
    assert job.code == 2
    assert job.stderr.startswith("algollm: 'model.npz' exists; --resume goes on")
    assert (folder / "model.npz").read_text() == "precious"


@pytest.mark.mpi
@pytest.mark.parametrize("out", ["text.txt/", "text.txt", "faulty.py"])
def test_a_text_is_not_harmed_by_several_ranks_either(out, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    job = trains(2, f"--out={out}", "--overwrite")
    assert job.code == 2
    assert job.stderr.count("algollm: ") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.mpi
def test_a_place_that_cannot_be_written_ends_all():
    job = trains(2, "--out=no/model.npz")
    assert job.code == 2
    message = "algollm: cannot save 'no/model.npz': No such file or directory\n"
    assert job.stderr.startswith(message)
    assert not job.timed_out


@pytest.mark.mpi
def test_ranks_that_would_not_end_together_are_refused():
    command = mpi.command(2, "algollm_helpers", [*RUN, "--data-parallel"])
    at = command.index("mpi4py")
    done = subprocess.run(
        command[: at - 1] + command[at + 1 :],
        env=os.environ
        | mpi.ENVIRONMENT
        | {"PYTHONIOENCODING": "ascii:backslashreplace"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert "mpiexec -n 2 python -m mpi4py -m algollm_helpers" in done.stderr


def test_without_mpi_the_message_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    assert main([*RUN, "--data-parallel"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("algollm: several processes need MPI, which is not here")
    assert len(error.splitlines()) == 1
