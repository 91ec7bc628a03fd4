"""Which instructions each library really uses, asked in a process of its own.

usage: python -m benchmarks.instructions

The last line printed is JSON: what each library says, and whether that is AVX-512
(null where its words leave it open). MKL and oneDNN can only be heard: they print
their words when they first compute, and the process that asked reads them.
"""

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import jax
import numba
import numpy as np
import threadpoolctl
import torch
from numpy._core import _multiarray_umath as umath

from benchmarks.kinds import Said

# Families of kernels in OpenBLAS; it has others, about which nothing is said here.
OPENBLAS = {"SkylakeX": True, "Cooperlake": True, "SapphireRapids": True}
OPENBLAS |= {"Haswell": False, "Zen": False}


def processor_name() -> str:
    """Return the processor's model as the system calls it, or "unknown"."""
    if platform.system() == "Darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        return done.stdout.strip() or "unknown"
    info = Path("/proc/cpuinfo")
    text = info.read_text("utf-8") if info.exists() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE)
    return named[1] if named else platform.processor() or "unknown"


def instruction_sets() -> list[str]:
    """Return the vector instructions that the processor has, in NumPy's names."""
    families = ("AVX", "FMA", "ASIMD", "SVE")
    return [
        k for k, on in umath.__cpu_features__.items() if on and k.startswith(families)
    ]


def newer() -> list[str]:
    """Return what NumPy uses of AVX-512, in the names by which it is switched off."""
    return [
        name
        for name in umath.__cpu_dispatch__
        if name.startswith(("AVX512", "X86_V4")) and umath.__cpu_features__[name]
    ]


def numpy_says() -> dict[str, Said]:
    """Return the words of NumPy, and of the OpenBLAS inside it where there is one."""
    used = [n for n in umath.__cpu_dispatch__ if umath.__cpu_features__[n]]
    words: dict[str, Said] = {"numpy": (" ".join(used) or "baseline", bool(newer()))}
    for library in threadpoolctl.threadpool_info():
        if library["internal_api"] == "openblas" and "numpy" in library["filepath"]:
            core = library["architecture"]
            words["openblas"] = core, OPENBLAS.get(core)
    return words


def torch_says() -> dict[str, Said]:
    """Return PyTorch's word; let MKL and oneDNN print theirs."""
    a = torch.ones(300, 300)  # a small one is kept from oneDNN
    if torch.backends.mkl.is_available():
        with torch.backends.mkl.verbose(torch.backends.mkl.VERBOSE_ON):
            a @ a
    if torch.backends.mkldnn.is_available():
        with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
            torch.nn.functional.conv2d(a[None, None], a[None, None, :3, :3])
    word = torch.backends.cpu.get_cpu_capability()
    return {"torch": (word, "AVX512" in word)}


def jax_says() -> dict[str, Said]:
    """Return the processor that XLA compiles for, as its machine code names it."""
    compiled = jax.jit(lambda a: jax.numpy.exp(a) @ a).lower(np.ones((8, 8))).compile()
    code = bytes(compiled.runtime_executable().serialize())
    avx512 = b"+avx512f" in code
    return {"xla": ("AVX-512" if avx512 else "no AVX-512", avx512)}


def numba_says() -> dict[str, Said]:
    """Return the widest registers in a compiled loop; narrow ones prove nothing."""

    @numba.njit(fastmath=True)
    def dot(a, b):
        total = 0.0
        for i in range(a.size):
            total += a[i] * b[i]
        return total

    dot(np.ones(8), np.ones(8))
    (assembly,) = dot.inspect_asm().values()
    bits = {"zmm": 512, "ymm": 256}
    widest = max([n for name, n in bits.items() if name in assembly], default=128)
    return {"numba": (f"{widest} bits", True if widest == 512 else None)}


def main() -> None:
    """Print the report."""
    says = numpy_says() | torch_says() | jax_says() | numba_says()
    report = {
        "processor": processor_name(),
        "instructions": instruction_sets(),
        "newer": newer(),
        "says": says,
    }
    sys.stdout.flush()
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
