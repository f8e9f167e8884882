"""Lance folders, and tables that change, vanish or differ while they are read."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError, MissingExtra, UsageError
from dohyo.io.formats import open_table
from dohyo.io.read import read
from dohyo.io.rows import rewrite
from dohyo.io.write import write

RNG = np.random.default_rng(0)
CORPUS = Corpus.from_arrays(
    RNG.normal(size=(6, 4)).astype(np.float32), RNG.normal(size=(6, 4)).astype(np.float32)
)


def lake(folder: Path, **changed: dict[str, object]) -> Path:
    folder.mkdir()
    for name in "ab":
        columns = {
            side: pa.array(getattr(CORPUS, side).tolist(), pa.list_(pa.float32()))
            for side in ("image", "text")
        } | {"caption": list("uvwxyz")}
        pq.write_table(pa.table(columns | changed.get(name, {})), folder / f"{name}.parquet")
    return folder


def test_a_table_of_lancedb_is_a_corpus(tmp_path):
    lancedb = pytest.importorskip("lancedb")
    rows = [
        {"image": i.tolist(), "text": t.tolist()}
        for i, t in zip(CORPUS.image, CORPUS.text, strict=True)
    ]
    lancedb.connect(tmp_path).create_table("pairs", rows)
    corpus = read(tmp_path / "pairs.lance")
    np.testing.assert_array_equal(corpus.image, CORPUS.image)


@pytest.mark.parametrize("action", ["read", "write"])
def test_without_pylance_the_line_to_type_is_said(tmp_path, monkeypatch, action):
    monkeypatch.setitem(sys.modules, "lance", None)
    with pytest.raises(
        MissingExtra, match=r'^A Lance folder needs lance\. pip install "dohyo\[lance\]"$'
    ):
        read(tmp_path / "c.lance") if action == "read" else write(CORPUS, tmp_path / "c.lance")


def test_a_lance_folder_with_a_part_missing_is_refused(tmp_path):
    write(CORPUS, tmp_path / "c.lance")
    next((tmp_path / "c.lance" / "data").iterdir()).unlink()
    with pytest.raises(CorpusError, match=r"c\.lance is incomplete or not a Lance folder"):
        read(tmp_path / "c.lance")


def test_a_lance_folder_is_replaced_only_when_asked_and_only_if_it_is_one(tmp_path):
    write(CORPUS, tmp_path / "c.lance")
    with pytest.raises(UsageError, match="not empty"):
        write(CORPUS, tmp_path / "c.lance")
    write(CORPUS, tmp_path / "c.lance", overwrite=True)
    (tmp_path / "c.lance" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds mine\.txt"):
        write(CORPUS, tmp_path / "c.lance", overwrite=True)
    assert (tmp_path / "c.lance" / "mine.txt").exists()


def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path):
    with pytest.raises(UsageError, match=r"It writes \.npz, \.parquet"):
        write(CORPUS, tmp_path / "c.xlsx")


def test_a_row_of_a_lake_is_named_by_its_file_and_its_place_there(tmp_path):
    vectors = CORPUS.text.tolist()
    vectors[3][1] = float("nan")
    bad = {"text": pa.array(vectors, pa.list_(pa.float32()))}
    with pytest.raises(CorpusError, match=r"b\.parquet, column text: row 3 holds NaN"):
        read(lake(tmp_path / "lake", b=bad))


def test_a_null_of_a_lake_is_named_by_its_file_and_its_place_there(tmp_path):
    ids = {name: {"image_id": [f"{name}{i}" for i in range(6)]} for name in "ab"}
    ids["b"]["image_id"][2] = None
    with pytest.raises(CorpusError, match=r"b\.parquet, column image_id: row 2 is null"):
        read(lake(tmp_path / "lake", **ids))


def test_files_of_different_dimension_are_refused_by_name(tmp_path):
    wider = {"image": pa.array([[1.0] * 5] * 6, pa.list_(pa.float32()))}
    with pytest.raises(CorpusError, match=r"b\.parquet, column image: row 0 .* another length"):
        read(lake(tmp_path / "lake", b=wider))
    kind = {"image": pa.array([[1.0] * 4] * 6, pa.list_(pa.float64()))}
    with pytest.raises(CorpusError, match=r"b\.parquet, column image holds list.*double"):
        read(lake(tmp_path / "other", b=kind))


def test_a_lake_may_lie_in_folders_and_hold_what_its_writer_needs(tmp_path):
    lake(tmp_path / "2026")
    lake(tmp_path / "_log")
    assert len(read(tmp_path).image) == 12


def meanwhile(monkeypatch, change):
    """Let something happen to the files after the first column was read."""
    from dohyo.io import table_corpus

    count = table_corpus._count

    def counted(table, column):
        rows = count(table, column)
        change()
        return rows

    monkeypatch.setattr(table_corpus, "_count", counted)


def test_a_file_that_vanishes_is_said_to_have_gone(tmp_path, monkeypatch):
    folder = lake(tmp_path / "lake")
    meanwhile(monkeypatch, (folder / "b.parquet").unlink)
    with pytest.raises(CorpusError, match=r"b\.parquet has gone"):
        read(folder)


@pytest.mark.parametrize("rows", [3, 12])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch, rows):
    folder = lake(tmp_path / "lake")
    table = pq.read_table(folder / "a.parquet")
    other = pa.concat_tables([table, table]).slice(0, rows)
    meanwhile(monkeypatch, lambda: pq.write_table(other, folder / "b.parquet"))
    with pytest.raises(CorpusError, match=r"b\.parquet changed while it was read"):
        read(folder)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".lance"])
@pytest.mark.parametrize("modality", ["image", "text"])
def test_a_table_is_corrected_in_the_column_of_its_modality(tmp_path, suffix, modality):
    source = lake(tmp_path / "lake")
    target = tmp_path / f"out{suffix}"
    assert rewrite(source, target, lambda rows: -rows, modality=modality) == 12
    there = open_table(target)
    table = pa.Table.from_batches(there.batches(there.schema.names))
    for side in ("image", "text"):
        sign = -1 if side == modality else 1
        rows = np.array(table[side].to_pylist(), np.float32)
        np.testing.assert_array_equal(rows, sign * np.tile(getattr(CORPUS, side), (2, 1)))
    assert table["caption"].to_pylist() == list("uvwxyz") * 2


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".lance"])
def test_a_refused_row_leaves_no_table_behind(tmp_path, suffix):
    vectors = [*CORPUS.image.tolist()]
    vectors[4] = None
    source = lake(tmp_path / "lake", b={"image": pa.array(vectors, pa.list_(pa.float32()))})
    with pytest.raises(CorpusError, match=r"b\.parquet, column image: row 4 is missing"):
        rewrite(source, tmp_path / f"out{suffix}", lambda rows: rows, modality="image")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


def test_rows_of_the_other_modality_are_not_corrected_as_if_they_were_of_this(tmp_path):
    kinds = ["image"] * 4 + ["text"] * 2
    table = pa.table({"embedding": CORPUS.image.tolist(), "modality": kinds})
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(CorpusError, match=r"column modality: row 4 is 'text', not of image"):
        rewrite(tmp_path / "in.parquet", tmp_path / "out.parquet", abs, modality="image")


def test_a_chosen_column_is_corrected_and_an_unknown_one_refused(tmp_path):
    source = lake(tmp_path / "lake")
    rewrite(source, tmp_path / "o.parquet", lambda rows: -rows, modality="image", column="text")
    np.testing.assert_array_equal(read(tmp_path / "o.parquet").text[:6], -CORPUS.text)
    with pytest.raises(CorpusError, match="no column nowhere of vectors"):
        rewrite(source, tmp_path / "p.parquet", abs, column="nowhere")


@pytest.mark.parametrize(("source", "target"), [("a.npy", "b.parquet"), ("a.parquet", "b.csv")])
def test_no_way_from_one_suffix_to_the_other_is_said_so(tmp_path, source, target):
    with pytest.raises(CorpusError, match=f"Cannot turn {source} into {target}"):
        rewrite(tmp_path / source, tmp_path / target, abs)
