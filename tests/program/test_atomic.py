"""Tests for program.atomic: kills and full disks at each moment, links, leftovers."""

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest

from algollm_helpers.program.atomic import append_whole, mark, write_atomically
from algollm_helpers.program.lock import Lock

OLD, NEW = b"PKo" * 1000, b"PKn" * 3000  # a file of ours begins with PK


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


def writes(path, content):
    """Write over whatever is there now."""
    return write_atomically(path, content, Lock(), over=mark(path))


def names(path):
    return sorted(os.listdir(path.parent))


# --- What is there afterwards -------------------------------------------------


def test_a_second_write_replaces_the_first_and_leaves_nothing_else(path):
    writes(path, OLD)
    assert path.read_bytes() == OLD
    writes(path, memoryview(NEW))
    assert path.read_bytes() == NEW
    assert names(path) == [path.name]


def test_a_second_write_leaves_the_permissions_as_they_are(path):
    writes(path, OLD)
    path.chmod(0o640)
    writes(path, NEW)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("links", [True, False], ids=["link", "no hard links"])
def test_without_a_file_that_may_go_nothing_is_replaced(path, links, monkeypatch):
    if not links:
        refusal = OSError(errno.EPERM, "no hard links here")
        monkeypatch.setattr(os, "link", failing(refusal))
    first = write_atomically(path, OLD, Lock(), over=None)
    assert (path.read_bytes(), mark(path)) == (OLD, first)
    path.write_bytes(b"somebody else's")
    for over in (None, first):
        with pytest.raises(FileExistsError):
            write_atomically(path, NEW, Lock(), over=over)
    assert path.read_bytes() == b"somebody else's"
    assert names(path) == [path.name]


def test_a_file_that_was_taken_away_is_written_anew(path):
    first = write_atomically(path, OLD, Lock(), over=None)
    path.rename(path.with_name("taken"))
    write_atomically(path, NEW, Lock(), over=first)
    assert (path.read_bytes(), path.with_name("taken").read_bytes()) == (NEW, OLD)


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


def test_the_content_is_on_the_disk_before_it_gets_its_name(path, monkeypatch):
    path.write_bytes(OLD)
    real, forced = os.fsync, []

    def noted(number):
        about = os.fstat(number)
        kind = "folder" if stat.S_ISDIR(about.st_mode) else about.st_size
        forced.append((kind, path.read_bytes()))
        real(number)

    monkeypatch.setattr(os, "fsync", noted)
    writes(path, NEW)
    assert forced == [(len(NEW), OLD), ("folder", NEW)]


# --- Kills and full disks -----------------------------------------------------

# Each file system call of a write is a moment, as Python reports them to an audit hook,
# and os.fsync. A copy of this process per moment is killed there, or gets an error.
MOMENTS = """
import errno, itertools, json, os, signal, sys
from pathlib import Path
from algollm_helpers.program.atomic import mark, write_atomically
from algollm_helpers.program.lock import Lock

kind, path = sys.argv[1], Path(sys.argv[2])
old, new = b"PKo" * 1000, b"PKn" * 3000

def fault(moment, report):
    seen = itertools.count(1)
    fsync = os.fsync

    def hook(event, args):
        if event != "fsync" and not str(args[0] if args else "").startswith(folder):
            return
        if next(seen) == moment:
            os.write(report, event.encode())
            if kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def forced(number):
        hook("fsync", ())
        fsync(number)

    os.fsync = forced
    sys.addaudithook(hook)

folder = str(path.parent)
for moment in itertools.count(1):
    path.write_bytes(old)
    seen_there = mark(path)
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        fault(moment, theirs)
        try:
            write_atomically(path, new, Lock(), over=seen_there)
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    os.close(theirs)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open(ours) as report:
        event = report.read()
    if not event:
        break
    held = {old: "old", new: "new"}.get(path.read_bytes(), "neither")
    left = len(os.listdir(folder)) - 1
    write_atomically(path, old, Lock(), over=mark(path))
    print(json.dumps([event, status, held, left, os.listdir(folder)]))
"""


@pytest.fixture(scope="module", params=["kill", "fail"])
def moments(request, tmp_path_factory):
    """Return what was seen at each moment: event, exit code, content, leftovers."""
    path = tmp_path_factory.mktemp(request.param) / "model.npz"
    done = subprocess.run(
        [sys.executable, "-c", MOMENTS, request.param, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return request.param, [json.loads(line) for line in done.stdout.splitlines()]


def test_whenever_a_write_breaks_off_there_is_the_old_file_or_the_new_one(moments):
    kind, seen = moments
    events = [event for event, *_ in seen]
    held = [content for _, _, content, *_ in seen]
    renamed = events.index("os.rename") + 1
    assert events.count("fsync") == 2
    if kind == "kill":
        assert {code for _, code, *_ in seen} == {-signal.SIGKILL}
        assert held == ["old"] * renamed + ["new"] * (len(seen) - renamed)
    else:
        tidying = {"os.listdir"}  # what can be done without
        for i, (event, code, content, left, _) in enumerate(seen):
            without = event in tidying or i >= renamed
            assert (code, content) == ((0, "new") if without else (errno.ENOSPC, "old"))
            assert left == 0, f"{event} left a file behind"


def test_what_a_broken_write_left_behind_goes_with_the_next(moments):
    kind, seen = moments
    assert any(left for _, _, _, left, _ in seen) == (kind == "kill")
    assert {tuple(after) for *_, after in seen} == {("model.npz",)}


@contextmanager
def largest_file(size):
    """Make the system refuse what would make a file larger than `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_the_system_refuses_half_way_loses_nothing(path):
    path.write_bytes(OLD)
    with largest_file(len(NEW) // 2), pytest.raises(OSError, match="File too large"):
        writes(path, NEW)
    assert path.read_bytes() == OLD
    assert names(path) == [path.name]


HALF = """
import resource, signal, sys
from pathlib import Path
from algollm_helpers.program.atomic import mark, write_atomically
from algollm_helpers.program.lock import Lock

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (4500, 4500))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
path = Path(sys.argv[1])
write_atomically(path, b"PKn" * 3000, Lock(), over=mark(path))
"""


def test_a_kill_in_the_middle_of_the_content_leaves_the_old_file(path):
    path.write_bytes(OLD)
    done = subprocess.run([sys.executable, "-c", HALF, path], check=False)
    assert done.returncode == -signal.SIGXFSZ
    assert path.read_bytes() == OLD
    (part,) = [name for name in names(path) if name != path.name]
    assert path.with_name(part).read_bytes() == NEW[:4500]
    writes(path, NEW)
    assert path.read_bytes() == NEW
    assert names(path) == [path.name]


# --- A file that grows --------------------------------------------------------


@pytest.mark.parametrize("forced", [True, False])
def test_what_is_added_follows_what_was_there(path, forced, monkeypatch):
    there, synced = writes(path, OLD), []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(path.read_bytes()))
    after = append_whole(path, b"one\n", over=there, forced=forced)
    assert after == mark(path) != there
    append_whole(path, b"two\n", over=after, forced=False)
    assert path.read_bytes() == OLD + b"one\ntwo\n"
    assert synced == ([OLD + b"one\n"] if forced else [])


def test_what_a_full_disk_has_taken_is_taken_back_and_the_file_is_known_again(path):
    there = writes(path, OLD)
    with largest_file(len(OLD) + 2), pytest.raises(OSError, match="File too large"):
        append_whole(path, b"a line\n", over=there, forced=False)
    assert (path.read_bytes(), mark(path)) == (OLD, there)
    append_whole(path, b"a line\n", over=there, forced=False)
    assert path.read_bytes() == OLD + b"a line\n"


@pytest.mark.parametrize("change", ["content", "file", "link"])
def test_nothing_is_added_to_a_file_of_somebody_else(path, change):
    there = writes(path, OLD)
    if change == "content":
        path.write_bytes(NEW)
    else:
        other = path.with_name("other")
        other.write_bytes(NEW)
        path.unlink()
        os.link(other, path) if change == "file" else path.symlink_to(other)
    with pytest.raises(FileExistsError, match="there is another file now"):
        append_whole(path, b"a line\n", over=there, forced=False)
    assert path.read_bytes() == NEW


def test_nothing_is_added_where_nothing_is(path):
    there = writes(path, OLD)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        append_whole(path, b"a line\n", over=there, forced=False)
    assert names(path) == []


# --- What writers left behind -------------------------------------------------


ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}


def test_a_write_deletes_what_the_dead_left_behind_and_nothing_else(path):
    dead = subprocess.Popen([sys.executable, "-S", "-c", ""])
    dead.wait()
    kept = [
        f"{path.name}.{os.getppid()}.part",  # a writer that is alive
        f"other.npz.{dead.pid}.part",  # of another file
        f"{path.name}.{dead.pid}.old",
        f"{path.name}.part",
        f"{path.name}.mine.part",
        f"{path.name}.{10**30}.part",
        f"{path.name}.-1.part",
        f"{path.name}.{dead.pid}",
        f"{dead.pid}.part",
        str(dead.pid),
        f"{path.name}.{str(dead.pid).translate(ARABIC)}.part",  # no number of ours
    ]
    for name in (
        *kept,
        f"{path.name}.{dead.pid}.part",
        f"{path.name}.{os.getpid()}.part",
    ):
        (path.parent / name).touch()
    writes(path, NEW)
    assert names(path) == sorted([*kept, path.name])


def test_a_text_that_looks_like_a_leftover_by_its_name_stays(path):
    dead = subprocess.Popen([sys.executable, "-S", "-c", ""])
    dead.wait()
    text = path.with_name(f"{path.name}.{dead.pid}.part")
    text.write_text("emma")
    link = path.with_name(f"{path.name}.{dead.pid}0000000.part")
    link.symlink_to(text.name)
    writes(path, NEW)
    assert text.read_text() == "emma"
    mine = path.with_name(f"{path.name}.{os.getpid()}.part")
    mine.write_text("ava")
    with pytest.raises(FileExistsError):
        writes(path, OLD)
    assert (mine.read_text(), path.read_bytes()) == ("ava", NEW)


# --- Places that cannot hold a file -------------------------------------------


@pytest.mark.parametrize("place", ["no folder/model.npz", "file/model.npz"])
def test_a_place_that_cannot_hold_a_file_is_refused_and_left_alone(tmp_path, place):
    (tmp_path / "file").write_text("emma")
    with pytest.raises(OSError, match=r"No such|Not a"):
        writes(tmp_path / place, NEW)
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "emma"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(path):
    path.parent.chmod(0o500)
    with pytest.raises(PermissionError):
        writes(path, NEW)
