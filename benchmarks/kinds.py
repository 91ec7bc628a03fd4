"""The two kinds of processor: with AVX-512, and without.

A processor that has it is made one that has not by switches, for all peers alike;
a process of its own then tells whether every library obeyed.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

Said = tuple[str, bool | None]  # a library's word, and whether that is AVX-512
NEWEST, OLDER = "newest", "without AVX-512"
SWITCHES = {  # besides NumPy's, which is told names of its own
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+avx2,+fma",
}
# What a caller's environment may hold of this kind is not passed on.
CHOICES = {*SWITCHES, "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_L2_SIZE"}


class Kind(NamedTuple):
    """One of the two, as this machine offers it."""

    name: str
    how: str  # "native" or "forced"
    switches: dict[str, str]
    report: dict[str, Any]  # processor, instructions, and what each library says


def environment(switches: dict[str, str], threads: int) -> dict[str, str]:
    """Return the environment of a process that may use so many threads."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    limits = {name: str(threads) for name in names}
    limits["NPROC"] = str(threads)  # the size of JAX's pool of threads
    flags = [switches["XLA_FLAGS"]] if "XLA_FLAGS" in switches else []
    if threads == 1:
        flags.append("--xla_cpu_multi_thread_eigen=false")
    kept = {k: v for k, v in os.environ.items() if k not in CHOICES}
    return kept | limits | switches | {"XLA_FLAGS": " ".join(flags)}


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Let processes that are started inside use `count` cores, where that can be told.

    Settings alone do not hold JAX to one: beside the thread that hands out the steps
    two others compute them, whatever its flags say.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[-count:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def run_module(
    *command: str, switches: dict[str, str], threads: int, timeout: float = 600
) -> str:
    """Return what ``python -m command`` prints, on so many cores.

    Raises
    ------
    RuntimeError
        If it fails; with the last line of its complaint.
    """
    with cores(threads):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=Path(__file__).parents[1],
            env=environment(switches, threads),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise RuntimeError(f"{' '.join(command)}: {lines[-1]}")
    return done.stdout


def heard(printed: str) -> dict[str, Said]:
    """Return the words of MKL and oneDNN among the lines of a process.

    MKL names instructions on Intel's processors only.
    """
    words: dict[str, Said] = {}
    pattern = r"^MKL_VERBOSE oneMKL .*? for Intel\(R\) 64 architecture (.*?),"
    if mkl := re.search(pattern, printed, flags=re.MULTILINE):
        words["mkl"] = mkl[1], True if "AVX-512" in mkl[1] else None
    if dnn := re.search(r"^onednn_verbose.*,cpu,isa:(.*)$", printed, re.MULTILINE):
        words["onednn"] = dnn[1], "AVX-512" in dnn[1]
    return words


def report(switches: dict[str, str]) -> dict[str, Any]:
    """Ask the libraries which instructions they use under these switches."""
    printed = run_module("benchmarks.instructions", switches=switches, threads=2)
    (line,) = [line for line in printed.splitlines() if line.startswith("{")]
    found = json.loads(line)
    return found | {"says": found["says"] | heard(printed)}


def disobeyed(says: dict[str, Any], *, avx512: bool) -> list[str]:
    """Return the libraries that say the opposite of what was asked for."""
    return [
        f"{library} ({word})"
        for library, (word, uses) in says.items()
        if uses is not None and uses is not avx512
    ]


def kinds() -> list[Kind]:
    """Return the kinds that this machine can measure.

    Raises
    ------
    RuntimeError
        If a library does not obey the switches, or is held back where there are none.
    """
    native = report({})
    if not native["newer"]:
        return [checked(Kind(OLDER, "native", {}, native))]
    off = {"NPY_DISABLE_CPU_FEATURES": ",".join(native["newer"])} | SWITCHES
    # The processor stays what it is, whatever the libraries make of it.
    forced = report(off) | {"instructions": native["instructions"]}
    return [
        checked(Kind(NEWEST, "native", {}, native)),
        checked(Kind(OLDER, "forced", off, forced)),
    ]


def checked(kind: Kind) -> Kind:
    """Return the kind if all libraries are as it says."""
    if wrong := disobeyed(kind.report["says"], avx512=kind.name == NEWEST):
        raise RuntimeError(f"{kind.name} ({kind.how}): not so for {', '.join(wrong)}")
    return kind
