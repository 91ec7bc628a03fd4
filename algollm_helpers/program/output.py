"""The files that a run is saved in, and why they harm no other.

Whatever is there at the start is replaced only if it is of the kind that is written and
the reader has asked for that. From then on a save replaces the file of the save before,
and nothing else: if somebody has put another one there, the run is saved beside it.
"""

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

from algollm_helpers.program.atomic import Mark, append_whole, mark, write_atomically
from algollm_helpers.program.checkpoint import is_checkpoint
from algollm_helpers.program.lock import Lock, locked
from algollm_helpers.program.paths import shown


class Kind(NamedTuple):
    """A kind of file that the program writes."""

    option: str  # that names it
    name: str
    is_one: Callable[[Path], bool]  # whether a file is of this kind
    holds: str  # what it holds, in a word
    doing: str  # what another process that has it is doing


MODEL = Kind("--out", "model", is_checkpoint, "run", "training")


class Output:
    """The name that a run is saved under, claimed for this process.

    Parameters
    ----------
    path : Path
        The name. A link stands for the file that it leads to.
    kind : Kind
        What is saved.
    texts : sequence of Path
        What is read; none of them is ever written.
    resume, overwrite : bool
        Whether a file of the kind that is there may be gone on with, or replaced.

    Attributes
    ----------
    path : Path
        Where the run is saved now.
    exists : bool
        Whether there is a file to go on with or to replace.

    Raises
    ------
    OSError, ValueError
        If there is something that may not be replaced. Nothing has changed then.
    """

    def __init__(
        self,
        path: Path,
        kind: Kind = MODEL,
        *,
        texts: Sequence[Path] = (),
        resume: bool = False,
        overwrite: bool = False,
    ) -> None:
        self.path, self.kind = path, kind
        self._target = Path(os.path.realpath(path))
        self._lock, self._last = Lock(), mark(self._target)
        self._begun = False
        try:  # before another file of the run is written
            os.stat(os.path.join(self._target.parent, "."))
        except OSError as error:
            raise self.failed(error) from error
        self._check_no_text(texts)
        if self.exists:
            self._check_kind()
        if os.path.lexists(path) and not (resume or overwrite):
            raise ValueError(
                f"{shown(path)} exists; --resume goes on with it, --overwrite "
                "replaces it"
            )
        if self.exists:
            self._claim()
            if overwrite and not kind.is_one(self._target):
                raise ValueError(
                    f"{shown(path)} is no {kind.name}, and only {kind.name}s are "
                    "replaced; move or delete it, or choose another name with "
                    f"{kind.option}"
                )

    def failed(self, error: OSError) -> OSError:
        """Return the error of a save as a sentence that names the file."""
        message = f"cannot save {shown(self.path)}: {error.strerror or error}"
        return OSError(error.errno, message)

    @property
    def exists(self) -> bool:
        """Whether there is a file to go on with or to replace."""
        return self._last is not None

    def _check_no_text(self, texts: Sequence[Path]) -> None:
        for text in texts:
            if self.path.exists() and text.exists() and self.path.samefile(text):
                raise ValueError(
                    f"{shown(self.path)} is the text itself; {self.kind.option} "
                    "expects another file"
                )

    def _check_kind(self) -> None:
        mode = os.lstat(self._target).st_mode
        if stat.S_ISDIR(mode):
            raise ValueError(
                f"{shown(self.path)} is a folder; {self.kind.option} expects the name "
                "of a file"
            )
        if not stat.S_ISREG(mode):
            raise ValueError(
                f"{shown(self.path)} is no regular file; {self.kind.option} expects "
                "another name"
            )

    def _claim(self) -> None:
        """Lock the file that is there, which must not change from now on."""
        number = os.open(self._target, os.O_RDONLY)
        try:
            free = locked(number)
            self._lock.hold(number)
            self._last = Mark.of(os.fstat(number))
        finally:
            os.close(number)
        if not free or mark(self._target) != self._last:  # or was replaced meanwhile
            doing = f"another process is {self.kind.doing}"
            raise ValueError(f"{doing} {shown(self.path)} now")

    def write(self, content: bytes | memoryview) -> None:
        """Save `content`, whole or not at all.

        If somebody has changed or replaced the file since the last save, it is left
        alone: `path` is then a new name beside it.

        Raises
        ------
        OSError
            If that is impossible, or somebody was quicker to create the file.
        """
        try:
            self._save(self.path, self._target, content, over=self._last)
        except FileExistsError:
            if not self._begun:
                raise
            self._step_aside(content)
        self._begun = True

    def extend(
        self, tail: bytes, whole: Callable[[], bytes], *, forced: bool = False
    ) -> None:
        """Add `tail` to what was saved last, or save the `whole` if that is gone.

        If somebody has changed or replaced the file, it is left alone, see `write`.

        Raises
        ------
        OSError
            If that is impossible; the file is as before.
        """
        assert self._last is not None, "nothing was saved"
        try:
            self._last = append_whole(
                self._target, tail, over=self._last, forced=forced
            )
        except (FileExistsError, FileNotFoundError):
            self.write(whole())

    def release(self) -> None:
        """Let others have the file; there is nothing more to write."""
        self._lock.release()

    def _save(
        self, path: Path, target: Path, content: bytes | memoryview, over: Mark | None
    ) -> None:
        last = write_atomically(target, content, self._lock, over=over)
        self.path, self._target, self._last = path, target, last

    def _step_aside(self, content: bytes | memoryview) -> None:
        """Save under the first name that is free, say model.1.npz."""
        for number in count(1):
            path, target = (
                name.with_name(f"{name.stem}.{number}{name.suffix}")
                for name in (self.path, self._target)
            )
            with suppress(FileExistsError):
                return self._save(path, target, content, over=None)
