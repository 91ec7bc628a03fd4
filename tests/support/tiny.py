"""A tiny distribution of Python for the browser: a file or two of each kind."""

import hashlib
import io
import json
import zipfile

from algollm_book import runner_pack, runner_store

WHEEL = "matplotlib-3.8.4-py3-none-any.whl"
FONTS = {
    "_version": 1,
    "ttflist": [{"fname": "fonts/own.ttf"}, {"fname": "/usr/share/fonts/far.ttf"}],
    "afmlist": [],
}


def zipped(**files):
    """Return a zip archive of texts by their names, `/` written as `__`."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return held.getvalue()


CONTENT = {
    "pyodide.mjs": b"export const loadPyodide = null;",
    "pyodide.asm.wasm": b"\0asm",
    WHEEL: zipped(
        **{
            "matplotlib/font_manager.py": "    __version__ = 390\n",
            "matplotlib/fontlist.json": json.dumps(FONTS),
            "matplotlib/mpl-data/fonts/own.ttf": "",
        }
    ),
}


def sha(data):
    return hashlib.sha256(data).hexdigest()


MANIFEST = {
    "version": "0.0.1",
    "address": "http://127.0.0.1:9/full/",
    "mirror": {
        "distribution": "mirror_of_it==1.0",
        "sha256": "",
        "folder": "mirror_of_it/assets/",
    },
    "core": {n: sha(data) for n, data in CONTENT.items() if n != WHEEL},
    "notices": {"Pyodide": ["MPL-2.0", "https://example.org/source"]},
}
LOCK = {
    "info": {"python": "3.12.7"},
    "packages": {
        "matplotlib": {
            "file_name": WHEEL,
            "sha256": sha(CONTENT[WHEEL]),
            "version": "3.8.4",
        }
    },
}


def use(patch, folder, **sources):
    """Let the build know the tiny distribution, these sources and this cache."""
    for module in (runner_store, runner_pack):
        patch.setattr(module, "manifest", lambda: MANIFEST)
        patch.setattr(module, "lock", lambda: LOCK)
    patch.setattr(runner_store, "user_cache_path", lambda *_, **__: folder)
    if sources:
        patch.setattr(runner_store, "SOURCES", sources)


def good(names, keep):
    """Be a source that has everything."""
    for name in names:
        keep(name, CONTENT[name])


def none(names, keep):
    """Be a source that cannot be reached."""
    raise OSError("no network")


def forged(names, keep):
    """Be a source whose files are not the official ones."""
    for name in names:
        keep(name, CONTENT[name] + b"!")
