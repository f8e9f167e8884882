"""Folders and databases as sources: whole files in order of time, seeded samples on schedule."""

import os
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.monitor.stream import QUICK, Clock, sides

from dohyo.errors import StoreError, UsageError
from dohyo.monitor import Watch
from dohyo.monitor.running import Run
from dohyo.monitor.sources import FolderSource, StoreSource
from dohyo.monitor.sources.folder import time_of
from dohyo.rollout.ledger import Ledger
from dohyo.stores.protocol import Description, Rows


def put(folder, name, number=0, **more):
    image, text = sides(number)
    with (folder / name).open("wb") as file:
        np.savez(file, image=image, text=text, **more)
    os.utime(folder / name, (1_000, 1_000))
    return folder / name


def nothing_known(id, at):
    return False


def ids(source, known=nothing_known):
    return [each.id for each in source.look(known)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("2026-11-24.npz", "2026-11-24 00:00:00"),
        ("20261124.npz", "2026-11-24 00:00:00"),
        ("goods_2026-11-24T13-05.parquet", "2026-11-24 13:05:00"),
        ("2026-11-24T130507Z.npz", "2026-11-24 13:05:07"),
        ("2026-11-24 13.npz", "2026-11-24 13:00:00"),
        ("2026-11-24-99.npz", "2026-11-24 00:00:00"),
        ("batch-12345678.npz", "1970-01-01 00:16:40"),
        ("2026-13-45.npz", "1970-01-01 00:16:40"),
        ("latest.npz", "1970-01-01 00:16:40"),
    ],
)
def test_the_time_is_in_the_name_or_else_when_it_was_written(tmp_path, name, shown):
    assert f"{time_of(put(tmp_path, name)):%F %T}" == shown
    assert time_of(tmp_path / name).tzinfo is UTC


def test_files_come_by_time_and_name_once_and_only_those_that_are_batches(tmp_path):
    for name in ("b-2026-01-02.npz", "a-2026-01-02.npz", "c-2026-01-01.npz", "2025-12-31T23.npz"):
        put(tmp_path, name)
    for name in (".2025-01-01.npz", "~2025-01-01.npz", "2025-01-01.npz.tmp", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "2025-01-01").mkdir()
    source = FolderSource(folder=tmp_path)
    whole = ["2025-12-31T23.npz", "c-2026-01-01.npz", "a-2026-01-02.npz", "b-2026-01-02.npz"]
    assert ids(source) == whole
    assert ids(source, lambda id, at: id in whole) == []
    put(tmp_path, "d-2026-01-03.npz")
    assert ids(source, lambda id, at: id in whole) == ["d-2026-01-03.npz"]
    assert ids(FolderSource(folder=tmp_path, pattern="a-*")) == ["a-2026-01-02.npz"]
    assert source.read("d-2026-01-03.npz").rows("image").shape == (20, 6)
    assert source.read("gone.npz") is None


def test_a_file_that_is_being_written_is_left_for_the_next_look(tmp_path):
    now = [1_000.0]
    source = FolderSource(folder=tmp_path, now=lambda: now[0])
    file = put(tmp_path, "2026-01-01.npz")
    whole = file.read_bytes()
    for part in (10, 500):
        file.write_bytes(whole[:part])
        os.utime(file, (now[0], now[0]))
        assert ids(source) == []
        assert source.waiting
        now[0] += 1
    file.write_bytes(whole)
    os.utime(file, (now[0], now[0]))
    assert ids(source) == []
    assert ids(source) == ["2026-01-01.npz"]  # it has not changed since
    assert not source.waiting
    put(tmp_path, "2026-01-02.part.npz")
    assert ids(source) == ["2026-01-01.npz"]
    assert source.waiting


def test_a_folder_of_parquet_is_a_batch_when_all_of_it_is_there(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    image, text = sides(1)
    parts = tmp_path / "2026-01-01.parquet"
    (parts / "_temporary").mkdir(parents=True)
    table = pa.table({"image": list(image), "text": list(text)})
    pq.write_table(table, parts / "part-0.parquet")
    source = FolderSource(folder=tmp_path, settled=0.0)
    assert ids(source) == []
    assert source.waiting
    (parts / "_temporary").rmdir()
    (found,) = source.look(nothing_known)
    assert found.why == ""
    assert found.rows("image").shape == (20, 6)


def test_what_cannot_be_read_is_a_batch_that_says_why(tmp_path):
    (tmp_path / "2026-01-01.npz").write_bytes(b"broken")
    np.savez(tmp_path / "2026-01-02.npz", image=np.full((20, 6), np.nan), text=np.ones((20, 6)))
    (tmp_path / "2026-01-03.parquet").write_bytes(b"PAR1 no more")
    (tmp_path / "2026-01-04.jsonl").write_bytes(b'{"image": [1, 2], "text": "\xff"}')
    found = list(FolderSource(folder=tmp_path, settled=0.0, now=lambda: 2e9).look(nothing_known))
    assert len(found) == 4
    assert all(each.why and "\n" not in each.why for each in found)
    assert all(each.image is None for each in found)


def test_pairs_are_known_where_a_file_has_some_and_are_no_condition(tmp_path):
    put(tmp_path, "2026-01-01.npz", label=np.arange(20) % 2, class_name=["cup", "shoe"])
    image, text = sides(2)
    np.savez(tmp_path / "2026-01-02.npz", image=image, text=text[:15])
    first, second = FolderSource(folder=tmp_path, now=lambda: 2e9).look(nothing_known)
    assert first.text.label[:2] == ("cup", "shoe")
    assert second.why == ""
    assert len(second.rows("text")) == 15


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(UsageError, match="is gone"):
        ids(FolderSource(folder=tmp_path / "gone"))


class Memory:
    """A store in memory, as much of it as is read."""

    def __init__(self, count=500):
        self.vectors = np.concatenate([np.concatenate(sides(n)) for n in range(count // 40)])
        kinds = ["image"] * 20 + ["text"] * 20
        self.payload = [
            {"modality": kinds[n % 40], "label": "cup", "caption": f"row {n}", "encoder": "clip-1"}
            for n in range(len(self.vectors))
        ]
        self.down = False

    def resolve(self, name):
        return name if name == "goods" else None

    def collections(self):
        return ("goods",)

    def describe(self, collection):
        return Description(name="goods", rows=len(self.vectors), dimension=6, metric="dot")

    def scan(self, collection, *, size=64):
        size = 64
        for at in range(0, len(self.vectors), size):
            last = min(at + size, len(self.vectors))
            yield Rows(tuple(range(at, last)), self.vectors[at:last], tuple(self.payload[at:last]))

    @contextmanager
    def open(self):
        if self.down:
            raise StoreError("The store does not answer.", hint="See whether it runs.")
        yield self


@pytest.fixture
def store():
    return Memory()


@pytest.fixture
def clock():
    return Clock(datetime(2026, 3, 2, 10, 30, tzinfo=UTC))


def source_of(store, clock, **more):
    given = {"opening": store.open, "collection": "goods", "every": 3_600.0, "sample": 40}
    return StoreSource(**(given | {"now": clock} | more))


def test_a_store_gives_one_seeded_sample_in_each_stretch_of_time(store, clock):
    (first,) = source_of(store, clock).look(nothing_known)
    assert first.id == "goods 2026-03-02T10:00:00"
    assert first.at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert first.encoder == "clip-1"
    assert [len(first.rows(side)) for side in ("image", "text")] == [40, 40]
    assert first.image.label == ("cup",) * 40
    number = [int(each.split()[1]) for each in first.text.caption]
    assert all(each % 40 >= 20 for each in number)
    assert np.array_equal(first.rows("text"), store.vectors[number])
    clock.now += timedelta(minutes=29)
    (again,) = source_of(store, clock).look(nothing_known)
    assert np.array_equal(again.rows("image"), first.rows("image"))
    assert list(source_of(store, clock).look(lambda id, at: id == first.id)) == []
    clock.now += timedelta(minutes=1)
    (second,) = source_of(store, clock).look(lambda id, at: id == first.id)
    assert second.text.caption != first.text.caption


def test_every_row_is_as_likely_as_any_other_to_be_drawn(store, clock):
    drawn = Counter()
    for _ in range(200):
        (found,) = source_of(store, clock).look(nothing_known)
        drawn.update(found.image.caption)
        clock.now += timedelta(hours=1)
    rows = sum(each["modality"] == "image" for each in store.payload)
    mean = 200 * 40 / rows
    assert len(drawn) == rows
    assert max(abs(n - mean) for n in drawn.values()) < 5 * mean**0.5


def test_a_row_of_no_modality_and_an_empty_collection_are_bad_batches(store, clock):
    store.payload[100] = {"modality": "sound"}
    (found,) = source_of(store, clock).look(nothing_known)
    assert "no modality" in found.why
    store.vectors, store.payload = store.vectors[:0], []
    with pytest.raises(UsageError, match="Nothing says"):
        list(source_of(store, clock).look(nothing_known))
    (found,) = source_of(store, clock, only="image").look(nothing_known)
    assert found.image is None


def test_rows_may_all_be_of_one_modality_or_lie_in_two_collections(store, clock):
    (found,) = source_of(store, clock, only="text").look(nothing_known)
    assert found.image is None
    assert len(found.rows("text")) == 40
    (found,) = source_of(store, clock, texts="goods").look(nothing_known)
    assert [len(found.rows(side)) for side in ("image", "text")] == [40, 40]


def test_new_rows_alone_are_drawn_and_each_is_new_once_even_after_a_kill(store, clock, tmp_path):
    ledger = Ledger(tmp_path / "service.sqlite")
    watch = Watch(ledger, "goods", QUICK, clock=clock)
    seen = []

    class Hears:
        def taken(self, batch, taken):
            seen.append((batch, taken.outcome))

    def look():
        source = source_of(store, clock, which="new", sample=1_000)
        Run(watch=watch, source=source, told=Hears()).once()
        clock.now += timedelta(hours=1)

    look()
    assert [len(seen[0][0].rows(side)) for side in ("image", "text")] == [240, 240]
    look()
    assert len(seen) == 1  # nothing is new
    image, text = sides(99)
    rows = [({"modality": "image", "caption": "new"}, each) for each in image]
    rows += [({"modality": "text", "caption": "new"}, each) for each in text[:5]]
    store.payload += [payload for payload, _ in rows]
    store.vectors = np.concatenate([store.vectors, np.stack([each for _, each in rows])])
    look()
    assert set(seen[1][0].image.caption) == {"new"}
    assert len(seen[1][0].rows("image")) == 20
    assert seen[1][0].text is None  # five are too few: they wait
    store.payload += [{"modality": "text", "caption": "newer"}] * 15
    store.vectors = np.concatenate([store.vectors, text[5:]])
    look()
    assert Counter(seen[2][0].text.caption) == {"new": 5, "newer": 15}
    look()
    assert len(seen) == 3
    ledger.close()


def test_a_store_that_is_down_is_told_and_looked_at_again(store, clock, tmp_path):
    ledger = Ledger(tmp_path / "service.sqlite")
    watch = Watch(ledger, "goods", QUICK, clock=clock)
    source = source_of(store, clock)
    store.down = True

    class Hears:
        troubles, outcomes = [], []

        def trouble(self, error):
            self.troubles.append(str(error))
            if len(self.troubles) == 1:
                store.down = False

        def taken(self, batch, taken):
            self.outcomes.append(taken.outcome)
            run.stop.set()

    run = Run(watch=watch, source=source, told=Hears(), poll=0.01)
    run.until_stopped()
    assert Hears.troubles == ["The store does not answer. See whether it runs."]
    assert Hears.outcomes == ["learning"]
    ledger.close()
