"""Tests for program.checkpoint: there and back, damage, foreign files."""

import os
import struct
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algollm_helpers.gpt.training import State
from algollm_helpers.microgpt import evaluate
from algollm_helpers.microgpt import train as train_run
from algollm_helpers.program.checkpoint import Checkpoint, digest, load
from algollm_helpers.program.settings import Settings
from tests.support.program import SIZES, assert_same, save
from tests.support.small import DOCS, few

SMALL = Settings(steps=9, lr=0.1, **SIZES)
SMALLEST = Settings(steps=9, n_head=1, n_embd=1, block_size=1)


def trained(updates=5, settings=SMALL, docs=DOCS):
    """Return a run after some updates, as a checkpoint."""
    training = settings.training(docs)
    losses = np.array([training.update() for _ in range(updates)])
    alphabet = training.tokenizer.alphabet
    return Checkpoint(settings, alphabet, digest(docs), "", training.state, losses)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Return the bytes of a run's file."""
    path = tmp_path_factory.mktemp("saved") / "model.npz"
    save(path, trained())
    return path.read_bytes()


@pytest.fixture
def smallest(path):
    """Return the bytes of a file that holds little beside names and shapes."""
    save(path, trained(settings=SMALLEST))
    return path.read_bytes()


# --- There and back -----------------------------------------------------------


@few
@given(
    sizes=st.tuples(*[st.integers(1, 3)] * 5),
    lr=st.floats(min_value=0, exclude_min=True, max_value=1e300),
    seed=st.integers(0, 2**63 - 1),
    dtype=st.sampled_from(["float32", "float64"]),
    alphabet=st.text(min_size=1, max_size=4),
    updates=st.integers(0, 7),
    odd=st.sampled_from([np.nan, np.inf, -0.0, 1e-40]),
)
def test_what_is_saved_comes_back_to_the_last_bit(
    tmp_path_factory, sizes, lr, seed, dtype, alphabet, updates, odd
):
    n_layer, n_head, head_dim, block_size, batch = sizes
    alphabet = "".join(sorted(set(alphabet)))
    settings = Settings(
        steps=7,
        n_layer=n_layer,
        n_head=n_head,
        n_embd=n_head * head_dim,
        block_size=block_size,
        batch=batch,
        lr=lr,
        seed=seed,
        dtype=dtype,
    )
    shapes = settings.config.shapes(len(alphabet) + 1).values()
    size = sum(rows * columns for rows, columns in shapes)
    params, m, v = np.random.default_rng(seed).normal(size=(3, size)).astype(dtype)
    params[0] = m[-1] = v[0] = odd
    losses = np.arange(updates) + odd
    before = Checkpoint(
        settings,
        alphabet,
        digest([alphabet]),
        digest(["held", "out"]),
        State(params, m, v, updates),
        losses,
    )
    path = tmp_path_factory.mktemp("there") / "and back.npz"
    save(path, before)
    assert_same(load(path), before)


def test_a_loaded_model_is_the_one_that_was_trained(path):
    whole = train_run(
        DOCS, steps=9, seed=42, config=SMALL.config, schedule=SMALL.schedule
    )
    save(path, trained(9))
    run = load(path).run()
    assert run.losses.tolist() == whole.losses.tolist()
    assert run.params.flat.tobytes() == whole.params.flat.tobytes()
    assert evaluate(run, DOCS) == evaluate(whole, DOCS)


def test_equal_runs_give_equal_files(path):
    save(path, trained())
    first = path.read_bytes()
    save(path, trained())
    assert path.read_bytes() == first


def test_any_change_of_the_documents_changes_their_digest():
    lists = [["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"], ["ab", "c", "c"], ["ab"]]
    lists += [["ab\nc"], ["ab\n", "c"], ["ab", "\nc"], ["2:ab1:c"]]
    assert len({digest(docs) for docs in lists}) == len(lists)
    assert digest(["ab", "c"]) == digest(("ab", "c"))


# --- Files that are not what they should be -----------------------------------


def fields_of(raw):
    with np.load(BytesIO(raw), allow_pickle=False) as file:
        return dict(file)


FIELDS = (
    "format version schedule beta1 beta2 eps steps n_layer n_head n_embd block_size "
    "batch lr seed dtype split valid first_step alphabet docs_sha256 valid_sha256 step "
    "updates params m v losses"
).split()


def test_a_file_holds_these_fields_and_no_pickle(raw):
    assert set(fields_of(raw)) == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_missing_field_is_named(path, raw, name):
    fields = fields_of(raw)
    del fields[name]
    np.savez(path, **fields)
    with pytest.raises(ValueError, match=f"model.npz' .*: it has no field '{name}'$"):
        load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "of a friend"}, "its 'format' is 'of a friend', expected 'algollm"),
        (
            {"version": 2},
            "is 2, expected 3; an earlier release wrote it: .* train",
        ),
        (
            {"version": 4},
            "is 4, expected 3; a later release wrote it: use it with",
        ),
        ({"split": "page"}, "split must be one of line, blank, .* got 'page'"),
        ({"valid": 1.0}, r"valid must be in \[0, 1\), got 1.0"),
        ({"first_step": 9}, r"first_step must lie in 0 … 8, got 9"),
        ({"valid_sha256": 3}, "its 'valid_sha256' is 3, expected one str"),
        ({"beta1": 0.9}, "its 'beta1' is 0.9, expected 0.85"),
        ({"n_embd": 4.0}, "its 'n_embd' is 4.0, expected one int"),
        ({"n_embd": [4, 4]}, r"its 'n_embd' is array\(\[4, 4\]\), expected one int"),
        ({"n_head": 3}, "3 heads do not divide n_embd=4"),
        ({"lr": np.nan}, "lr must be finite and > 0, got nan"),
        ({"dtype": "object"}, "float32 or float64, got 'object'"),
        ({"step": 4}, "its 'step' is 4 and its 'updates' 5"),
        ({"steps": 4}, "at most 4"),
        ({"params": np.zeros(3)}, r"its 'params' has shape \(3,\)"),
        ({"m": np.zeros(1)}, r"its 'm' has shape \(1,\)"),
        ({"v": np.zeros((2, 2))}, r"its 'v' has shape \(2, 2\)"),
        ({"losses": np.zeros(4)}, r"its 'losses' has shape \(4,\) .* \(5,\)"),
        ({"losses": np.zeros(5, int)}, "dtype int64, expected .* float64"),
        ({"alphabet": np.array([97], np.uint32)}, "its 'params' has shape"),
        ({"alphabet": np.array([97.0])}, "its 'alphabet' has .* float64"),
        ({"alphabet": np.array([97, 2**32 - 1], np.uint32)}, "4294967295, no char"),
        ({"alphabet": np.array([0xD800], np.uint32)}, "55296, no character"),
        ({"alphabet": np.array([97] * 3, np.uint32)}, "'aaa' repeats a character"),
    ],
)
def test_a_field_that_cannot_be_right_is_named_with_its_value(
    path, raw, changes, message
):
    np.savez(path, **(fields_of(raw) | changes))
    with pytest.raises(ValueError, match=message):
        load(path)


def npy_bytes():
    file = BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"emma\nolivia\n", "it is not an .npz file"),
        (npy_bytes(), "it is not an .npz file"),
        (b"PK\x03\x04 but no archive", "it is damaged or cut short"),
    ],
)
def test_a_foreign_file_is_refused(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"model.npz' is no readable .*{message}"):
        load(path)


class Bomb:
    """What a pickle could do."""

    def __reduce__(self):
        return os.mkdir, ("bomb",)


def test_a_pickle_in_the_file_is_not_opened(path, raw, monkeypatch):
    monkeypatch.chdir(path.parent)
    np.savez(path, **(fields_of(raw) | {"m": np.array([Bomb()])}))
    with pytest.raises(ValueError, match=r"damaged .*allow_pickle=False"):
        load(path)
    assert os.listdir() == [path.name]


def test_a_file_cut_short_anywhere_is_refused(path, smallest):
    for length in (*range(0, len(smallest), 97), len(smallest) - 1):
        path.write_bytes(smallest[:length])
        with pytest.raises(ValueError, match="no readable model"):
            load(path)


def arrays_in(raw):
    """Return the places of the arrays in an .npz file: what its checksums cover."""
    places = set()
    with ZipFile(BytesIO(raw)) as file:
        for info in file.infolist():
            at = info.header_offset
            name, extra = struct.unpack_from("<HH", raw, at + 26)
            start = at + 30 + name + extra
            places.update(range(start, start + info.compress_size))
    return places


def test_a_changed_byte_is_refused_or_does_not_matter(path, smallest):
    # What does not matter: time stamps and the like in the archive's directory.
    before, inside = load(path), arrays_in(smallest)
    assert len(inside) > len(smallest) / 2
    for place in range(0, len(smallest), 23):
        changed = bytearray(smallest)
        changed[place] ^= 4
        path.write_bytes(changed)
        try:
            assert_same(load(path), before)
        except ValueError:
            continue
        assert place not in inside


def test_a_file_that_is_not_there_is_the_callers_business(path):
    with pytest.raises(FileNotFoundError):
        load(path)
