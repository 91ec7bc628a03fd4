"""Tests for parallel.data_parallel: the same run, then faults of every kind."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from algollm_helpers.gpt.training import Training
from algollm_helpers.parallel import mpi
from algollm_helpers.parallel.data_parallel import CHECK_EVERY, DataParallel
from algollm_helpers.program.cli import main
from algollm_helpers.schedules import constant
from tests.support.jobs import PATIENCE, leftovers, until
from tests.support.program import loaded
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

watch.LOOK = 0.05  # as many looks as ever, in less time
kind, rank, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
update, replace = DataParallel.update, os.replace

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

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
            time.sleep(1000)
        elif kind == "drift":
            self.params.flat[0] += 1e-12
        elif kind == "signal":
            signal.raise_signal(signal.SIGTERM)
        elif kind == "wait":
            open("ready", "w").close()
            while not os.path.exists("go"):
                time.sleep(0.01)
    return update(self)

DataParallel.update = faulty
sys.exit(cli.main(sys.argv[5:]))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder with one text; afterwards no process may be left."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("\n".join(DOCS))
    (tmp_path / "faulty.py").write_text(FAULTY)
    yield tmp_path
    assert not leftovers(str(tmp_path))


def trains(ranks, *options):
    args = [*RUN, "--data-parallel", *options]
    return mpi.run(ranks, "algollm_helpers", args, timeout=PATIENCE)


def faulty(kind, ranks, *options, rank=1, step=37, timeout=PATIENCE):
    args = [kind, rank, step, os.getcwd(), *RUN, "--data-parallel", *options]
    return mpi.run(ranks, "faulty", args, timeout=timeout)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the checkpoints of the run that nothing happens to, for 0, 1, 2, 4 ranks.

    0 stands for the program without ``--data-parallel``.
    """
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "text.txt").write_text("\n".join(DOCS))
        assert main([*RUN, "--out=0"]) == 0
        for ranks in (1, 2, 4):
            job = trains(ranks, f"--out={ranks}")
            assert job.code == 0, job.stderr
        return {ranks: loaded(str(ranks)) for ranks in (0, 1, 2, 4)}


def assert_same(ours, theirs):
    assert ours[:4] == theirs[:4]
    for a, b in zip(
        (*ours.state, ours.losses), (*theirs.state, theirs.losses), strict=True
    ):
        assert_array_equal(a, b)


# --- The same run -------------------------------------------------------------


def test_the_losses_are_those_of_one_process(whole):
    assert len(whole[0].losses) == 100
    assert np.ptp(whole[0].losses) > 0.3
    for ranks in (2, 4):  # of 3 documents a step, one of 4 ranks gets none
        assert_allclose(whole[ranks].losses, whole[0].losses, rtol=0, atol=1e-10)
        assert_allclose(whole[ranks].state.params, whole[0].state.params, atol=1e-10)


def test_one_rank_makes_the_same_run_to_the_last_bit(whole):
    assert_same(whole[1], whole[0])


def test_rank_0_alone_prints_and_saves(folder):
    job = trains(3, "--steps=20", "--log-every=10")
    first, *steps, last = job.stdout.splitlines()
    assert (job.code, job.stderr) == (0, "")
    assert first.endswith("parameters, 3 ranks, from step 0")
    assert [line.split("  loss")[0] for line in steps] == [
        "step 10 of 20",
        "step 20 of 20",
    ]
    assert last == "'model.npz' is saved: all 20 steps are done"
    assert sorted(os.listdir()) == ["faulty.py", "model.npz", "text.txt"]


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


@pytest.mark.parametrize(("kind", "rank"), [("raise", 0), ("raise", 1), ("kill", 1)])
def test_a_fault_ends_all_and_a_resumed_run_is_the_whole_run(kind, rank, whole):
    job = faulty(kind, 2, rank=rank)
    assert not job.timed_out
    if kind == "raise":
        assert job.code == 1
        assert "ZeroDivisionError: a fault" in job.stderr
    else:
        assert job.code in {137, 9}  # gforker; Hydra
    assert loaded("model.npz").state.updates == 30
    assert trains(2, "--resume").code == 0
    assert_same(loaded("model.npz"), whole[2])


def test_a_kill_inside_a_save_leaves_the_save_before(whole):
    job = faulty("kill in save", 2, rank=0)
    assert job.code in {137, 9}
    assert loaded("model.npz").state.updates == 30
    assert len([name for name in os.listdir() if name.endswith(".part")]) == 1
    assert trains(2, "--resume").code == 0
    assert_same(loaded("model.npz"), whole[2])
    assert not [name for name in os.listdir() if name.endswith(".part")]


def test_a_stuck_rank_is_ended_by_the_timeout(whole):
    for timeout in (3, PATIENCE / 4):
        job = faulty("stick", 2, "--overwrite", timeout=timeout)
        assert (job.code, job.timed_out) == (124, True)
        if os.path.exists("model.npz") and loaded("model.npz").state.updates == 30:
            break  # else the machine is too busy to get there in 3 s
    assert loaded("model.npz").state.updates == 30
    assert trains(2, "--resume").code == 0
    assert_same(loaded("model.npz"), whole[2])


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_stopped_is_named_and_ends_the_job(rank, whole):
    job = faulty("stop", 2, rank=rank)
    assert job.code in {137, 9}
    assert not job.timed_out
    missing = f"rank {rank}, which shows no sign of life"
    assert f"algollm: waiting for {missing}\n" in job.stderr
    assert f"algollm: {missing}, is ended, and all with it\n" in job.stderr
    assert loaded("model.npz").state.updates == 30
    assert trains(2, "--resume").code == 0
    assert_same(loaded("model.npz"), whole[2])


def test_a_run_goes_on_with_another_number_of_ranks(whole):
    faulty("raise", 2)
    assert trains(4, "--resume").code == 0
    assert_allclose(loaded("model.npz").losses, whole[0].losses, rtol=0, atol=1e-10)
    assert main([*RUN, "--resume"]) == 0  # nor does one process mind


def test_copies_that_come_apart_are_reported():
    job = faulty("drift", 2)
    assert job.code == 1
    assert "after 100 updates the parameters of ranks [1] differ" in job.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_ctrl_c_stops_all_ranks_after_the_same_step(
    number, code, folder, whole, monkeypatch
):
    monkeypatch.setattr(mpi, "LAUNCHERS", ["mpiexec"])  # what is typed at a terminal
    args = ["wait", 1, 37, folder, *RUN, "--data-parallel"]
    with subprocess.Popen(
        mpi.command(2, "faulty", args),
        env=os.environ | mpi.ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        until((folder / "ready").exists)
        process.send_signal(number)
        time.sleep(1.0)  # the launcher hands it on to the ranks
        (folder / "go").touch()
        error = process.communicate(timeout=PATIENCE)[1]
    done = loaded("model.npz").state.updates
    assert f"stopped by {number.name} at step {done} of 100" in error
    assert process.returncode == code
    assert 37 <= done < 100
    assert trains(2, "--resume").code == 0
    assert_same(loaded("model.npz"), whole[2])


def test_a_signal_to_one_rank_stops_all_after_the_same_step():
    job = faulty("signal", 2)
    assert job.code == 143
    assert job.stderr == (
        "algollm: stopped by SIGTERM at step 38 of 100; 'model.npz' is saved, --resume "
        "goes on\n"
    )
    assert loaded("model.npz").state.updates == 38


# --- Refusals -----------------------------------------------------------------


def test_a_mistake_is_answered_with_one_line_for_all_ranks():
    job = trains(3, "--n-head=3")
    assert (job.code, job.stdout) == (2, "")
    assert job.stderr == "algollm: 3 heads do not divide n_embd=4\n"


def test_a_model_is_not_replaced_unless_that_is_asked_for(folder):
    (folder / "model.npz").write_text("precious")
    job = trains(2)
    assert job.code == 2
    assert job.stderr.startswith("algollm: 'model.npz' exists; --resume goes on")
    assert (folder / "model.npz").read_text() == "precious"


@pytest.mark.parametrize("out", ["text.txt/", "text.txt", "faulty.py"])
def test_a_text_is_not_harmed_by_several_ranks_either(out, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    job = trains(2, f"--out={out}", "--overwrite")
    assert job.code == 2
    assert job.stderr.count("algollm: ") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_place_that_cannot_be_written_ends_all():
    job = trains(2, "--out=no/model.npz")
    assert job.code == 2
    message = "algollm: cannot save 'no/model.npz': No such file or directory\n"
    assert job.stderr.startswith(message)
    assert not job.timed_out


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
