"""Tests for program.checkpoint: there and back, damage, disks that fail."""

import errno
import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algollm_helpers.microgpt import evaluate
from algollm_helpers.microgpt import train as train_run
from algollm_helpers.program import checkpoint
from algollm_helpers.program.checkpoint import Checkpoint, Settings, digest, load, save
from tests.support.small import DOCS, few

SMALL = Settings(steps=9, n_layer=2, n_head=2, n_embd=4, block_size=6, lr=0.1)


def trained(updates=5, settings=SMALL, docs=DOCS):
    """Return a run after some updates, as a checkpoint."""
    training = settings.training(docs)
    losses = np.array([training.update() for _ in range(updates)])
    alphabet = training.tokenizer.alphabet
    return Checkpoint(settings, alphabet, digest(docs), training.state, losses)


def assert_same(a, b):
    """Compare two checkpoints to the last bit, NaN included."""
    assert a[:3] == b[:3]
    for x, y in zip((*a.state, a.losses), (*b.state, b.losses), strict=True):
        assert np.asarray(x).dtype == np.asarray(y).dtype
        assert np.asarray(x).tobytes() == np.asarray(y).tobytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


# --- There and back -----------------------------------------------------------


@few
@given(
    sizes=st.tuples(*[st.integers(1, 3)] * 5),
    lr=st.floats(min_value=0, exclude_min=True, max_value=1e300),
    seed=st.integers(0, 2**63 - 1),
    dtype=st.sampled_from(["float32", "float64"]),
    alphabet=st.text(min_size=1, max_size=4),
    data=st.data(),
)
def test_what_is_saved_comes_back_to_the_last_bit(
    tmp_path_factory, sizes, lr, seed, dtype, alphabet, data
):
    n_layer, n_head, head_dim, block_size, batch = sizes
    alphabet = "".join(sorted(set(alphabet)))
    settings = Settings(
        steps=7,
        n_layer=n_layer,
        n_head=n_head,
        n_embd=n_head * head_dim,
        block_size=block_size,
        batch=batch,
        lr=lr,
        seed=seed,
        dtype=dtype,
    )
    state = settings.training([alphabet]).state
    odd = data.draw(st.sampled_from([np.nan, np.inf, -0.0, 1e-40]))
    state.params[0] = state.m[-1] = state.v[0] = odd
    before = Checkpoint(settings, alphabet, digest([alphabet]), state, np.empty(0))
    path = tmp_path_factory.mktemp("there") / "and back.npz"
    save(path, before)
    assert_same(load(path), before)


def test_a_loaded_model_is_the_one_that_was_trained(path):
    whole = train_run(
        DOCS, steps=9, seed=42, config=SMALL.config, schedule=SMALL.schedule
    )
    save(path, trained(9))
    run = load(path).run()
    assert run.losses.tolist() == whole.losses.tolist()
    assert run.params.flat.tobytes() == whole.params.flat.tobytes()
    assert evaluate(run, DOCS) == evaluate(whole, DOCS)


def test_a_second_save_replaces_the_first_and_leaves_nothing_else(path):
    save(path, trained(2))
    save(path, trained(5))
    assert_same(load(path), trained(5))
    assert os.listdir(path.parent) == [path.name]


def test_a_second_save_leaves_the_permissions_as_they_are(path):
    save(path, trained(2))
    path.chmod(0o640)
    save(path, trained(5))
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_rate_that_is_a_whole_number_is_read_back():
    assert type(Settings(lr=1).lr) is float


def test_equal_runs_give_equal_files(path):
    save(path, trained())
    first = path.read_bytes()
    save(path, trained())
    assert path.read_bytes() == first


def test_a_link_goes_on_pointing_to_its_file(tmp_path):
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "real.npz", tmp_path / "link.npz"
    link.symlink_to(target)
    save(link, trained())
    assert link.is_symlink()
    assert_same(load(target), trained())


def test_any_change_of_the_documents_changes_their_digest():
    lists = [["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"], ["ab", "c", "c"], ["ab"]]
    assert len({digest(docs) for docs in lists}) == len(lists)
    assert digest(["ab", "c"]) == digest(("ab", "c"))


# --- Files that are not what they should be -----------------------------------


def fields_of(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


FIELDS = (
    "format version schedule beta1 beta2 eps steps n_layer n_head n_embd block_size "
    "batch lr seed dtype alphabet docs_sha256 step updates params m v losses"
).split()


def test_a_file_holds_these_fields_and_no_pickle(path):
    save(path, trained())
    assert set(fields_of(path)) == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_missing_field_is_named(path, name):
    save(path, trained())
    fields = fields_of(path)
    del fields[name]
    np.savez(path, **fields)
    with pytest.raises(ValueError, match=f"model.npz' .*: it has no field '{name}'$"):
        load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "of a friend"}, "its 'format' is 'of a friend', expected 'algollm"),
        ({"version": 3}, "its 'version' is 3, expected 2"),
        ({"beta1": 0.9}, "its 'beta1' is 0.9, expected 0.85"),
        ({"n_embd": 4.0}, "its 'n_embd' is 4.0, expected one int"),
        ({"n_embd": [4, 4]}, r"its 'n_embd' is array\(\[4, 4\]\), expected one int"),
        ({"n_head": 3}, "3 heads do not divide n_embd=4"),
        ({"lr": np.nan}, "lr must be finite and > 0, got nan"),
        ({"dtype": "object"}, "float32 or float64, got 'object'"),
        ({"step": 4}, "its 'step' is 4 and its 'updates' 5"),
        ({"steps": 4}, "at most 4"),
        ({"params": np.zeros(3)}, r"its 'params' has shape \(3,\)"),
        ({"m": np.zeros(1)}, r"its 'm' has shape \(1,\)"),
        ({"v": np.zeros((2, 2))}, r"its 'v' has shape \(2, 2\)"),
        ({"losses": np.zeros(4)}, r"its 'losses' has shape \(4,\) .* \(5,\)"),
        ({"losses": np.zeros(5, int)}, "dtype int64, expected .* float64"),
        ({"alphabet": np.array([97], np.uint32)}, "its 'params' has shape"),
        ({"alphabet": np.array([97.0])}, "its 'alphabet' has .* float64"),
        ({"alphabet": np.array([97, 2**32 - 1], np.uint32)}, "4294967295, no char"),
        ({"alphabet": np.array([0xD800], np.uint32)}, "55296, no character"),
        ({"alphabet": np.array([97] * 3, np.uint32)}, "'aaa' repeats a character"),
    ],
)
def test_a_field_that_cannot_be_right_is_named_with_its_value(path, changes, message):
    save(path, trained())
    np.savez(path, **(fields_of(path) | changes))
    with pytest.raises(ValueError, match=message):
        load(path)


def npy_bytes():
    file = BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"emma\nolivia\n", "it is not an .npz file"),
        (npy_bytes(), "it is not an .npz file"),
        (b"PK\x03\x04 but no archive", "it is damaged or cut short"),
    ],
)
def test_a_foreign_file_is_refused(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"model.npz' is no readable .*{message}"):
        load(path)


class Bomb:
    """What a pickle could do."""

    def __reduce__(self):
        return os.mkdir, ("bomb",)


def test_a_pickle_in_the_file_is_not_opened(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    save(path, trained())
    np.savez(path, **(fields_of(path) | {"m": np.array([Bomb()])}))
    with pytest.raises(ValueError, match=r"damaged .*allow_pickle=False"):
        load(path)
    assert os.listdir() == [path.name]


def test_a_file_cut_short_anywhere_is_refused(path):
    save(path, trained())
    raw = path.read_bytes()
    for length in (*range(0, len(raw), 97), len(raw) - 1):
        path.write_bytes(raw[:length])
        with pytest.raises(ValueError, match="no readable model"):
            load(path)


def test_a_changed_byte_is_refused_or_does_not_matter(path):
    # What does not matter: time stamps and the like in the archive's directory.
    before = trained()
    save(path, before)
    raw, refused = path.read_bytes(), 0
    places = range(0, len(raw), 23)
    for place in places:
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 4]) + raw[place + 1 :])
        try:
            assert_same(load(path), before)
        except ValueError:
            refused += 1
    assert refused > 0.8 * len(places)


# --- Disks that fail ----------------------------------------------------------


def full(*_args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FullFile(BytesIO):
    """A file on a disk that is full."""

    write = full


@pytest.mark.parametrize("stage", ["open", "write", "fsync", "replace"])
def test_a_full_disk_loses_nothing_that_was_saved(path, stage, monkeypatch):
    save(path, trained(2))
    with monkeypatch.context() as patch:
        if stage == "open":
            patch.setattr(checkpoint, "open", full, raising=False)
        elif stage == "write":
            patch.setattr(checkpoint, "open", lambda *_: FullFile(), raising=False)
        else:
            patch.setattr(os, stage, full)
        with pytest.raises(OSError, match="No space left on device"):
            save(path, trained(5))
    assert_same(load(path), trained(2))
    assert os.listdir(path.parent) == [path.name]


def test_the_content_is_on_the_disk_before_it_gets_its_name(path, monkeypatch):
    done = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def noted(*args, name=name, real=real):
            size = os.fstat(args[0]).st_size if name == "fsync" else 0
            done.append((name, size))
            return real(*args)

        monkeypatch.setattr(os, name, noted)
    save(path, trained())
    (first, size), (second, _), (third, _) = done  # the last is the folder's
    assert (first, second, third) == ("fsync", "replace", "fsync")
    assert size == path.stat().st_size


def run_python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )


KILLED = """
import os, signal, sys
from algollm_helpers.program import checkpoint
from test_checkpoint import load, save, trained

path, stage = sys.argv[1:]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Half:
    def __init__(self, file): self.file = file
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        die()

replace = os.replace
if stage == "in the middle":
    checkpoint.open = lambda *args: Half(open(*args))
elif stage == "written":
    os.fsync = die
elif stage == "synced":
    os.replace = die
elif stage == "replaced":
    os.replace = lambda *args: (replace(*args), die())
save(path, trained(5))
"""


@pytest.mark.parametrize(
    ("stage", "held"),
    [("in the middle", 2), ("written", 2), ("synced", 2), ("replaced", 5)],
)
def test_a_save_that_is_killed_leaves_the_old_file_or_the_new_one(path, stage, held):
    save(path, trained(2))
    done = run_python(KILLED, path, stage)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert_same(load(path), trained(held))
    left = os.listdir(path.parent)
    assert len(left) == (1 if stage == "replaced" else 2)
    save(path, trained(6))  # what was left behind is in nobody's way, and goes
    assert_same(load(path), trained(6))
    assert os.listdir(path.parent) == [path.name]


def test_a_save_deletes_what_the_dead_left_behind_and_nothing_else(path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = [
        f"{path.name}.{os.getppid()}.part",  # a writer that is alive
        f"other.npz.{dead.pid}.part",  # of another file
        f"{path.name}.{dead.pid}.old",
        f"{path.name}.part",
        f"{path.name}.mine.part",
        f"{path.name}.{10**30}.part",
        f"{path.name}.-1.part",
        f"{path.name}.².part",
    ]
    for name in (*kept, f"{path.name}.{dead.pid}.part"):
        (path.parent / name).touch()
    save(path, trained())
    assert sorted(os.listdir(path.parent)) == sorted([*kept, path.name])


def test_a_file_that_cannot_be_swept_up_does_not_stop_a_save(path, monkeypatch):
    monkeypatch.setattr(os, "listdir", full)
    save(path, trained())
    assert_same(load(path), trained())


LIMITED = """
import resource, sys
from test_checkpoint import save, trained

resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    save(sys.argv[1], trained(5))
except OSError as error:
    print("refused:", error.strerror)
"""


def test_a_write_that_the_system_refuses_loses_nothing_that_was_saved(path):
    save(path, trained(2))
    assert path.stat().st_size > 5000
    done = run_python(LIMITED, path)
    assert (done.stdout, done.stderr) == ("refused: File too large\n", "")
    assert_same(load(path), trained(2))
    assert os.listdir(path.parent) == [path.name]


def test_places_that_cannot_hold_a_file_are_refused_and_left_alone(tmp_path):
    (tmp_path / "file").write_text("emma")
    for place in ("no folder/model.npz", "file/model.npz", "."):
        with pytest.raises(OSError, match=r"No such|Not a"):
            save(tmp_path / place, trained())
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="Not a regular file"):
        save(tmp_path / "pipe", trained())
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(os.listdir(tmp_path)) == ["file", "pipe"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        save(tmp_path / "model.npz", trained())


def test_a_file_that_is_not_there_is_the_callers_business(path):
    with pytest.raises(FileNotFoundError):
        load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
        ({"steps": 2.5}, "steps must be a whole number, got 2.5"),
        ({"steps": 2**31}, "steps must be at most 2,147,483,647, got 2,147,483,648"),
        ({"lr": 0.0}, "lr must be finite and > 0, got 0.0"),
        ({"lr": np.inf}, "got inf"),
        ({"seed": -1}, r"seed must lie in 0 … 2\^63 - 1, got -1"),
        ({"seed": 2**63}, "got 9223372036854775808"),
        ({"dtype": "float16"}, "got 'float16'"),
        ({"n_head": 3}, "3 heads do not divide n_embd=16"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Settings(**change)
