"""Compare the seconds that each notebook took with what a reader is promised.

usage: python tools/budgets.py REPORT.xml        (the JUnit report of an nbval run)

The budgets are for an idle machine with two cores. The checks run two notebooks side
by side, on machines that may be slower, so only a notebook that takes three times
its budget fails; one that takes longer than its budget is marked.
"""

import sys
from collections import defaultdict
from xml.etree import ElementTree as ET

CHAPTER, LONG = 10, 30  # seconds; the second for labs, and for the chapter with MPI
SLACK = 3


def budget(notebook: str) -> int:
    """Return the seconds that a notebook may take."""
    return LONG if notebook.endswith("_lab") or notebook == "scale" else CHAPTER


def seconds(report: str) -> dict[str, float]:
    """Return the seconds by notebook, read from the file `report`."""
    taken: dict[str, float] = defaultdict(float)
    for case in ET.parse(report).iter("testcase"):
        name = case.attrib["classname"].removesuffix(".ipynb").rpartition(".")[2]
        taken[name] += float(case.attrib["time"])
    return taken


def main() -> None:
    """Print a line for each notebook; exit with 1 if one is far beyond its budget."""
    (report,) = sys.argv[1:]
    taken = seconds(report)
    if not taken:
        sys.exit(f"{report} tells of no notebook")
    for name, spent in sorted(taken.items()):
        mark = "  over its budget" if spent > budget(name) else ""
        print(f"{name:20} {spent:5.1f} s of {budget(name)}{mark}")
    late = [name for name in taken if taken[name] > SLACK * budget(name)]
    if late:
        sys.exit(f"more than {SLACK} times their budget: {', '.join(sorted(late))}")


if __name__ == "__main__":
    main()
