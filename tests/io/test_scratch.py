"""Where the vectors of a large file lie while dohyo works on them."""

import numpy as np
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import UsageError
from dohyo.io import scratch
from dohyo.io.read import read
from dohyo.io.write import write


@pytest.fixture
def corpus() -> Corpus:
    rng = np.random.default_rng(3)
    image, text = rng.standard_normal((2, 40, 16)).astype(np.float32)
    return Corpus.from_arrays(image, text)


def held_in_files(array: np.ndarray) -> bool:
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


@pytest.mark.parametrize("name", ["set.parquet", "set.arrow", "set.lance"])
def test_a_large_table_lies_in_a_file_without_a_name(name, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path / "room"))
    (tmp_path / "room").mkdir()
    write(corpus, tmp_path / name)
    small = read(tmp_path / name)
    monkeypatch.setattr(scratch, "HELD_BYTES", 1_000)
    large = read(tmp_path / name)
    for side in ("image", "text"):
        expected, found = getattr(small, side), getattr(large, side)
        assert not held_in_files(expected)
        assert held_in_files(found)
        assert not found.flags.writeable
        np.testing.assert_array_equal(found, expected)
    assert large.fingerprint() == small.fingerprint()
    assert not any((tmp_path / "room").iterdir())


def test_no_room_for_them_is_one_sentence(corpus, tmp_path, monkeypatch):
    write(corpus, tmp_path / "set.parquet")
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(scratch, "HELD_BYTES", 1_000)
    with pytest.raises(UsageError, match="Cannot lay 1 MiB of vectors") as told:
        read(tmp_path / "set.parquet")
    assert "TMPDIR" in told.value.hint
