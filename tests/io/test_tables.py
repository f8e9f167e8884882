"""Corpora in Parquet, Arrow and Hugging Face's folders: exact round trips, layouts, bad input."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError, DohyoError, UsageError
from dohyo.io import arrow, lance, table_writer
from dohyo.io import parquet as parquet_format
from dohyo.io.read import columns_of, read
from dohyo.io.write import write

RNG = np.random.default_rng(0)
IMAGE = RNG.normal(size=(6, 4)).astype(np.float32)
TEXT = RNG.normal(size=(6, 4)).astype(np.float32)
FILES = (".parquet", ".arrow", ".feather")
SUFFIXES = (*FILES, ".lance", ".npz")
JAPANESE = ("犬が走る", "猫", "", "土俵入り", 'a, "b"\n', "🐕")


def vectors(rows: np.ndarray, kind: str = "fixed"):
    if kind == "fixed":
        return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    make = pa.LargeListArray if kind == "large" else pa.ListArray
    offsets = np.arange(0, rows.size + 1, rows.shape[1])
    return make.from_arrays(
        pa.array(offsets, pa.int64() if kind == "large" else pa.int32()), pa.array(rows.ravel())
    )


def wide(kind: str = "fixed", **more):
    return pa.table({"image": vectors(IMAGE, kind), "text": vectors(TEXT, kind), **more})


def long(**replaced):
    both = np.concatenate([TEXT, IMAGE])
    given = {
        "modality": ["text"] * 6 + ["Image"] * 6,
        "embedding": vectors(both),
        "pair_id": [f"g{i}" for i in (0, 0, 1, 2, 2, 5)] + [f"g{i}" for i in range(6)],
    }
    return pa.table(given | replaced)


@pytest.fixture
def parquet(tmp_path: Path):
    def save(table, name: str = "given.parquet") -> Path:
        pq.write_table(table, tmp_path / name)
        return tmp_path / name

    return save


def same(left: Corpus, right: Corpus) -> None:
    for field in dataclasses.fields(Corpus):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, field.name
            assert one.tobytes() == np.ascontiguousarray(other).tobytes(), field.name
        else:
            assert one == other, field.name


def full(kind: type, image_of: np.ndarray | None) -> Corpus:
    return Corpus.from_arrays(
        IMAGE.astype(kind),
        TEXT.astype(kind) * 1.1,
        image_of,
        [2, 0, 1, 1, 0, 2],
        JAPANESE,
        class_names=["鳥", "b", "a"],
        paired=None if image_of is not None else False,
        encoder="e",
        sources=list("xxyyzz"),
        image_ids=[f"i{i}" for i in range(6)],
        text_ids=[f"t{i}" for i in range(6)],
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("image_of", [np.arange(6), np.array([3, 0, 0, 1, 2, 0]), None])
@pytest.mark.parametrize("rows", [2, 100])
def test_a_round_trip_keeps_every_bit(tmp_path, monkeypatch, suffix, kind, image_of, rows):
    monkeypatch.setattr(table_writer, "ROWS_PER_BLOCK", rows)
    monkeypatch.setattr(parquet_format, "ROWS_PER_BLOCK", rows)
    monkeypatch.setattr(arrow, "ROWS_PER_BLOCK", rows)
    monkeypatch.setattr(lance, "ROWS_PER_BLOCK", rows)
    corpus = full(kind, image_of)
    write(corpus, tmp_path / f"c{suffix}")
    same(corpus, read(tmp_path / f"c{suffix}"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("image_of", [np.arange(6), np.zeros(6, int), None])
def test_what_is_not_known_stays_unknown(tmp_path, suffix, image_of):
    corpus = Corpus.from_arrays(
        IMAGE,
        TEXT,
        image_of,
        paired=None if image_of is not None else False,
        image_ids=list("abcdef"),
    )
    write(corpus, tmp_path / f"c{suffix}")
    same(corpus, read(tmp_path / f"c{suffix}"))


def test_an_existing_file_stays(tmp_path):
    (tmp_path / "c.arrow").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        write(Corpus.from_arrays(IMAGE, TEXT), tmp_path / "c.arrow")
    assert (tmp_path / "c.arrow").read_text() == "mine"


@pytest.mark.parametrize("kind", ["fixed", "list", "large"])
def test_every_kind_of_list_is_read(parquet, kind):
    corpus = read(parquet(wide(kind)))
    np.testing.assert_array_equal(corpus.image, IMAGE)
    np.testing.assert_array_equal(corpus.text, TEXT)
    np.testing.assert_array_equal(corpus.text_to_image, np.arange(6))


@pytest.mark.parametrize("first", [0, 1])
def test_one_column_for_each_dimension_is_read_in_the_order_of_the_numbers(parquet, first):
    both = {"image": np.tile(IMAGE, 3), "text": np.tile(TEXT, 3)}
    columns = {
        f"{side}_{number + first}": rows[:, number]
        for side, rows in both.items()
        for number in reversed(range(12))
    }
    corpus = read(parquet(pa.table(columns)))
    np.testing.assert_array_equal(corpus.image, both["image"])
    np.testing.assert_array_equal(corpus.text, both["text"])


def test_rows_of_one_image_id_are_one_image_with_several_texts(parquet):
    of = np.array([0, 1, 0, 2, 1, 0])
    table = pa.table(
        {
            "img_emb": vectors(IMAGE[of]),
            "txt_emb": vectors(TEXT),
            "text": list(JAPANESE),
            "image_id": 7 - of,
            "class": [["cat", "ant", "cat"][i] for i in of],
        }
    )
    corpus = read(parquet(table))
    np.testing.assert_array_equal(corpus.image, IMAGE[:3])
    np.testing.assert_array_equal(corpus.text_to_image, of)
    assert corpus.image_id == ("7", "6", "5")
    assert corpus.caption == JAPANESE
    assert corpus.class_name == ("ant", "cat")
    np.testing.assert_array_equal(corpus.label, [1, 0, 1])


def test_items_one_a_row_are_joined_by_their_group(parquet):
    corpus = read(parquet(long(label=pa.array([None] * 6 + list("bbaacc")).dictionary_encode())))
    np.testing.assert_array_equal(corpus.image, IMAGE)
    np.testing.assert_array_equal(corpus.text, TEXT)
    np.testing.assert_array_equal(corpus.text_to_image, [0, 0, 1, 2, 2, 5])
    assert corpus.class_name == ("a", "b", "c")
    np.testing.assert_array_equal(corpus.label, [1, 1, 0, 0, 2, 2])


def test_items_without_a_group_are_unpaired_even_in_equal_counts(parquet):
    assert not read(parquet(long().drop(["pair_id"]))).paired
    assert not read(parquet(long()), unpaired=True).paired


def test_columns_are_guessed_told_and_can_be_chosen(parquet):
    path = parquet(wide(mine=vectors(IMAGE + 1), note=list("abcdef")))
    assert str(columns_of(path)) == "image=image, text=text"
    told = []
    chosen = {"image": "mine", "caption": "note"}
    corpus = read(path, columns=chosen, told=told.append)
    np.testing.assert_array_equal(corpus.image, IMAGE + 1)
    assert corpus.caption == tuple("abcdef")
    assert [str(each) for each in told] == ["image=mine, text=text, caption=note"]


def test_an_arrow_stream_is_read(tmp_path):
    with pa.ipc.new_stream(str(tmp_path / "c.arrow"), wide().schema) as out:
        out.write_table(wide(), max_chunksize=4)
    np.testing.assert_array_equal(read(tmp_path / "c.arrow").image, IMAGE)


def test_a_folder_of_parquet_is_one_corpus(parquet, tmp_path):
    (tmp_path / "lake").mkdir()
    parquet(wide().slice(4), "lake/b.parquet")
    parquet(wide().slice(0, 4), "lake/a.parquet")
    np.testing.assert_array_equal(read(tmp_path / "lake").text, TEXT)
    parquet(wide(more=[1] * 6), "lake/c.parquet")
    with pytest.raises(CorpusError, match=r"c\.parquet has other columns"):
        read(tmp_path / "lake")


def saved_to_disk(folder: Path, table, files: int = 2) -> None:
    """Write what `datasets.save_to_disk` writes."""
    folder.mkdir(parents=True)
    names = [f"data-{i:05d}-of-{files:05d}.arrow" for i in range(files)]
    for number, name in enumerate(names):
        with pa.ipc.new_stream(str(folder / name), table.schema) as out:
            out.write_table(table.slice(number * 3, 3))
    (folder / "state.json").write_text(
        json.dumps({"_data_files": [{"filename": n} for n in names]})
    )
    (folder / "dataset_info.json").write_text("{}")


def hugging_face_table():
    names = {"label": {"names": ["犬", "猫"], "_type": "ClassLabel"}}
    said = json.dumps({"info": {"features": names}})
    return wide(label=[0, 1, 1, 0, 0, 1]).replace_schema_metadata({"huggingface": said})


def test_a_saved_dataset_is_read_with_the_names_of_its_classes(tmp_path):
    saved_to_disk(tmp_path / "set", hugging_face_table())
    corpus = read(tmp_path / "set")
    np.testing.assert_array_equal(corpus.image, IMAGE)
    assert corpus.class_name == ("犬", "猫")
    np.testing.assert_array_equal(corpus.label, [0, 1, 1, 0, 0, 1])


def test_all_splits_of_a_saved_dataset_are_one_corpus_and_each_can_be_read(tmp_path):
    for name in ("train", "test"):
        saved_to_disk(tmp_path / "set" / name, hugging_face_table())
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert len(read(tmp_path / "set").image) == 12
    assert len(read(tmp_path / "set" / "test").image) == 6


def test_a_saved_dataset_never_leads_out_of_its_folder(tmp_path):
    saved_to_disk(tmp_path / "set", hugging_face_table())
    (tmp_path / "set" / "state.json").write_text('{"_data_files": [{"filename": "../x.arrow"}]}')
    with pytest.raises(CorpusError, match="no list of names"):
        read(tmp_path / "set")


def ragged(rows: np.ndarray = IMAGE):
    lists = rows.tolist()
    lists[3] = lists[3][:2]
    return pa.array(lists, pa.list_(pa.float32()))


def with_null(place: int):
    lists = IMAGE.tolist()
    lists[place] = None
    return pa.array(lists, pa.list_(pa.float32(), 4))


def null_within():
    lists = IMAGE.tolist()
    lists[4][1] = None
    return pa.array(lists, pa.list_(pa.float32(), 4))


def wide_of(image, **more):
    return pa.table({"image": image, "text": vectors(TEXT), **more})


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        (wide_of(ragged()), ("column image", "row 3", "length")),
        (wide_of(with_null(2)), ("column image", "row 2", "missing")),
        (wide_of(with_null(0)), ("column image", "row 0", "missing")),
        (wide_of(null_within()), ("column image", "row 4", "null")),
        (wide_of(vectors(np.where(np.arange(6)[:, None] == 5, np.nan, IMAGE))), ("row 5", "NaN")),
        (wide(image_id=list("abcabd")), ("column image", "row 3", "image_id", "another vector")),
        (wide(label=["a", None, "b", "a", "b", "a"]), ("column label", "row 1", "null")),
        (wide(image_id=["a", "b", None, "d", "e", "f"]), ("column image_id", "row 2", "null")),
        (long(modality=["text"] * 6 + ["image"] * 5 + ["音"]), ("column modality", "row 11", "音")),
        (long(modality=["text"] * 12), ("column modality", "no row is of image")),
        (long(pair_id=list("aabbcz") + list("abcdef")), ("pair_id", "row 5", "'z'", "no image")),
        (long(pair_id=list("aabbcc") + list("abcdea")), ("pair_id", "row 11", "second image")),
        (pa.table({"a": [1.5], "b": ["x"]}), ("a (double)", "b (string)", "dohyo embed")),
        (wide(img_emb=vectors(IMAGE)), ("2 columns for image", "image, img_emb", "--columns")),
        (wide().slice(0, 0), ("no rows",)),
        (long().slice(0, 0), ("no rows",)),
        (
            pa.table({f"{s}_{i}": [1.0] for s in ("image", "text") for i in (0, 2)}),
            ("image_0 … image_2", "number 1"),
        ),
    ],
)
def test_unusable_tables_are_refused_by_file_column_and_row(parquet, table, parts):
    with pytest.raises(CorpusError) as caught:
        read(parquet(table))
    for part in ("given.parquet", *parts):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_image_of_two_classes_is_refused(parquet):
    of = np.array([0, 1, 0, 2, 1, 0])
    table = pa.table(
        {
            "image": vectors(IMAGE[of]),
            "text": vectors(TEXT),
            "group": of,
            "label": [0, 1, 0, 2, 1, 1],
        }
    )
    with pytest.raises(CorpusError, match=r"column label: row 5 .* than row 0"):
        read(parquet(table))


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused_in_one_sentence(tmp_path, suffix, share):
    path = tmp_path / f"c{suffix}"
    write(full(np.float32, np.arange(6)), path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(CorpusError, match=r"truncated or not|is empty"):
        read(path)


@pytest.mark.parametrize("suffix", FILES)
def test_another_file_under_the_name_is_refused(tmp_path, suffix):
    (tmp_path / f"c{suffix}").write_bytes(b"something else entirely" * 9)
    with pytest.raises(CorpusError, match="truncated or not"):
        read(tmp_path / f"c{suffix}")


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"picture": "a"}, "cannot mean"),
        ({"image": "no"}, "no column no of vectors"),
        ({"label": "no"}, "no column no"),
    ],
)
def test_columns_that_are_not_there_are_refused(parquet, chosen, message):
    with pytest.raises(DohyoError, match=message):
        read(parquet(wide()), columns=chosen)


def test_columns_of_a_format_without_any_are_refused(tmp_path):
    np.savez(tmp_path / "c.npz", image=IMAGE, text=TEXT)
    with pytest.raises(UsageError, match="has no columns"):
        read(tmp_path / "c.npz", columns={"image": "x"})


def test_a_folder_of_nothing_known_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="folder of no kind"):
        read(tmp_path)
