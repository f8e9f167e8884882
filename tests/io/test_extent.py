from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.io.extent import Extent, extent_of_corpus, extent_of_files, extent_of_rows
from dohyo.io.read import read
from dohyo.io.write import write

RNG = np.random.default_rng(0)
PAIRED = Corpus.from_arrays(RNG.random((40, 8), np.float32), RNG.random((40, 8), np.float32))
UNEVEN = Corpus.from_arrays(
    RNG.random((30, 8), np.float32), RNG.random((70, 8), np.float32), paired=False
)


@pytest.mark.parametrize("suffix", [".npz", ".parquet", ".arrow", ".feather", ".lance"])
@pytest.mark.parametrize("corpus", [PAIRED, UNEVEN], ids=["wide", "long"])
def test_it_counts_what_reading_would_find(tmp_path: Path, suffix: str, corpus: Corpus) -> None:
    path = tmp_path / f"corpus{suffix}"
    write(corpus, path)
    there = read(path)
    assert extent_of_corpus(path) == Extent(len(there.image), len(there.text), there.dim)


def test_vectors_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lake"
    path.mkdir()
    table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(pa.array(np.ones(80)), 8)})
    for name in "ab":
        pq.write_table(table, path / f"{name}.parquet")
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)
    assert extent_of_rows(path, "text") == Extent(0, 20, 8)


def test_files_and_folders_of_arrays(tmp_path: Path) -> None:
    for name, rows in (("a", 3), ("b", 5)):
        np.save(tmp_path / f"{name}.npy", np.ones((rows, 4), np.float32))
    a, b = tmp_path / "a.npy", tmp_path / "b.npy"
    assert extent_of_files(a, b) == Extent(3, 5, 4)
    assert extent_of_rows(a, "image") == Extent(3, 0, 4)
    assert extent_of_rows(tmp_path, "image") == Extent(8, 0, 4)


@pytest.mark.parametrize("name", ["none.npz", "cut.npz", "what.xyz"])
def test_what_cannot_be_counted_is_told(tmp_path: Path, name: str) -> None:
    write(PAIRED, tmp_path / "whole.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:400])
    with pytest.raises(CorpusError, match=name):
        extent_of_corpus(tmp_path / name)
