"""A content security policy on every page: it may use this site, and nothing else.

A page says so itself, in a `<meta>`, so that it holds wherever the site lies and for a
file that is opened by double click, too. Scripts and styles that stand in a page are
let through by their hashes, which are taken from what was written: whatever else gets
into a page by mistake or malice does not run.
"""

import base64
import hashlib
import re
from pathlib import Path

from sphinx.application import Sphinx

# Data between such tags does not run, and needs no leave.
INLINE = r"<{tag}(?![^>]*\s(?:src=|type=\"application/json))[^>]*>(.*?)</{tag}>"
PRINT = 'onclick="window.print()"'  # of the theme; print.js does it
CHARSET = re.compile(r'<meta charset="[^"]*"\s*/?>')
META = re.compile(r'\s*<meta http-equiv="Content-Security-Policy"[^>]*>')
# A page whose cells run compiles Python's WebAssembly. Its worker is bound by the same
# policy, because a blob starts it: what a reader runs asks nobody else, either.
RUNS = 'class="run-bar'
COMPILES = "'wasm-unsafe-eval'"
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    # Drawings carry their strokes, and tables their alignment, in attributes.
    "style-src-attr": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'", "data:"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'", "blob:"],
    "manifest-src": ["'self'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
}


def hashes(page: str, tag: str) -> list[str]:
    """Return the sources that let through what stands in a page between such tags.

    Examples
    --------
    >>> hashes("<script>let a = 1</script><script src='b.js'></script>", "script")
    ["'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='"]
    """
    found = re.findall(INLINE.format(tag=tag), page, re.DOTALL)
    digests = {hashlib.sha256(text.encode()).digest() for text in found}
    return [f"'sha256-{base64.b64encode(d).decode()}'" for d in sorted(digests)]


def guarded(page: str) -> str:
    """Return a page of HTML with its policy, in place of one that it had before."""
    page = META.sub("", page).replace(PRINT, "data-print")
    own = {"script-src": hashes(page, "script"), "style-src": hashes(page, "style")}
    if RUNS in page:
        own["script-src"].insert(0, COMPILES)
    policy = "; ".join(
        " ".join([name, *sources, *own.get(name, ())])
        for name, sources in POLICY.items()
    )
    meta = f'\n    <meta http-equiv="Content-Security-Policy" content="{policy}" />'
    # Behind the character set, which has to come first, and before all that it guards.
    first = CHARSET.search(page)
    at = first.end() if first else 0
    return page[:at] + meta + page[at:]


def _guard(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            page = path.read_text("utf-8")
            path.write_text(guarded(page), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Guard the pages when all else has written to them."""
    app.connect("build-finished", _guard, priority=900)
