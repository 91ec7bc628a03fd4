"""Which edition this is: version, date and history, never by the clock.

The version is that of CITATION.cff. A date is that of the commit, where whoever builds
says it by SOURCE_DATE_EPOCH, or else the day under which CHANGELOG.md has the version.
"""

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from sphinx.errors import ExtensionError

VARIABLE = "SOURCE_DATE_EPOCH"
UNRELEASED = "Unreleased"
_HEADING = re.compile(r"(?P<version>\d+\.\d+\.\d+), (?P<day>\d{4}-\d{2}-\d{2})")


class Release(NamedTuple):
    """One part of the changelog."""

    version: str  # "" as long as it has none
    day: date | None
    text: str  # Markdown


def releases(changelog: str) -> list[Release]:
    """Return the parts of a changelog, the newest first."""
    return [_release(part) for part in re.split(r"^## ", changelog, flags=re.M)[1:]]


def _release(part: str) -> Release:
    heading, _, text = part.partition("\n")
    if heading.strip() == UNRELEASED:
        return Release("", built_from(), text.strip())
    match = _HEADING.fullmatch(heading.strip())
    if match is None:
        raise ExtensionError(
            f"CHANGELOG.md: a heading is {UNRELEASED!r} or like '1.2.3, 2026-12-31', "
            f"got {heading!r}"
        )
    return Release(match["version"], date.fromisoformat(match["day"]), text.strip())


def built_from() -> date | None:
    """Return the day of the commit that is built, if whoever builds has said it."""
    seconds = os.environ.get(VARIABLE)
    if not seconds:
        return None
    if not seconds.isdecimal():
        raise ExtensionError(f"{VARIABLE} must be seconds since 1970, got {seconds!r}")
    return datetime.fromtimestamp(int(seconds), UTC).date()


class Edition(NamedTuple):
    """What a page says at its foot, and a citation."""

    title: str
    authors: list[str]
    version: str
    day: date | None
    released: bool


def edition(folder: Path) -> Edition:
    """Return what CITATION.cff and CHANGELOG.md of a book's folder say."""
    said: dict[str, Any] = yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))
    version = str(said["version"])
    history = releases((folder / "CHANGELOG.md").read_text("utf-8"))
    days = {release.version: release.day for release in history if release.version}
    return Edition(
        title=said["title"],
        authors=[author["name"] for author in said["authors"]],
        version=version,
        day=built_from() or days.get(version),
        released=version in days,
    )
