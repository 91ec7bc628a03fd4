"""What several test modules ask of git."""

import subprocess
from pathlib import Path

from tests.support.book import ROOT


def files() -> list[Path]:
    """Return the tree's files, from ROOT on: those git knows, or would add."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = map(Path, done.stdout.splitlines())
    return [path for path in paths if (ROOT / path).is_file()]
