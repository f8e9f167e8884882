"""A folder of files into a folder of files."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dohyo.errors import CorpusError, Interrupted, UsageError
from dohyo.io.draft import parts_of
from dohyo.io.left_out import LeftOut, has_vector
from dohyo.io.many_files import rewrite_folder
from dohyo.io.rows import rewrite

FILES, ROWS, DIM = 4, 30, 5
FACTS = {"map": "a"}


def vectors(number):
    return np.random.default_rng(number).normal(size=(ROWS, DIM)).astype(np.float32)


def table(rows, number=0):
    held = [None if row is None else list(map(float, row)) for row in rows]
    ids = [f"item-{number}-{row}" for row in range(len(rows))]
    return pa.table({"id": ids, "vector": pa.array(held, pa.list_(pa.float32()))})


@pytest.fixture(params=[".npy", ".parquet"])
def lake(request, tmp_path):
    folder = tmp_path / "lake"
    folder.mkdir()
    for number in range(FILES):
        save(folder / f"part-{number}{request.param}", vectors(number), number)
    return folder


def save(path: Path, rows, number=0):
    if path.suffix == ".npy":
        np.save(path, rows)
    else:
        pq.write_table(table(rows, number), path)


def load(path: Path):
    if path.suffix == ".npy":
        return np.load(path)
    return np.array(pq.read_table(path)["vector"].to_pylist(), np.float32)


def doubled(block):
    return block * 2


def failing_on(number, error=KeyboardInterrupt):
    seen = []

    def work(block):
        if np.array_equal(block, vectors(number)):
            raise error
        seen.append(len(block))
        return block * 2

    return work, seen


def test_each_file_becomes_one_of_the_same_name(lake):
    out = lake.parent / "out"
    assert rewrite_folder(lake, out, doubled, made_by=FACTS) == FILES * ROWS
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in lake.iterdir())
    for number, file in enumerate(sorted(out.iterdir())):
        np.testing.assert_array_equal(load(file), 2 * vectors(number))
        alone = lake.parent / f"alone{file.suffix}"
        rewrite(lake / file.name, alone, doubled)
        assert alone.read_bytes() == file.read_bytes()
        alone.unlink()
    assert not parts_of(out).exists()


def test_finished_files_are_not_done_again(lake):
    out = lake.parent / "out"
    work, _ = failing_on(2)
    with pytest.raises(Interrupted, match="same command again"):
        rewrite_folder(lake, out, work, made_by=FACTS)
    assert not out.exists()
    work, seen = failing_on(99)
    rewrite_folder(lake, out, work, made_by=FACTS)
    assert seen == [ROWS] * 2
    np.testing.assert_array_equal(load(sorted(out.iterdir())[0]), 2 * vectors(0))


def test_only_what_changed_meanwhile_is_done_again(lake):
    out = lake.parent / "out"
    with pytest.raises(Interrupted):
        rewrite_folder(lake, out, failing_on(3)[0], made_by=FACTS)
    first = sorted(lake.iterdir())[0]
    save(first, vectors(7))
    work, seen = failing_on(99)
    rewrite_folder(lake, out, work, made_by=FACTS)
    assert seen == [ROWS] * 2
    np.testing.assert_array_equal(load(out / first.name), 2 * vectors(7))


def test_a_file_that_went_meanwhile_leaves_no_trace(lake):
    out = lake.parent / "out"
    with pytest.raises(Interrupted):
        rewrite_folder(lake, out, failing_on(3)[0], made_by=FACTS)
    sorted(lake.iterdir())[0].unlink()
    rewrite_folder(lake, out, doubled, made_by=FACTS)
    assert len(list(out.iterdir())) == FILES - 1


def test_another_map_begins_anew(lake):
    out = lake.parent / "out"
    with pytest.raises(Interrupted):
        rewrite_folder(lake, out, failing_on(3)[0], made_by=FACTS)
    work, seen = failing_on(99)
    rewrite_folder(lake, out, work, made_by={"map": "b"})
    assert seen == [ROWS] * FILES


def test_a_file_that_vanishes_in_the_middle_is_named(lake):
    last = sorted(lake.iterdir())[-1]

    def work(block):
        last.unlink(missing_ok=True)
        return block

    there = last.read_bytes()
    with pytest.raises(CorpusError, match=rf"{last.name} has gone.* are kept in .*out\.parts"):
        rewrite_folder(lake, lake.parent / "out", work, made_by=FACTS)
    assert not (lake.parent / "out").exists()
    last.write_bytes(there)
    again, seen = failing_on(99)
    rewrite_folder(lake, lake.parent / "out", again, made_by=FACTS)
    assert seen == [ROWS]


def test_rows_of_another_length_in_a_later_file_are_named_or_left_out(tmp_path):
    lake, out = tmp_path / "lake", tmp_path / "out"
    lake.mkdir()
    pq.write_table(table([*vectors(0)]), lake / "a.parquet")
    pq.write_table(table([*np.ones((3, DIM + 1))], 1), lake / "b.parquet")
    with pytest.raises(CorpusError, match=rf"b\.parquet.* rows of {DIM + 1} numbers; {DIM} are"):
        rewrite_folder(lake, out, doubled, made_by=FACTS, width=DIM)
    pq.write_table(table([*vectors(1)[:5], *np.ones((3, DIM + 1))], 1), lake / "b.parquet")
    left_out = LeftOut()
    rewrite_folder(lake, out, doubled, made_by=FACTS, width=DIM, left_out=left_out)
    assert left_out.count == 3
    assert len(load(out / "b.parquet")) == 5


def test_mixed_dimensions_are_refused_and_the_file_is_named(lake):
    last = sorted(lake.iterdir())[-1]
    save(last, np.ones((3, DIM + 1), np.float32))
    if last.suffix == ".npy":
        with pytest.raises(CorpusError, match=rf"{last.name} has {DIM + 1} columns"):
            rewrite_folder(lake, lake.parent / "out", doubled, made_by=FACTS)
        return
    with pytest.raises(CorpusError, match=rf"rows of {DIM + 1} numbers"):
        rewrite(lake, lake.parent / "one.parquet", doubled)
    assert [p.name for p in lake.parent.iterdir()] == ["lake"]


def test_a_bad_row_is_named_by_file_row_and_id_or_left_out(tmp_path):
    rows: list[object] = [*vectors(0)]
    rows[7], rows[11], rows[13], rows[17] = None, [1.0], [np.nan] * DIM, [0.0] * DIM
    lake, out = tmp_path / "lake", tmp_path / "out"
    lake.mkdir()
    pq.write_table(table([*vectors(1)], 1), lake / "a.parquet")
    pq.write_table(table(rows), lake / "b.parquet")
    with pytest.raises(CorpusError, match=r"b\.parquet, column vector: row 7 .* \(id item-0-7\)\."):
        rewrite_folder(lake, out, doubled, made_by=FACTS)
    assert not out.exists()
    left_out = LeftOut()
    told = rewrite_folder(lake, out, doubled, made_by=FACTS, left_out=left_out)
    assert (told, left_out.count) == (2 * ROWS, 4)
    assert [each.rpartition("/")[2] for each in left_out.first] == [
        f"b.parquet row {row} (id item-0-{row})" for row in (7, 11, 13, 17)
    ]
    there = pq.read_table(out / "b.parquet")
    good = [row for row in range(ROWS) if row not in (7, 11, 13, 17)]
    assert there["id"].to_pylist() == [f"item-0-{row}" for row in good]
    np.testing.assert_array_equal(load(out / "b.parquet"), 2 * vectors(0)[good])


def test_what_was_left_out_before_an_interruption_is_counted(tmp_path):
    lake, out = tmp_path / "lake", tmp_path / "out"
    lake.mkdir()
    rows: list[object] = [*vectors(0)]
    rows[7] = None
    pq.write_table(table(rows), lake / "a.parquet")
    pq.write_table(table([*vectors(1)], 1), lake / "b.parquet")
    with pytest.raises(Interrupted):
        rewrite_folder(lake, out, failing_on(1)[0], made_by=FACTS, left_out=LeftOut())
    left_out = LeftOut()
    rewrite_folder(lake, out, doubled, made_by=FACTS, left_out=left_out)
    assert (left_out.count, len(left_out.first)) == (1, 1)


def test_rows_without_ids_are_never_left_out(tmp_path):
    (tmp_path / "lake").mkdir()
    np.save(tmp_path / "lake" / "a.npy", vectors(0))
    with pytest.raises(UsageError, match="place alone"):
        rewrite_folder(
            tmp_path / "lake", tmp_path / "out", doubled, made_by=FACTS, left_out=LeftOut()
        )


def test_every_kind_of_list_tells_its_bad_rows():
    rows = [[1.0, 2.0], [np.inf, 1.0], [0.0, 0.0], None, [3.0, None]]
    for kind in (pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 2)):
        assert has_vector(pa.array(rows, kind)).tolist() == [True, False, False, False, False]
        assert has_vector(pa.array(rows, kind).slice(1, 2)).tolist() == [False, False]
